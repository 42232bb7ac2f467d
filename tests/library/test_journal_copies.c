/* Small files that go to another disk together: the process dies at every file and between the parts, a copy that cannot be
 * made, a file that changed. Each is in one place, whole, and its row says which. */
#include "lib/journal_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"

#define FILES 40 /* more than go together */

static char *there(void)
{
	char *path = strdup("/dev/shm/matinee-test.XXXXXX");

	return path && mkdtemp(path) ? path : NULL;
}

/* The second root is on another disk; NULL where there is none. */
static struct fixture *many_files(char **ret_other)
{
	struct fixture *f = fixture_new("movies");
	struct err err = { 0 };
	struct stat here, other;
	int64_t id;

	*ret_other = there();
	if (!*ret_other || stat(f->media, &here) < 0 || stat(*ret_other, &other) < 0 || here.st_dev == other.st_dev) {
		if (*ret_other)
			rmdir(*ret_other);
		free(*ret_other);
		fixture_free(f);
		return NULL;
	}
	test_ok(roots_add(f->db, *ret_other, "movies", &id, &err), &err);
	for (int i = 0; i < FILES; i++) {
		char name[100], text[40];

		snprintf(name, sizeof(name), "media/in/f%d.mkv", i);
		snprintf(text, sizeof(text), "ok, film %d", i);
		put_file(f, name, text);
	}
	scan(f);
	return f;
}

static void end(struct fixture *f, char *other)
{
	char command[200];

	fixture_free(f);
	snprintf(command, sizeof(command), "rm -rf '%s'", other);
	assert_int_equal(system(command), 0);
	free(other);
}

static int64_t write_batch(struct fixture *f, const char *other, const char *action)
{
	struct move *moves = calloc(FILES, sizeof(*moves));
	char(*text)[2][100] = calloc(FILES, sizeof(*text));
	struct err err = { 0 };
	struct stat target;
	int64_t batch;

	assert_true(moves && text && stat(other, &target) == 0);
	for (int i = 0; i < FILES; i++) {
		CLEANUP(cleanup_free) char *path = NULL;
		char sql[120];
		struct stat st;

		snprintf(text[i][0], sizeof(text[i][0]), "in/f%d.mkv", i);
		snprintf(text[i][1], sizeof(text[i][1]), "out/g%d/f.mkv", i);
		path = fs_join(f->media, text[i][0]);
		assert_int_equal(lstat(path, &st), 0);
		snprintf(sql, sizeof(sql), "SELECT id FROM files WHERE path = CAST('%s' AS BLOB)", text[i][0]);
		moves[i] = (struct move){ .team = i / 2 + 1, /* each second one belongs to the one before */
					  .file_id = i % 2 ? 0 : ask(f, sql),
					  .action = action,
					  .from_base = f->media,
					  .from_path = text[i][0],
					  .to_base = other,
					  .to_path = text[i][1],
					  .to_dev = (int64_t)target.st_dev,
					  .dev = (int64_t)st.st_dev,
					  .inode = (int64_t)st.st_ino,
					  .size = (int64_t)st.st_size,
					  .mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
					  .strict = true };
	}
	test_ok(journal_write(f->store, "organize", "", 0, moves, FILES, &batch, &err), &err);
	free(moves);
	free(text);
	return batch;
}

/* At its old place below `base`, or at its new one. */
static bool holds(const char *base, bool is_new, int i)
{
	CLEANUP(buf_free) struct buf b = { 0 };
	CLEANUP(cleanup_free) char *path = NULL;
	char name[100], want[40];
	struct err err = { 0 };

	snprintf(name, sizeof(name), "%s%d%s", is_new ? "out/g" : "in/f", i, is_new ? "/f.mkv" : ".mkv");
	path = fs_join(base, name);
	if (access(path, F_OK) != 0)
		return false;
	test_ok(buf_read_file(&b, path, &err), &err);
	snprintf(want, sizeof(want), "ok, film %d", i);
	assert_string_equal(buf_text(&b), want);
	return true;
}

static int count_files(const char *folder)
{
	char command[200];
	int n = -1;
	FILE *out;

	snprintf(command, sizeof(command), "find '%s' -type f | wc -l", folder);
	out = popen(command, "r");
	assert_true(out && fscanf(out, "%d", &n) == 1);
	pclose(out);
	return n;
}

