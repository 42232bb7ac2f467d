/* sleep_watch.h - notices that the machine slept, or that this program stood still (stopped, or starved of the processor),
 * while channels were on the air: in the log, in /api/status and in the as-run log of the programmes that it hit. */
#pragma once

struct server;
struct sleep_watch;

struct sleep_watch *sleep_watch_start(struct server *server);
void sleep_watch_stop(struct sleep_watch *watch); /* NULL is fine; frees it */
