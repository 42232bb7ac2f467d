/* probe.c - see probe.h. One pass over what libavformat says of a file, with the claims that are often wrong
 * checked: the duration (probe_duration.c) and whether pictures are interlaced.
 *
 * Not here: the form of a probe between processes (probe_json.c), names (name.c), the sample hash (hash.c). */
#include "media/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libavutil/pixdesc.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "media/avfile.h"
#include "media/hash.h"
#include "media/probe_duration.h"
#include "media/probe_people.h"

#define MAX_CHAPTERS 2000
#define UNSURE_PACKETS 12 /* decoded where the header does not say whether pictures are interlaced */

static const char *tag(const AVDictionary *tags, const char *key)
{
	const AVDictionaryEntry *e = av_dict_get(tags, key, NULL, 0);

	return e ? e->value : NULL;
}

static void add_text(struct buf *to, const char *key, const char *value)
{
	if (!value)
		return;
	buf_addf(to, ",\"%s\":", key);
	buf_add_json(to, value);
}

static void add_number(struct buf *to, const char *key, int64_t value)
{
	if (value > 0)
		buf_addf(to, ",\"%s\":%lld", key, (long long)value);
}

static void add_flag(struct buf *to, const char *key, bool value)
{
	if (value)
		buf_addf(to, ",\"%s\":true", key);
}

static void add_stream(struct buf *to, const AVStream *s)
{
	const AVCodecParameters *p = s->codecpar;
	const char *type = av_get_media_type_string(p->codec_type);

	buf_addf(to, "%s{\"index\":%d", to->len > 1 ? "," : "", s->index);
	add_text(to, "type", type ? type : "data");
	add_text(to, "codec", avcodec_get_name(p->codec_id));
	add_text(to, "profile", avcodec_profile_name(p->codec_id, p->profile));
	add_text(to, "language", tag(s->metadata, "language"));
	add_text(to, "title", tag(s->metadata, "title"));
	add_number(to, "width", p->width);
	add_number(to, "height", p->height);
	add_number(to, "channels", p->ch_layout.nb_channels);
	add_number(to, "rate", p->sample_rate);
	add_number(to, "bit_rate", p->bit_rate);
	add_flag(to, "default", s->disposition & AV_DISPOSITION_DEFAULT);
	add_flag(to, "forced", s->disposition & AV_DISPOSITION_FORCED);
	add_flag(to, "commentary", s->disposition & AV_DISPOSITION_COMMENT);
	add_flag(to, "picture", avfile_is_picture(s));
	buf_addc(to, '}');
}

static const char *streams_json(const AVFormatContext *file, struct arena *arena)
{
	CLEANUP(buf_free) struct buf b = BUF_MAX((size_t)1 << 20);

	buf_addc(&b, '[');
	for (unsigned i = 0; i < file->nb_streams; i++)
		add_stream(&b, file->streams[i]);
	buf_addc(&b, ']');
	return b.failed ? "[]" : arena_strdup(arena, buf_text(&b));
}

static int64_t chapter_ms(int64_t time, AVRational base, int64_t zero_ms)
{
	int64_t ms = av_rescale_q(time, base, (AVRational){ 1, 1000 }) - zero_ms;

	return ms > 0 ? ms : 0;
}

static const char *chapters_json(const AVFormatContext *file, int64_t zero_ms, struct arena *arena)
{
	CLEANUP(buf_free) struct buf b = BUF_MAX((size_t)1 << 20);

	buf_addc(&b, '[');
	for (unsigned i = 0; i < file->nb_chapters && i < MAX_CHAPTERS; i++) {
		const AVChapter *c = file->chapters[i];
		const char *title = tag(c->metadata, "title");

		buf_addf(&b, "%s{\"start_ms\":%lld,\"end_ms\":%lld,\"title\":", i ? "," : "",
			 (long long)chapter_ms(c->start, c->time_base, zero_ms),
			 (long long)chapter_ms(c->end, c->time_base, zero_ms));
		buf_add_json(&b, title ? title : "");
		buf_addc(&b, '}');
	}
	buf_addc(&b, ']');
	return b.failed ? "[]" : arena_strdup(arena, buf_text(&b));
}

/* The header doesn't say: the first picture does. */
static bool look_interlaced(AVFormatContext *file, int video)
{
	AVCodecContext *decoder = avfile_decoder(file, video, 1, NULL);
	AVPacket *packet = av_packet_alloc();
	AVFrame *frame = av_frame_alloc();
	int packets = 0, reads = 0;
	bool interlaced = false, seen = false;

	if (decoder) { /* its headers count, not what it shows */
		decoder->skip_frame = AVDISCARD_NONREF;
		decoder->skip_idct = AVDISCARD_ALL;
		decoder->skip_loop_filter = AVDISCARD_ALL;
	}
	while (decoder && packet && frame && packets < UNSURE_PACKETS && !seen && reads++ < 2000 &&
	       av_read_frame(file, packet) >= 0) {
		if (packet->stream_index == video) {
			packets++;
			avcodec_send_packet(decoder, packet);
			while (avcodec_receive_frame(decoder, frame) >= 0) {
				seen = true;
				interlaced = interlaced || avfile_interlaced(frame);
			}
		}
		av_packet_unref(packet);
	}
	av_frame_free(&frame);
	av_packet_free(&packet);
	avcodec_free_context(&decoder);
	return interlaced;
}

