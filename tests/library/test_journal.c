/* The journal at every point at which a process can die, a disk that is another one, and who uses a file. */
#include "lib/scan_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "jobs/worker.h"
#include "library/busy_files.h"
#include "library/journal.h"
#include "library/spot.h"

static char *at(struct fixture *f, const char *path)
{
	return fs_join(f->dir, path);
}

static bool is_there(struct fixture *f, const char *path)
{
	CLEANUP(cleanup_free) char *whole = at(f, path);

	return access(whole, F_OK) == 0;
}

static struct stat stat_of(struct fixture *f, const char *path)
{
	CLEANUP(cleanup_free) char *whole = at(f, path);
	struct stat st;

	if (lstat(whole, &st) < 0)
		fail_msg("%s is not there", path);
	return st;
}

/* media/a.mkv is to become media/New/b.mkv. */
static struct move a_move(struct fixture *f, const char *action)
{
	struct stat st = stat_of(f, "media/a.mkv");

	return (struct move){ .team = 1,
			      .file_id = ask(f, "SELECT id FROM files"),
			      .action = action,
			      .from_base = f->media,
			      .from_path = "a.mkv",
			      .to_base = f->media,
			      .to_path = "New/b.mkv",
			      .to_dev = (int64_t)st.st_dev,
			      .dev = (int64_t)st.st_dev,
			      .inode = (int64_t)st.st_ino,
			      .size = (int64_t)st.st_size,
			      .mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
			      .strict = true };
}

static struct fixture *one_file(void)
{
	struct fixture *f = fixture_new("movies");

	put_file(f, "media/a.mkv", "ok, a film");
	scan(f);
	return f;
}

/* A batch with that move whose process died just now. */
static int64_t dead_batch(struct fixture *f, const char *action)
{
	struct move move = a_move(f, action);
	struct err err = { 0 };
	int64_t batch;

	test_ok(journal_write(f->store, "organize", "", 0, &move, 1, &batch, &err), &err);
	ask(f, "UPDATE batches SET state = 'running' RETURNING id");
	return batch;
}

static void recover(struct fixture *f, int want)
{
	struct err err = { 0 };
	int n = journal_recover(f->store, &err);

	if (n != want)
		fail_msg("%d batches were settled, not %d: %s", n, want, err.text);
}

static void expect(struct fixture *f, const char *state, const char *path)
{
	CLEANUP(cleanup_free) char *is = ask_text(f, "SELECT state FROM moves WHERE undoes IS NULL");
	CLEANUP(cleanup_free) char *row = ask_text(f, "SELECT path FROM files WHERE state = 'present'");
	CLEANUP(cleanup_free) char *whole = fs_join("media", path);

	assert_string_equal(is, state);
	assert_string_equal(row, path);
	assert_true(is_there(f, whole));
	assert_int_equal(is_there(f, "media/a.mkv") + is_there(f, "media/New/b.mkv"), 1);
	scan(f);
	assert_int_equal(f->totals.added + f->totals.moved + f->totals.missing + f->totals.changed, 0);
}

static void dead_before_anything(void **state)
{
	struct fixture *f = one_file();

	(void)state;
	dead_batch(f, "move");
	recover(f, 1);
	expect(f, "skipped", "a.mkv");
	recover(f, 0);
	fixture_free(f);
}

static void dead_after_the_rename(void **state)
{
	struct fixture *f = one_file();
	int64_t batch = dead_batch(f, "move"), undo;
	const struct journal journal = { .store = f->store };
	struct err err = { 0 };

	(void)state;
	move_file(f, "media/a.mkv", "media/New/b.mkv");
	recover(f, 1);
	expect(f, "done", "New/b.mkv");
	test_ok(journal_undo(f->store, batch, &undo, &err), &err);
	test_ok(journal_run(&journal, undo, NULL, &err), &err);
	expect(f, "undone", "a.mkv");
	fixture_free(f);
}

static void dead_in_the_middle_of_a_copy(void **state)
{
	struct fixture *f = one_file();
	int64_t batch = dead_batch(f, "move");
	char name[64], sql[200];

	(void)state;
	snprintf(name, sizeof(name), "media/New/.b.mkv.partial-%lld", (long long)ask(f, "SELECT id FROM moves"));
	put_file(f, name, "ok, a f");
	snprintf(sql, sizeof(sql), "UPDATE moves SET state = 'copying', new_inode = %lld WHERE batch_id = %lld RETURNING id",
		 (long long)stat_of(f, name).st_ino, (long long)batch);
	ask(f, sql);
	recover(f, 1);
	assert_false(is_there(f, name));
	expect(f, "skipped", "a.mkv");
	fixture_free(f);
}

