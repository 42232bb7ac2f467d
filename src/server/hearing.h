/* hearing.h - how loud files are: measured by a worker, kept, and the gain of rows beyond the lock changed by it.
 *
 * The files that a new channel begins with are heard before its rows are built: once somebody watches, nothing changes those. */
#pragma once

#include <stdbool.h>

#include "store/loudness.h"

struct asker;
struct hearing;
struct producer;
struct server;
struct station_time;

struct hearing_house {
	struct db *writer;
	const struct station_time *time;
	struct producer *producer;
};

/* Measures the file, ten windows of it or all, and keeps what comes of it. 1; 0 when it cannot be heard just now, -ERR_TIMEOUT when
 * its disk hangs; -ERR_BUSY when the asker was stopped. */
int hearing_measure(const struct hearing_house *house, struct asker *asker, const struct loudness_wanted *wanted, bool complete,
		    bool soon);

/* It lies in the file, or it killed the worker: the next try would end the same way. A disk that failed or hung does not last. */
bool hearing_lasts(const struct err *err);

/* A thread for files that somebody waits for; it wakes the builder after each. Started after the producer. */
struct hearing *hearing_start(struct server *server);
/* Has it heard soon. False when it was tried already and is not known yet, or too many wait. Never blocks. */
bool hearing_want(struct hearing *hearing, const struct loudness_wanted *wanted);
void hearing_stop(struct hearing *hearing); /* before the builder's and the producer's; NULL is fine */
void hearing_free(struct hearing *hearing); /* after the producer has stopped; NULL is fine */
