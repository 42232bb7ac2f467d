/* media_jobs.c - see media_jobs.h. Only checks requests; the work is in media/. */
#include "library/media_jobs.h"

#include "base/cleanup.h"
#include "media/probe.h"
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