static void dead_between_copy_and_removal(void **state)
{
	struct fixture *f = one_file();
	int64_t batch = dead_batch(f, "move");
	char sql[200];

	(void)state;
	put_file(f, "media/New/b.mkv", "ok, a film");
	snprintf(sql, sizeof(sql), "UPDATE moves SET state = 'copying', new_inode = %lld WHERE batch_id = %lld RETURNING id",
		 (long long)stat_of(f, "media/New/b.mkv").st_ino, (long long)batch);
	ask(f, sql);
	recover(f, 1);
	assert_false(is_there(f, "media/a.mkv"));
	assert_true(is_there(f, "media/New/b.mkv"));
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE state = 'present' AND path = CAST('New/b.mkv' AS BLOB)"), 1);
	fixture_free(f);
}

/* Somebody else's file at the target is no copy of ours: the source stays. */
static void a_strangers_file_at_the_target(void **state)
{
	struct fixture *f = one_file();

	(void)state;
	dead_batch(f, "move");
	put_file(f, "media/New/b.mkv", "ok, a film");
	ask(f, "UPDATE moves SET state = 'copying', new_inode = 1 RETURNING id");
	recover(f, 1);
	assert_true(is_there(f, "media/a.mkv"));
	assert_true(is_there(f, "media/New/b.mkv"));
	fixture_free(f);
}

static void dead_between_two_capitals(void **state)
{
	struct fixture *f = one_file();
	char name[64];

	(void)state;
	dead_batch(f, "move");
	snprintf(name, sizeof(name), "media/.matinee-case-%lld", (long long)stat_of(f, "media/a.mkv").st_ino);
	move_file(f, "media/a.mkv", name);
	recover(f, 1);
	expect(f, "skipped", "a.mkv");
	fixture_free(f);
}

