/* producer_report.c - what the producer tells about itself (producer.h): who is at work on what, how fast, with how much
 * effort. Changes nothing. */
#include <string.h>

#include "base/clock.h"
#include "stream/producer_private.h"

static const char *job_of(const struct task *task)
{
	switch (task->kind) {
	case TASK_ENCODE:
		return task->rank == PRODUCER_PREPARE ? "prepare" : "encode";
	case TASK_SLATE:
		return "slate";
	case TASK_ERRAND:
		return task->errand ? json_text(task->errand->request, "job", "errand") : "errand";
	default:
		return "idle";
	}
}

json_t *producer_workers(struct producer *producer)
{
	json_t *list = json_array();
	int64_t now_ms = producer_now_ms(), wall_ms = clock_wall_ms();

	pthread_mutex_lock(&producer->lock);
	for (size_t i = 0; i < PRODUCER_TASKS; i++) {
		const struct task *task = &producer->tasks[i];
		const char *path = task->kind == TASK_ENCODE ? task->clip->path : NULL;
		const char *slash = path ? strrchr(path, '/') : NULL;
		char since[40];

		if (!task->worker)
			continue;
		json_array_append_new(
			list, json_pack("{s:i, s:s, s:o, s:s}", "pid", (int)worker_pid(task->worker), "job",
					job_of(task), "detail",
					path ? json_from_path(slash ? slash + 1 : path) : json_string(""), "since",
					clock_format(since, sizeof(since), wall_ms - (now_ms - task->since_ms))));
	}
	pthread_mutex_unlock(&producer->lock);
	return list;
}

double producer_speed(struct producer *producer)
{
	double speed;

	pthread_mutex_lock(&producer->lock);
	speed = producer->speed[producer->effort] > 0 ? producer->speed[producer->effort] : producer->speed[0];
	pthread_mutex_unlock(&producer->lock);
	return speed;
}

int producer_effort(struct producer *producer)
{
	int effort;

	pthread_mutex_lock(&producer->lock);
	effort = producer->effort;
	pthread_mutex_unlock(&producer->lock);
	return effort;
}

bool producer_gave_up(struct producer *producer, const char *key)
{
	bool out;

	pthread_mutex_lock(&producer->lock);
	out = producer_failed_lately(producer, key, producer_now_ms());
	pthread_mutex_unlock(&producer->lock);
	return out;
}
