/* media_jobs.c - see media_jobs.h. Only checks requests; the work is in media/. */
#include "library/media_jobs.h"

#include "base/cleanup.h"
#include "media/frames.h"
#include "media/probe.h"
#include "media/soundness.h"
#include "media/thumbnail.h"

int probe_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(cleanup_free) char *path = json_path(request, "path");
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct probe probe;

	(void)job;
	if (!path || *path != '/')
		return err_set(err, ERR_INVALID, "a probe job needs an absolute \"path\"");
	if (probe_file(path, &arena, &probe, err) < 0)
		return err ? -(int)err->code : -ERR_MEDIA;
	*ret_done = probe_to_json(&probe);
	return 0;
}

static bool tell(void *context, double progress)
{
	worker_report(context, json_pack("{s:s,s:f}", "event", "progress", "progress", progress));
	return worker_cancelled(context);
}

int frames_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(cleanup_free) char *path = json_path(request, "path");
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct frames_places places;
	json_t *list;

	if (!path || *path != '/')
		return err_set(err, ERR_INVALID, "a frames job needs an absolute \"path\"");
	if (frames_find(path, tell, job, &arena, &places, err) < 0)
		return err ? -(int)err->code : -ERR_MEDIA;
	list = json_array();
	for (size_t i = 0; i < places.count; i++) {
		const struct frames_place *p = &places.places[i];

		json_array_append_new(list, json_pack("{s:I,s:I,s:f,s:I,s:f}", "at_ms", (json_int_t)p->at_ms, "black_ms",
						      (json_int_t)p->black_ms, "luma", p->luma, "silence_ms",
						      (json_int_t)p->silence_ms, "level_db", p->level_db));
	}
	*ret_done = json_pack("{s:I,s:o}", "duration_ms", (json_int_t)places.duration_ms, "places", list);
	return 0;
}

static json_t *sentences(const char *const *texts, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(texts[i]));
	return list;
}

int validate_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(cleanup_free) char *path = json_path(request, "path");
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct soundness s;

	(void)job;
	if (!path || *path != '/')
		return err_set(err, ERR_INVALID, "a validate job needs an absolute \"path\"");
	soundness_check(path, &arena, &s);
	if (s.unread.code)
		return err_set(err, s.unread.code, "%s", s.unread.text);
	*ret_done = json_pack("{s:o,s:o}", "problems", sentences(s.problems, s.count), "remarks", sentences(s.remarks, s.remark_count));
	return 0;
}

int thumbnail_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(cleanup_free) char *path = json_path(request, "path"), *to = json_path(request, "to");

	(void)job;
	if (!path || *path != '/' || !to || *to != '/')
		return err_set(err, ERR_INVALID, "a thumbnail job needs an absolute \"path\" and \"to\"");
	if (thumbnail_write(path, json_int(request, "at_ms", 0), (int)json_int(request, "width", 320), to, err) < 0)
		return err ? -(int)err->code : -ERR_MEDIA;
	*ret_done = json_object();
	json_object_set_new(*ret_done, "to", json_from_path(to));
	return 0;
}
