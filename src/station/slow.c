/* slow.c - see slow.h. What is beyond the lock: slow_exchange.c. */
#include "station/slow.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/on_air.h"
#include "station/override.h"
#include "station/timeline_builder.h"

/* Some segment between the two numbers is not there. */
static bool something_missing(struct db *db, const struct channel *channel, int64_t from, int64_t to, fault_has *has,
			      void *context)
{
	for (int64_t seq = from; seq < to; seq++) {
		CLEANUP(arena_free) struct arena arena = { 0 };
		struct timeline_row row;

		if (timeline_by_seq(db, channel->id, seq, &arena, &row, NULL) < 0 ||
		    !has(context, row.clip.key, row.k0 + seq - row.first_seq))
			return true;
	}
	return false;
}

/* What was prepared after all is shown: the override ends before it began. */
static int lift(struct db *writer, struct db *reader, const struct station_time *time, const struct override *override,
		fault_has *has, void *context, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct override none = *override;
	struct channel channel;
	int64_t first;

	if (channels_get(reader, override->channel_id, &arena, &channel, NULL) < 0 ||
	    override_first(reader, &channel, station_now_ns(time), &first, NULL) < 0 || override->seq_to <= first)
		return 0;
	if (first < override->seq_from)
		first = override->seq_from;
	if (something_missing(reader, &channel, first, override->seq_to, has, context))
		return 0;
	none.seq_to = first;
	return override_set(writer, &channel, station_now_ns(time), &none, err);
}

int slow_look(struct db *writer, struct db *reader, const struct station_time *time, fault_has *has, void *context,
	      struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	int64_t now_ns = station_now_ns(time);
	struct override_list over = { 0 };
	struct clip_rows slow = { 0 };
	int rc = clips_slow(reader, SLOW_DECODE, now_ns, now_ns + TIMELINE_LOCK_NS, &arena, &slow, err);

	if (rc >= 0)
		rc = overrides_of_kind(reader, "slow", &arena, &over, err);
	for (size_t i = 0; rc >= 0 && i < over.count; i++)
		rc = lift(writer, reader, time, &over.overrides[i], has, context, err);
	for (size_t i = 0; rc >= 0 && i < slow.count; i++) {
		struct clip clip;

		if (on_air_clip(&slow.clips[i], &clip, NULL) >= 0)
			rc = fault_too_slow(writer, time, &clip,
					    "its file is decoded too slowly to be shown live, and it was not prepared in time",
					    has, context, err);
	}
	return rc < 0 ? err_under(err, "look for what is too slow to be shown live") : 0;
}
