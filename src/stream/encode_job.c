/* encode_job.c - the worker's handler for "encode": request in, segments into the cache, reports out. */
#include <dirent.h>
#include <limits.h>

#include "base/cleanup.h"
#include "stream/clip_cache.h"
#include "stream/clip_file.h"
#include "stream/encode.h"

struct job {
	struct worker_job *worker;
	const char *cache;
	const struct clip *clip;
};

/* Somebody made it already. */
static bool exists(const struct job *job, int64_t k)
{
	char dir[PATH_MAX];
	const struct dirent *entry;
	struct clip_file file;
	bool found = false;
	DIR *d = NULL;

	if (clip_file_path(dir, job->cache, job->clip->key, NULL, NULL) >= 0)
		d = opendir(dir);
	while (d && !found && (entry = readdir(d))) {
		const char *rest = clip_file_parse(entry->d_name, &file);

		found = rest && !*rest && file.k == k;
	}
	if (d)
		closedir(d);
	return found;
}

static bool wanted(void *context, int64_t k)
{
	struct job *job = context;

	return !worker_cancelled(job->worker) && !exists(job, k);
}

static int keep(void *context, int64_t k, const void *data, size_t len, struct err *err)
{
	struct job *job = context;

	if (clip_cache_write(job->cache, job->clip->key, k, data, len, err) < 0)
		return err ? -(int)err->code : -ERR_IO;
	worker_report(job->worker, json_pack("{s:s, s:I, s:I}", "event", "segment", "k", (json_int_t)k, "bytes",
					     (json_int_t)len));
	return 0;
}

int encode_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(cleanup_free) char *cache = json_path(request, "cache");
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct clip clip;
	struct job context = { job, cache, &clip };
	struct encode_sink sink = { &context, wanted, keep };
	struct encode_result result;

	if (!cache || *cache != '/')
		return err_set(err, ERR_INVALID, "an encode job needs an absolute \"cache\"");
	if (clip_from_json(json_object_get(request, "clip"), &arena, &clip, err) < 0)
		return err_under(err, "encode job");
	if (encode_clip(&clip, json_int(request, "from", -1), json_int(request, "to", -1), &sink, &result, err) < 0)
		return err ? -(int)err->code : -ERR_MEDIA;
	*ret_done = json_pack("{s:I, s:I, s:f}", "segments", (json_int_t)result.segments, "true_duration_flicks",
			      (json_int_t)result.true_duration_flicks, "speed", result.speed);
	return 0;
}
