/* station_fixture.c - see station_fixture.h. */
#include "lib/station_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "station/lineup.h"
#include "station/timeline_builder.h"
#include "store/channels.h"
#include "store/timeline.h"
#include "stream/plan.h"

static int64_t wall(void *context)
{
	return ((struct station_fixture *)context)->wall_ns;
}

static int64_t boot(void *context)
{
	return ((struct station_fixture *)context)->boot_ns;
}

static void boot_id(void *context, char *to, size_t size)
{
	snprintf(to, size, "%s", ((struct station_fixture *)context)->boot);
}

void station_fixture_open(struct station_fixture *f, int64_t wall_ms)
{
	struct err err = { 0 };

	*f = (struct station_fixture) { .dir = test_dir(),
					.wall_ns = wall_ms * CLOCK_MS,
					.boot_ns = 5 * CLOCK_SECOND };
	snprintf(f->boot, sizeof(f->boot), "boot-1");
	f->clocks = (struct station_clocks) { f, wall, boot, boot_id };
	f->store = store_open(f->dir, true, &err);
	assert_non_null(f->store);
	f->db = store_writer(f->store);
	/* Not what these tests are about, and most of their time. */
	sqlite3_exec(db_sqlite(f->db), "PRAGMA synchronous=OFF", NULL, NULL, NULL);
	f->time = station_time_open_with(f->db, &f->clocks, &err);
	assert_non_null(f->time);
	test_ok(db_run(f->db, &err,
		       "INSERT INTO roots (path, kind, state, added_ms) VALUES (?, 'auto', 'ok', 0)", "b",
		       "/videos", (int64_t)7),
		&err);
	f->root_id = db_last_id(f->db);
}

void station_fixture_close(struct station_fixture *f)
{
	station_time_free(f->time);
	store_close(f->store);
	free(f->dir);
}

void station_fixture_pass(struct station_fixture *f, int64_t ns)
{
	f->wall_ns += ns;
	f->boot_ns += ns;
}

static int64_t show_id(struct station_fixture *f, const char *show)
{
	struct err err = { 0 };
	int64_t id = 0;

	test_ok(db_int(f->db, &id, 0, &err, "SELECT id FROM items WHERE kind = 'show' AND title = ?", "t",
		       show),
		&err);
	if (id)
		return id;
	test_ok(db_run(f->db, &err,
		       "INSERT INTO items (kind, title, sort_title, added_ms, changed_ms) VALUES ('show', "
		       "?1, ?1, 0, 0)",
		       "t", show),
		&err);
	return db_last_id(f->db);
}

int64_t station_fixture_item(struct station_fixture *f, const struct fixture_item *item)
{
	int64_t parent = item->show ? show_id(f, item->show) : 0, item_id, file_id;
	struct err err = { 0 };
	char path[64], hash[40];

	test_ok(db_run(f->db, &err,
		       "INSERT INTO items (kind, parent_id, title, sort_title, episode_title, year, season, "
		       "episode, "
		       "duration_ms, added_ms, changed_ms) VALUES (?1, nullif(?2, 0), ?3, ?3, ?3, nullif(?4, "
		       "0), "
		       "nullif(?5, 0), nullif(?6, 0), ?7, 0, 0)",
		       "titiiii", item->kind, parent, item->title, (int64_t)item->year, (int64_t)item->season,
		       (int64_t)item->episode, item->flicks / 705600),
		&err);
	item_id = db_last_id(f->db);
	snprintf(path, sizeof(path), "%lld.mkv", (long long)item_id);
	snprintf(hash, sizeof(hash), "%032llx", (long long)item_id);
	test_ok(db_run(f->db, &err,
		       "INSERT INTO files (root_id, path, dev, inode, size, mtime_ns, sample_hash, "
		       "media_state, added_ms, "
		       "seen_ms) VALUES (?, ?, 1, ?, 1, 1, ?, 'ok', 0, 0)",
		       "ibit", f->root_id, path, (int64_t)strlen(path), item_id, hash),
		&err);
	file_id = db_last_id(f->db);
	test_ok(db_run(f->db, &err, "INSERT INTO item_files (item_id, file_id, part) VALUES (?, ?, 1)", "ii",
		       item_id, file_id),
		&err);
	test_ok(db_run(f->db, &err,
		       "INSERT INTO probes (file_id, duration_ms, duration_flicks, container, has_video, "
		       "fps_num, fps_den, "
		       "audio_codec, probed_ms) VALUES (?, ?, ?, 'matroska', 1, ?, ?, 'aac', 0)",
		       "iiiii", file_id, item->flicks / 705600, item->flicks,
		       (int64_t)(item->fps_num ? item->fps_num : 25),
		       (int64_t)(item->fps_den ? item->fps_den : 1)),
		&err);
	return item_id;
}

