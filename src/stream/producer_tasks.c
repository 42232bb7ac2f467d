/* producer_tasks.c - the workers of the producer: who gets which job, what they say, and what to do when one dies.
 *
 * Up to config.workers at a time and one more for a request that somebody waits for. A worker keeps its nice level: edges
 * give way to who waits, background work (preparing, errands) to both, and preparing only starts while nothing else runs. A clip whose worker dies or hangs
 * counts as failed for a minute: its segments are answered with slate by those who wait. */
#include "stream/producer_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"

static unsigned count_tasks(const struct producer *producer, bool background)
{
	unsigned n = 0;

	for (size_t i = 0; i < PRODUCER_TASKS; i++)
		n += producer->tasks[i].kind > TASK_IDLE && !producer->tasks[i].hangs &&
		     (producer->tasks[i].level == LEVEL_BACKGROUND) == background;
	return n;
}

static enum task_level level_of(enum producer_rank rank)
{
	return rank == PRODUCER_LIVE ? LEVEL_LIVE : rank == PRODUCER_EDGE ? LEVEL_EDGE : LEVEL_BACKGROUND;
}

/* Some job is at work on (key, k) or will reach it within `reach` segments. */
static bool leased(const struct producer *producer, const char *key, int64_t k, int64_t reach)
{
	for (size_t i = 0; i < PRODUCER_TASKS; i++) {
		const struct task *t = &producer->tasks[i];

		if (t->kind == TASK_ENCODE && !t->cancelling && strcmp(t->clip->clip.key, key) == 0 &&
		    k >= t->next_k && k < t->to && k < t->next_k + reach)
			return true;
	}
	return false;
}

/* First segment of a wish that nobody makes; -1 none. Who waits accepts at most one segment before his own. */
static int64_t open_segment(const struct producer *producer, const struct wish *wish)
{
	int64_t reach = wish->rank == PRODUCER_LIVE ? 2 : INT64_MAX / 2;
	const char *key = wish->clip->clip.key;

	for (int64_t k = wish->from; k < wish->to; k++)
		if (!clip_cache_has(producer->config.cache, key, k) && !leased(producer, key, k, reach))
			return k;
	return -1;
}

static const struct wish *best_wish(const struct producer *producer, bool background, int64_t now_ms,
				    int64_t *ret_k)
{
	const struct wish *best = NULL;

	for (const struct wish *w = producer->wishes; w; w = w->next) {
		int64_t k;

		if ((w->rank == PRODUCER_PREPARE) != background || (best && best->rank <= w->rank) ||
		    producer_failed_lately(producer, w->clip->clip.key, now_ms) || producer_hangs(producer, w->clip))
			continue;
		k = open_segment(producer, w);
		if (k >= 0) {
			best = w;
			*ret_k = k;
		}
	}
	return best;
}

/* Where the job ends: at the first segment that exists, at most RUN_ON_SEGMENTS past what is wished for. */
static int64_t job_end(const struct producer *producer, const struct clip *clip, int64_t k)
{
	int64_t to = k + 1, all = plan_segments(clip->frames, clip_rate(clip));

	for (const struct wish *w = producer->wishes; w; w = w->next)
		if (strcmp(w->clip->clip.key, clip->key) == 0 && w->from <= to && w->to > to)
			to = w->to;
	to += RUN_ON_SEGMENTS;
	to = to < all ? to : all;
	for (int64_t i = k + 1; i < to; i++)
		if (clip_cache_has(producer->config.cache, clip->key, i))
			return i;
	return to;
}

static struct task *free_place(struct producer *producer, enum task_level level)
{
	struct task *empty = NULL;

	for (size_t i = 0; i < PRODUCER_TASKS; i++) {
		struct task *t = &producer->tasks[i];

		if (t->kind == TASK_IDLE && t->level == level)
			return t;
		if (t->kind == TASK_NONE && !empty)
			empty = t;
	}
	return empty;
}

