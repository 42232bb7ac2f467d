/* producer_hang.c - workers whose source does not answer: a disk that sleeps or has gone, a share without its server.
 *
 * A worker that says nothing and uses no processor for HANGS_MS hangs. While it does, its place goes to another, who
 * waits for its file is told at once (and shows slate), and nothing more of the file is begun. It may come back: a
 * sleeping disk takes up to 15 s. SILENCE_LIMIT_MS ends it (producer_tasks.c).
 *
 * When this whole machine slept, or this process was stopped, nobody was late: see producer_forgive(). */
#include "stream/producer_private.h"

#include <string.h>

#include "base/log.h"

#define HANGS_MS 3000
#define SLEPT_MS 3000 /* the loop looks once a second */

static bool same_file(const struct owned_clip *a, const struct owned_clip *b)
{
	return a->path && b->path && strcmp(a->path, b->path) == 0;
}

bool producer_hangs(const struct producer *producer, const struct owned_clip *clip)
{
	for (size_t i = 0; i < PRODUCER_TASKS; i++) {
		const struct task *task = &producer->tasks[i];

		if (task->hangs && same_file(task->clip, clip))
			return true;
	}
	return false;
}

static void answer_waiters(struct producer *producer, const struct owned_clip *clip)
{
	struct waiter *waiter = producer->waiters;

	while (waiter) {
		if (!waiter->calling && same_file(waiter->clip, clip)) {
			producer_call(producer, waiter, -(int)ERR_TIMEOUT);
			waiter = producer->waiters; /* the list may have changed meanwhile */
		} else {
			waiter = waiter->next;
		}
	}
}

void producer_watch_hanging(struct producer *producer, int64_t now_ms)
{
	for (size_t i = 0; i < PRODUCER_TASKS; i++) {
		struct task *task = &producer->tasks[i];
		bool hung = task->hangs;
		int64_t cpu_ms;

		if (task->kind != TASK_ENCODE)
			continue;
		cpu_ms = worker_cpu_ms(task->worker);
		if (cpu_ms != task->cpu_ms || task->heard_ms > task->moved_ms)
			task->moved_ms = now_ms;
		task->cpu_ms = cpu_ms;
		task->hangs = now_ms - task->moved_ms >= HANGS_MS;
		if (!task->hangs || hung)
			continue;
		log_warning("producer", "%s: its disk%s does not answer", task->clip->path ? task->clip->path : "slate",
			    profile_is_hardware(&task->clip->clip.profile) ? ", or the chip that encodes it," : "");
		answer_waiters(producer, task->clip);
	}
}

void producer_forgive(struct producer *producer, int64_t now_ms)
{
	int64_t slept_ms = producer->looked_ms ? now_ms - producer->looked_ms : 0;

	producer->looked_ms = now_ms;
	if (slept_ms < SLEPT_MS)
		return;
	for (size_t i = 0; i < PRODUCER_TASKS; i++)
		producer->tasks[i].heard_ms = producer->tasks[i].moved_ms = now_ms;
	for (struct waiter *w = producer->waiters; w; w = w->next)
		w->deadline_ms += slept_ms;
	for (struct wish *w = producer->wishes; w; w = w->next)
		w->lapses_ms += slept_ms;
}
