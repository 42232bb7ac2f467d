/* sleep_watch.c - see sleep_watch.h. A thread that wakes every second and looks how long that was: CLOCK_BOOTTIME runs on
 * while the machine sleeps, CLOCK_MONOTONIC does not. */
#include "server/sleep_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/waker.h"
#include "server/parts.h"
#include "store/house_events.h"

#define LATE_NS (10 * CLOCK_SECOND) /* a second that took so much longer is told of */

struct sleep_watch {
	struct server *server;
	struct waker waker;
};

static int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * CLOCK_SECOND + now.tv_nsec;
}

static void tell(struct sleep_watch *watch, int64_t gap_ns, bool slept)
{
	const struct station_time *time = watch->server->time;
	struct house_event event = { .kind = "slept", .to_ns = station_now_ns(time), .at_ms = clock_wall_ms() };
	char from[40], to[40], reason[200];
	struct err err = { 0 };

	event.from_ns = event.to_ns - gap_ns;
	snprintf(reason, sizeof(reason), "%s for %lld s, from %s to %s", slept ? "the machine slept" : "Matinee stood still",
		 (long long)(gap_ns / CLOCK_SECOND), clock_format(from, sizeof(from), station_to_wall_ms(time, event.from_ns)),
		 clock_format(to, sizeof(to), station_to_wall_ms(time, event.to_ns)));
	event.reason = reason;
	log_warning("station", "%s; the channels are where they would be", reason);
	if (house_events_add(store_writer(watch->server->store), &event, &err) < 0)
		log_error("station", "note that %s: %s", reason, err.text);
}

void sleep_watch_mark(struct server *server)
{
	struct err err = { 0 };

	if (server->port && downtime_mark(store_writer(server->store), server->time, server->stopping && server->http, &err) < 0)
		log_error("station", "note that this server is there: %s", err.text);
}

static void *run(void *context)
{
	struct sleep_watch *watch = context;
	int64_t boot_ns = clock_boot_ns(), mono_ns = monotonic_ns(), marked_ns = boot_ns;

	while (waker_rest(&watch->waker, CLOCK_SECOND)) {
		int64_t gap_ns = clock_boot_ns() - boot_ns, awake_ns = monotonic_ns() - mono_ns;

		boot_ns += gap_ns;
		mono_ns += awake_ns;
		if (gap_ns >= CLOCK_SECOND + LATE_NS)
			tell(watch, gap_ns, gap_ns - awake_ns >= LATE_NS);
		if (boot_ns - marked_ns >= DOWNTIME_MARK_NS) {
			sleep_watch_mark(watch->server);
			marked_ns = boot_ns = clock_boot_ns(); /* a store that is slow is no sleep */
			mono_ns = monotonic_ns();
		}
	}
	sleep_watch_mark(watch->server);
	return NULL;
}

struct sleep_watch *sleep_watch_start(struct server *server)
{
	struct sleep_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		abort();
	watch->server = server;
	waker_init(&watch->waker);
	waker_start(&watch->waker, "sleep", run, watch);
	return watch;
}

void sleep_watch_stop(struct sleep_watch *watch)
{
	if (!watch)
		return;
	waker_stop(&watch->waker);
	waker_free(&watch->waker);
	free(watch);
}
