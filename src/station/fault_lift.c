/* fault_lift.c - fault.h: a file that failed on the air is there again, so what stands over it goes. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "station/fault.h"
#include "station/override.h"
#include "station/timeline_builder.h"

#define LOOK_BACK_MS (TIMELINE_LOCK_NS / CLOCK_MS + 120000) /* what was put before reaches no farther than to now */

static int lift(struct db *writer, const struct station_time *time, struct override *override, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	int64_t to = override->seq_to;
	struct channel channel;
	int rc = channels_get(writer, override->channel_id, &arena, &channel, err);

	if (rc < 0)
		return rc;
	override->seq_to = override->seq_from; /* as early as may be */
	rc = override_set(writer, &channel, station_now_ns(time), override, err);
	return rc < 0 ? rc : override->seq_to < to;
}

int fault_lift(struct db *writer, const struct station_time *time, fault_lifted *lifted, void *context, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct override_list list = { 0 };
	int count = 0, rc;

	db_lock(writer);
	rc = overrides_returned(writer, clock_wall_ms() - LOOK_BACK_MS, &arena, &list, err);
	db_unlock(writer);
	for (size_t i = 0; rc >= 0 && i < list.count; i++) {
		db_lock(writer);
		rc = lift(writer, time, &list.overrides[i], err);
		db_unlock(writer);
		count += rc > 0;
		if (rc > 0)
			lifted(context, list.overrides[i].clip.key);
	}
	return rc < 0 ? err_under(err, "take away what stood over a file that failed") : count;
}