static int ready_worker(struct producer *producer, struct task *task, enum task_level level, struct err *err)
{
	static const int nice[] = { 0, 5, 15 };
	struct worker_limits limits = producer->config.limits;

	if (task->worker)
		return 0;
	limits.nice += nice[level];
	task->worker = worker_start(&limits, err);
	task->level = level;
	return task->worker ? 0 : -(int)ERR_WORKER;
}

static void forget_job(struct task *task, enum task_kind next)
{
	owned_clip_drop(task->clip);
	if (task->errand) {
		json_decref(task->errand->request);
		free(task->errand);
	}
	*task = (struct task){ .kind = next, .worker = task->worker, .level = task->level,
			       .since_ms = producer_now_ms(), .heard_ms = producer_now_ms() };
}

static void drop_worker(struct task *task)
{
	worker_free(task->worker);
	task->worker = NULL;
	forget_job(task, TASK_NONE);
}

static bool start_job(struct producer *producer, struct task *task, enum task_kind kind, const json_t *request,
		      int64_t now_ms)
{
	enum task_level level = kind == TASK_ERRAND ? LEVEL_BACKGROUND : level_of(task->rank);
	struct err err = { 0 };

	if (ready_worker(producer, task, level, &err) < 0 || worker_send(task->worker, request, &err) < 0) {
		log_error("producer", "%s", err.text);
		drop_worker(task);
		return false;
	}
	task->kind = kind;
	task->since_ms = task->heard_ms = task->moved_ms = now_ms;
	return true;
}

static bool start_encode(struct producer *producer, const struct wish *wish, int64_t k, int64_t now_ms)
{
	struct task *task = free_place(producer, level_of(wish->rank));
	struct owned_clip *clip = wish->clip;
	CLEANUP(json_cleanup) json_t *request = NULL;

	if (!task)
		return false;
	task->rank = wish->rank;
	task->clip = owned_clip_ref(clip);
	task->next_k = k;
	task->to = job_end(producer, &clip->clip, k);
	request = json_pack("{s:s, s:o, s:I, s:I, s:o}", "job", "encode", "clip", clip_to_json(&clip->clip), "from",
			    (json_int_t)k, "to", (json_int_t)task->to, "cache",
			    json_from_path(clip_cache_dir(producer->config.cache)));
	return start_job(producer, task, TASK_ENCODE, request, now_ms);
}

static void start_slates(struct producer *producer, int64_t now_ms)
{
	for (struct known_slate *known = producer->slates; known; known = known->next) {
		struct task *task;
		CLEANUP(json_cleanup) json_t *request = NULL;

		if (known->slate || known->making || known->failed)
			continue;
		task = free_place(producer, LEVEL_LIVE);
		if (!task)
			return;
		request = json_pack("{s:s, s:s, s:i, s:i, s:o}", "job", "slate", "profile", known->profile.name,
				    "fps_num", known->profile.fps_num, "fps_den", known->profile.fps_den, "cache",
				    json_from_path(clip_cache_dir(producer->config.cache)));
		if (known->text)
			json_object_set_new(request, "text", json_string(known->text));
		task->slate = known;
		task->rank = PRODUCER_LIVE;
		known->making = true;
		if (!start_job(producer, task, TASK_SLATE, request, now_ms))
			known->making = false;
	}
}

static void start_errand(struct producer *producer, int64_t now_ms)
{
	struct errand *errand = producer->errands;
	struct task *task = free_place(producer, LEVEL_BACKGROUND);

	if (!task)
		return;
	producer->errands = errand->next;
	if (!producer->errands)
		producer->errands_end = &producer->errands;
	errand->next = NULL;
	task->errand = errand;
	start_job(producer, task, TASK_ERRAND, errand->request, now_ms);
}

void tasks_assign(struct producer *producer, int64_t now_ms)
{
	unsigned most = producer->config.workers;
	const struct wish *wish;
	int64_t k;

	start_slates(producer, now_ms);
	while ((wish = best_wish(producer, false, now_ms, &k))) {
		unsigned busy = count_tasks(producer, false);

		if (busy >= most + (wish->rank == PRODUCER_LIVE ? 1 : 0) || !start_encode(producer, wish, k, now_ms))
			break;
	}
	if (producer->errands && count_tasks(producer, true) < 2)
		start_errand(producer, now_ms);
	if (count_tasks(producer, false) + count_tasks(producer, true) < most &&
	    (wish = best_wish(producer, true, now_ms, &k)))
		start_encode(producer, wish, k, now_ms);
}

