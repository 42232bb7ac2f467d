/* timeline.h - the coarse log (airings) and the fine log (timeline) as rows, and the clips they play.
 * Positions are flicks since the channel's epoch. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/lengths.h"
#include "store/db.h"

struct airing {
	int64_t id, channel_id, start_flicks, end_flicks, item_id; /* item_id 0: none */
	const char *kind, *title;
	const char *cursor; /* JSON: the schedule's state after this airing; where building goes on */
};

struct clip_row { /* as stored; station/on_air.c makes a struct clip of it */
	int64_t id;
	const char *key;
	int64_t file_id; /* 0: slate */
	const char *path; /* absolute, by root and file; NULL for slate or a file that is gone from the store */
	int64_t in_flicks, frames;
	const char *profile;
	int fps_num, fps_den, gain_mb;
	struct lengths lengths; /* of a copied clip's segments; none: by arithmetic */
	bool away; /* its file has left the store or its disk; a slate never had one */
	int64_t size, mtime_ns;	 /* of its file as it was last looked at; size -1: changed since its copy plan was made */
	const char *sample_hash; /* "" unknown */
};

struct timeline_row {
	int64_t channel_id, start_flicks, frames, first_seq, segments, clip_id, k0, item_id, airing_id;
	int64_t discontinuity; /* how many EXT-X-DISCONTINUITY there are up to its beginning; 0 where there are none */
	const char *kind, *title;
	struct clip_row clip; /* filled by timeline_window() and timeline_by_seq() */
};

struct timeline_rows {
	struct timeline_row *rows;
	size_t count;
};

/* Rows that overlap [from, to), in order, at most `limit`. */
int timeline_window(struct db *db, int64_t channel_id, int64_t from_flicks, int64_t to_flicks, size_t limit,
		    struct arena *arena, struct timeline_rows *ret, struct err *err);
/* The row that holds a sequence number; ERR_NOT_FOUND. */
int timeline_by_seq(struct db *db, int64_t channel_id, int64_t seq, struct arena *arena, struct timeline_row *ret,
		    struct err *err);
/* Channels whose log has the clip, or something that stands over it shows it. By the index, a step a channel. */
struct channel_ids {
	int64_t *ids;
	size_t count;
};
int timeline_channels_of_clip(struct db *db, int64_t clip_id, struct arena *arena, struct channel_ids *ret, struct err *err);
/* A channel's rows that play a clip and overlap [from, to), in order. */
int timeline_of_clip(struct db *db, int64_t channel_id, int64_t clip_id, int64_t from_flicks, int64_t to_flicks,
		     struct arena *arena, struct timeline_rows *ret, struct err *err);
/* The last row; ERR_NOT_FOUND when there is none. */
int timeline_last(struct db *db, int64_t channel_id, struct arena *arena, struct timeline_row *ret, struct err *err);

int64_t timeline_row_end(const struct timeline_row *row); /* flicks; the clip must be filled */

int timeline_add(struct db *db, const struct timeline_row *row, struct err *err);
/* The rows from a sequence number on have so many discontinuities more before them. */
int timeline_shift_discontinuity(struct db *db, int64_t channel_id, int64_t first_seq, int64_t by, struct err *err);
/* Removes the rows that start at or after; their airings stay. */
int timeline_cut(struct db *db, int64_t channel_id, int64_t from_flicks, struct err *err);
int airings_add(struct db *db, const struct airing *airing, int64_t *ret_id, struct err *err);
int airings_set_end(struct db *db, int64_t id, int64_t end_flicks, struct err *err);

struct airing_list {
	struct airing *airings;
	size_t count;
};
/* Rows in [from, to) whose file has left the store or its disk, in order. */
int timeline_away(struct db *db, int64_t channel_id, int64_t from_flicks, int64_t to_flicks, struct arena *arena,
		  struct timeline_rows *ret, struct err *err);
int airings_window(struct db *db, int64_t channel_id, int64_t from_flicks, int64_t to_flicks, struct arena *arena,
		   struct airing_list *ret, struct err *err);