static bool may_be_interlaced(enum AVCodecID codec)
{
	switch (codec) {
	case AV_CODEC_ID_MPEG2VIDEO:
	case AV_CODEC_ID_MPEG4:
	case AV_CODEC_ID_H264:
	case AV_CODEC_ID_VC1:
	case AV_CODEC_ID_WMV3:
	case AV_CODEC_ID_DVVIDEO:
	case AV_CODEC_ID_PRORES:
	case AV_CODEC_ID_DNXHD:
	case AV_CODEC_ID_MJPEG:
		return true;
	default:
		return false;
	}
}

static bool is_interlaced(AVFormatContext *file, int video)
{
	const AVCodecParameters *p = file->streams[video]->codecpar;

	if (p->field_order != AV_FIELD_UNKNOWN)
		return p->field_order != AV_FIELD_PROGRESSIVE;
	return may_be_interlaced(p->codec_id) && look_interlaced(file, video);
}

static void fill_rate(AVFormatContext *file, AVStream *s, struct probe *p)
{
	AVRational rate = av_guess_frame_rate(file, s, NULL), mean = s->avg_frame_rate;

	/* Of interlaced sources libavformat may count fields. */
	if (mean.num > 0 && mean.den > 0 && rate.num > 0 && av_q2d(rate) / av_q2d(mean) > 1.9)
		rate = mean;
	p->fps_num = rate.num > 0 && rate.den > 0 ? rate.num : 0;
	p->fps_den = p->fps_num ? rate.den : 1;
}

static const char *color_text(const AVCodecParameters *p, struct arena *arena)
{
	const char *space = av_color_space_name(p->color_space), *primaries = av_color_primaries_name(p->color_primaries);
	const char *transfer = av_color_transfer_name(p->color_trc), *range = av_color_range_name(p->color_range);

	if (p->color_space == AVCOL_SPC_UNSPECIFIED && p->color_primaries == AVCOL_PRI_UNSPECIFIED &&
	    p->color_trc == AVCOL_TRC_UNSPECIFIED && p->color_range == AVCOL_RANGE_UNSPECIFIED)
		return "";
	return arena_printf(arena, "%s/%s/%s/%s", space ? space : "unknown", primaries ? primaries : "unknown",
			    transfer ? transfer : "unknown", range ? range : "unknown");
}

static void fill_video(AVFormatContext *file, int video, struct arena *arena, struct probe *p)
{
	AVStream *s = file->streams[video];
	const AVCodecParameters *c = s->codecpar;
	const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(c->format);
	AVRational sar = av_guess_sample_aspect_ratio(file, s, NULL);

	p->has_video = true;
	p->video_codec = arena_strdup(arena, avcodec_get_name(c->codec_id));
	p->width = c->width;
	p->height = c->height;
	p->sar_num = sar.num > 0 && sar.den > 0 ? sar.num : 1;
	p->sar_den = sar.num > 0 && sar.den > 0 ? sar.den : 1;
	p->pixel_format = format ? format->name : NULL;
	p->bit_depth = format ? format->comp[0].depth : 0;
	p->color = color_text(c, arena);
	fill_rate(file, s, p);
	p->interlaced = is_interlaced(file, video);
}

static void fill_audio(const AVFormatContext *file, int audio, struct arena *arena, struct probe *p)
{
	const AVCodecParameters *c = file->streams[audio]->codecpar;

	p->audio_codec = arena_strdup(arena, avcodec_get_name(c->codec_id));
	p->audio_channels = c->ch_layout.nb_channels;
	p->audio_rate = c->sample_rate;
}

static int fill_hash(const char *path, struct arena *arena, struct probe *p, struct err *err)
{
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[HASH_TEXT_SIZE];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, "open '%s'", path);
	if (hash_sample(fd, st.st_size, text, err) < 0)
		return err_under(err, "'%s'", path);
	p->sample_hash = arena_strdup(arena, text);
	return 0;
}

int probe_file(const char *path, struct arena *arena, struct probe *ret, struct err *err)
{
	struct probe p = { .fps_den = 1, .sar_num = 1, .sar_den = 1, .color = "" };
	CLEANUP(avfile_close) AVFormatContext *file = NULL;
	int video, audio, stream;
	int64_t zero_ms = 0;

	file = avfile_open(path, err); /* first: it knows a folder from a file */
	if (!file || fill_hash(path, arena, &p, err) < 0)
		return err ? -(int)err->code : -ERR_MEDIA;
	video = avfile_video(file);
	audio = avfile_audio(file);
	stream = video >= 0 ? video : audio;
	if (stream < 0)
		return err_set(err, ERR_MEDIA, "'%s' holds neither pictures nor sound that can be decoded", path);
	p.container = arena_strdup(arena, file->iformat->name);
	p.bit_rate = file->bit_rate > 0 ? file->bit_rate : 0;
	zero_ms = av_rescale_q(avfile_zero(file, file->streams[stream]), file->streams[stream]->time_base,
			       (AVRational){ 1, 1000 });
	if (video >= 0)
		fill_video(file, video, arena, &p);
	if (audio >= 0)
		fill_audio(file, audio, arena, &p);
	for (unsigned i = 0; i < file->nb_streams; i++) {
		p.audio_tracks += file->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
		p.subtitle_tracks += file->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_SUBTITLE;
	}
	p.streams = streams_json(file, arena);
	p.people = probe_people(file, stream, arena);
	p.chapters = chapters_json(file, zero_ms, arena);
	p.duration_flicks = probe_duration(file, video, audio);
	p.duration_ms = av_rescale(p.duration_flicks, 1000, AVFILE_FLICKS);
	if (avfile_read_error(file, err) < 0) /* its disk failed on the way: what it says is half the truth */
		return err ? -(int)err->code : -ERR_IO;
	*ret = p;
	return 0;
}
