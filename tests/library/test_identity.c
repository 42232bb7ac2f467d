/* What people lost in other libraries (files that were away, moved, renamed, restored, replaced) is kept
 * here. */
#include "lib/scan_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "library/roots.h"

static void put_many(struct fixture *f, const char *folder, int count)
{
	for (int i = 0; i < count; i++) {
		char path[100], content[100];

		snprintf(path, sizeof(path), "media/%s/Film %d (1999).mkv", folder, i);
		snprintf(content, sizeof(content), "ok %s %d", folder, i);
		put_file(f, path, content);
	}
}

static void remove_many(struct fixture *f, const char *folder, int count)
{
	for (int i = 0; i < count; i++) {
		char path[100];

		snprintf(path, sizeof(path), "media/%s/Film %d (1999).mkv", folder, i);
		remove_file(f, path);
	}
}

/* A marker and a hand-set field: what must never be lost. */
static int64_t mark(struct fixture *f, const char *path)
{
	char sql[400];
	int64_t item;

	snprintf(sql, sizeof(sql),
		 "SELECT item_id FROM item_files JOIN files f ON f.id = file_id WHERE f.path = CAST('%s' AS "
		 "BLOB)",
		 path);
	item = ask(f, sql);
	assert_true(item > 0);
	snprintf(sql, sizeof(sql), "INSERT INTO markers (item_id, start_ms) VALUES (%lld, 4711)",
		 (long long)item);
	ask(f, sql);
	snprintf(sql, sizeof(sql), "UPDATE items SET rating = 'PG' WHERE id = %lld", (long long)item);
	ask(f, sql);
	return item;
}

static void expect_kept(struct fixture *f, int64_t item, const char *path)
{
	char sql[400];

	snprintf(sql, sizeof(sql),
		 "SELECT count(*) FROM items i JOIN markers m ON m.item_id = i.id JOIN item_files x ON "
		 "x.item_id = i.id "
		 "JOIN files f ON f.id = x.file_id WHERE i.id = %lld AND m.start_ms = 4711 AND i.rating = "
		 "'PG' AND "
		 "f.state = 'present' AND f.path = CAST('%s' AS BLOB)",
		 (long long)item, path);
	assert_int_equal(ask(f, sql), 1);
}

