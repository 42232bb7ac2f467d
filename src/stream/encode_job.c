/* encode_job.c - the worker's handler for "encode": request in, segments into the cache, reports out. */
#include <dirent.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "jobs/worker_name.h"
#include "stream/clip_cache.h"
#include "stream/clip_file.h"
#include "stream/clip_memory.h"
#include "stream/encode.h"

#define HELD 16

struct job {
	struct worker_job *worker;
	const char *cache;
	const struct clip *clip;
	bool anew;	/* files of the clip are there that cannot be read: what exists tells nothing */
	bool hold;	/* what the disk does not take is handed over in memory */
	int held[HELD]; /* until the supervisor has taken them; -1 none */
	size_t next;
};

static void say(const struct job *job, const struct clip_file *file)
{
	char name[CLIP_FILE_NAME_SIZE];

	clip_file_format(name, file);
	worker_report(job->worker, json_pack("{s:s, s:I, s:I, s:s}", "event", "segment", "k", (json_int_t)file->k, "bytes",
					     (json_int_t)file->len, "file", name));
}

/* Somebody made it already; perhaps a worker that was killed before it could say so. */
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

		found = rest && !*rest && file.k == k && file.effort <= job->clip->profile.effort;
	}
	if (d)
		closedir(d);
	if (found)
		say(job, &file);
	return found;
}

static bool wanted(void *context, int64_t k)
{
	struct job *job = context;

	return k < worker_until(job->worker) && (job->anew || !exists(job, k));
}

/* The disk is full or broken: the supervisor takes the descriptor over, by our number for it. */
static int hand_over(struct job *job, int64_t k, const void *data, size_t len, const char *why, struct err *err)
{
	int fd = clip_memory_make(data, len, err);

	if (fd < 0)
		return fd;
	cleanup_fd(&job->held[job->next]);
	job->held[job->next] = fd;
	job->next = (job->next + 1) % HELD;
	worker_report(job->worker, json_pack("{s:s, s:I, s:I, s:i, s:o}", "event", "segment", "k", (json_int_t)k, "bytes",
					     (json_int_t)len, "memory", fd, "why", json_from_path(why)));
	return 0;
}

static int keep(void *context, int64_t k, const void *data, size_t len, struct err *err)
{
	struct job *job = context;
	struct clip_file file;
	struct err cause = { 0 };

	if (clip_cache_write_less(job->cache, job->clip->key, k, data, len, job->clip->profile.effort, &cause) < 0) {
		if (job->hold && hand_over(job, k, data, len, cause.text, NULL) == 0)
			return 0;
		return err_set(err, ERR_CACHE, "%s", cause.text); /* whatever it is, it is not the clip's fault */
	}
	file = clip_file_of(k, data, len, job->clip->profile.effort);
	say(job, &file);
	return 0;
}

int encode_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(cleanup_free) char *cache = json_path(request, "cache");
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct clip clip;
	struct job context = { .worker = job, .cache = cache, .clip = &clip };
	struct encode_sink sink = { &context, wanted, keep };
	struct encode_result result = { 0 };
	int rc;

	worker_name_set(WORKER_NAME_AIRS);
	memset(context.held, -1, sizeof(context.held));
	if (!cache || *cache != '/')
		return err_set(err, ERR_INVALID, "an encode job needs an absolute \"cache\"");
	if (clip_from_json(json_object_get(request, "clip"), &arena, &clip, err) < 0)
		return err_under(err, "encode job");
	clip.profile.effort = (int)json_int(request, "effort", 0);
	if (clip.profile.effort < 0 || clip.profile.effort >= PROFILE_EFFORTS)
		return err_set(err, ERR_INVALID, "encode job: there is no effort %d", clip.profile.effort);
	context.anew = json_flag(request, "anew", false);
	context.hold = json_flag(request, "hold", false);
	rc = encode_clip(&clip, json_int(request, "from", -1), json_int(request, "to", -1), &sink, &result, err);
	for (size_t i = 0; i < HELD; i++)
		cleanup_fd(&context.held[i]);
	if (rc < 0 && *result.found)
		worker_report(job, json_pack("{s:s, s:s}", "event", "found", "sample_hash", result.found));
	if (rc < 0)
		return err ? -(int)err->code : -ERR_MEDIA;
	*ret_done = json_pack("{s:I, s:I, s:f, s:f}", "segments", (json_int_t)result.segments, "true_duration_flicks",
			      (json_int_t)result.true_duration_flicks, "speed", result.speed,
			      "decode_speed", result.decode_speed);
	return 0;
}
