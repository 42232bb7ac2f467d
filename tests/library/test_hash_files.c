/* Hashing lists of files: stored for the right bytes only, hard links once, resumable, hopeless ones said
 * once. */
#include "lib/testlib.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "jobs/worker.h"
#include "lib/scan_fixture.h"
#include "library/hash_files.h"
#include "library/hash_jobs.h"
#include "media/hash.h"

static struct hash_progress hash_all(struct fixture *f, enum file_hash hash)
{
	const struct hash_files options = { .store = f->store, .hash = hash };
	struct hash_progress totals;
	struct err err = { 0 };

	test_ok(hash_files_run(&options, &totals, &err), &err);
	return totals;
}

static void full_hashes_are_of_the_bytes(void **state)
{
	struct fixture *f = fixture_new("auto");
	CLEANUP(cleanup_free) char *a = fs_join(f->media, "a.mkv");
	CLEANUP(cleanup_free) char *b = fs_join(f->media, "sub/hard link.mkv");
	CLEANUP(cleanup_free) char *text = NULL;
	struct hash_progress totals;
	char wanted[HASH_TEXT_SIZE];

	(void)state;
	put_file(f, "media/a.mkv", "ok, a");
	put_file(f, "media/sub/b.mkv", "ok, b and more");
	assert_int_equal(link(a, b), 0);
	scan(f);
	totals = hash_all(f, FILE_HASH_FULL);
	assert_int_equal(totals.files, 2); /* three names */
	assert_int_equal(totals.files_done, 2);
	assert_int_equal(totals.bytes, 5 + 14);
	assert_int_equal(totals.bytes_done, 5 + 14);
	assert_int_equal(totals.failed, 0);
	hash_text("ok, a", 5, wanted);
	text = ask_text(f, "SELECT group_concat(full_hash, '') FROM files WHERE size = 5");
	assert_int_equal(strlen(text), 64); /* both names */
	assert_memory_equal(text, wanted, 32);
	assert_memory_equal(text + 32, wanted, 32);
	totals = hash_all(f, FILE_HASH_FULL);
	assert_int_equal(totals.files, 0); /* nothing is read twice */
	put_file(f, "media/a.mkv", "ok, a has changed");
	scan(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE full_hash IS NULL"), 2);
	totals = hash_all(f, FILE_HASH_FULL);
	assert_int_equal(totals.files, 1);
	fixture_free(f);
}

/* The row says one thing and the disk another: nothing is stored, and the next scan puts it right. */
static void a_file_that_became_another_gets_no_hash(void **state)
{
	struct fixture *f = fixture_new("auto");
	struct hash_progress totals;

	(void)state;
	put_file(f, "media/a.mkv", "ok");
	scan(f);
	put_file(f, "media/a.mkv", "ok, another");
	totals = hash_all(f, FILE_HASH_FULL);
	assert_int_equal(totals.files_done, 1);
	assert_int_equal(
		ask(f, "SELECT count(*) FROM files WHERE full_hash IS NOT NULL OR hash_error IS NOT NULL"),
		0);
	remove_file(f, "media/a.mkv");
	totals = hash_all(f, FILE_HASH_FULL);
	assert_int_equal(totals.failed, 1); /* and it is not the file's fault */
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE hash_error IS NOT NULL"), 0);
	fixture_free(f);
}

static void what_cannot_be_hashed_is_said_once(void **state)
{
	struct fixture *f = fixture_new("auto");
	CLEANUP(cleanup_free) char *why = NULL;
	struct hash_progress totals;

	(void)state;
	put_file(f, "media/a.mkv", "ok, but no media to libav");
	scan(f);
	totals = hash_all(f, FILE_HASH_ESSENCE);
	assert_int_equal(totals.failed, 1);
	why = ask_text(f, "SELECT essence_error FROM files");
	assert_non_null(strstr(why, "a.mkv"));
	totals = hash_all(f, FILE_HASH_ESSENCE);
	assert_int_equal(totals.files, 0);
	put_file(f, "media/a.mkv", "ok, but still no media to libav");
	scan(f);
	totals = hash_all(f, FILE_HASH_ESSENCE);
	assert_int_equal(totals.files, 1); /* another file: tried again */
	fixture_free(f);
}

/* The disk is told of what comes next; what has gone or is no file by then harms nobody. */
static void looking_ahead_only_helps(void **state)
{
	struct fixture *f = fixture_new("auto");
	CLEANUP(cleanup_free) char *fifo = fs_join(f->media, "7.mkv");
	struct hash_progress totals;

	(void)state;
	for (int i = 0; i < 20; i++) {
		char path[64];

		snprintf(path, sizeof(path), "media/%d.mkv", i);
		put_file(f, path, "ok");
	}
	scan(f);
	ask(f, "UPDATE files SET sample_hash = NULL");
	remove_file(f, "media/5.mkv");
	remove_file(f, "media/7.mkv");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	totals = hash_all(f, FILE_HASH_SAMPLE);
	assert_int_equal(totals.files_done, 20);
	assert_int_equal(totals.failed, 2);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE sample_hash IS NOT NULL"), 18);
	fixture_free(f);
}

struct stopper {
	volatile bool stop;
	int64_t after;
};

static void stop_after(void *context, const struct hash_progress *progress)
{
	struct stopper *stopper = context;

	stopper->stop = progress->files_done >= stopper->after;
}

static void a_stopped_run_goes_on_where_it_was(void **state)
{
	struct fixture *f = fixture_new("auto");
	struct stopper stopper = { .after = 0 };
	struct hash_files options = { .store = f->store,
				      .hash = FILE_HASH_SAMPLE,
				      .workers = 1,
				      .context = &stopper,
				      .progress = stop_after,
				      .cancelled = &stopper.stop };
	struct hash_progress totals;
	struct err err = { 0 };
	int64_t ids[3];

	(void)state;
	for (int i = 0; i < 20; i++) {
		char path[64];

		snprintf(path, sizeof(path), "media/%d.mkv", i);
		put_file(f, path, "ok");
	}
	scan(f);
	ask(f, "UPDATE files SET sample_hash = NULL");
	assert_true(hash_files_run(&options, &totals, &err) < 0);
	assert_int_equal(err.code, ERR_BUSY);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE sample_hash IS NULL"), 20);
	for (int i = 0; i < 3; i++)
		ids[i] = ask(f, i == 0	 ? "SELECT max(id) FROM files"
				: i == 1 ? "SELECT min(id) FROM files"
					 : "SELECT -1");
	options = (struct hash_files) { .store = f->store, .hash = FILE_HASH_SAMPLE, .ids = ids, .count = 3 };
	err_clear(&err);
	test_ok(hash_files_run(&options, &totals, &err), &err);
	assert_int_equal(totals.files_done, 2);
	assert_int_equal(hash_all(f, FILE_HASH_SAMPLE).files, 18);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE sample_hash IS NULL"), 0);
	fixture_free(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_hashes_are_of_the_bytes),
		cmocka_unit_test(a_file_that_became_another_gets_no_hash),
		cmocka_unit_test(what_cannot_be_hashed_is_said_once),
		cmocka_unit_test(looking_ahead_only_helps),
		cmocka_unit_test(a_stopped_run_goes_on_where_it_was),
	};

	return fixture_main(argc, argv, tests, ARRAY_LEN(tests));
}