/* What can not be said is asked again: nothing is settled by guessing. */
static void a_disk_that_is_away_is_waited_for(void **state)
{
	struct fixture *f = one_file();

	(void)state;
	dead_batch(f, "move");
	move_file(f, "media/a.mkv", "away.mkv");
	recover(f, 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM batches WHERE state = 'waiting'"), 1);
	move_file(f, "away.mkv", "media/a.mkv");
	recover(f, 1);
	expect(f, "skipped", "a.mkv");
	fixture_free(f);
}

/* The same disk under another number since the batch was cut: its volume says so, and no other one's is taken for it. */
static void another_number_of_the_disk(void **state)
{
	struct fixture *f = one_file();
	CLEANUP(cleanup_free) char *volume = ask_text(f, "SELECT volume FROM roots");

	(void)state;
	if (!*volume) {
		fixture_free(f);
		skip(); /* a file system without a name of its own */
	}
	dead_batch(f, "move");
	move_file(f, "media/a.mkv", "media/New/b.mkv");
	ask(f, "UPDATE moves SET dev = dev + 1000, to_dev = to_dev + 1000 RETURNING id");
	ask(f, "UPDATE roots SET volume = 'ext4 uuid:other' RETURNING id");
	recover(f, 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM batches WHERE state = 'waiting'"), 1);
	test_ok(db_run(f->db, NULL, "UPDATE roots SET volume = ?", "t", volume), NULL);
	recover(f, 1);
	expect(f, "done", "New/b.mkv");
	fixture_free(f);
}

static int run_move(struct fixture *f, const struct move *move, struct err *err)
{
	const struct journal journal = { .store = f->store };
	struct journal_progress totals;
	struct move copy = *move;
	int64_t batch;

	test_ok(journal_write(f->store, "organize", "", 0, &copy, 1, &batch, err), err);
	if (journal_run(&journal, batch, &totals, err) < 0)
		return -1;
	return totals.failed ? -1 : 0;
}

static void another_disk_at_the_target_gets_nothing(void **state)
{
	struct fixture *f = one_file();
	struct move move = a_move(f, "move");
	struct err err = { 0 };
	CLEANUP(cleanup_free) char *why = NULL;

	(void)state;
	move.to_dev++; /* as if the disk of the plan were not mounted: the folder below it is on another */
	assert_int_equal(run_move(f, &move, &err), -1);
	why = ask_text(f, "SELECT message FROM moves");
	assert_non_null(strstr(why, "is it mounted?"));
	assert_false(is_there(f, "media/New"));
	assert_true(is_there(f, "media/a.mkv"));
	fixture_free(f);
}

static void what_changed_since_the_plan_stays(void **state)
{
	struct fixture *f = one_file();
	struct move move = a_move(f, "move"), other;
	struct err err = { 0 };

	(void)state;
	other = move;
	other.mtime_ns++;
	assert_int_equal(run_move(f, &other, &err), -1);
	other = move;
	other.inode++;
	assert_int_equal(run_move(f, &other, &err), -1);
	put_file(f, "media/New/b.mkv", "taken");
	assert_int_equal(run_move(f, &move, &err), -1);
	assert_true(is_there(f, "media/a.mkv"));
	remove_file(f, "media/New/b.mkv");
	err_clear(&err);
	assert_int_equal(run_move(f, &move, &err), 0);
	fixture_free(f);
}

/* Between the plan and the move a film at its target went missing: it may come back, and its row is all that knows it. */
static void a_name_of_a_missing_film_is_left_to_it(void **state)
{
	struct fixture *f = one_file();
	struct move move = a_move(f, "move");
	CLEANUP(cleanup_free) char *why = NULL;
	struct err err = { 0 };
	int64_t item;

	(void)state;
	put_file(f, "media/New/b.mkv", "ok, another film");
	scan(f);
	item = ask(f, "SELECT x.item_id FROM item_files x JOIN files f ON f.id = x.file_id WHERE CAST(f.path AS TEXT) = 'New/b.mkv'");
	remove_file(f, "media/New/b.mkv");
	scan(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE state = 'missing'"), 1);
	assert_int_equal(run_move(f, &move, &err), -1);
	why = ask_text(f, "SELECT message FROM moves");
	assert_non_null(strstr(why, "missing"));
	assert_true(is_there(f, "media/a.mkv"));
	assert_int_equal(ask(f, "SELECT count(*) FROM items"), 2);
	put_file(f, "media/New/b.mkv", "ok, another film");
	scan(f);
	assert_int_equal(ask(f, "SELECT x.item_id FROM item_files x JOIN files f ON f.id = x.file_id WHERE CAST(f.path AS TEXT) = "
				"'New/b.mkv' AND state = 'present'"),
			 item);
	fixture_free(f);
}

static int undo_all(struct fixture *f, int64_t batch, struct err *err)
{
	const struct journal journal = { .store = f->store };
	struct journal_progress totals;
	int64_t undo;

	test_ok(journal_undo(f->store, batch, &undo, err), err);
	return journal_run(&journal, undo, &totals, err) < 0 || totals.failed ? -1 : 0;
}

/* A copy is taken back only while what it was made of is there, not just any file of that size. */
static void a_copy_stays_when_its_original_is_another_file(void **state)
{
	static const struct {
		const char *content;
		bool goes;
	} rows[] = { { "ok, a fool", false }, { "ok, a film", true } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture *f = one_file();
		struct move move = a_move(f, "copy");
		struct err err = { 0 };

		test_ok(run_move(f, &move, &err), &err);
		put_file(f, "media/c.mkv", rows[i].content); /* a file of its own, over the original */
		move_file(f, "media/c.mkv", "media/a.mkv");
		assert_int_equal(undo_all(f, ask(f, "SELECT max(id) FROM batches"), &err), rows[i].goes ? 0 : -1);
		assert_int_equal(is_there(f, "media/New/b.mkv"), !rows[i].goes);
		assert_true(is_there(f, "media/a.mkv"));
		fixture_free(f);
	}
}

static void one_batch_at_a_time(void **state)
{
	struct fixture *f = one_file();
	struct move move = a_move(f, "move");
	const struct journal journal = { .store = f->store };
	CLEANUP(cleanup_free) char *path = fs_join(store_dir(f->store), "organize.lock");
	struct err err = { 0 };
	int64_t batch;
	int lock = fs_lock(path, &err);

	(void)state;
	assert_true(lock >= 0);
	test_ok(journal_write(f->store, "organize", "", 0, &move, 1, &batch, &err), &err);
	assert_true(journal_run(&journal, batch, NULL, &err) < 0);
	assert_int_equal(err.code, ERR_BUSY);
	close(lock);
	err_clear(&err);
	test_ok(journal_run(&journal, batch, NULL, &err), &err);
	expect(f, "done", "New/b.mkv");
	fixture_free(f);
}

static void open_files_are_busy(void **state)
{
	struct fixture *f = one_file();
	struct busy_files *busy = busy_files_new(NULL, 0);
	CLEANUP(cleanup_free) char *path = at(f, "media/a.mkv");
	int fd;

	(void)state;
	assert_null(busy_files_why(busy, f->media, "a.mkv", 0, false));
	busy_files_free(busy);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	busy = busy_files_new(NULL, 0);
	assert_non_null(busy_files_why(busy, f->media, "a.mkv", 0, false));
	assert_null(busy_files_why(busy, f->media, "b.mkv", 0, false));
	busy_files_free(busy);
	close(fd);
	fixture_free(f);
}

static struct worker *hold(const char *path, bool airs)
{
	struct worker *worker;
	struct err err = { 0 };
	json_t *request = json_pack("{s:s, s:s, s:b}", "job", "hold", "path", path, "airs", airs), *report = NULL;
	enum worker_event event;

	worker = worker_start(NULL, &err);
	if (!worker)
		fail_msg("%s", err.text);
	test_ok(worker_send(worker, request, &err), &err);
	while ((event = worker_receive(worker, &report, &err)) == WORKER_NOTHING)
		usleep(10000);
	assert_int_equal(event, WORKER_REPORT);
	json_decref(report);
	json_decref(request);
	return worker;
}

/* One of our own that only looks keeps nothing where it is, but a file that is to be written into. */
static void a_worker_that_looks_is_in_nobodys_way(void **state)
{
	struct fixture *f = one_file();
	CLEANUP(cleanup_free) char *path = at(f, "media/a.mkv");
	struct move move = a_move(f, "move");
	struct busy_files *busy = busy_files_new(NULL, 0);
	struct worker *looks = hold(path, false);
	struct err err = { 0 };

	(void)state;
	assert_null(busy_files_why(busy, f->media, "a.mkv", 0, false));
	assert_non_null(busy_files_why(busy, f->media, "a.mkv", 0, true));
	busy_files_free(busy);
	assert_int_equal(run_move(f, &move, &err), 0);
	worker_free(looks);
	fixture_free(f);
}

static void a_worker_that_makes_segments_is_not_disturbed(void **state)
{
	struct fixture *f = one_file();
	CLEANUP(cleanup_free) char *path = at(f, "media/a.mkv");
	struct worker *looks = hold(path, false), *airs = hold(path, true);
	struct busy_files *busy = busy_files_new(NULL, 0);
	const char *why = busy_files_why(busy, f->media, "a.mkv", 0, false);

	(void)state;
	assert_non_null(why);
	assert_non_null(strstr(why, "has it open"));
	busy_files_free(busy);
	worker_free(looks);
	worker_free(airs);
	fixture_free(f);
}

static void names_of_the_disk_are_refused(void **state)
{
	struct fixture *f = one_file();
	struct spot spot;
	struct err err = { 0 };

	(void)state;
	assert_true(spot_open(&spot, f->media, "../a.mkv", NULL, &err) < 0);
	err_clear(&err);
	assert_true(spot_open(&spot, f->media, "..", NULL, &err) < 0);
	err_clear(&err);
	assert_true(spot_open(&spot, f->media, "x/../..", NULL, &err) < 0);
	assert_false(spot_rmdir(f->media, "", NULL));
	assert_false(spot_rmdir(f->media, ".", NULL));
	assert_true(is_there(f, "media"));
	fixture_free(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dead_before_anything),
		cmocka_unit_test(dead_after_the_rename),
		cmocka_unit_test(dead_in_the_middle_of_a_copy),
		cmocka_unit_test(dead_between_copy_and_removal),
		cmocka_unit_test(a_strangers_file_at_the_target),
		cmocka_unit_test(dead_between_two_capitals),
		cmocka_unit_test(a_disk_that_is_away_is_waited_for),
		cmocka_unit_test(another_number_of_the_disk),
		cmocka_unit_test(another_disk_at_the_target_gets_nothing),
		cmocka_unit_test(what_changed_since_the_plan_stays),
		cmocka_unit_test(a_name_of_a_missing_film_is_left_to_it),
		cmocka_unit_test(a_copy_stays_when_its_original_is_another_file),
		cmocka_unit_test(one_batch_at_a_time),
		cmocka_unit_test(open_files_are_busy),
		cmocka_unit_test(a_worker_that_looks_is_in_nobodys_way),
		cmocka_unit_test(a_worker_that_makes_segments_is_not_disturbed),
		cmocka_unit_test(names_of_the_disk_are_refused),
	};

	return fixture_main(argc, argv, tests, ARRAY_LEN(tests));
}
