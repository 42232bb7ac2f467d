/* Folders for a person who chooses one: what is shown, what is out of the way, what cannot be read, hostile names. */
#include "lib/testlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "library/folders.h"

struct place {
	char *dir;
	struct arena arena;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	p->dir = test_dir();
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	arena_free(&p->arena);
	free(p->dir);
	free(p);
	return 0;
}

static char *in(struct place *p, const char *name)
{
	return arena_printf(&p->arena, "%s/%s", p->dir, name);
}

static void folder(struct place *p, const char *name)
{
	struct err err = { 0 };

	test_ok(fs_mkdirs(in(p, name), &err), &err);
}

static void file(struct place *p, const char *name)
{
	FILE *f = fopen(in(p, name), "w");

	assert_non_null(f);
	fclose(f);
}

static struct folder_list list(struct place *p, const char *name, const char *start, bool hidden)
{
	const struct folders_request request = { .path = in(p, name), .start = start, .hidden = hidden };
	struct folder_list list;
	struct err err = { 0 };

	test_ok(folders_list(&request, &p->arena, &list, &err), &err);
	return list;
}

static void assert_names(const struct folder_list *list, const char *expected)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	char *names = arena_strdup(&arena, "");

	for (size_t i = 0; i < list->count; i++)
		names = arena_printf(&arena, "%s%s%s", names, i ? "|" : "", list->folders[i].name);
	assert_string_equal(names, expected);
}

static void what_is_there(void **state)
{
	struct place *p = *state;
	struct folder_list l;

	folder(p, "home/films");
	folder(p, "home/Anime");
	folder(p, "home/.config");
	folder(p, "home/lost+found");
	file(p, "home/a.mkv");
	file(p, "home/b.flac");
	file(p, "home/letter.txt");
	file(p, "home/.secret.mkv");
	l = list(p, "home", "", false);
	assert_names(&l, "Anime|films");
	assert_int_equal(l.hidden, 2);
	assert_int_equal(l.videos, 1);
	assert_int_equal(l.sounds, 1);
	assert_string_equal(l.parent, strrchr(l.path, '/') ? arena_strndup(&p->arena, l.path, (size_t)(strrchr(l.path, '/') - l.path)) : "");
	l = list(p, "home", "", true);
	assert_names(&l, ".config|Anime|films|lost+found");
	assert_true(l.folders[0].hidden);
	l = list(p, "home", "FI", false);
	assert_names(&l, "films");
	assert_string_equal(l.folders[0].path, arena_printf(&p->arena, "%s/films", l.path));
}

static void symlinks_say_so_and_lead_to_the_real_place(void **state)
{
	struct place *p = *state;
	struct folder_list l;

	folder(p, "home");
	folder(p, "disk/films");
	file(p, "disk/note");
	assert_int_equal(symlink(in(p, "disk"), in(p, "home/link")), 0);
	assert_int_equal(symlink(in(p, "disk/note"), in(p, "home/note")), 0);
	assert_int_equal(symlink(in(p, "gone"), in(p, "home/gone")), 0);
	assert_int_equal(symlink("loop", in(p, "home/loop")), 0);
	l = list(p, "home", "", false);
	assert_names(&l, "link");
	assert_true(l.folders[0].link);
	l = list(p, "home/link", "", false);
	assert_names(&l, "films");
	assert_non_null(strstr(l.path, "/disk"));
	l = list(p, "home/../disk/./films//", "", false);
	assert_non_null(strstr(l.path, "/disk/films"));
	assert_string_equal(list(p, "../../../../../../../..", "", false).path, "/");
}

