/* copy.c - see copy.h. */
#include "stream/copy.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "media/h264.h"

#define RATE_UNKNOWN INT64_C(360000000)
#define NEAR (PLAN_FLICKS / 500) /* containers round to a millisecond */

struct copy {
	const struct clip *clip;
	struct encode_source *source;
	struct buf sets;
	int length_size;
	int64_t rate;
	AVPacket *pending; /* the IDR that ended the last segment */
};

/* Nine tenths of what the level allows: tables and sound come in between. Where it says nothing, of what a level for 4K does. */
int64_t copy_rate_of(const void *data, size_t len)
{
	struct h264_units units = { .data = data, .len = len };
	struct h264_unit unit;
	struct h264_sps sps;
	int64_t rate = 0;

	while (!rate && h264_next(&units, &unit) > 0)
		if (unit.type == H264_SPS && h264_parse_sps(&unit, &sps))
			rate = h264_rate(&sps);
	return (rate > 0 ? rate : RATE_UNKNOWN) / 10 * 9;
}

struct copy *copy_open(const struct clip *clip, struct encode_source *source, struct err *err)
{
	const AVCodecParameters *p =
		encode_source_file(source)->streams[encode_source_video_index(source)]->codecpar;
	struct copy *copy = calloc(1, sizeof(*copy));

	if (!copy)
		abort();
	copy->clip = clip;
	copy->source = source;
	copy->sets = BUF_MAX(1 << 16);
	if (p->codec_id != AV_CODEC_ID_H264 ||
	    !h264_parameter_sets(p->extradata, (size_t)p->extradata_size, &copy->sets, &copy->length_size)) {
		err_set(err, ERR_MEDIA, "it is not H.264 any more, as its copy plan says");
		copy_close(copy);
		return NULL;
	}
	copy->rate = copy_rate_of(copy->sets.data, copy->sets.len);
	return copy;
}

int64_t copy_rate(const struct copy *copy)
{
	return copy->rate;
}

void copy_close(struct copy *copy)
{
	if (!copy)
		return;
	av_packet_free(&copy->pending);
	buf_free(&copy->sets);
	free(copy);
}

void copy_start(struct copy *copy, const struct plan_segment *segment, int64_t audio)
{
	int64_t time = copy->clip->in_flicks + segment->first_frame * PLAN_TICK;

	av_packet_free(&copy->pending);
	encode_source_seek(copy->source, time + NEAR, audio, 0);
}

/* In the clip, 1/90,000 s. */
static int64_t time_of(const struct copy *copy, const AVPacket *packet)
{
	int64_t time = encode_source_packet_time(copy->source, packet);

	return time == INT64_MIN ? INT64_MIN : plan_flicks_ticks(time) - copy->clip->in_flicks / PLAN_TICK;
}

static bool is_idr(const struct copy *copy, const AVPacket *packet)
{
	struct h264_units units = { .data = packet->data, .len = (size_t)packet->size, .length_size = copy->length_size };
	struct h264_unit unit;

	while (h264_next(&units, &unit) > 0)
		if (unit.type == H264_IDR)
			return true;
	return false;
}

static int add_picture(const struct copy *copy, const AVPacket *packet, bool idr, struct encode_units *to, struct err *err)
{
	struct h264_units units = { .data = packet->data, .len = (size_t)packet->size, .length_size = copy->length_size };
	struct encode_unit picture = { to->bytes.len, 0, time_of(copy, packet), idr && !to->count };
	struct h264_unit unit;
	int rc;

	buf_add(&to->bytes, "\0\0\0\1\x09\xF0", 6);
	if (idr)
		buf_add(&to->bytes, copy->sets.data, copy->sets.len);
	while ((rc = h264_next(&units, &unit)) > 0) {
		if (unit.type == H264_AUD || unit.type == H264_SPS || unit.type == H264_PPS || unit.type == H264_FILLER)
			continue;
		buf_add(&to->bytes, "\0\0\0\1", 4);
		buf_add(&to->bytes, unit.data, unit.len);
	}
	if (rc < 0)
		return err_set(err, ERR_MEDIA, "a picture of it is damaged");
	if (to->bytes.failed)
		return err_set(err, ERR_TOO_LARGE, "a segment of it is larger than the limit");
	picture.len = to->bytes.len - picture.at;
	encode_units_add(to, &picture);
	return 0;
}

static int not_as_planned(const struct plan_segment *segment, struct err *err)
{
	return err_set(err, ERR_MEDIA, "it is not as its copy plan says %lld s after the clip's beginning",
		       (long long)(segment->first_frame / 90000));
}

static AVPacket *next_packet(struct copy *copy)
{
	return copy->pending ? TAKE(copy->pending) : encode_source_video(copy->source);
}

int copy_pictures(struct copy *copy, const struct plan_segment *segment, struct encode_units *to, struct err *err)
{
	int64_t end = segment->first_frame + segment->frames;
	int rc = 0;

	while (rc >= 0) {
		CLEANUP(av_packet_free) AVPacket *packet = next_packet(copy);
		int64_t time = packet ? time_of(copy, packet) : 0;
		bool idr = packet && is_idr(copy, packet);

		if (!packet)
			break;
		if (!to->count && time < segment->first_frame - 1)
			continue; /* the key before, where the file's index is coarse */
		if (!to->count && (!idr || time > segment->first_frame + 1))
			return not_as_planned(segment, err);
		if (to->count && idr && time >= end - 1) {
			copy->pending = TAKE(packet);
			break;
		}
		if (time < segment->first_frame - 1 || time >= end)
			return not_as_planned(segment, err);
		rc = add_picture(copy, packet, idr, to, err);
	}
	if (rc >= 0 && !to->count)
		return not_as_planned(segment, err);
	return rc;
}
