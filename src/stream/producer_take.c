/* producer_take.c - a segment that a worker has made comes into the cache: as a file that it wrote, or, when the disk did not
 * take it, from its memory. */
#include "stream/producer_private.h"

#include <string.h>

#include "base/log.h"
#include "stream/clip_memory.h"

void producer_take_memory(struct producer *producer, const struct task *task, int64_t k, const json_t *report,
			  int64_t now_ms)
{
	struct clip_cache *cache = producer->config.cache;
	const char *why = json_text(report, "why", "its disk takes nothing");
	struct err err = { 0 };
	int fd = clip_memory_fetch(worker_pid(task->worker), (int)json_int(report, "memory", -1), &err);

	clip_cache_refused(cache, why);
	if (fd >= 0 && clip_cache_hold(cache, task->clip->clip.key, k, fd, json_int(report, "bytes", 0), task->effort,
				       &err) == 0 && (!producer->refused_ms || now_ms - producer->refused_ms > SAID_FOR_MS)) {
		log_warning("producer", "the cache cannot be written, what is on the air is held in memory: %s", why);
		producer->refused_ms = now_ms;
	}
	if (err.code)
		log_error("producer", "%s", err.text);
}

/* The worker says what it called its file, so that no disk need be asked. Only where that does not do, the folder is read;
 * without the lock, for nobody else changes a task. */
void producer_take_file(struct producer *producer, const struct task *task, int64_t k, const char *name, int64_t now_ms)
{
	if (producer->refused_ms && now_ms - producer->refused_ms > SAID_FOR_MS) {
		log_info("producer", "the cache can be written again");
		producer->refused_ms = 0;
	}
	if (name && clip_cache_take(producer->config.cache, task->clip->clip.key, k, name))
		return;
	pthread_mutex_unlock(&producer->lock);
	clip_cache_note(producer->config.cache, task->clip->clip.key, k);
	pthread_mutex_lock(&producer->lock);
}

void producer_take_found(struct task *task, const json_t *report)
{
	const char *hash = json_text(report, "sample_hash", "");

	if (task->kind == TASK_ENCODE && strlen(hash) == sizeof(task->clip->clip.known.sample_hash) - 1)
		memcpy(task->clip->clip.known.sample_hash, hash, strlen(hash) + 1);
}