static struct failure *failure_of(struct producer *producer, const char *key)
{
	struct failure *failure = producer->failures;

	while (failure && strcmp(failure->key, key) != 0)
		failure = failure->next;
	if (failure)
		return failure;
	failure = calloc(1, sizeof(*failure));
	if (!failure)
		abort();
	memcpy(failure->key, key, CLIP_KEY_SIZE);
	failure->next = producer->failures;
	producer->failures = failure;
	return failure;
}

/* `died`: the worker was lost, which may not be the clip's fault (killed, out of memory): who waits goes on waiting for
 * the next worker, once. */
static void encode_failed(struct producer *producer, struct task *task, const struct err *err, bool died,
			  int64_t now_ms)
{
	struct owned_clip *clip;
	struct failure *failure;

	if (producer_failed_lately(producer, task->clip->clip.key, now_ms))
		return; /* another job on the same clip said so already */
	failure = failure_of(producer, task->clip->clip.key);
	failure->strikes = died && failure->until_ms > now_ms ? failure->strikes + 1 : died ? 1 : FAILED_STRIKES;
	failure->until_ms = now_ms + FAILED_FOR_MS;
	log_warning("producer", "%s: %s%s", task->clip->path ? task->clip->path : "slate", err->text,
		    failure->strikes < FAILED_STRIKES ? "; it is tried again" : "");
	if (failure->strikes < FAILED_STRIKES)
		return;
	clip = owned_clip_ref(task->clip);
	producer_answer(producer, clip->clip.key, -1, -(int)ERR_MEDIA);
	if (producer->config.failed) {
		pthread_mutex_unlock(&producer->lock);
		producer->config.failed(producer->config.context, &clip->clip, err);
		pthread_mutex_lock(&producer->lock);
	}
	owned_clip_drop(clip);
}

static void errand_ended(struct producer *producer, struct task *task, const json_t *done, const struct err *err)
{
	struct errand *errand = task->errand;

	task->errand = NULL;
	pthread_mutex_unlock(&producer->lock);
	errand->done(errand->context, done, err);
	pthread_mutex_lock(&producer->lock);
	json_decref(errand->request);
	free(errand);
}

/* `died`: the worker was lost, as for encode_failed(); without a slate nothing could stand in, so it is made anew at once. */
static void slate_ended(struct producer *producer, struct task *task, const struct err *err, bool died)
{
	struct known_slate *known = task->slate;

	known->making = false;
	if (died && ++known->lost < SLATE_LOST_MAX)
		return;
	known->lost = 0;
	if (err)
		known->err = *err;
	else
		known->slate = slate_load_card(clip_cache_dir(producer->config.cache), &known->profile, known->text,
					       &known->err);
	known->failed = !known->slate;
	known->failed_ms = producer_now_ms();
	if (known->failed)
		log_error("producer", "the %s of %s: %s", known->text ? "card" : "slate", known->profile.name,
			  known->err.text);
	pthread_cond_broadcast(&producer->changed);
}

static void job_failed(struct producer *producer, struct task *task, const struct err *err, bool died,
		       int64_t now_ms)
{
	if (task->kind == TASK_ENCODE && !task->cancelling)
		encode_failed(producer, task, err, died, now_ms);
	else if (task->kind == TASK_ERRAND)
		errand_ended(producer, task, NULL, err);
	else if (task->kind == TASK_SLATE)
		slate_ended(producer, task, err, died);
}

static void encode_done(struct producer *producer, struct task *task, const json_t *done)
{
	int64_t shorter = json_int(done, "true_duration_flicks", 0);
	double speed = json_number(done, "speed", 0);

	if (speed > 0)
		producer->speed = producer->speed > 0 ? producer->speed * 0.7 + speed * 0.3 : speed;
	if (shorter > 0 && producer->config.shorter) {
		struct owned_clip *clip = owned_clip_ref(task->clip);

		pthread_mutex_unlock(&producer->lock);
		producer->config.shorter(producer->config.context, &clip->clip, shorter);
		pthread_mutex_lock(&producer->lock);
		owned_clip_drop(clip);
	}
}