void station_fixture_remove_item(struct station_fixture *f, int64_t item_id)
{
	struct err err = { 0 };

	test_ok(db_run(f->db, &err,
		       "UPDATE files SET state = 'missing' WHERE id IN (SELECT file_id FROM item_files WHERE "
		       "item_id = ?)",
		       "i", item_id),
		&err);
}

void station_fixture_break(struct station_fixture *f, int64_t item_id, int64_t start_ms, int64_t end_ms)
{
	struct err err = { 0 };

	test_ok(db_run(f->db, &err,
		       "INSERT OR IGNORE INTO markers (item_id, start_ms, end_ms) VALUES (?, ?, nullif(?, "
		       "0))",
		       "iii", item_id, start_ms, end_ms),
		&err);
}

int64_t station_fixture_channel(struct station_fixture *f, int number, const char *name, const char *rules,
				int64_t seed)
{
	struct channel channel = { .number = number, .name = name, .hue = -1, .enabled = true };
	struct err err = { 0 };
	int64_t id;

	test_ok(lineup_add(f->db, f->time, &channel, rules, &id, &err), &err);
	test_ok(db_run(f->db, &err, "UPDATE schedules SET seed = ?2 WHERE channel_id = ?1", "ii", id, seed),
		&err);
	return id;
}

void station_fixture_build(struct station_fixture *f, int64_t channel_id, int64_t until_ns)
{
	struct err err = { 0 };
	int rc;

	while ((rc = timeline_build(f->db, f->time, channel_id, until_ns, 100, &err)) > 0)
		;
	test_ok(rc, &err);
}

static void check_airings(struct station_fixture *f, int64_t channel_id, int64_t first, int64_t end,
			  struct arena *arena)
{
	struct err err = { 0 };
	struct airing_list list;
	int64_t at = first;

	test_ok(airings_window(f->db, channel_id, INT64_MIN / 2, INT64_MAX, arena, &list, &err), &err);
	for (size_t i = 0; i < list.count; i++) {
		struct timeline_rows rows;

		assert_int_equal(list.airings[i].start_flicks, at);
		assert_true(list.airings[i].end_flicks > at);
		at = list.airings[i].end_flicks;
		test_ok(timeline_window(f->db, channel_id, list.airings[i].start_flicks, at, SIZE_MAX, arena,
					&rows, &err),
			&err);
		assert_true(rows.count > 0);
		assert_int_equal(rows.rows[0].start_flicks, list.airings[i].start_flicks);
		assert_int_equal(timeline_row_end(&rows.rows[rows.count - 1]), at);
		for (size_t r = 0; r < rows.count; r++)
			assert_int_equal(rows.rows[r].airing_id, list.airings[i].id);
	}
	assert_int_equal(at, end);
}

