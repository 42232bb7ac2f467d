/* fault.c - see fault.h. Beyond the lock the builder leaves the file out by itself. */
#include "station/fault.h"

#include "base/cleanup.h"
#include "station/on_air.h"
#include "station/override.h"
#include "station/position.h"
#include "station/timeline_builder.h"

struct fault {
	struct db *db;
	const struct clip *clip;
	int64_t now_ns, for_ns;
	const char *why;
	fault_has *has;
	void *context;
};

/* 1 when slate stands over some of the row. */
static int cover(const struct fault *f, const struct channel *channel, const struct timeline_row *row,
		 struct arena *arena, struct err *err)
{
	struct override override = { .kind = "failed", .reason = f->why, .seq_to = row->first_seq + row->segments };
	struct override_list there = { 0 };
	int64_t until = position_flicks(channel->epoch_ns, f->now_ns + OVERRIDE_LOCK_NS + f->for_ns), limit;

	if (override_first(f->db, channel, f->now_ns, &override.seq_from, err) < 0)
		return -(int)ERR_STORE;
	if (override.seq_from < row->first_seq)
		override.seq_from = row->first_seq;
	while (override.seq_from < override.seq_to &&
	       f->has(f->context, row->clip.key, row->k0 + override.seq_from - row->first_seq))
		override.seq_from++;
	if (f->for_ns > 0) {
		if (on_air_next(f->db, channel, until, arena, &limit, err) < 0)
			return -(int)ERR_STORE;
		if (override.seq_to > limit)
			override.seq_to = limit;
	}
	/* It may be known already, by another report of the same clip. */
	if (overrides_window(f->db, channel->id, override.seq_from, override.seq_to, arena, &there, err) < 0)
		return -(int)ERR_STORE;
	for (size_t i = 0; i < there.count; i++)
		if (!there.overrides[i].alert_id && there.overrides[i].seq_from <= override.seq_from &&
		    there.overrides[i].seq_to > override.seq_from)
			override.seq_from = there.overrides[i].seq_to;
	if (override.seq_from >= override.seq_to)
		return 0;
	return override_set(f->db, channel, f->now_ns, &override, err) < 0 ? -(int)ERR_STORE : override.id != 0;
}

static int cover_channel(const struct fault *f, const struct channel *channel, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	int64_t from = position_flicks(channel->epoch_ns, f->now_ns), found = 0;
	int64_t to = position_flicks(channel->epoch_ns, f->now_ns + TIMELINE_LOCK_NS);
	struct timeline_rows rows = { 0 };
	int rc = timeline_of_clip(f->db, channel->id, f->clip->id, from, to, &arena, &rows, err);

	for (size_t i = 0; rc >= 0 && i < rows.count; i++) {
		rc = cover(f, channel, &rows.rows[i], &arena, err);
		found += rc > 0;
	}
	return rc < 0 ? rc : found > 0;
}

static int cover_all(const struct fault *f, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct channel_list list = { 0 };
	int rc = channels_list(f->db, &arena, &list, err), count = 0;

	for (size_t i = 0; rc >= 0 && i < list.count; i++) {
		rc = cover_channel(f, &list.channels[i], err);
		count += rc > 0;
	}
	return rc < 0 ? rc : count;
}

int fault_put(struct db *writer, const struct station_time *time, const struct clip *clip, int64_t for_ns,
	      const char *why, fault_has *has, void *context, struct err *err)
{
	struct fault fault = { writer, clip, 0, for_ns, why, has, context };
	int rc = db_begin(writer, err), committed;

	if (rc < 0)
		return rc;
	fault.now_ns = station_now_ns(time);
	rc = cover_all(&fault, err);
	if (rc < 0) {
		db_rollback(writer);
		return err_under(err, "put slate over a clip that failed");
	}
	committed = db_commit(writer, err);
	return committed < 0 ? committed : rc;
}