/* The last airing; ERR_NOT_FOUND when there is none. */
int airings_last(struct db *db, int64_t channel_id, struct arena *arena, struct airing *ret, struct err *err);
/* The cursor of an airing that took the place of something ("put_off_now" in it); NULL for others. */
int airings_put_off(struct db *db, int64_t id, struct arena *arena, const char **ret_cursor, struct err *err);
/* Of enabled channels, those that begin in [from, to) (station ns) and encode a file that is decoded slower than that. */
int airings_slow(struct db *db, double below, int64_t from_station_ns, int64_t to_station_ns, struct arena *arena,
		 struct airing_list *ret, struct err *err);
/* An airing's rows that encode such a file. */
int timeline_slow(struct db *db, const struct airing *airing, double below, struct arena *arena, struct timeline_rows *ret,
		  struct err *err);
/* Whether the channel ever aired a thing of this kind. */
int airings_has(struct db *db, int64_t channel_id, const char *kind, bool *ret, struct err *err);

/* Where the last `count` airings begin that start at or after `from`; `from` when there are fewer. */
int airings_back(struct db *db, int64_t channel_id, int64_t from_flicks, int64_t count, int64_t *ret, struct err *err);

/* Removes airings that start at or after `from` with their rows; *ret_first is the first of them, untouched with
 * ERR_NOT_FOUND when there was none. Building goes on from the cursor of the last that is left. */
int airings_cut(struct db *db, int64_t channel_id, int64_t from_flicks, struct arena *arena, struct airing *ret_first,
		struct err *err);

/* The copy plan of file f as it is now, where there is one. */
#define CLIPS_PLAN \
	"SELECT 1 FROM copy_plans y WHERE y.file_id = f.id AND y.sample_hash = f.sample_hash AND y.lengths IS NOT NULL"
/* For queries that join `clips c`: its columns, and the join that its path needs; clips_read() reads them from `at` on. */
#define CLIPS_COLUMNS \
	"c.id, c.key, coalesce(c.file_id, 0), c.in_flicks, c.frames, c.profile, c.fps_num, c.fps_den, c.gain_mb, " \
	"r.path, f.path, c.lengths, f.state IS NOT 'present', CASE WHEN c.lengths IS NOT NULL AND NOT EXISTS (" CLIPS_PLAN \
	") THEN -1 ELSE f.size END, f.mtime_ns, " \
	"coalesce(f.sample_hash, '')"
#define CLIPS_FILES "LEFT JOIN files f ON f.id = c.file_id LEFT JOIN roots r ON r.id = f.root_id "
void clips_read(sqlite3_stmt *stmt, int at, struct arena *arena, struct clip_row *ret);

/* Finds the clip by its key or adds it. */
int clips_put(struct db *db, const struct clip_row *clip, int64_t *ret_id, struct err *err);
/* Clips of files that are decoded slower than that and air on an enabled channel between the two instants. */
struct clip_rows {
	struct clip_row *clips;
	size_t count;
};
int clips_slow(struct db *db, double below, int64_t from_station_ns, int64_t to_station_ns, struct arena *arena,
	       struct clip_rows *ret, struct err *err);

/* Next time (station ms, in the past when it is on now) that any enabled channel needs the clip; INT64_MAX never. For
 * the cache. */
int clips_next_need_ms(struct db *db, const char *key, int64_t now_station_ns, int64_t *ret_station_ms, struct err *err);

/* Clips of a file that rows play which begin at or after a station time, or are of a channel that nobody has watched yet; with the
 * file's sample hash ("" none). */
struct clip_ahead {
	struct clip_row clip; /* without path */
	const char *sample_hash;
};
struct clips_ahead {
	struct clip_ahead *clips;
	size_t count;
};
int clips_ahead(struct db *db, int64_t file_id, int64_t from_station_ns, struct arena *arena, struct clips_ahead *ret,
		struct err *err);
/* Those rows of the next channel after *channel_id play another clip of the same plan instead; *channel_id 0 at the end. */
int timeline_exchange_clip(struct db *db, int64_t clip_id, int64_t other_id, int64_t from_station_ns, int64_t *channel_id,
			   struct err *err);
/* The next file after `after` that has clips; 0 in *ret at the end. */
int clips_next_file(struct db *db, int64_t after, int64_t *ret, struct err *err);