/* navidrome#3406, Radarr#2916, xbmc#25724: a share that loses its files loses nothing here. */
static void many_at_once_are_not_believed(void **state)
{
	struct fixture *f = fixture_new("movies");

	(void)state;
	put_many(f, "a", 30);
	put_many(f, "b", 20);
	scan(f);
	move_file(f, "media/b", "b"); /* outside of all roots */
	scan(f);
	assert_int_equal(f->totals.missing, 0);
	assert_int_equal(f->totals.vanished, 20);
	assert_int_equal(ask(f, "SELECT vanished FROM roots"), 20);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE state = 'present'"), 50);
	scan(f); /* and again */
	assert_int_equal(f->totals.vanished, 20);
	move_file(f, "b", "media/b"); /* they come back */
	scan(f);
	assert_int_equal(f->totals.added + f->totals.missing + f->totals.vanished, 0);
	assert_int_equal(ask(f, "SELECT vanished FROM roots"), 0);
	remove_many(f, "b", 9); /* so few may go without a word */
	scan(f);
	assert_int_equal(f->totals.missing, 9);
	remove_many(f, "a", 20);
	scan(f);
	assert_int_equal(f->totals.missing, 0);
	f->accept_missing = true;
	scan(f);
	assert_int_equal(f->totals.missing, 20);
	assert_int_equal(ask(f, "SELECT vanished FROM roots"), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM items"), 30); /* and nothing is deleted */
	fixture_free(f);
}

static void a_renamed_folder_is_no_loss(void **state)
{
	struct fixture *f = fixture_new("movies");

	(void)state;
	put_many(f, "a", 30);
	scan(f);
	move_file(f, "media/a", "media/z");
	scan(f);
	assert_int_equal(f->totals.moved, 30);
	assert_int_equal(f->totals.vanished + f->totals.missing + f->totals.added, 0);
	fixture_free(f);
}

/* jellyfin#13953, navidrome#2149: copied to another disk, then deleted: other inodes, other root. */
static void a_move_by_copy_keeps_all(void **state)
{
	struct fixture *f = fixture_new("movies");
	int64_t item;

	(void)state;
	fixture_add_root(f, "second", "movies");
	put_file(f, "media/Heat (1995).mkv", "ok, heat");
	put_file(f, "media/Ronin (1998).mkv", "ok, ronin");
	scan(f);
	item = mark(f, "Heat (1995).mkv");
	put_file(f, "second/Warmth (1996).mkv", "ok, heat");
	remove_file(f, "media/Heat (1995).mkv");
	scan(f);
	assert_int_equal(f->totals.probed, 0);
	expect_kept(f, item, "Warmth (1996).mkv");
	assert_int_equal(ask(f, "SELECT count(*) FROM files"), 2);
	assert_int_equal(ask(f, "SELECT count(*) FROM items"), 2);
	assert_int_equal(ask(f, "SELECT count(*) FROM item_search"), 2);
	fixture_free(f);
}

/* 60 films to another disk by `cp`, looked at in the middle, then the old ones go: no loss, however many they are. */
static void a_mass_move_by_copy_is_no_loss(void **state)
{
	struct fixture *f = fixture_new("movies");
	int64_t item, item2;

	(void)state;
	fixture_add_root(f, "second", "movies");
	put_many(f, "a", 60);
	put_many(f, "rest", 5);
	scan(f);
	item = mark(f, "a/Film 7 (1999).mkv");
	item2 = mark(f, "a/Film 31 (1999).mkv");
	for (int i = 0; i < 60; i++) {
		char path[100], content[100];

		snprintf(path, sizeof(path), "second/%d/Film %d (1999).mkv", i, i);
		snprintf(content, sizeof(content), "ok a %d", i);
		put_file(f, path, content);
		if (i == 30)
			scan(f); /* halfway through, as a server would */
	}
	/* the first half was copied two days ago, the old ones are older */
	ask(f, "UPDATE files SET added_ms = added_ms - 172800000 * (1 + (root_id = 1)) RETURNING id");
	remove_many(f, "a", 60);
	scan(f);
	assert_int_equal(f->totals.vanished, 0);
	assert_int_equal(f->totals.moved, 60);
	assert_int_equal(f->totals.added + f->totals.missing, 0);
	expect_kept(f, item, "7/Film 7 (1999).mkv");
	expect_kept(f, item2, "31/Film 31 (1999).mkv");
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE state = 'present'"), 65);
	assert_int_equal(ask(f, "SELECT count(*) FROM files"), 65);
	assert_int_equal(ask(f, "SELECT vanished FROM roots WHERE id = 1"), 0);
	fixture_free(f);
}

/* All of a root goes so: it is empty where many files were, and yet nothing is lost. */
static void a_root_that_was_emptied_by_a_move(void **state)
{
	struct fixture *f = fixture_new("movies");
	int64_t item;

	(void)state;
	fixture_add_root(f, "second", "movies");
	put_many(f, "a", 20);
	scan(f);
	item = mark(f, "a/Film 7 (1999).mkv");
	for (int i = 0; i < 20; i++) {
		char path[100], content[100];

		snprintf(path, sizeof(path), "second/Film %d (1999).mkv", i);
		snprintf(content, sizeof(content), "ok a %d", i);
		put_file(f, path, content);
	}
	move_file(f, "media/a", "a");
	scan(f);
	assert_int_equal(f->totals.vanished + f->totals.missing + f->totals.added, 0);
	assert_int_equal(f->totals.moved, 20);
	expect_kept(f, item, "Film 7 (1999).mkv");
	assert_int_equal(ask(f, "SELECT count(*) FROM roots WHERE state = 'ok'"), 2);
	fixture_free(f);
}

/* What is copied elsewhere does not count; what is not does, and stays as it is. */
static void a_loss_beside_a_move_is_a_loss(void **state)
{
	struct fixture *f = fixture_new("movies");

	(void)state;
	fixture_add_root(f, "second", "movies");
	put_many(f, "a", 30);
	put_many(f, "b", 30);
	scan(f);
	for (int i = 0; i < 30; i++) {
		char path[100], content[100];

		snprintf(path, sizeof(path), "second/Film %d (1999).mkv", i);
		snprintf(content, sizeof(content), "ok a %d", i);
		put_file(f, path, content);
	}
	remove_many(f, "a", 30);
	remove_many(f, "b", 20);
	scan(f);
	assert_int_equal(f->totals.moved, 30);
	assert_int_equal(f->totals.missing, 0);
	assert_int_equal(f->totals.vanished, 20);
	assert_int_equal(ask(f, "SELECT vanished FROM roots WHERE id = 1"), 20);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE state = 'present'"), 60);
	fixture_free(f);
}

/* The copies are on a disk that went, too: their rows do not vouch for anything. */
static void copies_that_are_gone_vouch_for_nothing(void **state)
{
	struct fixture *f = fixture_new("movies");

	(void)state;
	fixture_add_root(f, "second", "movies");
	put_many(f, "a", 30);
	scan(f);
	ask(f, "UPDATE files SET added_ms = added_ms - 172800000 RETURNING id");
	for (int i = 0; i < 30; i++) {
		char path[100], content[100];

		snprintf(path, sizeof(path), "second/Film %d (1999).mkv", i);
		snprintf(content, sizeof(content), "ok a %d", i);
		put_file(f, path, content);
	}
	scan(f);
	put_file(f, "media/one.mkv", "ok, one");
	move_file(f, "media/a", "a");
	move_file(f, "second", "away");
	scan(f);
	assert_int_equal(f->totals.missing + f->totals.moved, 0);
	assert_int_equal(f->totals.vanished, 30);
	fixture_free(f);
}

/* A backup that was played back: same names and bytes, other inodes, perhaps another time. */
static void a_restored_backup_is_the_same_library(void **state)
{
	struct fixture *f = fixture_new("movies");
	int64_t item;

	(void)state;
	put_many(f, "a", 12);
	scan(f);
	item = mark(f, "a/Film 3 (1999).mkv");
	move_file(f, "media", "old");
	put_many(f, "a", 12);
	scan(f);
	assert_int_equal(f->totals.added + f->totals.missing + f->totals.vanished, 0);
	expect_kept(f, item, "a/Film 3 (1999).mkv");
	assert_int_equal(ask(f, "SELECT count(*) FROM files"), 12);
	fixture_free(f);
}

/* jellyfin#15389: a better copy takes the place, under the same name and under another. */
static void a_better_copy_is_the_same_film(void **state)
{
	struct fixture *f = fixture_new("movies");
	int64_t item;

	(void)state;
	put_file(f, "media/Heat (1995) 720p.mkv", "ok");
	scan(f);
	item = mark(f, "Heat (1995) 720p.mkv");
	put_file(f, "media/Heat (1995) 720p.mkv", "ok, with more bytes");
	scan(f);
	assert_int_equal(f->totals.probed, 1);
	expect_kept(f, item, "Heat (1995) 720p.mkv");
	remove_file(f, "media/Heat (1995) 720p.mkv");
	put_file(f, "media/Heat (1995) 2160p.mkv", "ok, with very many more bytes");
	scan(f);
	expect_kept(f, item, "Heat (1995) 2160p.mkv");
	fixture_free(f);
}

/* syncthing#1787, rclone#4854, mediacentermaster#1645: case and normal forms are names like others. */
static void names_that_look_alike(void **state)
{
	struct fixture *f = fixture_new("movies");
	int64_t item;

	(void)state;
	put_file(f, "media/heat (1995).mkv", "ok, heat");
	put_file(f, "media/Am\xc3\xa9lie (2001).mkv", "ok, amelie");   /* NFC */
	put_file(f, "media/Ame\xcc\x81lie (2001).mkv", "ok, another"); /* NFD: a file of its own */
	put_file(f, "media/bad \xff\xfe (2002).mkv", "ok, bytes");
	scan(f);
	assert_int_equal(f->totals.added, 4);
	item = mark(f, "heat (1995).mkv");
	move_file(f, "media/heat (1995).mkv", "media/Heat (1995).mkv"); /* case only */
	scan(f);
	assert_int_equal(f->totals.moved, 1);
	assert_int_equal(f->totals.added + f->totals.missing, 0);
	expect_kept(f, item, "Heat (1995).mkv");
	remove_file(f, "media/Am\xc3\xa9lie (2001).mkv");
	scan(f);
	assert_int_equal(f->totals.missing, 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE state = 'present'"), 3);
	fixture_free(f);
}

/* czkawka#1267, fclones#139: names of one file are counted, sampled and probed once. */
static void hard_links_are_one_file(void **state)
{
	struct fixture *f = fixture_new("movies");
	CLEANUP(cleanup_free) char *a = fs_join(f->media, "Heat (1995).mkv");
	CLEANUP(cleanup_free) char *b = fs_join(f->media, "seed/heat.1995.720p.mkv");
	struct root_counts counts;
	struct err err = { 0 };

	(void)state;
	put_file(f, "media/Heat (1995).mkv", "chapters");
	put_file(f, "media/seed/x.txt", "");
	assert_int_equal(link(a, b), 0);
	scan(f);
	assert_int_equal(f->totals.added, 2);
	assert_int_equal(f->totals.probed, 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE links = 2 AND media_state = 'ok'"), 2);
	assert_int_equal(ask(f, "SELECT count(DISTINCT file_id) FROM probes WHERE duration_ms = 1800000"), 2);
	test_ok(roots_counts(f->db, f->root_id, &counts, &err), &err);
	assert_int_equal(counts.files, 2);
	assert_int_equal(counts.bytes, 8);
	remove_file(f, "media/Heat (1995).mkv");
	scan(f);
	assert_int_equal(ask(f, "SELECT links FROM files WHERE state = 'present'"), 1);
	fixture_free(f);
}

/* jellyfin#1999: the root is somewhere else now. */
static void a_root_moves_by_command(void **state)
{
	struct fixture *f = fixture_new("movies");
	CLEANUP(cleanup_free) char *there = fs_join(f->dir, "elsewhere");
	CLEANUP(cleanup_free) char *empty = fs_join(f->dir, "empty");
	struct err err = { 0 };
	struct root root = { .id = f->root_id, .path = f->media };
	int64_t item;

	(void)state;
	put_many(f, "a", 12);
	scan(f);
	item = mark(f, "a/Film 3 (1999).mkv");
	move_file(f, "media", "elsewhere");
	test_ok(fs_mkdirs(empty, &err), &err);
	assert_int_equal(root_move(f->db, &root, empty, false, &err), -ERR_CONFLICT);
	err_clear(&err);
	test_ok(root_move(f->db, &root, there, false, &err), &err);
	scan(f);
	assert_int_equal(f->totals.added + f->totals.missing + f->totals.changed + f->totals.probed, 0);
	expect_kept(f, item, "a/Film 3 (1999).mkv");
	fixture_free(f);
}

/* Another disk under the same name, with the same device number (a USB port): by the volume's id. */
static void another_disk_in_its_place(void **state)
{
	struct fixture *f = fixture_new("movies");
	CLEANUP(cleanup_free) char *text = NULL;

	(void)state;
	put_many(f, "a", 3);
	scan(f);
	text = ask_text(f, "SELECT volume FROM roots");
	assert_true(*text);
	assert_int_equal(ask(f, "SELECT sentinel > 0 AND mount_point <> '' FROM roots"), 1);
	ask(f, "UPDATE roots SET volume = 'ext4 uuid:another'");
	remove_many(f, "a", 3);
	put_file(f, "media/new.mkv", "ok");
	scan(f);
	assert_int_equal(f->totals.missing + f->totals.added, 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM roots WHERE state = 'missing'"), 1);
	fixture_free(f);
}

/* Sonarr#8866, restic#1028: the helper of one root hangs; the others are scanned, and it is said. */
static void a_disk_that_hangs_holds_nobody(void **state)
{
	struct fixture *f = fixture_new("movies");

	(void)state;
	fixture_add_root(f, "hangs", "movies");
	fixture_add_root(f, "third", "movies");
	put_file(f, "media/a.mkv", "ok");
	put_file(f, "hangs/b.mkv", "ok");
	put_file(f, "third/c.mkv", "ok");
	scan(f);
	assert_int_equal(f->totals.added, 3);
	put_file(f, "hangs/.hang",
		 ""); /* the fixture's helper stops itself, as in a system call that never returns */
	put_file(f, "third/d.mkv", "ok, and no copy of what goes");
	remove_file(f, "media/a.mkv");
	f->silent_ms = 700;
	scan(f);
	assert_int_equal(f->totals.added, 1);
	assert_int_equal(f->totals.missing, 1);
	assert_int_equal(
		ask(f, "SELECT count(*) FROM roots WHERE id = 2 AND state = 'stalled' AND stalled_ms > 0"),
		1);
	assert_int_equal(ask(f, "SELECT count(*) FROM files WHERE root_id = 2 AND state = 'present'"), 1);
	remove_file(f, "hangs/.hang");
	f->silent_ms = 0;
	scan(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM roots WHERE state = 'ok' AND stalled_ms IS NULL"), 3);
	fixture_free(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_at_once_are_not_believed),
		cmocka_unit_test(a_renamed_folder_is_no_loss),
		cmocka_unit_test(a_move_by_copy_keeps_all),
		cmocka_unit_test(a_mass_move_by_copy_is_no_loss),
		cmocka_unit_test(a_root_that_was_emptied_by_a_move),
		cmocka_unit_test(a_loss_beside_a_move_is_a_loss),
		cmocka_unit_test(copies_that_are_gone_vouch_for_nothing),
		cmocka_unit_test(a_restored_backup_is_the_same_library),
		cmocka_unit_test(a_better_copy_is_the_same_film),
		cmocka_unit_test(names_that_look_alike),
		cmocka_unit_test(hard_links_are_one_file),
		cmocka_unit_test(a_root_moves_by_command),
		cmocka_unit_test(another_disk_in_its_place),
		cmocka_unit_test(a_disk_that_hangs_holds_nobody),
	};

	return fixture_main(argc, argv, tests, ARRAY_LEN(tests));
}
