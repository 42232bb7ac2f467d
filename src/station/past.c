/* past.c - see past.h. The writer's lock is held for some airings at a time, a few ms each. */
#include "station/past.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/as_run.h"
#include "station/position.h"
#include "store/alerts.h"
#include "store/as_run.h"
#include "store/past.h"

#define AIRINGS 32 /* in a transaction: some hundred rows, three thousand at most */

static int collapse(struct db *db, const struct station_time *time, const struct channel *channel, int64_t keep_ns,
		    struct arena *arena, struct err *err)
{
	int64_t before = position_flicks(channel->epoch_ns, station_now_ns(time) - keep_ns), end;
	struct timeline_rows rows;
	int rc = timeline_oldest(db, channel->id, before, AIRINGS, arena, &rows, &end, err);

	if (rc == 0)
		rc = as_run_keep(db, time, channel, &rows, err);
	if (rc == 0)
		rc = timeline_collapse(db, channel->id, &rows, end, err);
	return rc < 0 ? rc : rows.count > 0;
}

int past_collapse(struct db *writer, const struct station_time *time, const struct channel *channel, int64_t keep_ns,
		  struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	int rc = db_begin(writer, err), committed;

	if (rc < 0)
		return rc;
	rc = collapse(writer, time, channel, keep_ns, &arena, err);
	if (rc < 0) {
		db_rollback(writer);
		return err_under(err, "collapse the past of channel %d", channel->number);
	}
	committed = db_commit(writer, err);
	return committed < 0 ? committed : rc;
}

int past_trim(struct db *writer, const struct station_time *time, struct err *err)
{
	int64_t before_ns = station_now_ns(time) - PAST_AS_RUN_NS;
	int rc = db_begin(writer, err), committed;

	if (rc < 0)
		return rc;
	rc = alerts_trim(writer, before_ns, err);
	if (rc >= 0)
		rc = as_run_log_trim(writer, station_to_wall_ms(time, before_ns), err);
	if (rc < 0) {
		db_rollback(writer);
		return err_under(err, "trim the log of what was sent");
	}
	committed = db_commit(writer, err);
	return committed < 0 ? committed : rc;
}
