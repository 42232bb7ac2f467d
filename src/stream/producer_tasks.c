/* producer_tasks.c - the workers of the producer: who gets which job, what they say, and what to do when one dies.
 *
 * Up to config.workers at a time and one more for a request that somebody waits for. A worker keeps its nice level: edges
 * give way to who waits, background work (preparing, errands) to both. A clip whose worker crashes or hangs counts as
 * failed for a minute: its segments are answered with slate by those who wait. One that crashed twice says so as ERR_CRASH. Whose turn it is: producer_order.c. */
#include "stream/producer_private.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"

unsigned tasks_count(const struct producer *producer, bool background)
{
	unsigned n = 0;

	for (size_t i = 0; i < PRODUCER_TASKS; i++) {
		const struct task *task = &producer->tasks[i];
		bool soon = task->kind == TASK_ERRAND && task->errand && task->errand->soon;

		n += task->kind > TASK_IDLE && !task->hangs && !soon && (task->level == LEVEL_BACKGROUND) == background;
	}
	return n;
}

/* Some place may be had by all; the last ones, by who waits. An idle worker of another level goes when there is no other. */
static struct task *free_place(struct producer *producer, enum task_level level)
{
	size_t open = 0, kept = level == LEVEL_LIVE ? 0 : LIVE_PLACES;
	struct task *empty = NULL, *idle = NULL;

