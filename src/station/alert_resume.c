/* alert_resume.c - see alert_resume.h.
 *
 * The clip that is shown later is a clip of its own: it begins as much earlier in the file, so that its segments have the
 * same numbers and frames as those of the row. Its beginning may lie before the file's; that part is never shown. */
#include "station/alert_resume.h"

#include <string.h>

#include "base/cleanup.h"
#include "station/clip_store.h"
#include "station/discontinuity.h"
#include "station/on_air.h"
#include "station/override.h"
#include "station/position.h"
#include "station/timeline_builder.h"
#include "store/files.h"
#include "store/timeline.h"

struct resume {
	struct db *db;
	const struct channel *channel;
	const struct override *alert;
	struct arena *arena;
	struct timeline_row row;     /* that is broken into */
	struct timeline_rows behind; /* the rest of its airing */
	struct airing airing;
	struct clip clip; /* of the row */
	struct plan_rate rate;
	int64_t frames; /* that the alert covers */
	const char *hash;
};

static int64_t flicks(const struct resume *r, int64_t frames)
{
	return frames * plan_frame_flicks(r->rate);
}

static int64_t first_frame(const struct resume *r, int64_t seq)
{
	return plan_segment(r->clip.frames, r->rate, r->row.k0 + seq - r->row.first_seq).first_frame;
}

/* 1 when it can be done. */
static int look(struct resume *r, int64_t now_ns, struct err *err)
{
	int64_t lock = position_flicks(r->channel->epoch_ns, now_ns + TIMELINE_LOCK_NS), end;
	struct airing_list airings;
	struct file file;
	int rc = timeline_by_seq(r->db, r->channel->id, r->alert->seq_from, r->arena, &r->row, err);

	if (rc < 0)
		return rc;
	end = timeline_row_end(&r->row);
	if (r->alert->seq_to >= r->row.first_seq + r->row.segments || end <= lock || !r->row.clip.path)
		return 0;
	if (on_air_clip(&r->row.clip, &r->clip, err) < 0 ||
	    files_get(r->db, r->clip.file_id, r->arena, &file, err) < 0 ||
	    airings_window(r->db, r->channel->id, r->row.start_flicks, r->row.start_flicks + 1, r->arena, &airings, err) < 0)
		return -(int)ERR_STORE;
	if (airings.count != 1 || clip_is_copy(&r->clip)) /* a copy can be cut at its key pictures only */
		return 0;
	r->airing = airings.airings[0];
	r->hash = file.sample_hash;
	r->rate = clip_rate(&r->clip);
	r->frames = first_frame(r, r->alert->seq_to) - first_frame(r, r->alert->seq_from);
	if (r->frames < plan_min_frames(r->rate))
		return 0;
	rc = end < r->airing.end_flicks ? timeline_window(r->db, r->channel->id, end, r->airing.end_flicks, SIZE_MAX,
							  r->arena, &r->behind, err) :
					  0;
	return rc < 0 ? rc : 1;
}

/* Until the end of the row: the same, so many frames later. */
static int show_later(struct resume *r, int64_t now_ns, struct err *err)
{
	struct override later = { .kind = "resume",
				  .reason = "it goes on where the alert broke in",
				  .seq_from = r->alert->seq_to,
				  .seq_to = r->row.first_seq + r->row.segments,
				  .k0 = r->row.k0 + r->alert->seq_to - r->row.first_seq };
	struct clip clip = r->clip;

	clip.in_flicks -= flicks(r, r->frames);
	if (clip_store_put(r->db, &clip, r->hash, &later.clip.id, err) < 0)
		return -(int)ERR_STORE;
	return override_set(r->db, r->channel, now_ns, &later, err);
}

/* The frames that the row has no room for any more. */
static int add_rest(struct resume *r, struct timeline_row *rest, struct err *err)
{
	int64_t end_frame = plan_segment(r->clip.frames, r->rate, r->row.k0).first_frame + r->row.frames;
	struct clip clip = r->clip;

	clip.in_flicks += flicks(r, end_frame - r->frames);
	clip.frames = r->frames;
	*rest = r->row;
	rest->start_flicks = timeline_row_end(&r->row);
	rest->frames = r->frames;
	rest->first_seq = r->row.first_seq + r->row.segments;
	rest->segments = plan_segments(r->frames, r->rate);
	rest->k0 = 0;
	if (clip_store_put(r->db, &clip, r->hash, &rest->clip_id, err) < 0)
		return -(int)ERR_STORE;
	return timeline_add(r->db, rest, err);
}

