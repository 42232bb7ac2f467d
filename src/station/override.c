/* override.c - see override.h. What is shown in a segment's place is on_air.c's business. */
#include "station/override.h"

#include "base/cleanup.h"
#include "station/discontinuity.h"
#include "station/on_air.h"
#include "station/position.h"

static int64_t max(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int override_first(struct db *db, const struct channel *channel, int64_t now_ns, int64_t *ret_seq, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	int64_t after = position_flicks(channel->epoch_ns, now_ns + OVERRIDE_LOCK_NS) + 1;

	return on_air_next(db, channel, after, &arena, ret_seq, err);
}

static int add(struct db *writer, int64_t first, struct override *override, struct err *err)
{
	if (override->seq_from < first) {
		override->k0 += first - override->seq_from;
		override->seq_from = first;
	}
	if (override->seq_from >= override->seq_to)
		return 0;
	return overrides_add(writer, override, &override->id, err);
}

static int move(struct db *writer, int64_t first, const struct override *old, struct override *override,
		struct err *err)
{
	int64_t from = old->seq_from < first ? old->seq_from : max(override->seq_from, first);
	int64_t to = old->seq_to < first ? old->seq_to : max(override->seq_to, first);

	override->k0 = old->k0 + from - old->seq_from;
	override->seq_from = from;
	override->seq_to = to;
	if (from < to)
		return overrides_move(writer, old->id, from, to, err);
	override->id = 0;
	return overrides_remove(writer, old->id, err);
}

static int64_t min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int set(struct db *writer, const struct channel *channel, int64_t now_ns, struct override *override,
	       struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct override old;
	int64_t first;
	int rc = override_first(writer, channel, now_ns, &first, err);

	if (rc < 0)
		return rc;
	override->channel_id = channel->id;
	if (!override->id) {
		rc = add(writer, first, override, err);
		old = *override;
	} else {
		rc = overrides_get(writer, override->id, &arena, &old, err);
		if (rc == 0)
			rc = move(writer, first, &old, override, err);
	}
	if (rc < 0)
		return rc;
	return discontinuity_renumber(writer, channel, min(old.seq_from, override->seq_from), max(old.seq_to, override->seq_to),
				      err);
}

int override_set(struct db *writer, const struct channel *channel, int64_t now_ns, struct override *override,
		 struct err *err)
{
	int rc = db_begin(writer, err);

	if (rc < 0)
		return rc;
	rc = set(writer, channel, now_ns, override, err);
	if (rc < 0) {
		db_rollback(writer);
		return rc;
	}
	return db_commit(writer, err);
}
