/* producer_order.c - whose turn it is, and who must give way.
 *
 * By rank, and of equals by when it is needed. A job runs on over its wish, so that seeking is rare; when something more
 * urgent waits for its place, it ends at its next segment. Work that prepares stands still (SIGSTOP) while anything that
 * somebody will see soon is made, and is ended where that needs its very segments. With how much effort: producer_effort.c. */
#include "stream/producer_private.h"

#include <string.h>

#define ENDS_WITHIN_MS 4000	/* a job that was told to end */
#define EARLIER_MS 8000		/* a wish must be needed so much earlier to take another's place */
#define PREPARED_EARLIER_MS 120000 /* and one that prepares so much */

enum task_level order_level(enum producer_rank rank)
{
	return rank == PRODUCER_LIVE ? LEVEL_LIVE : rank < PRODUCER_PREPARE ? LEVEL_EDGE : LEVEL_BACKGROUND;
}

struct task *order_maker(struct producer *producer, const char *key, int64_t k)
{
	for (size_t i = 0; i < PRODUCER_TASKS; i++) {
		struct task *t = &producer->tasks[i];

		if (t->kind == TASK_ENCODE && !t->cancelling && k >= t->next_k && k < t->to && strcmp(t->clip->clip.key, key) == 0)
			return t;
	}
	return NULL;
}

/* Some job is at work on (key, k) or will reach it within `reach` segments. One that was told to end makes the one that it is
 * at; should that take long, it is not waited for. */
static bool leased(const struct producer *producer, const char *key, int64_t k, int64_t reach, int64_t now_ms)
{
	for (size_t i = 0; i < PRODUCER_TASKS; i++) {
		const struct task *t = &producer->tasks[i];
		int64_t most = !t->cancelling ? reach : now_ms - t->made_ms < ENDS_WITHIN_MS ? 1 : 0;

		if (t->kind == TASK_ENCODE && strcmp(t->clip->clip.key, key) == 0 && k >= t->next_k && k < t->to &&
		    k < t->next_k + most)
			return true;
	}
	return false;
}

/* First segment of a wish that nobody makes; -1 none. Who waits accepts at most one segment before his own. */
static int64_t open_segment(const struct producer *producer, const struct wish *wish, int64_t now_ms)
{
	bool waits = wish->rank == PRODUCER_LIVE || wish->rank == PRODUCER_CATCH_UP;
	int64_t reach = waits ? 2 : INT64_MAX / 2;
	const char *key = wish->clip->clip.key;

	for (int64_t k = wish->from; k < wish->to; k++)
		if (!clip_cache_has(producer->config.cache, key, k) && !leased(producer, key, k, reach, now_ms))
			return k;
	return -1;
}

const struct wish *order_best(const struct producer *producer, bool background, int64_t now_ms, int64_t *ret_k)
{
	const struct wish *best = NULL;

	for (const struct wish *w = producer->wishes; w; w = w->next) {
		int64_t k;

		if ((w->rank == PRODUCER_PREPARE) != background || (best && best->rank < w->rank) ||
		    producer_failed_lately(producer, w->clip->clip.key, now_ms) || producer_hangs(producer, w->clip))
			continue;
		k = open_segment(producer, w, now_ms);
		if (k < 0 || (best && best->rank == w->rank && wish_due(best, *ret_k) <= wish_due(w, k)))
			continue;
		best = w;
		*ret_k = k;
	}
	return best;
}

/* A job for who waits goes on for the edge, or for what he will ask for next. */
static enum producer_rank rank_of_job(enum producer_rank rank)
{
	return rank == PRODUCER_LIVE ? PRODUCER_EDGE : rank == PRODUCER_CATCH_UP ? PRODUCER_PAST : rank;
}

int order_effort(const struct producer *producer, enum producer_rank rank)
{
	return rank == PRODUCER_PREPARE ? PROFILE_EFFORT_FULL : rank > PRODUCER_EDGE ? producer->past_effort : producer->effort;
}

bool order_still_wanted(const struct producer *producer, const struct task *task)
{
	for (const struct wish *w = producer->wishes; w; w = w->next)
		if (w->rank <= rank_of_job(task->rank) && strcmp(w->clip->clip.key, task->clip->clip.key) == 0 &&
		    w->to + RUN_ON_SEGMENTS > task->next_k && w->from <= task->to)
			return true;
	return false;
}

/* Where the job ends: at the first segment that exists or is another job's, at most RUN_ON_SEGMENTS past what is wished for. What is less
 * urgent is another job's. */
