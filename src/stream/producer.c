/* producer.c - see producer.h: wishes, waiters and the loop. Workers and their jobs are producer_tasks.c, slates and
 * cards producer_slates.c, what is told about it producer_report.c. */
#include "stream/producer.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/waker.h"
#include "stream/producer_private.h"

#define EDGE_LAPSES_MS 30000
#define PREPARE_LAPSES_MS (60 * 60 * 1000)
#define LIVE_LAPSES_MS 15000
#define IDLE_SLEEP_MS 10000

int64_t producer_now_ms(void)
{
	return clock_boot_ns() / CLOCK_MS;
}

void producer_wake(struct producer *producer)
{
	uint64_t one = 1;

	if (write(producer->wake_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		log_error("producer", "the loop could not be woken: %s", strerror(errno));
}

struct owned_clip *owned_clip_new(const struct clip *clip)
{
	struct owned_clip *owned = calloc(1, sizeof(*owned));

	if (!owned)
		abort();
	owned->clip = *clip;
	owned->path = clip->path ? strdup(clip->path) : NULL;
	owned->clip.path = owned->path;
	if (clip_is_copy(clip)) {
		size_t bytes = clip->lengths.count * sizeof(*owned->lengths);

		owned->lengths = malloc(bytes);
		if (!owned->lengths)
			abort();
		memcpy(owned->lengths, clip->lengths.list, bytes);
		owned->clip.lengths.list = owned->lengths;
	}
	owned->refs = 1;
	return owned;
}

struct owned_clip *owned_clip_ref(struct owned_clip *clip)
{
	clip->refs++;
	return clip;
}

void owned_clip_drop(struct owned_clip *clip)
{
	if (!clip || --clip->refs > 0)
		return;
	free(clip->path);
	free(clip->lengths);
	free(clip);
}

bool producer_failed_lately(const struct producer *producer, const char *key, int64_t now_ms)
{
	for (const struct failure *f = producer->failures; f; f = f->next)
		if (f->out && f->until_ms > now_ms && strcmp(f->key, key) == 0)
			return true;
	return false;
}

void producer_try_again(struct producer *producer, const char *key)
{
	pthread_mutex_lock(&producer->lock);
	for (struct failure *f = producer->failures; f; f = f->next)
		if (strcmp(f->key, key) == 0)
			f->until_ms = 0;
	pthread_mutex_unlock(&producer->lock);
	producer_wake(producer);
}

static void drop_waiter(struct waiter **at)
{
	struct waiter *waiter = *at;

	*at = waiter->next;
	owned_clip_drop(waiter->clip);
	free(waiter);
}

void producer_call(struct producer *producer, struct waiter *waiter, int rc)
{
	waiter->calling = true;
	pthread_mutex_unlock(&producer->lock);
	waiter->ready(waiter->context, rc);
	pthread_mutex_lock(&producer->lock);
	for (struct waiter **at = &producer->waiters; *at; at = &(*at)->next) {
		if (*at != waiter)
			continue;
		drop_waiter(at);
		break;
	}
	pthread_cond_broadcast(&producer->changed);
}

void producer_answer(struct producer *producer, const char *key, int64_t k, int rc)
{
	struct waiter *waiter = producer->waiters;

	while (waiter) {
		if (!waiter->calling && (k < 0 || waiter->k == k) && strcmp(waiter->clip->clip.key, key) == 0) {
			producer_call(producer, waiter, rc);
			waiter = producer->waiters; /* the list may have changed meanwhile */
		} else {
			waiter = waiter->next;
		}
	}
}

void producer_answer_late(struct producer *producer, int64_t now_ms)
{
	struct waiter *waiter = producer->waiters;

	while (waiter) {
		if (!waiter->calling && waiter->deadline_ms <= now_ms) {
			producer_call(producer, waiter, -(int)ERR_TIMEOUT);
			waiter = producer->waiters;
		} else {
			waiter = waiter->next;
		}
	}
}

static void forget_lapsed(struct producer *producer, int64_t now_ms)
{
	struct wish **w = &producer->wishes;
	struct failure **f = &producer->failures;

	while (*w) {
		struct wish *wish = *w;

		while (wish->from < wish->to &&
		       clip_cache_has(producer->config.cache, wish->clip->clip.key, wish->from))
			wish->from++;
		if (wish->lapses_ms > now_ms && wish->from < wish->to) {
			w = &wish->next;
			continue;
		}
		*w = wish->next;
		owned_clip_drop(wish->clip);
		free(wish);
	}
	while (*f) {
		struct failure *failure = *f;

		if (failure->until_ms > now_ms) {
			f = &failure->next;
			continue;
		}
		*f = failure->next;
		free(failure);
	}
}

/* Nobody waits, nothing is wished for, no worker lives, effort is full again: whatever comes next wakes the loop. */
static bool is_idle(const struct producer *producer)
{
	bool idle = !producer->waiters && !producer->wishes && !producer->errands && !producer->failures &&
		    producer->effort == PROFILE_EFFORT_FULL && producer->past_effort == PROFILE_EFFORT_FULL;

	for (size_t i = 0; i < PRODUCER_TASKS; i++)
		idle = idle && !producer->tasks[i].worker;
	return idle;
}

/* How long the loop may sleep, ms. */
static int patience(const struct producer *producer, int64_t now_ms)
{
	int64_t least = 1000;

	if (is_idle(producer))
		return IDLE_SLEEP_MS;
	for (const struct waiter *w = producer->waiters; w; w = w->next)
		if (w->deadline_ms - now_ms < least)
			least = w->deadline_ms - now_ms;
	return least < 1 ? 1 : (int)least;
}

static void hear_workers(struct producer *producer)
{
	struct pollfd fds[PRODUCER_TASKS + 1];
	struct task *tasks[PRODUCER_TASKS + 1];
	int64_t now_ms = producer_now_ms();
	nfds_t n = 1;
	uint64_t count;
	int timeout = patience(producer, now_ms);

	if (timeout == IDLE_SLEEP_MS)
		producer->looked_ms = 0; /* this sleep made nobody late: producer_forgive() */
	fds[0] = (struct pollfd){ .fd = producer->wake_fd, .events = POLLIN };
	for (size_t i = 0; i < PRODUCER_TASKS; i++) {
		if (!producer->tasks[i].worker)
			continue;
		tasks[n] = &producer->tasks[i];
		fds[n++] = (struct pollfd){ .fd = worker_fd(producer->tasks[i].worker), .events = POLLIN };
	}
	pthread_mutex_unlock(&producer->lock);
	if (poll(fds, n, timeout) < 0 && errno != EINTR)
		log_error("producer", "poll: %s", strerror(errno));
	if (fds[0].revents & POLLIN && read(producer->wake_fd, &count, sizeof(count)) < 0)
		log_debug("producer", "woken without a reason");
	pthread_mutex_lock(&producer->lock);
	now_ms = producer_now_ms();
	for (nfds_t i = 1; i < n; i++)
		if (fds[i].revents)
			tasks_hear(producer, tasks[i], now_ms);
}

static void *loop(void *argument)
{
	struct producer *producer = argument;

	pthread_mutex_lock(&producer->lock);
	while (!producer->stopping) {
		int64_t now_ms = producer_now_ms();

		producer_forgive(producer, now_ms);
		producer_answer_late(producer, now_ms);
		forget_lapsed(producer, now_ms);
		tasks_watch(producer, now_ms);
		producer_watch_hanging(producer, now_ms);
		tasks_assign(producer, now_ms);
		hear_workers(producer);
	}
	tasks_end_all(producer);
	pthread_mutex_unlock(&producer->lock);
	return NULL;
}

struct producer *producer_start(const struct producer_config *config, struct err *err)
{
	struct producer *producer = calloc(1, sizeof(*producer));
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (!producer)
		abort();
	producer->config = *config;
	if (!producer->config.workers)
		producer->config.workers = cores < 4 ? 1 : cores > 8 ? 4 : (unsigned)cores / 2; /* one fills two cores */
	if (producer->config.workers > PRODUCER_WORKERS_MAX)
		producer->config.workers = PRODUCER_WORKERS_MAX;
	producer->errands_end = &producer->errands;
	producer->next_id = 1;
	producer_tidy_cards(producer);
	producer->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (producer->wake_fd < 0) {
		err_errno(err, "start the producer");
		free(producer);
		return NULL;
	}
	pthread_mutex_init(&producer->lock, NULL);
	waker_condition_init(&producer->changed);
	producer_disk_start(producer);
	if (pthread_create(&producer->thread, NULL, loop, producer) != 0)
		abort();
	return producer;
}

void producer_stop(struct producer *producer)
{
	if (!producer)
		return;
	pthread_mutex_lock(&producer->lock);
	producer->stopping = true;
	pthread_mutex_unlock(&producer->lock);
	producer_wake(producer);
	pthread_join(producer->thread, NULL);
	producer_disk_stop(producer);
	while (producer->waiters)
		drop_waiter(&producer->waiters);
	while (producer->wishes) {
		struct wish *wish = producer->wishes;

		producer->wishes = wish->next;
		owned_clip_drop(wish->clip);
		free(wish);
	}
	while (producer->errands) {
		struct errand *errand = producer->errands;

		producer->errands = errand->next;
		json_decref(errand->request);
		free(errand);
	}
	producer_free_slates(producer);
	while (producer->failures) {
		struct failure *failure = producer->failures;

		producer->failures = failure->next;
		free(failure);
	}
	close(producer->wake_fd);
	pthread_mutex_destroy(&producer->lock);
	pthread_cond_destroy(&producer->changed);
	free(producer);
}

/* Locked. Widens the wish of the same clip and rank where the two touch, else adds one. */
static void wish_for(struct producer *producer, struct owned_clip *clip, int64_t from, int64_t to,
		     enum producer_rank rank, int64_t origin_ms)
{
	static const int64_t lives[] = { LIVE_LAPSES_MS, EDGE_LAPSES_MS, LIVE_LAPSES_MS, EDGE_LAPSES_MS, PREPARE_LAPSES_MS };
	int64_t lapses_ms = producer_now_ms() + lives[rank];
	struct wish **at = &producer->wishes;

	for (; *at; at = &(*at)->next) {
		struct wish *wish = *at;

		if (wish->rank != rank || from > wish->to || to < wish->from ||
		    strcmp(wish->clip->clip.key, clip->clip.key) != 0)
			continue;
		wish->from = from < wish->from ? from : wish->from;
		wish->to = to > wish->to ? to : wish->to;
		wish->lapses_ms = lapses_ms;
		wish->origin_ms = origin_ms < wish->origin_ms ? origin_ms : wish->origin_ms;
		return;
	}
	*at = calloc(1, sizeof(**at));
	if (!*at)
		abort();
	**at = (struct wish){ .clip = owned_clip_ref(clip), .from = from, .to = to, .rank = rank,
			      .lapses_ms = lapses_ms, .origin_ms = origin_ms };
}

void producer_want(struct producer *producer, const struct clip *clip, int64_t k_from, int64_t k_to,
		   enum producer_rank rank)
{
	producer_want_by(producer, clip, k_from, k_to, rank, NO_DUE);
}

void producer_want_by(struct producer *producer, const struct clip *clip, int64_t k_from, int64_t k_to,
		      enum producer_rank rank, int64_t due_ms)
{
	int64_t origin_ms = due_ms - k_from * SEGMENT_MS;
	int64_t end = clip_segments(clip);
	struct owned_clip *owned;

	k_to = k_to < end ? k_to : end;
	while (k_from < k_to && clip_cache_has(producer->config.cache, clip->key, k_from))
		k_from++;
	if (!clip->path || k_from < 0 || k_from >= k_to)
		return;
	owned = owned_clip_new(clip);
	pthread_mutex_lock(&producer->lock);
	wish_for(producer, owned, k_from, k_to, rank, origin_ms);
	owned_clip_drop(owned);
	pthread_mutex_unlock(&producer->lock);
	producer_wake(producer);
}

static uint64_t wait_as(struct producer *producer, enum producer_rank rank, const struct clip *clip, int64_t k,
			int64_t timeout_ms, void (*ready)(void *context, int rc), void *context)
{
	int64_t now_ms = producer_now_ms();
	struct owned_clip *owned;
	struct waiter *waiter;
	bool failed;
	uint64_t id;

	if (clip_cache_has(producer->config.cache, clip->key, k)) {
		ready(context, 0);
		return 0;
	}
	pthread_mutex_lock(&producer->lock);
	failed = producer->stopping || producer_failed_lately(producer, clip->key, now_ms) || !clip->path;
	if (failed) {
		pthread_mutex_unlock(&producer->lock);
		ready(context, -(int)ERR_MEDIA);
		return 0;
	}
	owned = owned_clip_new(clip);
	if (producer_hangs(producer, owned)) {
		owned_clip_drop(owned);
		pthread_mutex_unlock(&producer->lock);
		ready(context, -(int)ERR_TIMEOUT);
		return 0;
	}
	waiter = calloc(1, sizeof(*waiter));
	if (!waiter)
		abort();
	id = producer->next_id++;
	*waiter = (struct waiter){ .next = producer->waiters, .id = id, .clip = owned, .k = k,
				   .deadline_ms = now_ms + timeout_ms, .ready = ready, .context = context };
	producer->waiters = waiter;
	wish_for(producer, waiter->clip, k, k + 1, rank, now_ms - k * SEGMENT_MS);
	pthread_mutex_unlock(&producer->lock);
	producer_wake(producer);
	return id;
}

uint64_t producer_wait(struct producer *producer, const struct clip *clip, int64_t k, int64_t timeout_ms,
		       void (*ready)(void *context, int rc), void *context)
{
	return wait_as(producer, PRODUCER_LIVE, clip, k, timeout_ms, ready, context);
}

uint64_t producer_wait_past(struct producer *producer, const struct clip *clip, int64_t k, int64_t timeout_ms,
			    void (*ready)(void *context, int rc), void *context)
{
	return wait_as(producer, PRODUCER_CATCH_UP, clip, k, timeout_ms, ready, context);
}

void producer_forget(struct producer *producer, uint64_t id)
{
	if (!id)
		return;
	pthread_mutex_lock(&producer->lock);
again:
	for (struct waiter **at = &producer->waiters; *at; at = &(*at)->next) {
		if ((*at)->id != id)
			continue;
		if ((*at)->calling) {
			pthread_cond_wait(&producer->changed, &producer->lock);
			goto again;
		}
		drop_waiter(at);
		break;
	}
	pthread_mutex_unlock(&producer->lock);
}

static void add_errand(struct producer *producer, const struct errand *wanted)
{
	struct errand *errand = calloc(1, sizeof(*errand));

	if (!errand)
		abort();
	*errand = *wanted;
	pthread_mutex_lock(&producer->lock);
	if (wanted->soon)
		errand->next = producer->errands;
	if (!producer->errands || !wanted->soon) {
		*producer->errands_end = errand;
		producer->errands_end = &errand->next;
	} else {
		producer->errands = errand;
	}
	pthread_mutex_unlock(&producer->lock);
	producer_wake(producer);
}

void producer_run(struct producer *producer, json_t *request,
		  void (*done)(void *context, const json_t *done, const struct err *err), void *context)
{
	add_errand(producer, &(struct errand){ .request = request, .done = done, .context = context });
}

void producer_run_soon(struct producer *producer, json_t *request,
		       void (*done)(void *context, const json_t *done, const struct err *err), void *context)
{
	add_errand(producer, &(struct errand){ .request = request, .done = done, .context = context, .soon = true });
}