size_t station_fixture_check(struct station_fixture *f, int64_t channel_id)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct err err = { 0 };
	struct timeline_rows list;
	struct channel channel;

	test_ok(channels_get(f->db, channel_id, &arena, &channel, &err), &err);
	test_ok(timeline_window(f->db, channel_id, INT64_MIN / 2, INT64_MAX, SIZE_MAX, &arena, &list, &err),
		&err);
	assert_true(list.count > 0);
	assert_int_equal(list.rows[0].start_flicks, 0);
	assert_int_equal(list.rows[0].first_seq, channel.generation);
	for (size_t i = 0; i < list.count; i++) {
		const struct timeline_row *row = &list.rows[i];
		struct plan_rate rate = { row->clip.fps_num, row->clip.fps_den };

		assert_int_equal(rate.num, channel.fps_num);
		assert_int_equal(rate.den, channel.fps_den);
		assert_true(row->frames >= plan_min_frames(rate));
		assert_int_equal(row->k0, 0);
		assert_int_equal(row->frames, row->clip.frames);
		assert_int_equal(row->segments, plan_segments(row->frames, rate));
		if (strcmp(row->kind, "slate") == 0)
			assert_true(row->frames * plan_frame_flicks(rate) <= 600 * PLAN_FLICKS);
		assert_true((row->clip.path == NULL) ==
			    (strcmp(row->kind, "slate") == 0 || strcmp(row->kind, "offair") == 0));
		if (i + 1 < list.count) {
			assert_int_equal(timeline_row_end(row), row[1].start_flicks);
			assert_int_equal(row->first_seq + row->segments, row[1].first_seq);
		}
	}
	check_airings(f, channel_id, 0, timeline_row_end(&list.rows[list.count - 1]), &arena);
	return list.count;
}

char *station_fixture_dump(struct station_fixture *f, int64_t channel_id, int64_t from_flicks,
			   int64_t to_flicks)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct err err = { 0 };
	struct timeline_rows list;
	struct buf text = { 0 };

	test_ok(timeline_window(f->db, channel_id, from_flicks, to_flicks, SIZE_MAX, &arena, &list, &err),
		&err);
	for (size_t i = 0; i < list.count; i++) {
		const struct timeline_row *r = &list.rows[i];

		if (r->start_flicks >= from_flicks)
			buf_addf(&text, "%lld %lld %lld %lld %s %lld %s %s\n", (long long)r->start_flicks,
				 (long long)r->frames, (long long)r->first_seq, (long long)r->segments,
				 r->clip.key, (long long)r->item_id, r->kind, r->title);
	}
	buf_addc(&text, '\n');
	return text.data;
}

int64_t station_fixture_add(struct station_fixture *f, const char *kind, const char *title, int64_t seconds)
{
	return station_fixture_item(
		f, &(struct fixture_item) { .kind = kind, .title = title, .flicks = seconds * PLAN_FLICKS });
}

struct timeline_rows station_fixture_log(struct station_fixture *f, int64_t id, struct arena *arena)
{
	struct err err = { 0 };
	struct timeline_rows rows;

	test_ok(timeline_window(f->db, id, INT64_MIN / 2, INT64_MAX, SIZE_MAX, arena, &rows, &err), &err);
	return rows;
}

struct airing_list station_fixture_airings(struct station_fixture *f, int64_t id, struct arena *arena)
{
	struct err err = { 0 };
	struct airing_list list;

	test_ok(airings_window(f->db, id, INT64_MIN / 2, INT64_MAX, arena, &list, &err), &err);
	return list;
}

int64_t station_fixture_draw(uint64_t *rng, int64_t n)
{
	*rng = *rng * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (int64_t)((*rng >> 33) % (uint64_t)n);
}

int64_t station_fixture_flicks(uint64_t *rng, int64_t most_ms)
{
	return (300 + station_fixture_draw(rng, most_ms)) * 705600 + station_fixture_draw(rng, 705600);
}

bool nothing_cached(void *context, const char *key, int64_t k)
{
	(void)context;
	(void)key;
	(void)k;
	return false;
}