int64_t order_job_end(struct producer *producer, const struct clip *clip, int64_t k, enum producer_rank rank)
{
	int64_t to = k + 1, all = clip_segments(clip);

	for (const struct wish *w = producer->wishes; w; w = w->next)
		if (w->rank <= rank_of_job(rank) && strcmp(w->clip->clip.key, clip->key) == 0 && w->from <= to && w->to > to)
			to = w->to;
	to += RUN_ON_SEGMENTS;
	to = to < all ? to : all;
	for (int64_t i = k + 1; i < to; i++)
		if (clip_cache_has(producer->config.cache, clip->key, i) || order_maker(producer, clip->key, i))
			return i;
	return to;
}

void order_pause(struct producer *producer, bool pause, int64_t now_ms)
{
	for (size_t i = 0; i < PRODUCER_TASKS; i++) {
		struct task *task = &producer->tasks[i];

		if (task->kind != TASK_ENCODE || task->rank != PRODUCER_PREPARE)
			continue;
		if (pause != task->paused)
			worker_pause(task->worker, pause);
		if (pause || task->paused)
			task->heard_ms = task->moved_ms = now_ms; /* it is not silent by its own fault */
		task->slowed |= pause;
		task->paused = pause;
	}
}

/* ---- giving way ---- */

/* What prepares these very segments is ended on the spot: who needs them now is served by a worker that is not nice. */
static bool stands_in_the_way(const struct producer *producer, const struct task *task)
{
	for (const struct wish *w = producer->wishes; w; w = w->next)
		if (w->rank < PRODUCER_PREPARE && w->from < task->to && w->to > task->next_k &&
		    strcmp(w->clip->clip.key, task->clip->clip.key) == 0)
			return true;
	return false;
}

static int64_t task_due(const struct task *task)
{
	return task->origin_ms + task->next_k * SEGMENT_MS;
}

/* The job that is needed last of those that something waits for; NULL none. */
static struct task *last_needed(struct producer *producer, const struct wish *waiting, int64_t k)
{
	struct task *last = NULL;

	for (size_t i = 0; i < PRODUCER_TASKS; i++) {
		struct task *t = &producer->tasks[i];

		if (t->kind != TASK_ENCODE || t->hangs || t->rank == PRODUCER_PREPARE || t->rank == PRODUCER_LIVE)
			continue;
		if (t->cancelling)
			return NULL; /* a place is coming already */
		if (t->rank < waiting->rank ||
		    (t->rank == waiting->rank && task_due(t) < wish_due(waiting, k) + EARLIER_MS))
			continue;
		if (!last || t->rank > last->rank || (t->rank == last->rank && task_due(t) > task_due(last)))
			last = t;
	}
	return last;
}

static void end_soon(struct task *task)
{
	task->cancelling = true;
	worker_cancel(task->worker);
}

/* What prepares gives way to what airs a good while before it: a job may take an hour. */
static void prepare_in_order(struct producer *producer, int64_t now_ms)
{
	struct task *last = NULL;
	const struct wish *waiting;
	int64_t k;

	if (tasks_count(producer, false) || tasks_count(producer, true) < producer->config.workers)
		return;
	for (size_t i = 0; i < PRODUCER_TASKS; i++) {
		struct task *t = &producer->tasks[i];

		if (t->kind != TASK_ENCODE || t->hangs || t->rank != PRODUCER_PREPARE)
			continue;
		if (t->cancelling || t->paused)
			return;
		if (!last || task_due(t) > task_due(last))
			last = t;
	}
	waiting = last ? order_best(producer, true, now_ms, &k) : NULL;
	if (waiting && wish_due(waiting, k) + PREPARED_EARLIER_MS < task_due(last))
		end_soon(last);
}

void order_give_way(struct producer *producer, int64_t now_ms)
{
	const struct wish *waiting;
	struct task *last;
	int64_t k;

	prepare_in_order(producer, now_ms);
	producer_set_effort(producer, now_ms);
	for (size_t i = 0; i < PRODUCER_TASKS; i++) {
		struct task *task = &producer->tasks[i];

		if (task->kind != TASK_ENCODE || task->hangs || task->cancelling)
			continue;
		if (task->rank == PRODUCER_PREPARE && stands_in_the_way(producer, task))
			tasks_drop(task);
		else if (task->effort < order_effort(producer, task->rank) && task->next_k + 1 < task->to)
			end_soon(task); /* it goes on with less */
	}
	waiting = order_best(producer, false, now_ms, &k);
	if (!waiting || tasks_count(producer, false) < producer->config.workers + (waiting->rank == PRODUCER_LIVE))
		return;
	last = last_needed(producer, waiting, k);
	if (last)
		end_soon(last);
}
