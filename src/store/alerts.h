/* alerts.h - alerts as rows. How they come on the air is station/alert.h's business. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/db.h"

struct alert {
	int64_t id;
	const char *text;
	const char *channels; /* JSON array of ids; NULL: all */
	int64_t priority, for_ms;
	int64_t start_ns, end_ns; /* station time */
	bool resume;		  /* afterwards the programme goes on where it stopped */
	int64_t cancelled_ns;	  /* station time; 0: it was not */
};

struct alert_list {
	struct alert *alerts;
	size_t count;
};

struct alert_channels {
	int64_t *ids;
	size_t count;
};

int alerts_add(struct db *db, const struct alert *alert, int64_t *ret_id, struct err *err);
int alerts_get(struct db *db, int64_t id, struct arena *arena, struct alert *ret, struct err *err); /* ERR_NOT_FOUND */
int alerts_set_cancelled(struct db *db, int64_t id, int64_t now_ns, struct err *err);

/* The newest first; *ret_total counts all there are. */
int alerts_list(struct db *db, int64_t limit, int64_t offset, struct arena *arena, struct alert_list *ret,
		int64_t *ret_total, struct err *err);
/* Those that have neither ended nor been cancelled, the oldest first. */
int alerts_running(struct db *db, int64_t now_ns, struct arena *arena, struct alert_list *ret, struct err *err);

/* Removes those that ended before and stand over nothing any more. */
int alerts_trim(struct db *db, int64_t before_ns, struct err *err);

/* The channels an alert is for, as far as they exist. */
int alerts_channels(struct db *db, const struct alert *alert, struct arena *arena, struct alert_channels *ret,
		    struct err *err);