/* Each whole and in one place, no partial copy anywhere. How many are at the new one. */
static int check(struct fixture *f, const char *other)
{
	int moved = 0;

	for (int i = 0; i < FILES; i++) {
		bool is_old = holds(f->media, false, i), is_new = holds(other, true, i);
		char sql[200];

		if (is_old == is_new)
			fail_msg("film %d: %d at the old place, %d at the new one", i, is_old, is_new);
		moved += is_new;
		if (i % 2)
			continue;
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM files WHERE path = CAST('%s%d%s' AS BLOB) AND state = 'present'",
			 is_new ? "out/g" : "in/f", i, is_new ? "/f.mkv" : ".mkv");
		if (ask(f, sql) != 1)
			fail_msg("film %d: its row is not where it is (%s place)", i, is_new ? "new" : "old");
	}
	assert_int_equal(count_files(other), moved);
	assert_int_equal(count_files(f->media), FILES - moved);
	return moved;
}

/* At files of both groups: while it is begun, while its bytes go over, before it is compared, before it has its name, before
 * its original goes. */
static void dead_at_each_file(void **state)
{
	static const struct {
		int calls, moved;
	} rows[] = { { 0, 0 }, { 1, 0 }, { 2, 0 }, { 63, 0 }, { 64, 0 }, { 95, 0 }, { 96, 0 }, { 97, 1 }, { 126, 30 }, { 127, 31 },
		     { 128, 32 }, { 129, 32 }, { 159, 32 }, { 160, 32 }, { 161, 32 }, { 184, 32 }, { 186, 34 }, { 192, 40 } };
	char *other;
	struct fixture *f = many_files(&other);

	(void)state;
	if (!f)
		skip();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t batch = write_batch(f, other, "move");

		assert_true(run_and_die(f, batch, DIES_AT_CALL, rows[i].calls));
		recover(f);
		if (check(f, other) != rows[i].moved)
			fail_msg("dead at call %d: not %d are at their new place", rows[i].calls, rows[i].moved);
		undo(f, batch);
		assert_int_equal(check(f, other), 0);
	}
	end(f, other);
}

static void there_and_back(void **state)
{
	char *other;
	struct fixture *f = many_files(&other);
	int64_t batch;

	(void)state;
	if (!f)
		skip();
	batch = write_batch(f, other, "move");
	assert_false(run_and_die(f, batch, DIES_AT_CALL, 1000000));
	assert_int_equal(check(f, other), FILES);
	assert_int_equal(ask(f, "SELECT bytes_done = bytes AND files_done = files FROM batches"), 1);
	undo(f, batch);
	assert_int_equal(check(f, other), 0);
	scan(f);
	assert_int_equal(f->totals.added + f->totals.moved + f->totals.missing + f->totals.changed, 0);
	end(f, other);
}

