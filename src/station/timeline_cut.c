/* timeline_cut.c - drops what a channel has beyond the lock; declared in timeline_builder.h. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "station/position.h"
#include "station/timeline_builder.h"
#include "store/channels.h"
#include "store/timeline.h"

#define CUT_AIRINGS 256
#define CUT_NS (15 * CLOCK_MS) /* of a transaction */

/* Some of the airings from the end back to the lock, in one transaction; 1 when there are more, 0 at the lock. */
static int cut_some(struct db *writer, int64_t channel_id, int64_t lock, struct arena *arena, struct err *err)
{
	int64_t end_ns, from = INT64_MAX;
	struct err cause = { 0 };
	struct airing first;
	int rc;

	db_give_way(writer);
	rc = db_begin(writer, err);
	if (rc < 0)
		return rc;
	end_ns = clock_boot_ns() + CUT_NS;
	do {
		rc = airings_back(writer, channel_id, lock, CUT_AIRINGS, &from, &cause);
		if (rc == 0)
			rc = airings_cut(writer, channel_id, from, arena, &first, &cause);
	} while (rc == 0 && from > lock && clock_boot_ns() < end_ns);
	if (rc == 0 || cause.code == ERR_NOT_FOUND)
		rc = db_commit(writer, &cause);
	else
		db_rollback(writer);
	return rc < 0 ? err_set(err, ERR_STORE, "%s", cause.text) : from > lock;
}

/* What is left is always a whole log; its end is what a crash would leave. */
int timeline_cut_from(struct db *writer, int64_t channel_id, int64_t flicks, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	int rc;

	do
		rc = cut_some(writer, channel_id, flicks, &arena, err);
	while (rc > 0);
	return rc;
}

int timeline_cut_beyond_lock(struct db *writer, const struct station_time *time, int64_t channel_id, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct channel channel;
	int64_t lock;
	int rc;

	db_lock(writer);
	rc = channels_get(writer, channel_id, &arena, &channel, err);
	db_unlock(writer);
	if (rc < 0)
		return rc;
	lock = position_flicks(channel.epoch_ns, station_now_ns(time) + TIMELINE_LOCK_NS);
	rc = timeline_cut_from(writer, channel_id, lock, err);
	return rc < 0 ? err_under(err, "drop what channel %d has beyond the lock", channel.number) : 0;
}

int timeline_rebuild(struct db *writer, const struct station_time *time, int64_t channel_id, struct err *err)
{
	struct timeline_turn turn = { .max_airings = 1000 };
	struct timeline_built built;
	int rc = timeline_cut_beyond_lock(writer, time, channel_id, err);

	while (rc >= 0) {
		rc = timeline_build_turn(writer, time, channel_id, &turn, &built, err);
		if (rc == 0)
			break;
	}
	return rc;
}
