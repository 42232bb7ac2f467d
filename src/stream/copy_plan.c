/* copy_plan.c - see copy_plan.h.
 *
 * Times are ticks of 1/90,000 s, each rounded for itself, so that nothing drifts. Of a group (a cut and what follows until
 * the next, in decode order) only the pictures' times are kept, until it is known by how much they are out of order and
 * which is shown first. */
#include "stream/copy_plan.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "media/avfile.h"
#include "media/coded.h"
#include "stream/plan.h"

#define SECOND INT64_C(90000)
#define LEAST (2 * SECOND)
#define MAX_GROUP 4096	      /* pictures */
#define NO_BEGINNING "it does not begin with a picture that can be decoded by itself"

struct reading {
	AVFormatContext *file;
	int stream;
	int64_t zero; /* flicks */
	struct coded coded;
	int64_t *group; /* times of the group at hand, in decode order */
	size_t group_count;
	int64_t *cuts; /* when the first picture of each group is shown */
	size_t cut_count, cut_size;
	int64_t last, before_last; /* the latest times so far, of all pictures before the group */
};

static void reading_end(struct reading *r)
{
	avfile_close(&r->file);
	coded_free(&r->coded);
	free(r->group);
	free(r->cuts);
}

bool copy_plan_cut(const int64_t *cuts, size_t count, int64_t end, struct arena *arena, struct lengths *ret)
{
	int32_t *list = arena_alloc(arena, (count + 1) * sizeof(*list));
	size_t n = 0;
	int64_t at = 0;

	for (size_t i = 1; i <= count; i++) {
		int64_t time = i < count ? cuts[i] : end, next = i + 1 < count ? cuts[i + 1] : end;

		if (time - at > COPY_PLAN_LONGEST * SECOND)
			return false;
		/* Long enough, or it would be too long with the next. */
		if (i == count || time - at >= LEAST ||
		    (next - at > COPY_PLAN_LONGEST * SECOND && time - at >= SECOND)) {
			list[n++] = (int32_t)(time - at);
			at = time;
		}
	}
	/* No segment is under 1 s: the end joins what lies before it, or is left out. */
	if (n > 1 && list[n - 1] < SECOND) {
		n--;
		if (list[n - 1] + list[n] <= COPY_PLAN_LONGEST * SECOND)
			list[n - 1] += list[n];
	}
	*ret = (struct lengths){ list, n };
	return n > 0 && list[0] >= SECOND;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static int refuse(struct err *err, const char *why)
{
	return err_set(err, ERR_UNSUPPORTED, "%s", why);
}

bool copy_plan_times(const int64_t *shown, size_t count, int64_t *sorted, int64_t *decoded)
{
	if (!count)
		return true;
	memcpy(sorted, shown, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare);
	for (size_t i = count; i-- > 0;) {
		int64_t before = i + 1 < count ? decoded[i + 1] - (sorted[i + 1] - sorted[i] + 1) / 2 : INT64_MAX;
		int64_t latest = shown[i] < before ? shown[i] : before;

		decoded[i] = sorted[i] - COPY_PLAN_DELAY;
		if (decoded[i] > latest)
			decoded[i] = latest;
	}
	return decoded[0] == sorted[0] - COPY_PLAN_DELAY;
}

static int end_group(struct reading *r, struct err *err)
{
	CLEANUP(cleanup_free) int64_t *sorted = calloc(2 * r->group_count + 1, sizeof(*sorted));

	if (!sorted)
		abort();
	if (!copy_plan_times(r->group, r->group_count, sorted, sorted + r->group_count))
		return refuse(err, "its pictures are reordered too far");
	for (size_t i = 0; i < r->group_count; i++) {
		if (sorted[i] <= r->last)
			return refuse(err, "its pictures' times are out of order");
		r->before_last = r->last;
		r->last = sorted[i];
	}
	if (r->group_count)
		r->cuts[r->cut_count - 1] = sorted[0];
	r->group_count = 0;
	return 0;
}

static int add_picture(struct reading *r, int64_t time, bool cut, struct err *err)
{
	if (cut) {
		if (end_group(r, err) < 0)
			return -(int)ERR_UNSUPPORTED;
		if (r->cut_count == r->cut_size) {
			r->cut_size = r->cut_size ? r->cut_size * 2 : 1024;
			r->cuts = realloc(r->cuts, r->cut_size * sizeof(*r->cuts));
			if (!r->cuts)
				abort();
		}
		if (r->cut_count == LENGTHS_MAX)
			return refuse(err, "it is too long");
		r->cuts[r->cut_count++] = time;
	}
	if (!r->cut_count)
		return refuse(err, NO_BEGINNING);
	if (r->group_count == MAX_GROUP)
		return refuse(err, "a group of pictures is too long");
	r->group[r->group_count++] = time;
	return 0;
}

static int look_at_packet(struct reading *r, const AVPacket *packet, struct err *err)
{
	struct nal_units units = { .data = packet->data, .len = (size_t)packet->size, .length_size = r->coded.length_size };
	struct nal_unit unit;
	bool cut = false;
	int rc;

	if (packet->pts == AV_NOPTS_VALUE)
		return refuse(err, "it has pictures without a time");
	if (packet->flags & AV_PKT_FLAG_DISCARD)
		return refuse(err, "it has an edit list");
	if (packet->flags & AV_PKT_FLAG_CORRUPT)
		return refuse(err, "it is damaged");
	while ((rc = nal_next(&units, &unit)) > 0) {
		enum coded_kind kind = coded_kind(&r->coded, &unit);

		cut = cut || kind == CODED_CUT;
		if (kind == CODED_SET && !nal_has(&r->coded.sets, &unit))
			return refuse(err, "its parameter sets change on the way");
	}
	if (rc < 0)
		return refuse(err, "it is damaged");
	return add_picture(r, plan_flicks_ticks(avfile_flicks(packet->pts, r->file->streams[r->stream]->time_base) - r->zero),
			   cut, err);
}

static int look_at_sets(struct reading *r, bool hevc, struct err *err)
{
	const AVCodecParameters *p = r->file->streams[r->stream]->codecpar;
	const char *why;

	if (p->codec_id != (hevc ? AV_CODEC_ID_HEVC : AV_CODEC_ID_H264))
		return refuse(err, hevc ? "its pictures are not HEVC" : "its pictures are not H.264");
	why = coded_read(&r->coded, hevc, p->extradata, (size_t)p->extradata_size);
	if (!why)
		why = coded_refuse(&r->coded);
	if (why)
		return refuse(err, why);
	if (avfile_rotation(r->file->streams[r->stream]))
		return refuse(err, "its pictures must be turned");
	return 0;
}

static int read_all(struct reading *r, struct worker_job *job, struct err *err)
{
	CLEANUP(av_packet_free) AVPacket *packet = av_packet_alloc();
	int64_t size = avio_size(r->file->pb);
	time_t told = time(NULL);
	int rc, ok = 0;

	if (!packet)
		abort();
	while (ok >= 0 && (rc = av_read_frame(r->file, packet)) >= 0) {
		if (packet->stream_index == r->stream)
			ok = look_at_packet(r, packet, err);
		av_packet_unref(packet);
		if (job && told != time(NULL)) {
			told = time(NULL);
			worker_report(job, json_pack("{s:s, s:f}", "event", "progress", "part",
						     size > 0 ? (double)avio_tell(r->file->pb) / (double)size : 0));
		}
		if (job && worker_cancelled(job))
			return err_set(err, ERR_BUSY, "it was cancelled");
	}
	if (ok >= 0 && (rc != AVERROR_EOF || avfile_read_error(r->file, NULL) < 0))
		return refuse(err, "it is damaged");
	return ok < 0 ? ok : end_group(r, err);
}

int copy_plan_make(const char *path, bool hevc, struct worker_job *job, struct arena *arena, struct copy_plan *ret,
		   struct err *err)
{
	CLEANUP(reading_end) struct reading r = { .last = -1 };
	struct copy_plan plan = { 0 };
	int rc;

	r.group = calloc(MAX_GROUP, sizeof(*r.group));
	r.file = avfile_open(path, err);
	if (!r.group)
		abort();
	if (!r.file)
		return err ? -(int)err->code : -ERR_MEDIA;
	r.stream = avfile_video(r.file);
	if (r.stream < 0)
		return refuse(err, "it has no pictures");
	for (int i = 0; i < (int)r.file->nb_streams; i++)
		if (i != r.stream)
			r.file->streams[i]->discard = AVDISCARD_ALL;
	r.zero = avfile_flicks(avfile_zero(r.file, r.file->streams[r.stream]), r.file->streams[r.stream]->time_base);
	rc = look_at_sets(&r, hevc, err);
	if (rc >= 0)
		rc = read_all(&r, job, err);
	if (rc < 0)
		return rc;
	if (r.last < 1 || r.cuts[0] != 0)
		return refuse(err, NO_BEGINNING);
	if (!copy_plan_cut(r.cuts, r.cut_count, 2 * r.last - r.before_last, arena, &plan.lengths))
		return refuse(err, "places where it can be cut are more than 12 s apart, or it is under 1 s long");
	plan.width = r.coded.sps.width;
	plan.height = r.coded.sps.height;
	*ret = plan;
	return 0;
}

/* ---- the pipe ---- */

int copy_plan_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(cleanup_free) char *path = json_path(request, "path");
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct copy_plan plan;
	struct err why = { 0 };
	json_t *lengths;
	int rc;

	if (!path || *path != '/')
		return err_set(err, ERR_INVALID, "a copy_plan job needs an absolute \"path\"");
	rc = copy_plan_make(path, strcmp(json_text(request, "codec", ""), "hevc") == 0, job, &arena, &plan, &why);
	if (rc == -(int)ERR_UNSUPPORTED) {
		*ret_done = json_pack("{s:s}", "error", why.text);
		return 0;
	}
	if (rc < 0)
		return err_set(err, why.code, "%s", why.text);
	lengths = json_array();
	for (size_t i = 0; i < plan.lengths.count; i++)
		json_array_append_new(lengths, json_integer(plan.lengths.list[i]));
	*ret_done = json_pack("{s:i, s:i, s:o}", "width", plan.width, "height", plan.height, "lengths", lengths);
	return 0;
}

int copy_plan_from_json(const json_t *done, struct arena *arena, struct copy_plan *ret, struct err *err)
{
	const json_t *list = json_object_get(done, "lengths");
	size_t count = json_array_size(list);
	int32_t *lengths = arena_alloc(arena, (count + 1) * sizeof(*lengths));

	if (json_text(done, "error", NULL))
		return err_set(err, ERR_UNSUPPORTED, "%s", json_text(done, "error", ""));
	for (size_t i = 0; i < count; i++) {
		int64_t length = json_integer_value(json_array_get(list, i));

		if (length < SECOND || length > COPY_PLAN_LONGEST * SECOND)
			return err_set(err, ERR_INVALID, "a worker made a copy plan that there cannot be");
		lengths[i] = (int32_t)length;
	}
	if (!count || count > LENGTHS_MAX)
		return err_set(err, ERR_INVALID, "a worker made a copy plan that there cannot be");
	*ret = (struct copy_plan){ .lengths = { lengths, count }, .width = (int)json_int(done, "width", 0),
				   .height = (int)json_int(done, "height", 0) };
	return 0;
}