static void put(const char *base, const char *name, const char *text)
{
	CLEANUP(cleanup_free) char *path = fs_join(base, name);
	struct err err = { 0 };
	char *slash;
	int fd;

	slash = strrchr(path, '/');
	*slash = '\0';
	test_ok(fs_mkdirs(path, &err), &err);
	*slash = '/';
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* Between the parts: rows written, some have their names, some originals went. */
static void dead_between_the_parts(void **state)
{
	char *other;
	struct fixture *f = many_files(&other);
	unsigned dice = 4711;

	(void)state;
	if (!f)
		skip();
	for (int round = 0; round < 4; round++) {
		int64_t batch = write_batch(f, other, "move"), first = ask(f, "SELECT min(id) FROM moves WHERE state = 'planned'");
		int moved = 0;

		ask(f, "UPDATE batches SET state = 'running' WHERE state = 'planned' RETURNING id");
		ask(f, "UPDATE moves SET state = 'begun' WHERE state = 'planned' RETURNING id");
		for (int i = 0; i < 32; i++) {
			char text[40], sql[200], name[100];
			CLEANUP(cleanup_free) char *whole = NULL;
			struct stat st;
			int stage;

			dice = dice * 1103515245 + 12345;
			stage = dice >> 16 & 3;
			snprintf(text, sizeof(text), "ok, film %d", i);
			if (stage >= 2)
				snprintf(name, sizeof(name), "out/g%d/f.mkv", i);
			else
				snprintf(name, sizeof(name), "out/g%d/.f.mkv.partial-%lld", i, (long long)first + i);
			put(other, name, stage ? text : "ok");
			if (!stage)
				continue; /* no row yet */
			whole = fs_join(other, name);
			assert_int_equal(lstat(whole, &st), 0);
			snprintf(sql, sizeof(sql), "UPDATE moves SET state = 'copying', new_inode = %lld WHERE id = %lld RETURNING id",
				 (long long)st.st_ino, (long long)first + i);
			ask(f, sql);
			if (stage == 3) {
				snprintf(name, sizeof(name), "media/in/f%d.mkv", i);
				remove_file(f, name);
			}
			moved += stage >= 2;
		}
		recover(f);
		assert_int_equal(check(f, other), moved);
		undo(f, batch);
		assert_int_equal(check(f, other), 0);
	}
	end(f, other);
}

/* One name is taken: its film stays, with what belongs to it; the others go. */
static void one_that_cannot(void **state)
{
	char *other;
	struct fixture *f = many_files(&other);
	struct journal journal = { 0 };
	struct journal_progress totals;
	struct err err = { 0 };
	int64_t batch;

	(void)state;
	if (!f)
		skip();
	batch = write_batch(f, other, "move");
	put(other, "out/g6/f.mkv", "ok, film 6");
	journal.store = f->store;
	test_ok(journal_run(&journal, batch, &totals, &err), &err);
	assert_int_equal(totals.failed, 2);
	assert_int_equal(totals.files_done, FILES - 2);
	assert_true(holds(f->media, false, 6) && holds(f->media, false, 7));
	assert_int_equal(count_files(other), FILES - 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM moves WHERE state = 'skipped'"), 1);
	undo(f, batch);
	assert_int_equal(count_files(f->media), FILES);
	assert_int_equal(count_files(other), 1);
	end(f, other);
}

/* A second file: the first stays, also when it is taken back. */
static void copies_stay_beside_each_other(void **state)
{
	char *other;
	struct fixture *f = many_files(&other);
	int64_t batch;

	(void)state;
	if (!f)
		skip();
	batch = write_batch(f, other, "copy");
	assert_false(run_and_die(f, batch, DIES_AT_CALL, 1000000));
	assert_int_equal(count_files(other), FILES);
	assert_int_equal(count_files(f->media), FILES);
	undo(f, batch);
	assert_int_equal(check(f, other), 0);
	end(f, other);
}

static void note_bytes(void *context, const struct journal_progress *progress)
{
	int64_t *most = context;

	if (progress->files_done == 0 && progress->bytes_done > *most)
		*most = progress->bytes_done;
}

/* Of a large file one sees how far it is. */
static void bytes_are_told_as_they_go(void **state)
{
	struct fixture *f = fixture_new("movies");
	size_t size = (size_t)3 << 20;
	char *content = calloc(1, size + 1);
	int64_t most = 0, batch;
	struct journal journal = { .store = f->store, .context = &most, .progress = note_bytes };
	struct journal_progress totals;
	struct err err = { 0 };
	struct stat st;
	CLEANUP(cleanup_free) char *path = fs_join(f->media, "a.mkv");
	struct move move = { .action = "copy", .from_base = f->media, .from_path = "a.mkv", .to_base = f->media, .to_path = "b/b.mkv", .strict = true };

	(void)state;
	memset(content, 'x', size);
	put_file(f, "media/a.mkv", content);
	free(content);
	assert_int_equal(lstat(path, &st), 0);
	move.dev = move.to_dev = (int64_t)st.st_dev;
	move.inode = (int64_t)st.st_ino;
	move.size = (int64_t)st.st_size;
	move.mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	test_ok(journal_write(f->store, "organize", "", 0, &move, 1, &batch, &err), &err);
	test_ok(journal_run(&journal, batch, &totals, &err), &err);
	assert_int_equal(most, (int64_t)size);
	assert_int_equal(totals.bytes_done, (int64_t)size);
	fixture_free(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dead_at_each_file), cmocka_unit_test(there_and_back),
		cmocka_unit_test(dead_between_the_parts), cmocka_unit_test(one_that_cannot),
		cmocka_unit_test(copies_stay_beside_each_other), cmocka_unit_test(bytes_are_told_as_they_go),
	};

	return fixture_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
