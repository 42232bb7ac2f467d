/* fault.c - see fault.h. Beyond the lock the builder leaves the file out by itself, or takes another profile. */
#include "station/fault.h"

#include <string.h>

#include "base/cleanup.h"
#include "station/on_air.h"
#include "station/override.h"
#include "station/position.h"
#include "station/timeline_builder.h"
#include "store/files.h"

#define CHANNELS_AT_ONCE 64

struct fault {
	struct db *db;
	const struct clip *clip;
	int64_t now_ns, for_ns;
	const char *kind, *why;
	int64_t instead; /* id of the clip that is shown; 0: slate */
	const char *sample_hash; /* of what is shown; NULL: of the file as it is in the store */
	fault_has *has;
	void *context;
};

/* Segments of a channel that show the failed clip: k0 is shown at seq_from. */
struct stretch {
	int64_t seq_from, seq_to, k0;
};

/* Past what another report of the same clip has covered already. */
static int pass_known(const struct fault *f, const struct channel *channel, struct override *override,
		      struct arena *arena, struct err *err)
{
	struct override_list there = { 0 };
	int rc = overrides_window(f->db, channel->id, override->seq_from, override->seq_to, arena, &there, err);

	for (size_t i = 0; rc == 0 && i < there.count; i++) {
		const struct override *o = &there.overrides[i];

		bool known = strcmp(o->kind, "failed") == 0 ||
			     (strcmp(o->kind, f->kind) == 0 && o->clip.id != f->clip->id);

		if (known && o->seq_from <= override->seq_from && o->seq_to > override->seq_from)
			override->seq_from = o->seq_to;
	}
	return rc;
}

/* 1 when something stands over some of it now. */
static int cover(const struct fault *f, const struct channel *channel, const struct stretch *s, struct arena *arena,
		 struct err *err)
{
	struct override override = { .kind = f->kind, .reason = f->why, .seq_to = s->seq_to, .clip.id = f->instead };
	int64_t until = position_flicks(channel->epoch_ns, f->now_ns + OVERRIDE_LOCK_NS + f->for_ns), limit;

	if (override_first(f->db, channel, f->now_ns, &override.seq_from, err) < 0)
		return -(int)ERR_STORE;
	if (override.seq_from < s->seq_from)
		override.seq_from = s->seq_from;
	while (override.seq_from < override.seq_to &&
	       f->has(f->context, f->clip->key, s->k0 + override.seq_from - s->seq_from))
		override.seq_from++;
	if (f->for_ns > 0) {
		if (on_air_next(f->db, channel, until, arena, &limit, err) < 0)
			return -(int)ERR_STORE;
		if (override.seq_to > limit)
			override.seq_to = limit;
	}
	if (pass_known(f, channel, &override, arena, err) < 0)
		return -(int)ERR_STORE;
	if (override.seq_from >= override.seq_to)
		return 0;
	override.k0 = s->k0 + override.seq_from - s->seq_from;
	return override_set(f->db, channel, f->now_ns, &override, err) < 0 ? -(int)ERR_STORE : override.id != 0;
}

static int cover_rows(const struct fault *f, const struct channel *channel, struct arena *arena, struct err *err)
{
	int64_t from = position_flicks(channel->epoch_ns, f->now_ns), found = 0;
	int64_t to = position_flicks(channel->epoch_ns, f->now_ns + TIMELINE_LOCK_NS);
	struct timeline_rows rows = { 0 };
	int rc = timeline_of_clip(f->db, channel->id, f->clip->id, from, to, arena, &rows, err);

	for (size_t i = 0; rc >= 0 && i < rows.count; i++) {
		const struct timeline_row *row = &rows.rows[i];
		struct stretch s = { row->first_seq, row->first_seq + row->segments, row->k0 };

		rc = cover(f, channel, &s, arena, err);
		found += rc > 0;
	}
	return rc < 0 ? rc : found > 0;
}

/* Where the clip itself stands over something: a fallback that fails too. */
static int cover_overrides(const struct fault *f, const struct channel *channel, struct arena *arena, struct err *err)
{
	struct override_list list = { 0 };
	int64_t first, found = 0;
	int rc = override_first(f->db, channel, f->now_ns, &first, NULL);

	if (rc < 0)
		return 0; /* no log */
	rc = overrides_of_clip(f->db, channel->id, f->clip->id, first, arena, &list, err);
	for (size_t i = 0; rc >= 0 && i < list.count; i++) {
		const struct override *o = &list.overrides[i];
		struct stretch s = { o->seq_from, o->seq_to, o->k0 };

		rc = cover(f, channel, &s, arena, err);
		found += rc > 0;
	}
	return rc < 0 ? rc : found > 0;
}