static int move_rows(struct resume *r, struct err *err)
{
	struct airing dropped;
	struct timeline_row rest;
	int rc = airings_cut(r->db, r->channel->id, r->airing.end_flicks, r->arena, &dropped, NULL);

	if (rc < 0 && rc != -(int)ERR_NOT_FOUND)
		return err_set(err, ERR_STORE, "drop what follows");
	if (timeline_cut(r->db, r->channel->id, timeline_row_end(&r->row), err) < 0 || add_rest(r, &rest, err) < 0)
		return -(int)ERR_STORE;
	rc = airings_set_end(r->db, r->airing.id, r->airing.end_flicks + flicks(r, r->frames), err);
	for (size_t i = 0; rc == 0 && i < r->behind.count; i++) {
		struct timeline_row row = r->behind.rows[i];

		row.start_flicks += flicks(r, r->frames);
		row.first_seq += rest.segments;
		rc = timeline_add(r->db, &row, err);
	}
	return rc < 0 ? rc : discontinuity_renumber(r->db, r->channel, r->row.first_seq, INT64_MAX, err);
}

int alert_resume(struct db *writer, const struct station_time *time, const struct channel *channel,
		 const struct override *alert, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct resume r = { .db = writer, .channel = channel, .alert = alert, .arena = &arena };
	int64_t now_ns = station_now_ns(time);
	int rc = db_begin(writer, err), done;

	if (rc < 0)
		return rc;
	done = look(&r, now_ns, err);
	rc = done > 0 ? show_later(&r, now_ns, err) : done;
	if (rc == 0 && done > 0)
		rc = move_rows(&r, err);
	if (rc < 0) {
		db_rollback(writer);
		return err_under(err, "move what follows on channel %d", channel->number);
	}
	rc = db_commit(writer, err);
	return rc < 0 ? rc : done;
}

/* The first number, from seq on, at which it shows what its file has: near the beginning of a file there is not as much before
 * what was broken into as the alert is shorter. */
static int first_there(const struct override *later, int64_t seq, int64_t *ret_seq, struct err *err)
{
	struct clip clip;
	int rc = on_air_clip(&later->clip, &clip, err);

	for (; rc == 0 && seq < later->seq_from; seq++) {
		int64_t k = later->k0 - (later->seq_from - seq);

		if (k >= 0 && clip.in_flicks + plan_segment(clip.frames, clip_rate(&clip), k).first_frame *
						       plan_frame_flicks(clip_rate(&clip)) >= 0)
			break;
	}
	if (rc == 0)
		*ret_seq = seq;
	return rc;
}

/* From `first` on it is shown, or slate until it can be: what the row shows there would be seen before its time. */
static int show_sooner(struct db *db, const struct channel *channel, int64_t now_ns, const struct override *later, int64_t first,
		       struct err *err)
{
	struct override slate = { .kind = later->kind, .reason = "its file begins later", .seq_from = first };
	int rc = first_there(later, first, &slate.seq_to, err);

	if (rc == 0)
		rc = overrides_move(db, later->id, slate.seq_to, later->seq_to, err);
	return rc < 0 || slate.seq_to == first ? rc : override_set(db, channel, now_ns, &slate, err);
}

int alert_resume_sooner(struct db *writer, const struct station_time *time, const struct channel *channel,
			const struct override *alert, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct override_list list;
	int64_t now_ns = station_now_ns(time), first;
	int rc = override_first(writer, channel, now_ns, &first, err);

	if (rc == 0)
		rc = overrides_window(writer, channel->id, alert->seq_to, alert->seq_to + 1, &arena, &list, err);
	for (size_t i = 0; rc == 0 && i < list.count; i++) {
		struct override *later = &list.overrides[i];

		if (strcmp(later->kind, "resume") != 0 || later->seq_from != alert->seq_to)
			continue;
		if (first < later->seq_from)
			rc = show_sooner(writer, channel, now_ns, later, first > alert->seq_from ? first : alert->seq_from,
					 err);
		if (rc == 0)
			rc = discontinuity_renumber(writer, channel, alert->seq_from, later->seq_to, err);
	}
	return rc;
}
