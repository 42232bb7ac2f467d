/* timeline_cut.c - drops what a channel has beyond the lock; declared in timeline_builder.h. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "station/position.h"
#include "station/timeline_builder.h"
#include "store/channels.h"
#include "store/timeline.h"

#define CUT_AIRINGS 256 /* in a transaction */

int timeline_cut_beyond_lock(struct db *writer, const struct station_time *time, int64_t channel_id, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct channel channel;
	int64_t lock, from = INT64_MAX;
	struct airing first;
	int rc;

	db_lock(writer);
	rc = channels_get(writer, channel_id, &arena, &channel, err);
	db_unlock(writer);
	if (rc < 0)
		return rc;
	lock = position_flicks(channel.epoch_ns, station_now_ns(time) + TIMELINE_LOCK_NS);
	/* From the end of the log back. What is left is always a whole log; its end is what a crash would leave. */
	while (rc == 0 && from > lock) {
		struct err cause = { 0 };

		db_give_way(writer);
		db_lock(writer);
		rc = airings_back(writer, channel_id, lock, CUT_AIRINGS, &from, &cause);
		if (rc == 0)
			rc = airings_cut(writer, channel_id, from, &arena, &first, &cause);
		db_unlock(writer);
		if (cause.code == ERR_NOT_FOUND)
			return 0;
		if (rc < 0)
			err_set(err, ERR_STORE, "drop what channel %d has beyond the lock: %s", channel.number, cause.text);
	}
	return rc;
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
