/* copy.c - see copy.h. */
#include "stream/copy.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "media/coded.h"

#define RATE_UNKNOWN INT64_C(360000000)
#define NEAR (PLAN_FLICKS / 500) /* containers round to a millisecond */

struct copy {
	const struct clip *clip;
	struct encode_source *source;
	struct coded coded;
	AVPacket *pending; /* the cut that ended the last segment */
};

/* Nine tenths of what the level allows: tables and sound come in between. Where it says nothing, of what a level for 4K does. */
static int64_t of_level(int64_t rate)
{
	return (rate > 0 ? rate : RATE_UNKNOWN) / 10 * 9;
}

int64_t copy_rate_of(bool hevc, const void *data, size_t len)
{
	return of_level(coded_rate(hevc, data, len));
}

struct copy *copy_open(const struct clip *clip, struct encode_source *source, struct err *err)
{
	const AVCodecParameters *p =
		encode_source_file(source)->streams[encode_source_video_index(source)]->codecpar;
	bool hevc = profile_is_hevc(&clip->profile);
	struct copy *copy = calloc(1, sizeof(*copy));

	if (!copy)
		abort();
	copy->clip = clip;
	copy->source = source;
	if (p->codec_id != (hevc ? AV_CODEC_ID_HEVC : AV_CODEC_ID_H264) ||
	    coded_read(&copy->coded, hevc, p->extradata, (size_t)p->extradata_size)) {
		err_set(err, ERR_MEDIA, "it is not %s any more, as its copy plan says", hevc ? "HEVC" : "H.264");
		copy_close(copy);
		return NULL;
	}
	return copy;
}

int64_t copy_rate(const struct copy *copy)
{
	return of_level(copy->coded.rate);
}

void copy_close(struct copy *copy)
{
	if (!copy)
		return;
	av_packet_free(&copy->pending);
	coded_free(&copy->coded);
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

static struct nal_units units_of(const struct copy *copy, const AVPacket *packet)
{
	return (struct nal_units){ .data = packet->data, .len = (size_t)packet->size, .length_size = copy->coded.length_size };
}

static bool is_cut(const struct copy *copy, const AVPacket *packet)
{
	struct nal_units units = units_of(copy, packet);
	struct nal_unit unit;

	while (nal_next(&units, &unit) > 0)
		if (coded_kind(&copy->coded, &unit) == CODED_CUT)
			return true;
	return false;
}

/* `first`: of the clip. */
static int add_picture(const struct copy *copy, const AVPacket *packet, bool cut, bool first, struct encode_units *to,
		       struct err *err)
{
	struct nal_units units = units_of(copy, packet);
	struct encode_unit picture = { to->bytes.len, 0, time_of(copy, packet), !to->count };
	struct nal_unit unit;
	int rc;

	coded_add_delimiter(&copy->coded, &to->bytes);
	if (cut)
		buf_add(&to->bytes, copy->coded.sets.data, copy->coded.sets.len);
	while ((rc = nal_next(&units, &unit)) > 0) {
		enum coded_kind kind = coded_kind(&copy->coded, &unit);

		if (kind == CODED_CUT && first)
			coded_add_first(&copy->coded, &unit, &to->bytes);
		else if (kind == CODED_CUT || kind == CODED_OTHER)
			nal_add(&to->bytes, unit.data, unit.len);
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

/* The first that is shown, which need not be the first that is decoded, is where the plan says. */
static bool begins_as_planned(const struct plan_segment *segment, const struct encode_units *units)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < units->count; i++)
		first = units->units[i].frame < first ? units->units[i].frame : first;
	return first >= segment->first_frame - 1 && first <= segment->first_frame + 1;
}

int copy_pictures(struct copy *copy, const struct plan_segment *segment, struct encode_units *to, struct err *err)
{
	int64_t end = segment->first_frame + segment->frames;
	int rc = 0;

	while (rc >= 0) {
		CLEANUP(av_packet_free) AVPacket *packet = next_packet(copy);
		int64_t time = packet ? time_of(copy, packet) : 0;
		bool cut = packet && is_cut(copy, packet);

		if (!packet)
			break;
		if (!to->count && time < segment->first_frame - 1)
			continue; /* what lies before, where the file's index is coarse */
		if (to->count && cut && time >= end - 1) {
			copy->pending = TAKE(packet);
			break;
		}
		if ((!to->count && !cut) || time < segment->first_frame - 1 || time >= end)
			return not_as_planned(segment, err);
		rc = add_picture(copy, packet, cut, !to->count && !segment->first_frame, to, err);
	}
	if (rc >= 0 && !begins_as_planned(segment, to))
		return not_as_planned(segment, err);
	return rc;
}
