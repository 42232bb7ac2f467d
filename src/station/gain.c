/* gain.c - see gain.h. */
#include "station/gain.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/clip_store.h"
#include "station/timeline_builder.h"
#include "store/loudness.h"
#include "store/settings.h"
#include "stream/loudness.h"

#define EXCHANGE_NS (20 * CLOCK_MS) /* of a transaction */

int gain_is_on(struct db *db, bool *ret, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	const char *value = NULL;
	int rc = settings_get(db, GAIN_SETTING, &arena, &value, err);

	*ret = !value || strcmp(value, "off") != 0;
	return rc;
}

int gain_set(struct db *writer, bool on, struct err *err)
{
	bool was = true;
	int rc;

	db_lock(writer);
	rc = gain_is_on(writer, &was, err);
	if (rc >= 0 && was != on)
		rc = settings_set(writer, GAIN_SETTING, on ? "on" : "off", err);
	db_unlock(writer);
	return rc < 0 ? rc : was != on;
}

int gain_of(struct db *db, int64_t file_id, int *ret_mb, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct loudness_row row;
	bool on = true;
	int rc = gain_is_on(db, &on, err);

	if (rc < 0)
		return rc;
	*ret_mb = 0;
	if (!on || !file_id)
		return 0;
	rc = loudness_get(db, file_id, &arena, &row, err);
	if (rc == 0 && !row.error) {
		struct loudness loudness = { .silent = row.silent, .integrated = row.integrated };

		*ret_mb = loudness_gain(&loudness, LOUDNESS_TARGET);
	}
	return rc == -(int)ERR_NOT_FOUND ? 0 : rc;
}

/* The same clip with another gain, found or put. */
static int put_with(struct db *writer, const struct clip_ahead *ahead, int gain_mb, int64_t *ret_id, struct err *err)
{
	struct clip clip = {
		.file_id = ahead->clip.file_id,
		.in_flicks = ahead->clip.in_flicks,
		.frames = ahead->clip.frames,
		.gain_mb = gain_mb,
		.lengths = ahead->clip.lengths,
	};
	int rc = profile_get(ahead->clip.profile, ahead->clip.fps_num, ahead->clip.fps_den, &clip.profile, err);

	return rc < 0 ? rc : clip_store_put(writer, &clip, ahead->sample_hash, ret_id, err);
}

/* On so many channels as some ms allow, in one transaction. *channel_id 0: it was the last. */
static int exchange_some(struct db *writer, const struct clip_ahead *ahead, int gain_mb, int64_t lock_ns,
			 int64_t *channel_id, struct err *err)
{
	int64_t end_ns, id;
	int rc;

	db_give_way(writer);
	rc = db_begin(writer, err);
	if (rc < 0)
		return rc;
	end_ns = clock_boot_ns() + EXCHANGE_NS;
	rc = put_with(writer, ahead, gain_mb, &id, err);
	do {
		if (rc >= 0)
			rc = timeline_exchange_clip(writer, ahead->clip.id, id, lock_ns, channel_id, err);
	} while (rc >= 0 && *channel_id && clock_boot_ns() < end_ns);
	if (rc >= 0)
		return db_commit(writer, err);
	db_rollback(writer);
	return rc;
}

static int exchange(struct db *writer, const struct station_time *time, const struct clip_ahead *ahead, int gain_mb,
		    struct err *err)
{
	int64_t channel_id = 0;
	int rc;

	do
		rc = exchange_some(writer, ahead, gain_mb, station_now_ns(time) + TIMELINE_LOCK_NS, &channel_id, err);
	while (rc >= 0 && channel_id);
	return rc;
}

static int apply_one(struct db *writer, const struct station_time *time, int64_t file_id, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct clips_ahead list = { 0 };
	int gain_mb = 0, count = 0, rc;

	db_lock(writer);
	rc = gain_of(writer, file_id, &gain_mb, err);
	if (rc == 0)
		rc = clips_ahead(writer, file_id, station_now_ns(time) + TIMELINE_LOCK_NS, &arena, &list, err);
	db_unlock(writer);
	for (size_t i = 0; rc >= 0 && i < list.count; i++) {
		if (list.clips[i].clip.gain_mb == gain_mb)
			continue;
		rc = exchange(writer, time, &list.clips[i], gain_mb, err);
		count++;
	}
	if (rc < 0)
		return err_under(err, "change the gain of file %lld", (long long)file_id);
	return count;
}

int gain_apply(struct db *writer, const struct station_time *time, int64_t file_id, struct err *err)
{
	int64_t at = 0;
	int count = 0, rc = 0;

	if (file_id)
		return apply_one(writer, time, file_id, err);
	while (rc >= 0) {
		db_lock(writer);
		rc = clips_next_file(writer, at, &at, err);
		db_unlock(writer);
		if (rc < 0 || !at)
			break;
		rc = apply_one(writer, time, at, err);
		count += rc > 0 ? rc : 0;
	}
	return rc < 0 ? rc : count;
}
