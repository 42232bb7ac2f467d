/* Steps that are done together: the process dies before each step around the border of a group, the power goes with any of
 * the renames on the disk and not others, rows that cannot be written. Every file is in one place, and its row says which. */
#include "lib/journal_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"

#define FILES 70 /* two steps each: more than JOURNAL_GROUP_MAX */
#define NEW_TIME INT64_C(1500000000000000000)

static int64_t mtime_of(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

static bool look(struct fixture *f, const char *format, int i, struct stat *ret)
{
	char name[100];
	CLEANUP(cleanup_free) char *path = NULL;

	snprintf(name, sizeof(name), format, i);
	path = fs_join(f->media, name);
	return lstat(path, ret) == 0;
}

static struct fixture *many_files(int count)
{
	struct fixture *f = fixture_new("movies");

	for (int i = 0; i < count; i++) {
		char name[100], text[40];

		snprintf(name, sizeof(name), "media/in/f%d.mkv", i);
		snprintf(text, sizeof(text), "ok, film %d", i);
		put_file(f, name, text);
	}
	scan(f);
	return f;
}

/* Each file gets its time where it is, and then moves: two steps, in/fN.mkv to out/fN/f.mkv. */
static int64_t write_batch(struct fixture *f, int count)
{
	struct move *moves = calloc((size_t)count * 2, sizeof(*moves));
	char(*text)[2][100] = calloc((size_t)count, sizeof(*text));
	char old[FILES][32], new[32];
	struct err err = { 0 };
	int64_t batch;

	assert_true(moves && text && count <= FILES);
	snprintf(new, sizeof(new), "%lld", (long long)NEW_TIME);
	for (int i = 0; i < count; i++) {
		struct stat st;
		struct move *m = &moves[i * 2];
		char sql[120];

		assert_true(look(f, "in/f%d.mkv", i, &st));
		snprintf(text[i][0], sizeof(text[i][0]), "in/f%d.mkv", i);
		snprintf(text[i][1], sizeof(text[i][1]), "out/f%d/f.mkv", i);
		snprintf(sql, sizeof(sql), "SELECT id FROM files WHERE path = CAST('%s' AS BLOB)", text[i][0]);
		snprintf(old[i], sizeof(old[i]), "%lld", (long long)mtime_of(&st));
		m[0] = (struct move){ .team = i + 1,
				      .file_id = ask(f, sql),
				      .action = "mtime",
				      .from_base = f->media,
				      .from_path = text[i][0],
				      .dev = (int64_t)st.st_dev,
				      .inode = (int64_t)st.st_ino,
				      .size = (int64_t)st.st_size,
				      .mtime_ns = mtime_of(&st),
				      .strict = true,
				      .old_value = old[i],
				      .new_value = new };
		m[1] = m[0];
		m[1].action = "move";
		m[1].old_value = m[1].new_value = NULL;
		m[1].to_base = f->media;
		m[1].to_path = text[i][1];
		m[1].to_dev = (int64_t)st.st_dev;
		m[1].mtime_ns = NEW_TIME;
		m[1].strict = false;
	}
	test_ok(journal_write(f->store, "organize", "", 0, moves, (size_t)count * 2, &batch, &err), &err);
	free(moves);
	free(text);
	return batch;
}

/* Each in one place, its row and its time as the disk says. How many are at the new one. */
static int check(struct fixture *f, int count)
{
	int moved = 0;

	for (int i = 0; i < count; i++) {
		struct stat old, new;
		bool is_old = look(f, "in/f%d.mkv", i, &old), is_new = look(f, "out/f%d/f.mkv", i, &new);
		char sql[300];

		if (is_old == is_new)
			fail_msg("film %d: %d at the old place, %d at the new one", i, is_old, is_new);
		snprintf(sql, sizeof(sql),
			 is_new ? "SELECT count(*) FROM files WHERE path = CAST('out/f%d/f.mkv' AS BLOB) AND state = 'present' AND "
				  "mtime_ns = %lld" :
				  "SELECT count(*) FROM files WHERE path = CAST('in/f%d.mkv' AS BLOB) AND state = 'present' AND "
				  "mtime_ns = %lld",
			 i, (long long)mtime_of(is_new ? &new : &old));
		if (ask(f, sql) != 1)
			fail_msg("film %d: its row is not where it is (%s place)", i, is_new ? "new" : "old");
		moved += is_new;
	}
	assert_int_equal(ask(f, "SELECT count(*) FROM files"), count);
	assert_int_equal(ask(f, "SELECT count(*) FROM batches WHERE state IN ('running', 'waiting')"), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM moves WHERE state IN ('begun', 'copying')"), 0);
	scan(f);
	assert_int_equal(f->totals.added + f->totals.moved + f->totals.missing + f->totals.changed, 0);
	return moved;
}

/* ---- the process dies ---- */

static void dead_before_each_step_around_a_border(void **state)
{
	static const int steps[] = { 0, 1, 2, 63, 64, 65, 66, 127, 128, 129, FILES * 2 - 1 };
	struct fixture *f = many_files(FILES);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		int64_t batch = write_batch(f, FILES), undoing;
		struct err err = { 0 };

		assert_true(run_and_die(f, batch, DIES_AT_STEP, steps[i]));
		recover(f);
		assert_int_equal(check(f, FILES), steps[i] / 2);
		undo(f, batch);
		assert_int_equal(check(f, FILES), 0);
		/* the way back, too */
		batch = write_batch(f, FILES);
		assert_false(run_and_die(f, batch, DIES_AT_STEP, 1000000));
		assert_int_equal(check(f, FILES), FILES);
		test_ok(journal_undo(f->store, batch, &undoing, &err), &err);
		assert_true(run_and_die(f, undoing, DIES_AT_STEP, steps[i]));
		recover(f);
		assert_int_equal(check(f, FILES), FILES - (steps[i] + 1) / 2);
		undo(f, batch);
		assert_int_equal(check(f, FILES), 0);
	}
	fixture_free(f);
}

/* ---- the power goes ---- */

static void any_of_the_renames_are_on_the_disk(void **state)
{
	unsigned dice = 4711;
	struct fixture *f = many_files(30);

	(void)state;
	for (int round = 0; round < 6; round++) {
		int64_t batch = write_batch(f, 30);
		int moved = 0;

		ask(f, "UPDATE batches SET state = 'running' WHERE state = 'planned' RETURNING id");
		ask(f, "UPDATE moves SET state = 'begun' WHERE state = 'planned' AND id NOT IN (SELECT max(id) FROM moves) RETURNING id");
		for (int i = 0; i < 29; i++) { /* the last was not begun */
			char from[100], to[100];

			snprintf(from, sizeof(from), "media/in/f%d.mkv", i);
			snprintf(to, sizeof(to), "media/out/f%d/f.mkv", i);
			dice = dice * 1103515245 + 12345;
			if (dice >> 16 & 1) {
				const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
								   { .tv_sec = NEW_TIME / 1000000000 } };
				CLEANUP(cleanup_free) char *path = fs_join(f->dir, from);

				assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
			}
			if (dice >> 17 & 1) {
				move_file(f, from, to);
				moved++;
			}
		}
		recover(f);
		assert_int_equal(check(f, 30), moved);
		undo(f, batch);
		assert_int_equal(check(f, 30), 0);
	}
	fixture_free(f);
}

