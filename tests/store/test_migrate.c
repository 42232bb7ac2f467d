/* A database of an earlier version, with data, comes to the newest one and keeps all of it. */
#include "lib/testlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "store/alerts.h"
#include "store/copy_plans.h"
#include "store/db.h"
#include "store/migrate.h"
#include "store/overrides.h"
#include "store/probes.h"

/* What a database of version 1 held. */
static const char *const version_1[] = {
	"INSERT INTO settings VALUES ('a', 'b')",
	"INSERT INTO roots (id, path, added_ms) VALUES (1, x'2f76', 5)",
	"INSERT INTO files (id, root_id, path, dev, inode, size, mtime_ns, added_ms, seen_ms) "
	"VALUES (3, 1, x'612e6d6b76', 1, 2, 3, 4, 5, 6)",
	"INSERT INTO channels (id, number, name, generation, epoch_ns, created_ms) VALUES (9, 1, 'One', 100, 0, 0)",
	"INSERT INTO clips (id, key, file_id, in_flicks, frames, profile, fps_num, fps_den) "
	"VALUES (4, '0123456789abcdef0123456789abcdef', 3, 0, 500, '480p', 25, 1)",
	"INSERT INTO airings (id, channel_id, start_flicks, end_flicks, kind, title, cursor) "
	"VALUES (5, 9, 0, 14112000000, 'programme', 'x', '{}')",
	"INSERT INTO timeline (channel_id, start_flicks, frames, first_seq, segments, clip_id, kind, airing_id, title) "
	"VALUES (9, 0, 500, 100, 10, 4, 'programme', 5, 'x')",
};

static int64_t one(struct db *db, const char *sql)
{
	struct err err = { 0 };
	sqlite3_stmt *stmt = db_query_text(db, sql, &err);
	int64_t value;

	assert_non_null(stmt);
	assert_int_equal(db_step(db, stmt, &err), 1);
	value = sqlite3_column_int64(stmt, 0);
	db_done(db, stmt);
	return value;
}

/* What one of version 7 held: a film with a probe and a person by hand, and one whose people nobody set. */
static const char *const version_7[] = {
	"INSERT INTO roots (id, path, added_ms) VALUES (1, x'2f76', 5)",
	"INSERT INTO files (id, root_id, path, dev, inode, size, mtime_ns, added_ms, seen_ms) "
	"VALUES (3, 1, x'612e6d6b76', 1, 2, 3, 4, 5, 6), (4, 1, x'622e6d6b76', 1, 3, 3, 4, 5, 6)",
	"INSERT INTO items (id, kind, title, sort_title, added_ms, changed_ms) VALUES (7, 'movie', 'A', 'a', 1, 1), "
	"(8, 'movie', 'B', 'b', 1, 1)",
	"INSERT INTO item_files (item_id, file_id, part) VALUES (7, 3, 1), (8, 4, 1)",
	"INSERT INTO item_people (item_id, name) VALUES (7, 'Ann Lee')",
	"INSERT INTO probes (file_id, duration_ms, duration_flicks, container, has_video, probed_ms) VALUES "
	"(3, 1, 705600, 'matroska', 1, 1), (4, 2, 1411200, 'matroska', 1, 1)",
};

/* What one of version 12 held: a film with a plan for copying, in a log that copies it and in one that does not. */
static const char *const version_12[] = {
	"INSERT INTO roots (id, path, added_ms) VALUES (1, x'2f76', 5)",
	"INSERT INTO files (id, root_id, path, dev, inode, size, mtime_ns, added_ms, seen_ms, sample_hash, media_state) "
	"VALUES (3, 1, x'612e6d6b76', 1, 2, 3, 4, 5, 6, 'abc', 'ok')",
	"INSERT INTO copy_plans (file_id, sample_hash, width, height, lengths, made_ms) VALUES (3, 'abc', 320, 180, x'a08d06a08d06', 1)",
	"INSERT INTO clips (id, key, file_id, in_flicks, frames, profile, fps_num, fps_den, lengths) VALUES "
	"(4, '0123456789abcdef0123456789abcdef', 3, 0, 200000, 'source', 90000, 1, x'a08d06a08d06'), "
	"(5, '1123456789abcdef0123456789abcdef', 3, 0, 500, '480p', 25, 1, NULL)",
};

