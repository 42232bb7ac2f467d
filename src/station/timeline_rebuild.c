/* timeline_rebuild.c - what lies beyond the lock, dropped and built again; declared in timeline_builder.h.
 *
 * From the end of the log backwards, in transactions of some hours. What is left is always a whole log; its end is what a
 * crash would leave. */
#include "station/timeline_builder.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/position.h"
#include "store/channels.h"
#include "store/timeline.h"

#define CUT_STEP_NS (INT64_C(6) * 3600 * CLOCK_SECOND)

int timeline_cut_beyond(struct db *writer, int64_t now_ns, int64_t until_ns, int64_t channel_id, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct channel channel;
	struct airing first;
	int rc;

	db_lock(writer);
	rc = channels_get(writer, channel_id, &arena, &channel, err);
	db_unlock(writer);
	for (int64_t from = now_ns + TIMELINE_AHEAD_NS; rc == 0 && from > until_ns - CUT_STEP_NS;
	     from -= CUT_STEP_NS) {
		int64_t ns = from > until_ns ? from : until_ns;

		db_lock(writer);
		rc = airings_cut(writer, channel_id, position_flicks(channel.epoch_ns, ns), &arena, &first,
				 NULL);
		db_unlock(writer);
		if (rc == -(int)ERR_NOT_FOUND)
			rc = 0;
		else if (rc < 0)
			err_set(err, ERR_STORE, "drop what channel %d has beyond the lock", channel.number);
	}
	return rc;
}

int timeline_rebuild(struct db *writer, const struct station_time *time, int64_t channel_id, struct err *err)
{
	int64_t now = station_now_ns(time);
	int rc = timeline_cut_beyond(writer, now, now + TIMELINE_LOCK_NS, channel_id, err);

	while (rc >= 0) {
		rc = timeline_build(writer, time, channel_id, now + TIMELINE_AHEAD_NS, 1000, err);
		if (rc == 0)
			break;
	}
	return rc;
}
