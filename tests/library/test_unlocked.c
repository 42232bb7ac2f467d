/* Nobody asks a disk while he holds the writer's lock: a mount that hangs would hold up every writer of the house. */
#include "lib/scan_fixture.h"
#include "lib/disk_probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "library/journal.h"
#include "library/trash.h"

static void take_writer(void *db)
{
	db_lock(db);
	db_unlock(db);
}


static struct fixture *films(int count)
{
	struct fixture *f = fixture_new("movies");

	for (int i = 0; i < count; i++) {
		char name[100], text[40];

		snprintf(name, sizeof(name), "media/in/f%d.mkv", i);
		snprintf(text, sizeof(text), "ok, film %d", i);
		put_file(f, name, text);
	}
	return f;
}

static void move_by_hand(struct fixture *f, const char *from, const char *to, int i)
{
	char old[100], new[100];

	snprintf(old, sizeof(old), from, i);
	snprintf(new, sizeof(new), to, i);
	move_file(f, old, new);
}

/* New, moved, moved along a chain, exchanged, hard links, gone: one scan after the other. */
static void scans(void **state)
{
	struct fixture *f = films(20);

	(void)state;
	probe_begins(f->media, take_writer, f->db);
	scan(f);
	assert_int_equal(f->totals.added, 20);
	for (int i = 0; i < 10; i++)
		move_by_hand(f, "media/in/f%d.mkv", "media/out/g%d.mkv", i);
	put_file(f, "media/in/new.mkv", "ok, another");
	scan(f);
	assert_int_equal(f->totals.moved, 10);
	assert_int_equal(f->totals.added, 1);
	for (int i = 3; i > 0; i--)
		move_by_hand(f, "media/out/g%d.mkv", i == 3 ? "media/out/h%d.mkv" : "media/out/g0%d.mkv", i);
	move_file(f, "media/in/f11.mkv", "media/x.mkv");
	move_file(f, "media/in/f12.mkv", "media/in/f11.mkv");
	move_file(f, "media/x.mkv", "media/in/f12.mkv");
	scan(f);
	assert_int_equal(f->totals.moved, 5);
	remove_file(f, "media/in/f13.mkv");
	scan(f);
	assert_int_equal(f->totals.missing, 1);
	probe_ends(3);
	fixture_free(f);
}

static int64_t planned(struct fixture *f, int count, const char *action, const char *to)
{
	struct move *moves = calloc((size_t)count, sizeof(*moves));
	char(*text)[2][200] = calloc((size_t)count, sizeof(*text));
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct err err = { 0 };
	int64_t batch;

	assert_true(moves && text);
	for (int i = 0; i < count; i++) {
		CLEANUP(cleanup_free) char *path = NULL;
		char sql[200];
		struct stat st;

		snprintf(text[i][0], sizeof(text[i][0]), "in/f%d.mkv", i);
		snprintf(text[i][1], sizeof(text[i][1]), "%s/g%d/f.mkv", to, i);
		path = fs_join(f->media, text[i][0]);
		assert_int_equal(lstat(path, &st), 0);
		snprintf(sql, sizeof(sql), "SELECT id FROM files WHERE path = CAST('%s' AS BLOB)", text[i][0]);
		moves[i] = (struct move){ .team = i + 1,
					  .file_id = ask(f, sql),
					  .action = action,
					  .from_base = f->media,
					  .from_path = text[i][0],
					  .to_base = f->media,
					  .to_path = text[i][1],
					  .to_dev = (int64_t)st.st_dev,
					  .dev = (int64_t)st.st_dev,
					  .inode = (int64_t)st.st_ino,
					  .size = (int64_t)st.st_size,
					  .mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
					  .strict = true };
		if (strcmp(action, "trash") == 0)
			test_ok(trash_place(&moves[i], &arena, &err), &err);
	}
	test_ok(journal_write(f->store, "organize", "", 0, moves, (size_t)count, &batch, &err), &err);
	free(moves);
	free(text);
	return batch;
}

static void run_batch(struct fixture *f, int64_t batch)
{
	const struct journal journal = { .store = f->store };
	struct journal_progress totals;
	struct err err = { 0 };

	test_ok(journal_run(&journal, batch, &totals, &err), &err);
	assert_int_equal(totals.failed, 0);
}

static void batches_and_back(void **state)
{
	static const char *const actions[] = { "move", "copy", "hardlink", "trash" };
	struct fixture *f = films(12);
	struct trash_totals totals;
	struct err err = { 0 };
	int64_t undoing;

	(void)state;
	scan(f);
	probe_begins(f->media, take_writer, f->db);
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		char to[40];
		int64_t batch;

		snprintf(to, sizeof(to), "out/deep/%s", actions[i]);
		batch = planned(f, 12, actions[i], to);
		run_batch(f, batch);
		test_ok(journal_undo(f->store, batch, &undoing, &err), &err);
		run_batch(f, undoing);
	}
	run_batch(f, planned(f, 12, "trash", ""));
	test_ok(trash_empty(f->store, INT64_MAX, NULL, &totals, &err), &err);
	assert_int_equal(totals.files, 12);
	probe_ends(100);
	fixture_free(f);
}

/* The process died: before the step, and after it. */
static void a_batch_is_settled(void **state)
{
	struct fixture *f = films(4);
	struct err err = { 0 };

	(void)state;
	scan(f);
	planned(f, 4, "move", "out/deep");
	ask(f, "UPDATE batches SET state = 'running' RETURNING id");
	ask(f, "UPDATE moves SET state = 'begun' RETURNING id");
	for (int i = 0; i < 2; i++)
		move_by_hand(f, "media/in/f%d.mkv", "media/out/deep/g%d/f.mkv", i);
	probe_begins(f->media, take_writer, f->db);
	assert_int_equal(journal_recover(f->store, &err), 1);
	probe_ends(4);
	fixture_free(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(scans), cmocka_unit_test(batches_and_back),
					    cmocka_unit_test(a_batch_is_settled) };

	return fixture_main(argc, argv, tests, ARRAY_LEN(tests));
}