/* A new database, emptied, and brought to one version alone, with rows. */
static void make_version(const char *dir, int version, const char *const *rows, size_t count)
{
	struct err err = { 0 };
	struct db *db = db_open(dir, DB_WRITE, &err);

	assert_non_null(db);
	sqlite3_db_config(db_sqlite(db), SQLITE_DBCONFIG_RESET_DATABASE, 1, 0);
	assert_int_equal(sqlite3_exec(db_sqlite(db), "VACUUM", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_db_config(db_sqlite(db), SQLITE_DBCONFIG_RESET_DATABASE, 0, 0);
	test_ok(migrate_up_to(db, version, &err), &err);
	assert_int_equal(one(db, "PRAGMA user_version"), version);
	for (size_t i = 0; i < count; i++)
		if (sqlite3_exec(db_sqlite(db), rows[i], NULL, NULL, NULL) != SQLITE_OK)
			fail_msg("%s: %s", rows[i], sqlite3_errmsg(db_sqlite(db)));
	db_close(db);
}

static void from_version_1_with_data(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct alert alert = { .text = "It's \"that\"; %s", .channels = "[9]", .priority = 7, .for_ms = 1000 };
	struct override override = { .channel_id = 9, .seq_from = 101, .seq_to = 103, .kind = "alert" };
	struct err err = { 0 };
	struct db *db;

	(void)state;
	make_version(dir, 1, version_1, ARRAY_LEN(version_1));
	assert_null(db_open(dir, DB_READ, &err)); /* a reader does not migrate */
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	err_clear(&err);
	db = db_open(dir, DB_WRITE, &err);
	assert_non_null(db);
	assert_int_equal(one(db, "PRAGMA user_version"), db_schema_version());
	assert_int_equal(one(db, "SELECT count(*) FROM timeline JOIN clips ON clips.id = clip_id JOIN files ON "
				 "files.id = file_id JOIN airings ON airings.id = airing_id"),
			 1);
	assert_int_equal(one(db, "SELECT segments FROM timeline WHERE channel_id = 9 AND first_seq = 100"), 10);
	assert_int_equal(one(db, "SELECT count(*) FROM settings WHERE name = 'a' AND value = 'b'"), 1);
	assert_int_equal(one(db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
	test_ok(alerts_add(db, &alert, &override.alert_id, &err), &err);
	test_ok(overrides_add(db, &override, &override.id, &err), &err);
	test_ok(overrides_at(db, 9, 102, &arena, &override, &err), &err);
	assert_string_equal(override.card, alert.text);
	assert_int_equal(one(db, "DELETE FROM channels WHERE id = 9 RETURNING id"), 9);
	assert_int_equal(one(db, "SELECT count(*) FROM overrides"), 0);
	db_close(db);
}

static void from_version_7_with_data(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct probe probe;
	struct err err = { 0 };
	struct db *db;

	(void)state;
	make_version(dir, 7, version_7, ARRAY_LEN(version_7));
	db = db_open(dir, DB_WRITE, &err);
	assert_non_null(db);
	assert_int_equal(one(db, "PRAGMA user_version"), db_schema_version());
	test_ok(probes_get(db, 4, &arena, &probe, &err), &err);
	assert_int_equal(probe.duration_ms, 2);
	assert_string_equal(probe.people, "[]");
	probe.people = "[{\"name\":\"Tom Poole\",\"role\":\"actor\"}]";
	test_ok(probes_set(db, 4, &probe, &err), &err);
	test_ok(probes_set(db, 3, &probe, &err), &err);
	assert_int_equal(one(db, "SELECT count(*) FROM item_people WHERE item_id = 8 AND name = 'Tom Poole'"), 1);
	assert_int_equal(one(db, "SELECT count(*) FROM item_people WHERE item_id = 7 AND name <> 'Ann Lee'"), 0);
	assert_int_equal(one(db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
	db_close(db);
}

/* A plan by earlier rules counts as none and is asked for, until it is made anew; what was made of it is left behind. */
static void from_version_12_with_data(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct copy_plan_wanted wanted = { 0 };
	struct copy_plan_row row = { 0 };
	struct err err = { 0 };
	struct db *db;

	(void)state;
	make_version(dir, 12, version_12, ARRAY_LEN(version_12));
	db = db_open(dir, DB_WRITE, &err);
	assert_non_null(db);
	assert_int_equal(one(db, "PRAGMA user_version"), db_schema_version());
	assert_int_equal(one(db, "SELECT count(*) FROM copy_plans WHERE version = 1 AND codec = 'h264' AND lengths = x'a08d06a08d06'"), 1);
	assert_int_equal(copy_plans_get(db, 3, "h264", &arena, &row, &err), -(int)ERR_NOT_FOUND);
	test_ok(copy_plans_next(db, "source", "h264", 0, &arena, &wanted, &err), &err);
	assert_int_equal(wanted.file_id, 3);
	assert_string_equal(wanted.path, "/v/a.mkv");
	assert_true(wanted.copied);
	assert_int_equal(one(db, "SELECT count(*) FROM clips WHERE id = 4 AND length(key) = 32 AND key NOT LIKE '_123456789abcdef%'"), 1);
	assert_int_equal(one(db, "SELECT count(*) FROM clips WHERE id = 5 AND key = '1123456789abcdef0123456789abcdef'"), 1);
	row = (struct copy_plan_row){ .error = "its pictures are reordered too far" };
	test_ok(copy_plans_set(db, 3, "h264", wanted.sample_hash, &row, &err), &err);
	test_ok(copy_plans_get(db, 3, "h264", &arena, &row, &err), &err);
	assert_int_equal(row.lengths.count, 0);
	assert_int_equal(copy_plans_next(db, "source", "h264", 0, &arena, &wanted, &err), -(int)ERR_NOT_FOUND);
	db_close(db);
}

static void a_newer_one_is_left_alone(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	struct err err = { 0 };
	struct db *db = db_open(dir, DB_WRITE, &err);

	(void)state;
	assert_non_null(db);
	sqlite3_exec(db_sqlite(db), "PRAGMA user_version=999", NULL, NULL, NULL);
	db_close(db);
	for (int i = 0; i < 2; i++) {
		assert_null(db_open(dir, i ? DB_READ : DB_WRITE, &err));
		assert_int_equal(err.code, ERR_UNSUPPORTED);
		assert_non_null(strstr(err.text, "newer matinee (schema 999"));
		err_clear(&err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_version_1_with_data),
		cmocka_unit_test(from_version_7_with_data),
		cmocka_unit_test(from_version_12_with_data),
		cmocka_unit_test(a_newer_one_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
