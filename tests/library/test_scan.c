/* Scanning: what is found, what a second scan writes, moves, roots that are away, hostile names, being stopped. */
#include "lib/scan_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"

static void expect_text(struct fixture *f, const char *sql, const char *wanted)
{
	CLEANUP(cleanup_free) char *text = ask_text(f, sql);

	assert_string_equal(text, wanted);
}

static void finds_media_and_nothing_else(void **state)
{
	struct fixture *f = fixture_new("auto");
	CLEANUP(cleanup_free) char *link = fs_join(f->media, "link.mkv");
	CLEANUP(cleanup_free) char *loop = fs_join(f->media, "loop");
	CLEANUP(cleanup_free) char *out = fs_join(f->media, "out.mkv");
	CLEANUP(cleanup_free) char *pipe = fs_join(f->media, "pipe.mkv");

	(void)state;
	put_file(f, "media/a.mkv", "ok");
	put_file(f, "media/sub/B.MP4", "ok");
	put_file(f, "media/sub/note.txt", "ok");
	put_file(f, "media/sub/c.mkv.partial", "ok");
	put_file(f, "media/sub/._c.mkv", "ok");
	put_file(f, "media/.hidden/d.mkv", "ok");
	put_file(f, "media/@eaDir/d.mkv", "ok");
	put_file(f, "media/lost+found/d.mkv", "ok");
	put_file(f, "media/folder.mkv/e.mkv", "ok");
	put_file(f, "media/mkv", "ok");
	put_file(f, "outside.mkv", "ok");
	assert_int_equal(symlink("sub/B.MP4", link), 0);
	assert_int_equal(symlink(".", loop), 0);
	assert_int_equal(symlink("../outside.mkv", out), 0);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	scan(f);
	assert_int_equal(f->totals.seen, 4);
	assert_int_equal(ask(f, "SELECT count(*) FROM files"), 4);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE path IN (x'612e6d6b76', CAST('sub/B.MP4' AS BLOB), "
				"CAST('folder.mkv/e.mkv' AS BLOB), CAST('link.mkv' AS BLOB))"),
			 4);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE media_state = 'ok'"), 4);
	expect_text(f, "SELECT state FROM roots", "ok");
	fixture_free(f);
}

static void a_second_scan_writes_nothing(void **state)
{
	struct fixture *f = fixture_new("auto");
	int64_t before;

	(void)state;
	for (int i = 0; i < 50; i++) {
		char path[64];

		snprintf(path, sizeof(path), "media/show/Show S01E%02d.mkv", i);
		put_file(f, path, "ok");
	}
	scan(f);
	assert_int_equal(f->totals.added, 50);
	assert_int_equal(f->totals.probed, 50);
	before = sqlite3_total_changes64(db_sqlite(f->db));
	scan(f);
	assert_int_equal(f->totals.seen, 50);
	assert_int_equal(f->totals.added + f->totals.changed + f->totals.moved + f->totals.missing +
				 f->totals.probed,
			 0);
	assert_int_equal(sqlite3_total_changes64(db_sqlite(f->db)) - before, 1); /* when the root was last seen */
	assert_string_equal(f->told, "");
	fixture_free(f);
}

static void what_changed_is_probed_again(void **state)
{
	struct fixture *f = fixture_new("auto");

	(void)state;
	put_file(f, "media/a.mkv", "ok");
	put_file(f, "media/b.mkv", "ok");
	scan(f);
	put_file(f, "media/a.mkv", "no media");
	scan(f);
	assert_int_equal(f->totals.changed, 1);
	assert_int_equal(f->totals.probed, 1);
	assert_int_equal(f->totals.failed, 1);
	expect_text(f, "SELECT media_error FROM files WHERE media_state = 'failed'", "it is not media");
	f->full = true;
	scan(f);
	assert_int_equal(f->totals.changed, 0);
	assert_int_equal(f->totals.probed, 2);
	fixture_free(f);
}

