/* encode_source.c - see encode_source.h.
 *
 * One demuxer serves pictures and sound. A start in the middle seeks to before both are needed, keeps the sound,
 * and forgets the pictures before the last key picture that is early enough, undecoded: what is decoded is the
 * least that gives the wanted picture. Packets that cannot be read are skipped; the queues are bounded in bytes, so
 * that a file whose tracks lie far apart costs silence, not memory. */
#include "stream/encode_source.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "media/avfile.h"
#include "stream/plan.h"

#define QUEUE_BYTES ((size_t)192 << 20)
#define MAX_BAD_READS 200
#define AUDIO_LAG (3 * PLAN_FLICKS) /* sound this far behind the pictures in the file is not waited for */
#define MARGIN (PLAN_FLICKS / 5)

struct queue {
	AVPacket **packets;
	size_t head, tail, size; /* packets[head..tail) */
	size_t bytes;
};

struct encode_source {
	AVFormatContext *file;
	int video, audio;
	int64_t zero; /* flicks */
	struct queue pictures, sound;
	int64_t video_seen; /* largest DTS of a video packet read */
	bool ended, fresh;
	struct err unread; /* why it ended, when that was its disk */
	int bad_reads;
};

static void queue_push(struct queue *q, AVPacket *packet)
{
	if (q->tail == q->size) {
		if (q->head > q->size / 2) {
			memmove(q->packets, q->packets + q->head, (q->tail - q->head) * sizeof(*q->packets));
			q->tail -= q->head;
			q->head = 0;
		} else {
			q->size = q->size ? q->size * 2 : 256;
			q->packets = realloc(q->packets, q->size * sizeof(*q->packets));
			if (!q->packets)
				abort();
		}
	}
	q->bytes += (size_t)packet->size;
	q->packets[q->tail++] = packet;
}

static AVPacket *queue_pop(struct queue *q)
{
	AVPacket *packet;

	if (q->head == q->tail)
		return NULL;
	packet = q->packets[q->head++];
	q->bytes -= (size_t)packet->size;
	return packet;
}

static void queue_clear(struct queue *q)
{
	AVPacket *packet;

	while ((packet = queue_pop(q)))
		av_packet_free(&packet);
	q->head = q->tail = 0;
}

struct encode_source *encode_source_open(const char *path, struct err *err)
{
	AVFormatContext *file = avfile_open(path, err);
	struct encode_source *s;

	if (!file)
		return NULL;
	s = calloc(1, sizeof(*s));
	if (!s)
		abort();
	s->file = file;
	s->video = avfile_video(file);
	s->audio = avfile_audio(file);
	s->fresh = true;
	s->video_seen = INT64_MIN;
	if (s->video < 0) {
		err_set(err, ERR_MEDIA, "'%s' has no pictures that can be shown", path);
		encode_source_close(s);
		return NULL;
	}
	for (int i = 0; i < (int)file->nb_streams; i++)
		if (i != s->video && i != s->audio)
			file->streams[i]->discard = AVDISCARD_ALL;
	s->zero = avfile_flicks(avfile_zero(file, file->streams[s->video]), file->streams[s->video]->time_base);
	return s;
}

void encode_source_close(struct encode_source *source)
{
	if (!source)
		return;
	queue_clear(&source->pictures);
	queue_clear(&source->sound);
	free(source->pictures.packets);
	free(source->sound.packets);
	avfile_close(&source->file);
	free(source);
}

int encode_source_unread(const struct encode_source *source, struct err *err)
{
	return source->unread.code ? err_set(err, source->unread.code, "%s", source->unread.text) : 0;
}

AVFormatContext *encode_source_file(const struct encode_source *source)
{
	return source->file;
}

int encode_source_video_index(const struct encode_source *source)
{
	return source->video;
}

int encode_source_audio_index(const struct encode_source *source)
{
	return source->audio;
}

int64_t encode_source_time(const struct encode_source *source, int stream, int64_t pts)
{
	return avfile_flicks(pts, source->file->streams[stream]->time_base) - source->zero;
}

int64_t encode_source_packet_time(const struct encode_source *source, const AVPacket *packet)
{
	int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;

	return time == AV_NOPTS_VALUE ? INT64_MIN : encode_source_time(source, packet->stream_index, time);
}

static int64_t decode_time(const struct encode_source *s, const AVPacket *packet)
{
	int64_t time = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;

	return time == AV_NOPTS_VALUE ? INT64_MIN : encode_source_time(s, packet->stream_index, time);
}

/* The next packet of either track; NULL at the end. Damaged stretches are passed over. */
static AVPacket *read_packet(struct encode_source *s)
{
	AVPacket *packet = av_packet_alloc();

	if (!packet)
		abort();
	s->fresh = false;
	while (!s->ended) {
		int rc = av_read_frame(s->file, packet);

		if (rc >= 0 && (packet->stream_index == s->video || packet->stream_index == s->audio)) {
			int64_t dts = packet->stream_index == s->video ? decode_time(s, packet) : INT64_MIN;

			s->video_seen = dts > s->video_seen ? dts : s->video_seen;
			return packet;
		}
		av_packet_unref(packet);
		if (rc == AVERROR_EOF || (rc < 0 && (++s->bad_reads > MAX_BAD_READS || avio_feof(s->file->pb))))
			s->ended = true;
	}
	avfile_read_error(s->file, &s->unread);
	av_packet_free(&packet);
	return NULL;
}

