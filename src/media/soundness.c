/* soundness.c - see soundness.h. */
#include "media/soundness.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "media/avfile.h"
#include "media/container_size.h"

#define STRETCH_MS 2000 /* that is decoded in each place */
#define END_MS 10000	/* from the end, where it is looked at */
#define APART_MS 3000	/* picture and sound may end so far from each other, or 3 % of the length */
#define MAX_PACKETS 20000
#define MAX_FAULTS 3 /* packets of a stretch that may be damaged */

struct check {
	AVFormatContext *file;
	struct arena *arena;
	struct soundness *s;
	size_t cap, remarks_cap;
	int video, audio;
	AVCodecContext *decoders[2]; /* picture, sound */
	int64_t duration_ms;
	int64_t ends_ms[2]; /* where the last packet that was seen ends; -1 none */
};

static const char *const names[2] = { "picture", "sound" };

__attribute__((format(printf, 2, 3))) static void problem(struct check *c, const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	ARENA_GROW(c->arena, c->s->problems, c->s->count, c->cap);
	c->s->problems[c->s->count++] = arena_strdup(c->arena, text);
}

/* Of a file that can be shown all the same. */
static void remark(struct check *c, const char *text)
{
	ARENA_GROW(c->arena, c->s->remarks, c->s->remark_count, c->remarks_cap);
	c->s->remarks[c->s->remark_count++] = arena_strdup(c->arena, text);
}

/* All the bytes are there that its container says there are. False when that cannot be told. */
static bool has_its_bytes(const struct check *c)
{
	uint8_t head[512];
	int64_t says, size = avio_size(c->file->pb);
	int n;

	if (avio_seek(c->file->pb, 0, SEEK_SET) < 0 || (n = avio_read(c->file->pb, head, sizeof(head))) < 0)
		return false;
	says = container_size(head, (size_t)n);
	return says > 0 && size >= says;
}

static int stream_of(const struct check *c, int which)
{
	return which ? c->audio : c->video;
}

/* ms since the file's own beginning. */
static int64_t time_ms(const struct check *c, int stream, int64_t time)
{
	int64_t start = c->file->start_time == AV_NOPTS_VALUE ? 0 : c->file->start_time / 1000;

	return av_rescale_q(time, c->file->streams[stream]->time_base, (AVRational) { 1, 1000 }) - start;
}

static void look_for_decoders(struct check *c)
{
	for (unsigned i = 0; i < c->file->nb_streams; i++) {
		const AVStream *stream = c->file->streams[i];
		enum AVMediaType type = stream->codecpar->codec_type;

		if ((type != AVMEDIA_TYPE_VIDEO && type != AVMEDIA_TYPE_AUDIO) || avfile_is_picture(stream) ||
		    avcodec_find_decoder(stream->codecpar->codec_id))
			continue;
		problem(c, "stream %u cannot be decoded: no decoder for %s", i,
			avcodec_get_name(stream->codecpar->codec_id));
	}
	if (c->video < 0 && c->audio < 0)
		problem(c, "it has neither picture nor sound");
	for (int which = 0; which < 2; which++) {
		struct err why = { 0 };

		if (stream_of(c, which) < 0)
			continue;
		c->decoders[which] = avfile_decoder(c->file, stream_of(c, which), 2, &why);
		if (!c->decoders[which])
			problem(c, "its %s: %s", names[which], why.text);
	}
}

struct stretch {
	int64_t until_ms;
	int frames[2], faults[2], packets[2];
	bool past[2];
};

static void decode(struct check *c, struct stretch *t, int which, const AVPacket *packet, AVFrame *frame)
{
	AVCodecContext *decoder = c->decoders[which];

	if (!decoder)
		return;
	t->packets[which] += packet != NULL;
	if (avcodec_send_packet(decoder, packet) < 0 && packet)
		t->faults[which]++;
	for (;;) {
		int rc = avcodec_receive_frame(decoder, frame);

		if (rc == AVERROR(EAGAIN) || rc == AVERROR_EOF)
			return;
		if (rc < 0) {
			t->faults[which]++;
			return;
		}
		/* What a decoder makes of the middle of a group of pictures is no fault of the file. */
		t->faults[which] += frame->decode_error_flags != 0 && t->frames[which] > 25;
		t->frames[which]++;
		av_frame_unref(frame);
	}
}

static void note_end(struct check *c, int which, const AVPacket *packet)
{
	int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts, end;

	if (time == AV_NOPTS_VALUE)
		return;
	end = time_ms(c, packet->stream_index, time + packet->duration);
	if (end > c->ends_ms[which])
		c->ends_ms[which] = end;
}