static void a_file_that_kills_its_worker_is_marked(void **state)
{
	struct fixture *f = fixture_new("auto");

	(void)state;
	put_file(f, "media/a.mkv", "ok");
	put_file(f, "media/b.mkv", "crash");
	put_file(f, "media/c.mkv", "ok");
	scan(f);
	assert_int_equal(f->totals.failed, 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE media_state = 'ok'"), 2);
	assert_int_equal(ask(f, "SELECT media_error LIKE '%killed by signal 11%' FROM files WHERE media_state = 'failed'"),
			 1);
	fixture_free(f);
}

static void gone_is_missing_and_comes_back(void **state)
{
	struct fixture *f = fixture_new("auto");

	(void)state;
	put_file(f, "media/a.mkv", "ok");
	put_file(f, "media/b.mkv", "ok");
	scan(f);
	move_file(f, "media/a.mkv", "aside.mkv");
	scan(f);
	assert_int_equal(f->totals.missing, 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM files"), 2);
	assert_int_equal(ask(f, "SELECT count(*) FROM items"), 2);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE state = 'missing' AND media_state = 'ok'"), 1);
	scan(f);
	assert_int_equal(f->totals.missing, 0); /* told once */
	move_file(f, "aside.mkv", "media/a.mkv");
	scan(f);
	assert_int_equal(f->totals.changed, 1);
	assert_int_equal(f->totals.probed, 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE state = 'present'"), 2);
	fixture_free(f);
}

static void a_move_keeps_file_and_item(void **state)
{
	struct fixture *f = fixture_new("auto");
	int64_t file, item;

	(void)state;
	fixture_add_root(f, "second", "auto");
	put_file(f, "media/Heat (1995).mkv", "chapters");
	put_file(f, "media/Other.mkv", "ok");
	scan(f);
	file = ask(f, "SELECT id FROM files WHERE path = CAST('Heat (1995).mkv' AS BLOB)");
	item = ask(f, "SELECT item_id FROM item_files JOIN files f ON f.id = file_id WHERE f.path = "
		      "CAST('Heat (1995).mkv' AS BLOB)");
	move_file(f, "media/Heat (1995).mkv", "media/films/Ronin (1998).mkv"); /* renamed */
	scan(f);
	assert_int_equal(f->totals.moved, 1);
	assert_int_equal(f->totals.added + f->totals.missing + f->totals.probed, 0);
	assert_string_equal(f->told, "moved media/films/Ronin (1998).mkv\n");
	assert_int_equal(ask(f, "SELECT id FROM files WHERE path = CAST('films/Ronin (1998).mkv' AS BLOB)"), file);
	assert_int_equal(ask(f, "SELECT id FROM items WHERE title = 'Ronin' AND year = 1998"), item);
	move_file(f, "media/films/Ronin (1998).mkv", "second/Ronin (1998).mkv"); /* to another root */
	scan(f);
	assert_int_equal(f->totals.moved, 1);
	assert_int_equal(f->totals.missing, 0);
	assert_int_equal(ask(f, "SELECT root_id FROM files WHERE path = CAST('Ronin (1998).mkv' AS BLOB)"), 2);
	assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE title = 'Ronin'"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM files"), 2);
	assert_true(ask(f, "SELECT count(*) FROM markers") > 0);
	fixture_free(f);
}

static void renumbered_episodes_move_along_a_chain(void **state)
{
	struct fixture *f = fixture_new("auto");
	CLEANUP(cleanup_free) char *before = NULL, *after = NULL;

	(void)state;
	put_file(f, "media/S/S S01E01.mkv", "ok 1");
	put_file(f, "media/S/S S01E02.mkv", "ok 22");
	put_file(f, "media/S/S S01E03.mkv", "ok 333");
	scan(f);
	before = ask_text(f, "SELECT group_concat(id || ':' || size) FROM (SELECT * FROM files ORDER BY id)");
	move_file(f, "media/S/S S01E03.mkv", "media/S/S S01E04.mkv");
	move_file(f, "media/S/S S01E02.mkv", "media/S/S S01E03.mkv");
	move_file(f, "media/S/S S01E01.mkv", "media/S/S S01E02.mkv");
	scan(f);
	after = ask_text(f, "SELECT group_concat(id || ':' || size) FROM (SELECT * FROM files ORDER BY id)");
	assert_string_equal(after, before);
	assert_int_equal(f->totals.moved, 3);
	assert_int_equal(f->totals.added + f->totals.missing + f->totals.changed, 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE state = 'present'"), 3);
	assert_int_equal(ask(f, "SELECT sum(episode) FROM items WHERE kind = 'episode'"), 9);
	fixture_free(f);
}

#define PLACES "SELECT group_concat(f.id || ':' || x.item_id || ':' || CAST(f.path AS TEXT) || ':' || f.state, ' ') FROM " \
	       "(SELECT * FROM files ORDER BY id) f JOIN item_files x ON x.file_id = f.id"

static void same_time(struct fixture *f, const char *path)
{
	CLEANUP(cleanup_free) char *whole = fs_join(f->dir, path);
	const struct timespec times[2] = { { .tv_sec = 1600000000 }, { .tv_sec = 1600000000 } };

	assert_int_equal(utimensat(AT_FDCWD, whole, times, 0), 0);
}

static void exchange(struct fixture *f, const char *a, const char *b)
{
	move_file(f, a, "media/between");
	move_file(f, b, a);
	move_file(f, "media/between", b);
}

/* Row and item go with the file, also when nothing but the inode tells one from the other. */
static void exchanged_names_are_two_moves(void **state)
{
	static const struct {
		const char *a, *b, *c, *wanted;
	} rows[] = {
		{ "Alpha (1990).mkv", "Beta (1991).mkv", NULL, "1:1:Beta (1991).mkv:present 2:2:Alpha (1990).mkv:present" },
		{ "Alpha (1990).mkv", "Beta (1991).mkv", "Gamma (1992).mkv",
		  "1:1:Beta (1991).mkv:present 2:2:Gamma (1992).mkv:present 3:3:Alpha (1990).mkv:present" },
		{ "S/S S01E01.mkv", "S/S S01E02.mkv", NULL, "1:3:S/S S01E02.mkv:present 2:4:S/S S01E01.mkv:present" },
	};

	static const char *const contents[2][3] = { { "ok 1", "ok 22", "ok 333" }, { "ok 1", "ok 2", "ok 3" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows) * 2; i++) {
		struct fixture *f = fixture_new("auto");
		const char *const names[] = { rows[i / 2].a, rows[i / 2].b, rows[i / 2].c };
		CLEANUP(cleanup_free) char *places = NULL;
		char paths[3][64];
		bool alike = i % 2;

		for (size_t n = 0; n < 3 && names[n]; n++) {
			snprintf(paths[n], sizeof(paths[n]), "media/%s", names[n]);
			put_file(f, paths[n], contents[alike][n]);
			if (alike)
				same_time(f, paths[n]);
		}
		scan(f);
		exchange(f, paths[0], paths[1]);
		if (names[2])
			exchange(f, paths[0], paths[2]);
		scan(f);
		places = ask_text(f, PLACES);
		assert_string_equal(places, rows[i / 2].wanted);
		assert_int_equal(f->totals.moved, names[2] ? 3 : 2);
		assert_int_equal(f->totals.added + f->totals.missing + f->totals.changed, 0);
		assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE hidden <> 0"), 0);
		scan(f);
		assert_int_equal(f->totals.moved + f->totals.added + f->totals.missing + f->totals.changed, 0);
		fixture_free(f);
	}
}

/* Renamed onto the name of a film that is missing, or over one that is there: the renamed one is there, the other is not,
 * and what was known of both is known still. */
static void a_name_that_is_given_to_another(void **state)
{
	(void)state;
	for (int over = 0; over < 2; over++) {
		struct fixture *f = fixture_new("auto");
		CLEANUP(cleanup_free) char *places = NULL;

		put_file(f, "media/Alpha (1990).mkv", "ok 1");
		put_file(f, "media/Beta (1991).mkv", "ok 22");
		scan(f);
		ask(f, "INSERT INTO item_tags SELECT id, 'second' FROM items WHERE title = 'Beta' RETURNING 1");
		if (!over) {
			remove_file(f, "media/Alpha (1990).mkv");
			scan(f);
		}
		move_file(f, "media/Beta (1991).mkv", "media/Alpha (1990).mkv");
		scan(f);
		places = ask_text(f, PLACES);
		assert_string_equal(places, "1:1:.matinee-gone-1-Alpha (1990).mkv:missing 2:1:Alpha (1990).mkv:present");
		assert_int_equal(f->totals.moved, 1);
		assert_int_equal(f->totals.missing, over);
		assert_int_equal(f->totals.added + f->totals.changed, 0);
		assert_int_equal(ask(f, "SELECT count(*) FROM item_tags WHERE item_id = 1 AND tag = 'second'"), 1);
		scan(f);
		assert_int_equal(f->totals.moved + f->totals.added + f->totals.missing + f->totals.changed, 0);
		fixture_free(f);
	}
}

static void a_hard_link_is_no_move(void **state)
{
	struct fixture *f = fixture_new("auto");
	CLEANUP(cleanup_free) char *a = fs_join(f->media, "a.mkv");
	CLEANUP(cleanup_free) char *b = fs_join(f->media, "b.mkv");

	(void)state;
	put_file(f, "media/a.mkv", "ok");
	scan(f);
	assert_int_equal(link(a, b), 0);
	scan(f);
	assert_int_equal(f->totals.moved, 0);
	assert_int_equal(f->totals.added, 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE state = 'present'"), 2);
	fixture_free(f);
}

static void a_root_that_is_away_keeps_its_files(void **state)
{
	struct fixture *f = fixture_new("auto");

	(void)state;
	for (int i = 0; i < 12; i++) {
		char path[64];

		snprintf(path, sizeof(path), "media/film %d.mkv", i);
		put_file(f, path, "ok");
	}
	scan(f);
	move_file(f, "media", "away"); /* not there at all */
	scan(f);
	assert_int_equal(f->totals.missing, 0);
	expect_text(f, "SELECT state FROM roots", "missing");
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE state = 'present'"), 12);
	assert_int_equal(mkdir(f->media, 0755), 0); /* an empty mount point */
	scan(f);
	assert_int_equal(f->totals.missing, 0);
	expect_text(f, "SELECT state FROM roots", "missing");
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE state = 'present'"), 12);
	assert_int_equal(rmdir(f->media), 0);
	move_file(f, "away", "media");
	scan(f);
	expect_text(f, "SELECT state FROM roots", "ok");
	assert_int_equal(f->totals.added + f->totals.changed + f->totals.moved + f->totals.missing, 0);
	fixture_free(f);
}

/* Another file system is where the root was, or below it: the device numbers in the store are of none that is here. */
static void a_device_that_is_gone_takes_no_files_along(void **state)
{
	struct fixture *f = fixture_new("auto");

	(void)state;
	put_file(f, "media/a.mkv", "ok");
	put_file(f, "media/disk/b.mkv", "ok");
	scan(f);
	assert_true(ask(f, "UPDATE files SET dev = 4242 WHERE path = CAST('disk/b.mkv' AS BLOB)") <= 0);
	remove_file(f, "media/disk/b.mkv");
	scan(f);
	assert_int_equal(f->totals.missing, 0);
	assert_true(ask(f, "UPDATE files SET dev = 4242") <= 0);
	remove_file(f, "media/a.mkv");
	put_file(f, "media/new.mkv", "ok");
	scan(f);
	assert_int_equal(f->totals.missing + f->totals.added, 0);
	expect_text(f, "SELECT state FROM roots", "missing");
	fixture_free(f);
}

/* The same disk under another device number, as after a reboot: one thing is written and nothing is probed. */
static void a_renumbered_device_is_the_same_disk(void **state)
{
	struct fixture *f = fixture_new("auto");

	(void)state;
	put_file(f, "media/a.mkv", "ok");
	put_file(f, "media/b.mkv", "ok");
	scan(f);
	ask(f, "UPDATE files SET dev = 4242");
	remove_file(f, "media/b.mkv");
	scan(f);
	assert_int_equal(f->totals.changed + f->totals.probed, 0);
	assert_int_equal(f->totals.missing, 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE dev = 4242 AND state = 'present'"), 0);
	fixture_free(f);
}

static void a_folder_that_cannot_be_read_keeps_its_files(void **state)
{
	struct fixture *f = fixture_new("auto");
	CLEANUP(cleanup_free) char *folder = fs_join(f->media, "locked");
	char long_name[256];

	(void)state;
	put_file(f, "media/locked/a.mkv", "ok");
	put_file(f, "media/b.mkv", "ok");
	scan(f);
	memset(long_name, 'x', sizeof(long_name));
	if (geteuid() == 0) { /* root reads everything: a symlink in its place is not entered either */
		move_file(f, "media/locked", "elsewhere");
		assert_int_equal(symlink("../elsewhere", folder), 0);
		scan(f);
		assert_int_equal(f->totals.missing, 1); /* and not followed */
	} else {
		assert_int_equal(chmod(folder, 0), 0);
		scan(f);
		assert_int_equal(f->totals.missing, 0);
		assert_int_equal(chmod(folder, 0755), 0);
	}
	fixture_free(f);
}

static void hostile_names_are_only_names(void **state)
{
	static const char *const names[] = { "-rf",  "a\nb",	 "\xff\xfe bad",   "'; DROP TABLE files;--",
					     "\"q\"", "a: b",	 "%s%n%00",	   "..",
					     " ",     "\x1b[2J", "caf\xc3\xa9 100%" };
	struct fixture *f = fixture_new("auto");
	char longest[256 + 8];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char path[300];

		snprintf(path, sizeof(path), "media/%s.mkv", names[i]);
		put_file(f, path, "ok");
		snprintf(path, sizeof(path), "media/dir%s/%s S01E%02zu.mkv", names[i], names[i], i + 1);
		put_file(f, path, "ok");
	}
	memset(longest, 'n', sizeof(longest));
	memcpy(longest, "media/", 6);
	memcpy(longest + 6 + 251, ".mkv", 5);
	put_file(f, longest, "ok");
	scan(f);
	/* "...mkv" and ".. S01E08.mkv" begin with a dot and are left out; the longest name is one more */
	assert_int_equal(f->totals.added, (int)ARRAY_LEN(names) * 2 - 1);
	assert_int_equal(f->totals.failed, 0);
	assert_int_equal(f->totals.probed, (int)ARRAY_LEN(names) * 2 - 1);
	scan(f);
	assert_int_equal(f->totals.added + f->totals.missing + f->totals.changed, 0);
	{
		struct err err = { 0 };
		CLEANUP(json_cleanup)
		json_t *list = items_list_json(f->db, &(struct item_query){ .limit = 0 }, &err);
		CLEANUP(buf_free) struct buf text = { 0 };

		assert_non_null(list);
		json_write(&text, list);
		assert_true(text.len > 1000);
		assert_null(strstr(buf_text(&text), "\x1b"));
	}
	fixture_free(f);
}

static void ten_thousand_files_and_a_stop_in_the_middle(void **state)
{
	struct fixture *f = fixture_new("commercials");
	struct err err = { 0 };
	int64_t added;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		char path[64];

		snprintf(path, sizeof(path), "media/%02d/spot %d.mkv", i / 100, i);
		put_file(f, path, "ok");
	}
	f->cancel_after = 500;
	assert_true(try_scan(f, &err) < 0);
	assert_int_equal(err.code, ERR_BUSY);
	added = ask(f, "SELECT count(*) FROM files");
	assert_true(added >= 500 && added < 5000);
	assert_int_equal(ask(f, "SELECT count(*) FROM item_files"), added);
	assert_int_equal(ask(f, "SELECT count(*) FROM items"), added);
	f->cancelled = false;
	f->cancel_after = 0;
	ask(f, "CREATE TEMP TRIGGER no_probes AFTER INSERT ON main.files BEGIN UPDATE files SET media_state = 'ok' "
	       "WHERE id = new.id; END");
	ask(f, "UPDATE files SET media_state = 'ok'");
	scan(f);
	assert_int_equal(f->totals.seen, 10000);
	assert_int_equal(f->totals.added, 10000 - added);
	assert_int_equal(ask(f, "SELECT count(*) FROM item_files"), 10000);
	assert_int_equal(ask(f, "SELECT count(*) FROM item_search"), 10000);
	fixture_free(f);
}

static void a_dry_run_only_tells(void **state)
{
	struct fixture *f = fixture_new("auto");

	(void)state;
	put_file(f, "media/a.mkv", "ok");
	put_file(f, "media/b.mkv", "ok");
	put_file(f, "media/c.mkv", "ok");
	scan(f);
	put_file(f, "media/a.mkv", "ok, and more");
	move_file(f, "media/b.mkv", "media/z.mkv");
	remove_file(f, "media/c.mkv");
	put_file(f, "media/d.mkv", "ok, but other");
	f->dry_run = true;
	for (int i = 0; i < 2; i++) {
		int64_t before = sqlite3_total_changes64(db_sqlite(f->db));

		scan(f);
		assert_string_equal(f->told, "new media/d.mkv\nmoved media/z.mkv\nchanged media/a.mkv\n"
					     "missing media/c.mkv\n");
		assert_int_equal(sqlite3_total_changes64(db_sqlite(f->db)), before);
	}
	fixture_free(f);
}

static void a_path_limits_the_scan(void **state)
{
	struct fixture *f = fixture_new("auto");
	CLEANUP(cleanup_free) char *one = fs_join(f->media, "one/");
	CLEANUP(cleanup_free) char *none = fs_join(f->dir, "nowhere");
	const char *paths[] = { one, NULL };
	struct err err = { 0 };

	(void)state;
	put_file(f, "media/one/a.mkv", "ok");
	put_file(f, "media/one more/b.mkv", "ok, another");
	f->paths = paths;
	scan(f);
	assert_int_equal(f->totals.added, 1);
	remove_file(f, "media/one/a.mkv");
	scan(f);
	assert_int_equal(f->totals.missing, 1);
	paths[0] = none;
	assert_true(try_scan(f, &err) < 0);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	paths[0] = f->dir; /* above the root: the roots below it */
	scan(f);
	assert_int_equal(f->totals.added, 1);
	fixture_free(f);
}

static void a_root_inside_a_root_is_walked_once(void **state)
{
	struct fixture *f = fixture_new("auto");
	int64_t file;

	(void)state;
	put_file(f, "media/a.mkv", "ok");
	put_file(f, "media/spots/b.mkv", "ok");
	scan(f);
	file = ask(f, "SELECT id FROM files WHERE path = CAST('spots/b.mkv' AS BLOB)");
	fixture_add_root(f, "media/spots", "commercials");
	scan(f);
	assert_int_equal(f->totals.seen, 2);
	assert_int_equal(f->totals.moved, 1);
	assert_int_equal(f->totals.missing + f->totals.added, 0);
	assert_int_equal(ask(f, "SELECT id FROM files WHERE root_id = 2"), file);
	assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE kind = 'commercial'"), 1);
	fixture_free(f);
}

static void scans_take_turns(void **state)
{
	struct fixture *f = fixture_new("auto");
	CLEANUP(cleanup_free) char *path = fs_join(store_dir(f->store), "scan.lock");
	struct err err = { 0 };
	int lock = fs_lock(path, &err);

	(void)state;
	assert_true(lock >= 0);
	f->cancelled = true; /* else it would wait */
	assert_true(try_scan(f, &err) < 0);
	assert_int_equal(err.code, ERR_BUSY);
	f->cancelled = false;
	close(lock);
	scan(f);
	fixture_free(f);
}

/* A share that fails for a while says nothing of its files: they wait, and what was known stays. */
static void a_disk_that_fails_is_tried_again(void **state)
{
	struct fixture *f = fixture_new("auto");

	(void)state;
	put_file(f, "media/old/a.mkv", "ok");
	scan(f);
	assert_string_equal(f->unread, "");
	put_file(f, "media/old/.sick", "");
	put_file(f, "media/new/b.mkv", "ok b");
	put_file(f, "media/new/.sick", "");
	f->full = true;
	scan(f);
	assert_int_equal(f->totals.failed, 2);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE media_state = 'failed'"), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE media_state = 'ok' AND media_error IS NULL"), 1);
	expect_text(f, "SELECT media_error FROM files WHERE media_state = 'new'", "the disk failed");
	assert_non_null(strstr(f->unread, "/media/"));
	f->full = false;
	remove_file(f, "media/new/.sick");
	scan(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE media_state = 'ok' AND media_error IS NULL"), 2);
	fixture_free(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_disk_that_fails_is_tried_again),
		cmocka_unit_test(finds_media_and_nothing_else),
		cmocka_unit_test(a_second_scan_writes_nothing),
		cmocka_unit_test(what_changed_is_probed_again),
		cmocka_unit_test(a_file_that_kills_its_worker_is_marked),
		cmocka_unit_test(gone_is_missing_and_comes_back),
		cmocka_unit_test(a_move_keeps_file_and_item),
		cmocka_unit_test(renumbered_episodes_move_along_a_chain),
		cmocka_unit_test(exchanged_names_are_two_moves),
		cmocka_unit_test(a_name_that_is_given_to_another),
		cmocka_unit_test(a_hard_link_is_no_move),
		cmocka_unit_test(a_root_that_is_away_keeps_its_files),
		cmocka_unit_test(a_device_that_is_gone_takes_no_files_along),
		cmocka_unit_test(a_renumbered_device_is_the_same_disk),
		cmocka_unit_test(a_folder_that_cannot_be_read_keeps_its_files),
		cmocka_unit_test(hostile_names_are_only_names),
		cmocka_unit_test(ten_thousand_files_and_a_stop_in_the_middle),
		cmocka_unit_test(a_dry_run_only_tells),
		cmocka_unit_test(a_path_limits_the_scan),
		cmocka_unit_test(a_root_inside_a_root_is_walked_once),
		cmocka_unit_test(scans_take_turns),
	};

	return fixture_main(argc, argv, tests, ARRAY_LEN(tests));
}