static void keep_audio(struct encode_source *s, AVPacket *packet)
{
	queue_push(&s->sound, packet);
	while (s->sound.bytes > QUEUE_BYTES) {
		AVPacket *oldest = queue_pop(&s->sound);

		av_packet_free(&oldest);
	}
}

static void restart(struct encode_source *s)
{
	queue_clear(&s->pictures);
	queue_clear(&s->sound);
	s->video_seen = INT64_MIN;
	s->ended = false;
	s->bad_reads = 0;
	err_clear(&s->unread);
}

/* Moves the demuxer. True when it stands at the file's beginning. */
static bool move(struct encode_source *s, int64_t to)
{
	const AVStream *stream = s->file->streams[s->video];
	int64_t time = av_rescale_q(to + s->zero, (AVRational){ 1, AVFILE_FLICKS }, stream->time_base);

	if (to > 0 && av_seek_frame(s->file, s->video, time, AVSEEK_FLAG_BACKWARD) >= 0)
		return false;
	if (s->fresh)
		return true;
	if (avformat_seek_file(s->file, -1, INT64_MIN, INT64_MIN + 1, INT64_MIN + 1, 0) < 0 &&
	    av_seek_frame(s->file, s->video, avfile_zero(s->file, stream), AVSEEK_FLAG_BACKWARD) < 0)
		av_seek_frame(s->file, -1, 0, AVSEEK_FLAG_BYTE | AVSEEK_FLAG_BACKWARD);
	return true;
}

/* Reads until the key picture to start from is known. Its time, or INT64_MIN when there is none. */
static int64_t find_key(struct encode_source *s, int64_t video, bool from_start)
{
	int64_t found = INT64_MIN;
	AVPacket *packet;

	while (s->video_seen <= video && s->pictures.bytes < QUEUE_BYTES && (packet = read_packet(s))) {
		int64_t time = encode_source_packet_time(s, packet);
		bool key = packet->flags & AV_PKT_FLAG_KEY;

		if (packet->stream_index == s->audio) {
			keep_audio(s, packet);
			continue;
		}
		if (key && time != INT64_MIN && time <= video) {
			queue_clear(&s->pictures);
			found = time;
		}
		if (found != INT64_MIN || from_start)
			queue_push(&s->pictures, packet);
		else
			av_packet_free(&packet);
	}
	return found;
}

static bool has_audio_from(const struct encode_source *s, int64_t audio)
{
	return s->sound.head == s->sound.tail ||
	       encode_source_packet_time(s, s->sound.packets[s->sound.head]) <= audio;
}

int64_t encode_source_seek(struct encode_source *source, int64_t video, int64_t audio, int64_t back)
{
	struct encode_source *s = source;
	int64_t to = (video < audio || s->audio < 0 ? video : audio) - MARGIN;

	for (int64_t more = back;; more = more ? more * 2 : PLAN_FLICKS) {
		int64_t found;
		bool from_start;

		restart(s);
		from_start = move(s, to - more);
		avfile_forget_error(s->file);
		found = find_key(s, video - back, from_start);
		if (from_start || s->unread.code || (found != INT64_MIN && (s->audio < 0 || has_audio_from(s, audio))))
			return found;
	}
}

AVPacket *encode_source_video(struct encode_source *source)
{
	AVPacket *packet = queue_pop(&source->pictures);

	while (!packet && (packet = read_packet(source)))
		if (packet->stream_index == source->audio) {
			keep_audio(source, packet);
			packet = NULL;
		}
	return packet;
}

static bool audio_reaches(const struct encode_source *s, int64_t end)
{
	return s->sound.tail > s->sound.head &&
	       encode_source_packet_time(s, s->sound.packets[s->sound.tail - 1]) >= end;
}

void encode_source_read_audio(struct encode_source *source, int64_t end)
{
	struct encode_source *s = source;
	AVPacket *packet;

	while (s->audio >= 0 && !audio_reaches(s, end) && s->video_seen < end + AUDIO_LAG &&
	       s->pictures.bytes < QUEUE_BYTES && (packet = read_packet(s))) {
		if (packet->stream_index == s->audio)
			keep_audio(s, packet);
		else
			queue_push(&s->pictures, packet);
	}
}

size_t encode_source_audio_count(const struct encode_source *source)
{
	return source->sound.tail - source->sound.head;
}

const AVPacket *encode_source_audio(const struct encode_source *source, size_t i)
{
	return source->sound.packets[source->sound.head + i];
}

void encode_source_drop_audio(struct encode_source *source, int64_t before)
{
	while (encode_source_audio_count(source) &&
	       encode_source_packet_time(source, encode_source_audio(source, 0)) < before) {
		AVPacket *packet = queue_pop(&source->sound);

		av_packet_free(&packet);
	}
}