/* Of those channels; how many have something over them now. */
static int cover_some(const struct fault *f, const int64_t *ids, size_t n, struct err *err)
{
	int count = 0, rc = 0;

	for (size_t i = 0; i < n && rc >= 0; i++) {
		CLEANUP(arena_free) struct arena arena = { 0 };
		struct channel channel;
		struct err gone = { 0 };
		int rows = channels_get(f->db, ids[i], &arena, &channel, &gone);

		if (rows == -(int)ERR_NOT_FOUND) /* it was removed since they were listed */
			continue;
		if (rows < 0)
			err_set(err, gone.code, "%s", gone.text);
		if (rows >= 0)
			rows = cover_rows(f, &channel, &arena, err);
		rc = rows < 0 ? rows : cover_overrides(f, &channel, &arena, err);
		count += rc >= 0 && (rows > 0 || rc > 0);
	}
	return rc < 0 ? rc : count;
}

/* The same frames of the same file in the other profile, as a row. */
static int put_instead(struct fault *f, const struct profile *profile, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct clip clip = *f->clip;
	struct clip_row row = { .key = clip.key,
				.file_id = clip.file_id,
				.in_flicks = clip.in_flicks,
				.frames = clip.frames,
				.profile = profile->name,
				.fps_num = profile->fps_num,
				.fps_den = profile->fps_den,
				.gain_mb = clip.gain_mb };
	struct file file;

	if (files_get(f->db, clip.file_id, &arena, &file, err) < 0)
		return -(int)err->code;
	clip.profile = *profile;
	clip_set_key_of_file(&clip, f->sample_hash ? f->sample_hash : file.sample_hash);
	return clips_put(f->db, &row, &f->instead, err);
}

/* Channels one after the other, a few a transaction: others write too. */
static int cover_all(struct fault *f, const struct station_time *time, const struct profile *instead,
		     const struct channel_ids *list, struct err *err)
{
	int count = 0;

	for (size_t i = 0; i < list->count; i += CHANNELS_AT_ONCE) {
		size_t left = list->count - i;
		int rc = db_begin(f->db, err), committed;

		if (rc < 0)
			return rc;
		f->now_ns = station_now_ns(time);
		if (i == 0 && instead)
			rc = put_instead(f, instead, err);
		if (rc >= 0)
			rc = cover_some(f, list->ids + i, left < CHANNELS_AT_ONCE ? left : CHANNELS_AT_ONCE, err);
		if (rc < 0) {
			db_rollback(f->db);
			return rc;
		}
		committed = db_commit(f->db, err);
		if (committed < 0)
			return committed;
		count += rc;
		db_give_way(f->db);
	}
	return count;
}

static int put(struct fault *f, const struct station_time *time, const struct profile *instead, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct channel_ids list;
	int rc;

	db_lock(f->db);
	rc = timeline_channels_of_clip(f->db, f->clip->id, &arena, &list, err);
	db_unlock(f->db);
	if (rc >= 0)
		rc = cover_all(f, time, instead, &list, err);
	return rc < 0 ? err_under(err, "put something over a clip that failed") : rc;
}

int fault_put(struct db *writer, const struct station_time *time, const struct clip *clip, int64_t for_ns,
	      const char *why, fault_has *has, void *context, struct err *err)
{
	struct fault fault = { .db = writer, .clip = clip, .for_ns = for_ns, .kind = "failed", .why = why, .has = has,
			       .context = context };

	return put(&fault, time, NULL, err);
}

int fault_fall_back(struct db *writer, const struct station_time *time, const struct clip *clip,
		    const struct profile *profile, const char *why, fault_has *has, void *context, struct err *err)
{
	struct fault fault = { .db = writer, .clip = clip, .kind = "fallback", .why = why, .has = has,
			       .context = context };

	if (profile->fps_num != clip->profile.fps_num || profile->fps_den != clip->profile.fps_den)
		return err_set(err, ERR_INVALID, "a clip at %d/%d pictures a second cannot stand over one at %d/%d",
			       profile->fps_num, profile->fps_den, clip->profile.fps_num, clip->profile.fps_den);
	if (profile->hash == clip->profile.hash)
		return 0;
	return put(&fault, time, profile, err);
}

int fault_exchange(struct db *writer, const struct station_time *time, const struct clip *clip, const char *sample_hash,
		   const char *why, fault_has *has, void *context, struct err *err)
{
	struct fault fault = { .db = writer, .clip = clip, .kind = "fallback", .why = why, .sample_hash = sample_hash,
			       .has = has, .context = context };

	return put(&fault, time, &clip->profile, err);
}

int fault_too_slow(struct db *writer, const struct station_time *time, const struct clip *clip, const char *why,
		   fault_has *has, void *context, struct err *err)
{
	struct fault fault = { .db = writer, .clip = clip, .kind = "slow", .why = why, .has = has, .context = context };

	return put(&fault, time, NULL, err);
}