/* Reads from where the file stands until both have reached the time, or to its end. */
static void read_stretch(struct check *c, struct stretch *t)
{
	AVPacket *packet = av_packet_alloc();
	AVFrame *frame = av_frame_alloc();
	int rc = 0;

	if (!packet || !frame)
		abort();
	for (int n = 0; n < MAX_PACKETS && !(t->past[0] && t->past[1]); n++) {
		int which;

		rc = av_read_frame(c->file, packet);
		if (rc < 0)
			break;
		which = packet->stream_index == c->video ? 0 : packet->stream_index == c->audio ? 1 : -1;
		if (which >= 0) {
			note_end(c, which, packet);
			t->past[which] |= c->ends_ms[which] > t->until_ms;
			if (t->frames[which] < 200)
				decode(c, t, which, packet, frame);
		}
		av_packet_unref(packet);
	}
	for (int which = 0; which < 2; which++)
		decode(c, t, which, NULL, frame);
	av_frame_free(&frame);
	av_packet_free(&packet);
}

/* From `at_ms` on; -1: from where it stands. */
static void check_stretch(struct check *c, const char *where, int64_t at_ms, int64_t until_ms)
{
	struct stretch t = { .until_ms = until_ms, .past = { c->video < 0, c->audio < 0 } };
	int64_t start = c->file->start_time == AV_NOPTS_VALUE ? 0 : c->file->start_time;
	int whom = c->video >= 0 ? 0 : 1;

	if (at_ms >= 0 &&
	    avformat_seek_file(c->file, -1, INT64_MIN, start + at_ms * 1000, start + at_ms * 1000, 0) < 0 &&
	    av_seek_frame(c->file, -1, start + at_ms * 1000, AVSEEK_FLAG_BACKWARD) < 0) {
		problem(c, "the %s cannot be reached", where);
		return;
	}
	for (int which = 0; which < 2; which++) {
		if (c->decoders[which])
			avcodec_flush_buffers(c->decoders[which]);
		c->ends_ms[which] = -1;
	}
	read_stretch(c, &t);
	if (!t.packets[whom])
		problem(c, "there is nothing at the %s", where);
	for (int which = 0; which < 2; which++) {
		if (t.packets[which] && !t.frames[which])
			problem(c, "at the %s no %s can be decoded", where, names[which]);
		else if (t.faults[which] > MAX_FAULTS)
			problem(c, "at the %s %d packets of the %s are damaged", where, t.faults[which],
				names[which]);
	}
}

static void compare_ends(struct check *c)
{
	int64_t may = c->duration_ms * 3 / 100 > APART_MS ? c->duration_ms * 3 / 100 : APART_MS;
	int64_t video = c->ends_ms[0], audio = c->ends_ms[1], end = video > audio ? video : audio;

	if (c->video >= 0 && c->audio >= 0 && video >= 0 && audio >= 0 && llabs(video - audio) > may)
		problem(c, "picture and sound end %.1f s apart", (double)llabs(video - audio) / 1000);
	if (c->video >= 0 && video < 0 && audio >= 0)
		problem(c, "the picture ends more than %d s before the sound", END_MS / 1000);
	if (c->audio >= 0 && audio < 0 && video >= 0)
		problem(c, "the sound ends more than %d s before the picture", END_MS / 1000);
	if (end >= 0 && c->duration_ms - end > may) {
		char text[100];

		snprintf(text, sizeof(text), "it ends %.1f s before the length that it says", (double)(c->duration_ms - end) / 1000);
		if (has_its_bytes(c)) /* the length is what is wrong */
			remark(c, text);
		else
			problem(c, "%s", text);
	}
}

void soundness_check(const char *path, struct arena *arena, struct soundness *ret)
{
	struct err why = { 0 };
	struct check c = { .file = avfile_open(path, &why), .arena = arena, .s = ret };

	*ret = (struct soundness) { 0 };
	if (!c.file) {
		problem(&c, "%s", why.text);
		if (why.code == ERR_IO)
			ret->unread = why;
		return;
	}
	c.video = avfile_video(c.file);
	c.audio = avfile_audio(c.file);
	c.duration_ms = c.file->duration > 0 ? c.file->duration / 1000 : 0;
	look_for_decoders(&c);
	if (!ret->count) {
		check_stretch(&c, "start", -1, STRETCH_MS);
		if (c.duration_ms > 6 * STRETCH_MS)
			check_stretch(&c, "middle", c.duration_ms / 2, c.duration_ms / 2 + STRETCH_MS);
		if (c.duration_ms > 0) {
			check_stretch(&c, "end", c.duration_ms > END_MS ? c.duration_ms - END_MS : 0,
				      INT64_MAX);
			compare_ends(&c);
		}
	}
	avfile_read_error(c.file, &ret->unread);
	for (int which = 0; which < 2; which++)
		avcodec_free_context(&c.decoders[which]);
	avfile_close(&c.file);
}
