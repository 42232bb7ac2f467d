/* gain.c - see gain.h. */
#include "station/gain.h"

#include <string.h>

#include "base/cleanup.h"
#include "station/clip_store.h"
#include "station/timeline_builder.h"
#include "store/loudness.h"
#include "store/settings.h"
#include "stream/loudness.h"

static int is_on(struct db *db, bool *ret, struct err *err)
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
	rc = is_on(writer, &was, err);
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
	int rc = is_on(db, &on, err);

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

static int exchange(struct db *writer, const struct clip_ahead *ahead, int gain_mb, int64_t lock_ns, struct err *err)
{
	struct clip clip = {
		.file_id = ahead->clip.file_id,
		.in_flicks = ahead->clip.in_flicks,
		.frames = ahead->clip.frames,
		.gain_mb = gain_mb,
		.lengths = ahead->clip.lengths,
	};
	int64_t id;
	int rc = profile_get(ahead->clip.profile, ahead->clip.fps_num, ahead->clip.fps_den, &clip.profile, err);

	if (rc < 0)
		return rc;
	rc = clip_store_put(writer, &clip, ahead->sample_hash, &id, err);
	return rc < 0 ? rc : timeline_exchange_clip(writer, ahead->clip.id, id, lock_ns, err);
}

static int apply_in(struct db *writer, int64_t lock_ns, int64_t file_id, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct clips_ahead list = { 0 };
	int gain_mb = 0, count = 0;
	int rc = gain_of(writer, file_id, &gain_mb, err);

	if (rc == 0)
		rc = clips_ahead(writer, file_id, lock_ns, &arena, &list, err);
	for (size_t i = 0; rc >= 0 && i < list.count; i++) {
		if (list.clips[i].clip.gain_mb == gain_mb)
			continue;
		rc = exchange(writer, &list.clips[i], gain_mb, lock_ns, err);
		count++;
	}
	return rc < 0 ? rc : count;
}

static int apply_one(struct db *writer, const struct station_time *time, int64_t file_id, struct err *err)
{
	int rc = db_begin(writer, err), committed;

	if (rc < 0)
		return rc;
	rc = apply_in(writer, station_now_ns(time) + TIMELINE_LOCK_NS, file_id, err);
	if (rc < 0) {
		db_rollback(writer);
		return err_under(err, "change the gain of file %lld", (long long)file_id);
	}
	committed = db_commit(writer, err);
	return committed < 0 ? committed : rc;
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