static void hostile(void **state)
{
	struct place *p = *state;
	static const struct {
		const char *path;
		enum err_code code;
	} rows[] = {
		{ "", ERR_INVALID }, { "films", ERR_INVALID }, { "~", ERR_INVALID }, { "../etc", ERR_INVALID },
		{ "/no/such/place", ERR_NOT_FOUND }, { "/etc/passwd", ERR_INVALID }, { "/etc/passwd/x", ERR_INVALID },
		{ "/dev/null", ERR_INVALID },
	};
	char *longest = arena_alloc(&p->arena, 9001), *loop = in(p, "loop");
	struct folder_list l = { .count = 7 };
	struct err err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct folders_request request = { .path = rows[i].path, .start = "" };

		err_clear(&err);
		if (folders_list(&request, &p->arena, &l, &err) >= 0 || (err.code != rows[i].code && err.code != ERR_NOT_FOUND))
			fail_msg("'%s': %s", rows[i].path, err.text);
	}
	memset(longest, '/', 1);
	memset(longest + 1, 'a', 8999);
	err_clear(&err);
	assert_true(folders_list(&(struct folders_request){ .path = longest, .start = "" }, &p->arena, &l, &err) < 0);
	assert_int_equal(symlink("loop", loop), 0);
	err_clear(&err);
	assert_true(folders_list(&(struct folders_request){ .path = loop, .start = "" }, &p->arena, &l, &err) < 0);
	assert_int_equal(l.count, 7);
}

static void names_are_any_bytes(void **state)
{
	struct place *p = *state;
	struct folder_list l;

	folder(p, "home/\xff\xfe bad");
	folder(p, "home/two\nlines");
	folder(p, "home/-rf");
	l = list(p, "home", "", false);
	assert_names(&l, "-rf|two\nlines|\xff\xfe bad");
	assert_int_equal(list(p, "home/\xff\xfe bad", "", false).count, 0);
}

static void at_most_a_thousand(void **state)
{
	struct place *p = *state;
	struct folder_list l;

	for (int i = 0; i < FOLDERS_MAX + 200; i++)
		folder(p, arena_printf(&p->arena, "many/%04d", i));
	l = list(p, "many", "", false);
	assert_int_equal(l.count, FOLDERS_MAX);
	assert_int_equal(l.total, FOLDERS_MAX + 200);
	assert_string_equal(l.folders[FOLDERS_MAX - 1].name, "0999");
	l = list(p, "many", "11", false);
	assert_int_equal(l.count, 100);
}

/* As somebody who may not read all: 0 when it is as it must be. */
static int as_nobody(struct place *p)
{
	const struct folders_request inside = { .path = in(p, "home/closed"), .start = "" },
				     beside = { .path = in(p, "home"), .start = "" };
	struct folder_list l;
	struct err err = { 0 };

	if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
		return 1;
	if (folders_list(&inside, &p->arena, &l, &err) >= 0 || err.code != ERR_DENIED || !strstr(err.text, "may not read it"))
		return 2;
	err_clear(&err);
	if (folders_list(&beside, &p->arena, &l, &err) < 0 || l.count != 2)
		return 3;
	return l.folders[0].closed && !l.folders[1].closed ? 0 : 4;
}

static void what_cannot_be_read_is_said(void **state)
{
	struct place *p = *state;
	int status;
	pid_t pid;

	folder(p, "home/closed");
	folder(p, "home/open");
	assert_int_equal(chmod(p->dir, 0755), 0);
	assert_int_equal(chmod(in(p, "home/closed"), 0), 0);
	pid = fork();
	if (pid == 0)
		_exit(as_nobody(p));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	chmod(in(p, "home/closed"), 0755);
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void where_to_begin(void **state)
{
	struct place *p = *state;
	struct root roots[] = { { .id = 1, .path = "/no/such/root" } };
	const struct root_list known = { roots, 1 };
	struct folder_place *places;
	size_t count;

	folder(p, "home");
	count = folders_places(in(p, "home"), &known, &p->arena, &places);
	assert_true(count >= 2);
	assert_string_equal(places[0].name, "home");
	assert_string_equal(places[count - 1].path, "/no/such/root"); /* a root that does not answer is one all the same */
	count = folders_places("/no/home", &(struct root_list){ 0 }, &p->arena, &places);
	assert_true(count >= 1);
	assert_string_not_equal(places[0].path, "/no/home");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(symlinks_say_so_and_lead_to_the_real_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(hostile, set_up, tear_down),
		cmocka_unit_test_setup_teardown(names_are_any_bytes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(at_most_a_thousand, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_read_is_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(where_to_begin, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
