/* Junk of several roots, one of which does not answer; empty folders where the library knows files. */
#include "lib/scan_fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "library/junk.h"

static const struct junk_entry *find(const struct junk_list *list, const char *path)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->entries[i].path, path) == 0)
			return &list->entries[i];
	return NULL;
}

static struct junk look(struct fixture *f, struct arena *arena)
{
	const struct junk_request request = { .globs = "*.odd", .never = "iso", .silent_ms = 1500 };
	struct junk junk;
	struct err err = { 0 };

	test_ok(junk_find(f->db, &request, arena, &junk, &err), &err);
	return junk;
}

static void make_folder(struct fixture *f, const char *path)
{
	CLEANUP(cleanup_free) char *whole = fs_join(f->dir, path);
	struct err err = { 0 };

	test_ok(fs_mkdirs(whole, &err), &err);
}

static void a_root_that_hangs_costs_the_others_nothing(void **state)
{
	struct fixture *f = fixture_new("movies");
	struct arena arena = { 0 };
	int64_t second = fixture_add_root(f, "second", "movies"), third = fixture_add_root(f, "third", "movies");
	struct junk junk;

	(void)state;
	put_file(f, "media/a.part", "half");
	put_file(f, "second/b.part", "half");
	put_file(f, "second/.hang", "");
	put_file(f, "third/c.part", "half");
	junk = look(f, &arena);
	assert_int_equal(junk.junk.count, 2);
	assert_int_equal(find(&junk.junk, "a.part")->root_id, f->root_id);
	assert_int_equal(find(&junk.junk, "c.part")->root_id, third);
	assert_int_equal(junk.unread_count, 1);
	assert_int_equal(junk.unread[0].root_id, second);
	assert_string_equal(junk.unread[0].why, "its disk does not answer");
	arena_free(&arena);
	fixture_free(f);
}

static void what_is_junk_and_what_is_not(void **state)
{
	struct fixture *f = fixture_new("movies");
	struct arena arena = { 0 };
	struct junk junk;
	const struct junk_entry *entry;

	(void)state;
	fixture_add_root(f, "media/inner", "movies");
	put_file(f, "media/Film (1999)/Film (1999).mkv", "ok, a film");
	put_file(f, "media/Film-1 (1999)/Film (1999).mkv", "ok, another film");
	put_file(f, "media/Film/sample.iso", "never");
	put_file(f, "media/x\xff.odd", "by a glob of ours");
	put_file(f, "media/notes.xyz", "no rule");
	put_file(f, "media/inner/d.part", "of the root inside");
	make_folder(f, "media/empty/in/it");
	scan(f);
	remove_file(f, "media/Film (1999)/Film (1999).mkv"); /* known, and gone: no empty folder to be removed */
	junk = look(f, &arena);
	entry = find(&junk.junk, "x\xff.odd");
	assert_non_null(entry);
	assert_string_equal(entry->reason, "name like *.odd");
	assert_int_equal(entry->identity.size, (int64_t)strlen("by a glob of ours"));
	assert_true(find(&junk.junk, "empty") && find(&junk.junk, "empty")->folder);
	assert_true(find(&junk.junk, "empty/in") < find(&junk.junk, "empty"));
	assert_non_null(find(&junk.junk, "empty/in/it"));
	assert_null(find(&junk.junk, "Film (1999)"));
	assert_null(find(&junk.junk, "inner/d.part"));
	assert_non_null(find(&junk.junk, "d.part"));
	assert_null(find(&junk.junk, "Film/sample.iso"));
	assert_null(find(&junk.unknown, "Film/sample.iso"));
	assert_non_null(find(&junk.unknown, "notes.xyz"));
	assert_int_equal(junk.junk.count, 5);
	assert_int_equal(junk.unread_count, 0);
	arena_free(&arena);
	fixture_free(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_root_that_hangs_costs_the_others_nothing),
		cmocka_unit_test(what_is_junk_and_what_is_not),
	};

	return fixture_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