/* A scan that comes before the recovery moves the rows by itself; both agree. */
static void a_scan_comes_before_the_recovery(void **state)
{
	struct fixture *f = many_files(10);
	int64_t batch = write_batch(f, 10);

	(void)state;
	assert_true(run_and_die(f, batch, DIES_AT_STEP, 13));
	scan(f);
	recover(f);
	assert_int_equal(check(f, 10), 6);
	undo(f, batch);
	assert_int_equal(check(f, 10), 0);
	fixture_free(f);
}

/* ---- no room for the rows ---- */

static void rows_that_cannot_be_written_are_found_out_later(void **state)
{
	struct fixture *f = many_files(10);
	int64_t batch = write_batch(f, 10);
	const struct journal journal = { .store = f->store };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(sqlite3_exec(db_sqlite(f->db),
				      "CREATE TEMP TRIGGER full BEFORE UPDATE OF state ON main.moves WHEN new.state = 'done' BEGIN SELECT "
				      "raise(ABORT, 'disk full'); END",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	assert_true(journal_run(&journal, batch, NULL, &err) < 0);
	assert_non_null(strstr(err.text, "looks where the files are"));
	assert_int_equal(ask(f, "SELECT count(*) FROM batches WHERE state = 'running'"), 1);
	assert_int_equal(sqlite3_exec(db_sqlite(f->db), "DROP TRIGGER full", NULL, NULL, NULL), SQLITE_OK);
	recover(f);
	assert_int_equal(check(f, 10), 10);
	undo(f, batch);
	assert_int_equal(check(f, 10), 0);
	fixture_free(f);
}

/* ---- what ends a group ---- */

static void stopped_in_a_group(void **state)
{
	struct fixture *f = many_files(10);
	int64_t batch = write_batch(f, 10);
	struct journal journal = { .store = f->store, .cancelled = &f->cancelled };
	struct err err = { 0 };

	(void)state;
	f->cancelled = true;
	assert_true(journal_run(&journal, batch, NULL, &err) < 0);
	f->cancelled = false;
	assert_int_equal(ask(f, "SELECT count(*) FROM moves WHERE state = 'planned'"), 20);
	assert_int_equal(check(f, 10), 0);
	fixture_free(f);
}

/* One name twice, the target of one being the source of another: each is written down before the next. */
static void names_that_pass_from_file_to_file(void **state)
{
	struct fixture *f = many_files(5);
	struct move moves[5] = { 0 };
	char names[6][40];
	struct err err = { 0 };
	int64_t batch;

	(void)state;
	for (int i = 0; i < 6; i++)
		snprintf(names[i], sizeof(names[i]), "in/f%d.mkv", i);
	for (int k = 0; k < 5; k++) { /* f4 to f5, f3 to f4 ... */
		int i = 4 - k;
		struct stat st;
		char sql[120];

		assert_true(look(f, "in/f%d.mkv", i, &st));
		snprintf(sql, sizeof(sql), "SELECT id FROM files WHERE path = CAST('%s' AS BLOB)", names[i]);
		moves[k] = (struct move){ .team = k + 1,
					  .file_id = ask(f, sql),
					  .action = "move",
					  .from_base = f->media,
					  .from_path = names[i],
					  .to_base = f->media,
					  .to_path = names[i + 1],
					  .to_dev = (int64_t)st.st_dev,
					  .dev = (int64_t)st.st_dev,
					  .inode = (int64_t)st.st_ino,
					  .size = (int64_t)st.st_size,
					  .mtime_ns = mtime_of(&st),
					  .strict = true };
	}
	test_ok(journal_write(f->store, "organize", "", 0, moves, 5, &batch, &err), &err);
	assert_true(run_and_die(f, batch, DIES_AT_STEP, 3));
	assert_int_equal(ask(f, "SELECT count(*) FROM moves WHERE state = 'done'"), 3);
	recover(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM moves WHERE state = 'done'"), 3);
	scan(f);
	assert_int_equal(f->totals.added + f->totals.moved + f->totals.missing + f->totals.changed, 0);
	undo(f, batch);
	assert_int_equal(check(f, 5), 0);
	fixture_free(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dead_before_each_step_around_a_border),
		cmocka_unit_test(any_of_the_renames_are_on_the_disk),
		cmocka_unit_test(a_scan_comes_before_the_recovery),
		cmocka_unit_test(rows_that_cannot_be_written_are_found_out_later),
		cmocka_unit_test(stopped_in_a_group),
		cmocka_unit_test(names_that_pass_from_file_to_file),
	};

	return fixture_main(argc, argv, tests, ARRAY_LEN(tests));
}