static void job_done(struct producer *producer, struct task *task, const json_t *done)
{
	if (task->kind == TASK_ENCODE)
		encode_done(producer, task, done);
	else if (task->kind == TASK_ERRAND)
		errand_ended(producer, task, done, NULL);
	else if (task->kind == TASK_SLATE)
		slate_ended(producer, task, NULL, false);
	forget_job(task, TASK_IDLE);
}

static void segment_came(struct producer *producer, struct task *task, const json_t *report)
{
	int64_t k = json_int(report, "k", -1);

	if (task->kind != TASK_ENCODE || k < 0)
		return;
	clip_cache_note(producer->config.cache, task->clip->clip.key, k);
	task->next_k = k + 1;
	for (struct failure *f = producer->failures; f; f = f->next)
		if (f->strikes < FAILED_STRIKES && strcmp(f->key, task->clip->clip.key) == 0)
			f->until_ms = 0; /* it can be made */
	producer_answer(producer, task->clip->clip.key, k, 0);
}

void tasks_hear(struct producer *producer, struct task *task, int64_t now_ms)
{
	while (task->worker) {
		CLEANUP(json_cleanup) json_t *message = NULL;
		struct err err = { 0 };

		switch (worker_receive(task->worker, &message, &err)) {
		case WORKER_NOTHING:
			return;
		case WORKER_REPORT:
			task->heard_ms = now_ms;
			segment_came(producer, task, message);
			break;
		case WORKER_DONE:
			job_done(producer, task, message);
			break;
		case WORKER_FAILED:
			job_failed(producer, task, &err, false, now_ms);
			forget_job(task, TASK_IDLE);
			break;
		case WORKER_DEAD:
			job_failed(producer, task, &err, true, now_ms);
			drop_worker(task);
			break;
		}
	}
}

static bool still_wanted(const struct producer *producer, const struct task *task)
{
	for (const struct wish *w = producer->wishes; w; w = w->next)
		if (strcmp(w->clip->clip.key, task->clip->clip.key) == 0 && w->to + RUN_ON_SEGMENTS > task->next_k &&
		    w->from <= task->to)
			return true;
	return false;
}

/* Too many that hang leave no place for who can be helped: the longest of them goes early. */
static const struct task *one_hang_too_many(const struct producer *producer)
{
	const struct task *longest = NULL;
	size_t hanging = 0;

	for (size_t i = 0; i < PRODUCER_TASKS; i++) {
		const struct task *task = &producer->tasks[i];

		hanging += task->hangs;
		if (task->hangs && (!longest || task->moved_ms < longest->moved_ms))
			longest = task;
	}
	return hanging > HANGING_MAX ? longest : NULL;
}

void tasks_watch(struct producer *producer, int64_t now_ms)
{
	const struct task *early = one_hang_too_many(producer);

	for (size_t i = 0; i < PRODUCER_TASKS; i++) {
		struct task *task = &producer->tasks[i];

		if (task->kind == TASK_IDLE && now_ms - task->since_ms > IDLE_LIMIT_MS) {
			drop_worker(task);
		} else if (task->kind > TASK_IDLE && (task == early || now_ms - task->heard_ms > SILENCE_LIMIT_MS)) {
			struct err err = { 0 };

			err_set(&err, ERR_TIMEOUT, "the worker delivered nothing for %d s and was ended",
				(int)((now_ms - task->heard_ms) / 1000));
			job_failed(producer, task, &err, false, now_ms);
			drop_worker(task);
		} else if (task->kind == TASK_ENCODE && !task->cancelling && !still_wanted(producer, task)) {
			task->cancelling = true;
			worker_cancel(task->worker);
		}
	}
}

void tasks_end_all(struct producer *producer)
{
	for (size_t i = 0; i < PRODUCER_TASKS; i++)
		if (producer->tasks[i].kind != TASK_NONE)
			drop_worker(&producer->tasks[i]);
}
