/* producer_effort.c - with how much effort segments are made. Once a second.
 *
 * What is needed within HORIZON_MS is compared with what the workers can make in that time, at the speed that was measured, or
 * that jobs show while they run. Workers do not help one another: the segments of one job are made one after the other, however
 * many others rest. So two things must fit in: the longest job, and all jobs over all workers. What does not: the least analysis,
 * then a smaller picture too; when half of the time would do: back. A picture beats a stall. Live edges are counted by
 * themselves: who watches the past steps down what he sees, never what others see live. */
#include "stream/producer_private.h"

#include <string.h>

#include "base/log.h"

#define HORIZON_MS 30000
#define SPEED_UNKNOWN 2.0 /* x real time */
#define LESS_GAIN 1.2	  /* what an effort that was not measured yet is likely to gain on the one before */
#define EFFORT_EVERY_MS 1000
#define PACE_MS 4000	/* a job that takes longer for its first segment is at most as fast as that */
#define ENOUGH 0.9	/* of the time, that may be needed */
#define ENOUGH_BACK 0.5 /* with more effort, before more is made */

/* Milliseconds of programme, and of a worker that makes them at the usual speed. */
struct need {
	int64_t programme;
	double all, longest; /* of the worker: of all jobs; of the longest */
};

/* Segments that one worker makes, one after the other. */
struct run {
	const struct task *task; /* NULL: none does yet */
	int64_t next;		 /* segment, were it to go on */
	double ms;
};

/* How fast segments are usually made with this effort: what is known, else what is likely. */
static double usual_pace(const struct producer *producer, int effort)
{
	double pace = SPEED_UNKNOWN;

	for (int e = 0; e <= effort; e++)
		pace = producer->speed[e] > 0 ? producer->speed[e] : e ? pace * LESS_GAIN : SPEED_UNKNOWN;
	return pace;
}

/* Who is at work on (clip, k), or will reach it. */
static const struct task *maker_of(const struct producer *producer, const struct clip *clip, int64_t k)
{
	for (size_t i = 0; i < PRODUCER_TASKS; i++) {
		const struct task *t = &producer->tasks[i];

		if (t->kind == TASK_ENCODE && !t->cancelling && t->rank != PRODUCER_PREPARE && k >= t->next_k && k < t->to &&
		    strcmp(t->clip->clip.key, clip->key) == 0)
			return t;
	}
	return NULL;
}

/* How much longer than usual a segment of the clip takes, 1 or more: as its last ones did, or as the one that is being made does,
 * since a job that has too much to do may take a minute to end. Nothing is ever taken for quicker than is known. */
static double slowness(const struct producer *producer, const struct owned_clip *clip, const struct task *task, int64_t now_ms)
{
	double slow = 1;

	if (clip->each_ms > 0)
		slow = (double)clip->each_ms * usual_pace(producer, clip->each_effort) / SEGMENT_MS;
	if (task && !task->slowed && !task->hangs) {
		int64_t waits = now_ms - task->made_ms, each = task->each_ms > waits ? task->each_ms : waits;
		double now = (double)each * usual_pace(producer, task->effort) / SEGMENT_MS;

		if ((task->each_ms || waits >= PACE_MS) && now > slow)
			slow = now;
	}
	return slow > 1 ? slow : 1;
}

static void end_run(const struct producer *producer, const struct owned_clip *clip, struct run *run, int64_t now_ms,
		    struct need *need)
{
	double ms = run->ms > 0 ? run->ms * slowness(producer, clip, run->task, now_ms) : 0;

	need->all += ms;
	if (ms > need->longest)
		need->longest = ms;
	*run = (struct run){ .next = -1 };
}

/* What of the wish is needed within the horizon and not there. */
static void add_wish(const struct producer *producer, const struct wish *wish, int64_t now_ms, struct need *need)
{
	struct run run = { .next = -1 };

	for (int64_t k = wish->from; k < wish->to && wish_due(wish, k) <= now_ms + HORIZON_MS; k++) {
		const struct task *task;

		if (wish_due(wish, k) <= now_ms || clip_cache_has(producer->config.cache, wish->clip->clip.key, k))
			continue;
		task = maker_of(producer, &wish->clip->clip, k);
		if (k != run.next || task != run.task)
			end_run(producer, wish->clip, &run, now_ms, need);
		run = (struct run){ .task = task, .next = k + 1, .ms = run.ms + SEGMENT_MS };
		need->programme += SEGMENT_MS;
	}
	end_run(producer, wish->clip, &run, now_ms, need);
}

/* By live edges alone, or by those who watch the past too. */
static struct need needed(const struct producer *producer, bool past, int64_t now_ms)
{
	struct need need = { 0 };

	for (const struct wish *w = producer->wishes; w; w = w->next)
		if ((w->rank == PRODUCER_EDGE || (past && w->rank == PRODUCER_PAST)) &&
		    !producer_failed_lately(producer, w->clip->clip.key, now_ms) && !producer_hangs(producer, w->clip))
			add_wish(producer, w, now_ms, &need);
	return need;
}

/* The part of the horizon that it takes with this effort. */
static double part(const struct producer *producer, const struct need *need, int effort)
{
	double shared = need->all / producer->config.workers;

	return (need->longest > shared ? need->longest : shared) / usual_pace(producer, effort) / HORIZON_MS;
}

/* One step, where there is need of it. */
static int effort_for(const struct producer *producer, const struct need *need, int effort)
{
	if (effort + 1 < PROFILE_EFFORTS && part(producer, need, effort) > ENOUGH)
		return effort + 1;
	return effort > 0 && part(producer, need, effort - 1) < ENOUGH_BACK ? effort - 1 : effort;
}

static void set(int *effort, int to, const struct need *need, const char *what)
{
	if (*effort == to)
		return;
	log_info("producer", "%.0f s of programme are needed within %d s: %s%s", (double)need->programme / 1000,
		 HORIZON_MS / 1000, what,
		 to == PROFILE_EFFORT_FULL ? "made with full effort again" :
		 to == PROFILE_EFFORT_LESS ? "made with less effort" :
					     "made with less effort, in a smaller picture");
	*effort = to;
}

void producer_set_effort(struct producer *producer, int64_t now_ms)
{
	struct need live, all;
	int effort, past;

	if (now_ms - producer->effort_ms < EFFORT_EVERY_MS)
		return;
	producer->effort_ms = now_ms;
	live = needed(producer, false, now_ms);
	all = needed(producer, true, now_ms);
	effort = effort_for(producer, &live, producer->effort);
	past = effort_for(producer, &all, producer->past_effort);
	set(&producer->effort, effort, &live, "");
	past = past > effort ? past : effort;
	if (past > effort || producer->past_effort > effort) /* else the sentence of the live channels says it */
		set(&producer->past_effort, past, &all, "the past is ");
	producer->past_effort = past;
}