	for (size_t i = 0; i < PRODUCER_TASKS; i++) {
		struct task *t = &producer->tasks[i];

		if (t->kind == TASK_IDLE && t->level == level)
			return t;
		if (t->kind == TASK_IDLE && (!idle || t->since_ms < idle->since_ms))
			idle = t;
		if (t->kind == TASK_NONE && !empty)
			empty = t;
		open += t->kind == TASK_NONE || t->kind == TASK_IDLE || t->level == LEVEL_LIVE;
	}
	if (open <= kept)
		return NULL;
	if (!empty && idle) {
		tasks_drop(idle);
		empty = idle;
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
	*task = (struct task){ .kind = next, .worker = task->worker, .level = task->level, .made = task->made,
			       .since_ms = producer_now_ms(), .heard_ms = producer_now_ms() };
}

void tasks_drop(struct task *task)
{
	worker_leave(task->worker);
	task->worker = NULL;
	task->made = 0;
	forget_job(task, TASK_NONE);
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

static enum task_level errand_level(const struct errand *errand)
{
	return errand->soon ? LEVEL_EDGE : LEVEL_BACKGROUND;
}

static bool start_job(struct producer *producer, struct task *task, enum task_kind kind, const json_t *request,
		      int64_t now_ms)
{
	enum task_level level = kind == TASK_ERRAND ? errand_level(task->errand) : order_level(task->rank);
	struct err err = { 0 };

	if (ready_worker(producer, task, level, &err) < 0 || worker_send(task->worker, request, &err) < 0) {
		log_error("producer", "%s", err.text);
		if (task->errand)
			errand_ended(producer, task, NULL, &err);
		tasks_drop(task);
		return false;
	}
	task->kind = kind;
	task->since_ms = task->heard_ms = task->moved_ms = task->made_ms = now_ms;
	return true;
}

/* Who waits for a segment far within another job has one of his own, and that one ends before it: nothing is made twice. True when it
 * had made something that was not heard yet: what is to be done may be another thing now. */
static bool cut_short(struct producer *producer, const char *key, int64_t k, int64_t now_ms)
{
	struct task *other = order_maker(producer, key, k);
	int64_t next_k;

	if (!other)
		return false;
	next_k = other->next_k;
	tasks_hear(producer, other, now_ms);
	if (other->kind != TASK_ENCODE || other->next_k != next_k)
		return true;
	other->to = k;
	worker_shorten(other->worker, k);
	return false;
}

static bool start_encode(struct producer *producer, const struct wish *wish, int64_t k, int64_t now_ms)
{
	struct task *task = free_place(producer, order_level(wish->rank));
	struct owned_clip *clip = wish->clip;
	CLEANUP(json_cleanup) json_t *request = NULL;

	if (!task)
		return false;
	task->rank = wish->rank;
	task->clip = owned_clip_ref(clip);
	task->next_k = k;
	task->to = order_job_end(producer, &clip->clip, k, wish->rank);
	task->origin_ms = wish->origin_ms;
	task->effort = order_effort(producer, wish->rank);
	request = json_pack("{s:s, s:o, s:I, s:I, s:o}", "job", "encode", "clip", clip_to_json(&clip->clip), "from",
			    (json_int_t)k, "to", (json_int_t)task->to, "cache",
			    json_from_path(clip_cache_dir(producer->config.cache)));
	json_object_set_new(request, "effort", json_integer(task->effort));
	if (clip_cache_has_spoilt(producer->config.cache, clip->clip.key))
		json_object_set_new(request, "anew", json_true());
	json_object_set_new(request, "hold", json_boolean(wish->rank != PRODUCER_PREPARE));
	return start_job(producer, task, TASK_ENCODE, request, now_ms);
}

static void start_slates(struct producer *producer, int64_t now_ms)
{
	for (struct known_slate *known = producer->slates; known; known = known->next) {
		struct task *task;
		CLEANUP(json_cleanup) json_t *request = NULL;

		if (known->slate || known->making || known->failed || known->load)
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
	struct task *task = free_place(producer, errand_level(errand));

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
	while ((wish = order_best(producer, false, now_ms, &k))) {
		unsigned busy = tasks_count(producer, false);

		if (busy >= most + (wish->rank == PRODUCER_LIVE ? 1 : 0))
			break;
		if (cut_short(producer, wish->clip->clip.key, k, now_ms))
			continue;
		order_pause(producer, true, now_ms);
		if (!start_encode(producer, wish, k, now_ms))
			break;
	}
	order_pause(producer, tasks_count(producer, false) > 0, now_ms);
	if (producer->errands && (producer->errands->soon || tasks_count(producer, true) < 2))
		start_errand(producer, now_ms);
	if (producer->full_until_ms <= now_ms && !tasks_count(producer, false) && tasks_count(producer, true) < most &&
	    (wish = order_best(producer, true, now_ms, &k)))
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

/* By its own doing, which it would do again; not ended by somebody. */
static bool crashed(const struct task *task)
{
	switch (worker_signal(task->worker)) {
	case SIGSEGV:
	case SIGABRT:
	case SIGBUS:
	case SIGFPE:
	case SIGILL:
	case SIGSYS:
	case SIGTRAP:
		return true;
	default:
		return false;
	}
}

/* One strike more. A job that failed is out at once; a worker that crashed may have met its end elsewhere, and one that
 * was killed did so most likely: who waits goes on waiting for the next worker. */
static void strike(struct failure *failure, const struct task *task, bool died, int64_t now_ms)
{
	bool again = failure->until_ms > now_ms, killed = died && worker_signal(task->worker) == SIGKILL;

	failure->strikes = (again ? failure->strikes : 0) + (killed ? 0 : 1);
	failure->killed = (again ? failure->killed : 0) + (killed ? 1 : 0);
	failure->crashes = (again ? failure->crashes : 0) + (died && crashed(task) ? 1 : 0);
	failure->out = !died || failure->strikes >= FAILED_STRIKES || failure->killed >= KILLED_STRIKES;
	failure->until_ms = now_ms + FAILED_FOR_MS;
}

static void encode_failed(struct producer *producer, struct task *task, const struct err *err, bool died,
			  int64_t now_ms)
{
	struct err crash = { 0 };
	struct owned_clip *clip;
	struct failure *failure;

	if (err->code == ERR_CACHE)
		clip_cache_refused(producer->config.cache, err->text);
	if (err->code == ERR_CACHE && task->rank == PRODUCER_PREPARE) { /* the disk's fault, not the clip's */
		producer->full_until_ms = now_ms + FULL_FOR_MS;
		log_warning("producer", "the cache cannot be written, nothing is prepared for a while: %s", err->text);
		return;
	}
	if (producer_failed_lately(producer, task->clip->clip.key, now_ms))
		return; /* another job on the same clip said so already */
	failure = failure_of(producer, task->clip->clip.key);
	strike(failure, task, died, now_ms);
	log_warning("producer", "%s: %s%s", task->clip->path ? task->clip->path : "slate", err->text,
		    failure->out ? "" : "; it is tried again");
	if (!failure->out)
		return;
	if (died && failure->crashes >= FAILED_STRIKES) {
		err_set(&crash, ERR_CRASH, "%d workers crashed on it, one after the other: %s", failure->crashes, err->text);
		err = &crash;
	}
	clip = owned_clip_ref(task->clip);
	producer_answer(producer, clip->clip.key, -1, -(int)ERR_MEDIA);
	if (producer->config.failed && err->code != ERR_CACHE) {
		pthread_mutex_unlock(&producer->lock);
		producer->config.failed(producer->config.context, &clip->clip, err);
		pthread_mutex_lock(&producer->lock);
	}
	owned_clip_drop(clip);
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
		producer_slate_failed(producer, known, err);
	else
		producer_slate_load(producer, known, true);
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
	double speed = json_number(done, "speed", 0), decoded = json_number(done, "decode_speed", 0);

	double *mean = &producer->speed[task->effort];

	if (speed > 0 && !task->slowed && (task->rank != PRODUCER_PREPARE || *mean <= 0))
		*mean = *mean > 0 ? *mean * 0.7 + speed * 0.3 : speed;
	if (decoded > 0 && !task->slowed && producer->config.decoded) {
		struct owned_clip *clip = owned_clip_ref(task->clip);

		pthread_mutex_unlock(&producer->lock);
		producer->config.decoded(producer->config.context, &clip->clip, decoded);
		pthread_mutex_lock(&producer->lock);
		owned_clip_drop(clip);
	}
	if (shorter > 0 && producer->config.shorter) {
		struct owned_clip *clip = owned_clip_ref(task->clip);

		pthread_mutex_unlock(&producer->lock);
		producer->config.shorter(producer->config.context, &clip->clip, shorter);
		pthread_mutex_lock(&producer->lock);
		owned_clip_drop(clip);
	}
}

/* Between two jobs. What libraries lose with each encoder, and what the heap keeps, goes with the process; the next one
 * begins while nobody waits for this one. */
static void rest_or_end(const struct producer *producer, struct task *task)
{
	unsigned most = producer->config.segments ? producer->config.segments : WORN_SEGMENTS;

	forget_job(task, TASK_IDLE);
	if (task->made >= most || worker_memory(task->worker) > WORN_BYTES)
		tasks_drop(task);
}

static void job_done(struct producer *producer, struct task *task, const json_t *done)
{
	if (task->kind == TASK_ENCODE)
		encode_done(producer, task, done);
	else if (task->kind == TASK_ERRAND)
		errand_ended(producer, task, done, NULL);
	else if (task->kind == TASK_SLATE)
		slate_ended(producer, task, NULL, false);
	rest_or_end(producer, task);
}

static void segment_came(struct producer *producer, struct task *task, const json_t *report)
{
	int64_t k = json_int(report, "k", -1), now_ms = producer_now_ms();

	if (task->kind != TASK_ENCODE || k < 0)
		return;
	if (json_object_get(report, "memory"))
		producer_take_memory(producer, task, k, report, now_ms);
	else
		producer_take_file(producer, task, k, json_text(report, "file", NULL), now_ms);
	task->next_k = k + 1;
	if (task->each_ms) /* the first one has the start in it */
		task->each_ms = (task->each_ms + now_ms - task->made_ms) / 2;
	else if (task->made_ms > task->since_ms)
		task->each_ms = now_ms - task->made_ms;
	if (task->each_ms && !task->slowed && task->rank != PRODUCER_PREPARE) {
		task->clip->each_ms = task->each_ms;
		task->clip->each_effort = task->effort;
	}
	task->made_ms = now_ms;
	task->made++;
	for (struct failure *f = producer->failures; f; f = f->next)
		if (!f->out && strcmp(f->key, task->clip->clip.key) == 0)
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
			producer_take_found(task, message);
			break;
		case WORKER_DONE:
			job_done(producer, task, message);
			break;
		case WORKER_FAILED:
			job_failed(producer, task, &err, false, now_ms);
			rest_or_end(producer, task);
			break;
		case WORKER_DEAD:
			job_failed(producer, task, &err, true, now_ms);
			tasks_drop(task);
			break;
		}
	}
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

/* A chip does not sleep as a disk does, and its pictures can be made without it, while what was made ahead is still on. */
static bool is_lost(const struct task *task, int64_t now_ms)
{
	bool chip = task->kind == TASK_ENCODE && profile_is_hardware(&task->clip->clip.profile);

	return now_ms - task->heard_ms > SILENCE_LIMIT_MS ||
	       (chip && task->hangs && now_ms - task->moved_ms > CHIP_LIMIT_MS);
}

void tasks_watch(struct producer *producer, int64_t now_ms)
{
	const struct task *early = one_hang_too_many(producer);

	order_give_way(producer, now_ms);
	for (size_t i = 0; i < PRODUCER_TASKS; i++) {
		struct task *task = &producer->tasks[i];

		if (task->kind == TASK_IDLE && now_ms - task->since_ms > IDLE_LIMIT_MS) {
			tasks_drop(task);
		} else if (task->kind > TASK_IDLE && (task == early || is_lost(task, now_ms))) {
			struct err err = { 0 };

			err_set(&err, ERR_TIMEOUT, "the worker delivered nothing for %d s and was ended",
				(int)((now_ms - task->heard_ms) / 1000));
			job_failed(producer, task, &err, false, now_ms);
			tasks_drop(task);
		} else if (task->kind == TASK_ENCODE && !task->cancelling && !order_still_wanted(producer, task)) {
			task->cancelling = true;
			worker_cancel(task->worker);
		}
	}
}

void tasks_end_all(struct producer *producer)
{
	for (size_t i = 0; i < PRODUCER_TASKS; i++)
		if (producer->tasks[i].kind != TASK_NONE) {
			worker_free(producer->tasks[i].worker);
			producer->tasks[i].worker = NULL;
			tasks_drop(&producer->tasks[i]);
		}
}
