/* sleep_watch.h - notices that the machine slept, or that this program stood still (stopped, or starved of the processor),
 * while channels were on the air: in the log, in /api/status and in the as-run log of the programmes that it hit. One that
 * listens also leaves its mark, so that the next start knows since when nobody served (station/downtime.h). */
#pragma once

struct server;
struct sleep_watch;

struct sleep_watch *sleep_watch_start(struct server *server);
void sleep_watch_stop(struct sleep_watch *watch); /* NULL is fine; frees it */

/* The server is there, or (server->stopping) was told to end. */
void sleep_watch_mark(struct server *server);
