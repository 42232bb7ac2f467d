/* Naming templates and safe names: formats, groups, presets, hostile values. */
#include "lib/testlib.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "library/template.h"

static struct template_values episode(void)
{
	struct template_values v;

	template_values_init(&v);
	v.text[TEMPLATE_SHOW] = "Mr. Show: A Day";
	v.text[TEMPLATE_TITLE] = "Who's There?";
	v.text[TEMPLATE_KIND] = "episode";
	v.text[TEMPLATE_EXT] = ".mkv";
	v.number[TEMPLATE_SEASON] = 1;
	v.number[TEMPLATE_EPISODE] = 2;
	v.number[TEMPLATE_YEAR] = 1995;
	return v;
}

static const char *render(struct arena *arena, const char *text, const struct template_values *v,
			  enum name_rules rules)
{
	struct err err = { 0 };
	const struct template *t = template_parse(text, arena, &err);
	const struct template_limits limits = { rules, 0 };
	const char *path = NULL;

	if (!t || template_render(t, v, &limits, arena, &path, &err) < 0)
		return arena_printf(arena, "! %s", err.text);
	return path;
}

static void formats_are_pythons(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "{show} - S{season:02d}E{episode:02d} - {title}{ext}", "Mr. Show: A Day - S01E02 - Who's There?.mkv" },
		{ "{season}{ext}", "1.mkv" },
		{ "{season:3d}|x", "! template, at character 12 of '{season:3d}|x': a '|' alone is written '||'" },
		{ "a{season:3d}{ext}", "a  1.mkv" },
		{ "a{season:<3d}b{ext}", "a1  b.mkv" },
		{ "a{season:_^5d}b{ext}", "a__1__b.mkv" },
		{ "{season:03x}{ext}", "001.mkv" },
		{ "{title:.3}{ext}", "Who.mkv" },
		{ "{title:*>15.5}{ext}", "**********Who's.mkv" },
		{ "{title!u}{ext}", "WHO'S THERE?.mkv" },
		{ "{title!l:.3}{ext}", "who.mkv" },
		{ "{show!d}{ext}", "Mr.Show.A.Day.mkv" },
		{ "{{{season}}}{ext}", "{1}.mkv" },
		{ "a<<b>>c||d{ext}", "a<b>c|d.mkv" },
		{ "{title}", "Who's There?.mkv" },
		{ "{show}//{title}{ext}", "Mr. Show: A Day/Who's There?.mkv" },
	};
	struct template_values v = episode();
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(render(&arena, rows[i].text, &v, NAME_RULES_POSIX), rows[i].want);
	arena_free(&arena);
}

static void groups_are_left_out(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "{title}< ({year})>{ext}", "Who's There? (1995).mkv" },
		{ "{title}< - {edition}>{ext}", "Who's There?.mkv" },
		{ "<{air_date}|{absolute:03d}|S{season:02d}>{ext}", "S01.mkv" },
		{ "x<{air_date}|{absolute:03d}>{ext}", "x.mkv" },
		{ "<S{season}<E{episode}<-{episode_last}>>>{ext}", "S1E2.mkv" },
		{ "x<|{season}>{ext}", "x.mkv" },
		{ "{air_date}{ext}", "! it has no 'air_date'" },
		{ "<Season {absolute}/>{title}{ext}", "Who's There?.mkv" },
	};
	struct template_values v = episode();
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(render(&arena, rows[i].text, &v, NAME_RULES_POSIX), rows[i].want);
	arena_free(&arena);
}

static void mistakes_are_named(void **state)
{
	static const char *const rows[] = { "",		 "/a",	     "{show",	   "{shoe}",	"{show!r}", "{show:02d}",
					    "{season:s}", "{season:.2}", "<{show}", "}",	">",	    "{title:999}",
					    "{title:.}", "<<<<<<<<{", "{}",	   "<{a>" };
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err err = { 0 };

		if (template_parse(rows[i], &arena, &err))
			fail_msg("'%s' was taken", rows[i]);
		assert_int_equal(err.code, ERR_USAGE);
	}
	arena_free(&arena);
}

static void presets_lay_out(void **state)
{
	static const struct {
		const char *preset, *want_episode, *want_movie;
	} rows[] = {
		{ "perpetual", "Mr.Show.A.Day/Mr.Show.A.Day.S01E02.Whos.There.mkv", NULL },
		{ "plex", "Mr. Show - A Day/Season 01/Mr. Show - A Day - s01e02 - Who's There.mkv",
		  "Who's There (1995)/Who's There (1995).mkv" },
		{ "jellyfin", "Mr. Show - A Day/Season 01/Mr. Show - A Day S01E02 Who's There.mkv",
		  "Who's There (1995)/Who's There (1995).mkv" },
		{ "kodi", "Mr. Show - A Day/Season 01/Mr. Show - A Day S01E02 - Who's There.mkv",
		  "Who's There (1995)/Who's There (1995).mkv" },
	};
	struct template_values v = episode();
	struct arena arena = { 0 };
	bool known;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *text = template_preset(rows[i].preset, "episode", &known);

		assert_true(known);
		assert_string_equal(render(&arena, text, &v, NAME_RULES_DOS), rows[i].want_episode);
		text = template_preset(rows[i].preset, "movie", &known);
		assert_int_equal(!text, !rows[i].want_movie);
		if (text)
			assert_string_equal(render(&arena, text, &v, NAME_RULES_DOS), rows[i].want_movie);
		assert_null(template_preset(rows[i].preset, "track", &known));
	}
	v.number[TEMPLATE_EPISODE_LAST] = 4;
	assert_string_equal(render(&arena, template_preset("perpetual", "episode", &known), &v, NAME_RULES_POSIX),
			    "Mr.Show.A.Day/Mr.Show.A.Day.S01E02-E04.Whos.There.mkv");
	v.number[TEMPLATE_EPISODE] = -1;
	assert_string_equal(render(&arena, template_preset("perpetual", "episode", &known), &v, NAME_RULES_POSIX),
			    "! it has no 'episode'");
	assert_null(template_preset("emby", "movie", &known));
	assert_false(known);
	arena_free(&arena);
}

/* Values never leave their part of the path, and every part is a name that can be had. */
static void hostile_values_are_tame(void **state)
{
	static const struct {
		const char *value, *posix, *dos;
	} rows[] = {
		{ "..", "_.mkv", "_.mkv" },
		{ "../../etc/passwd", "-..-etc-passwd.mkv", "-..-etc-passwd.mkv" },
		{ "-rf", "_-rf.mkv", "_-rf.mkv" },
		{ "a\nb", "a b.mkv", "a b.mkv" },
		{ "caf\xe9", "caf_.mkv", "caf_.mkv" },
		{ ".hidden", "hidden.mkv", "hidden.mkv" },
		{ "   ", "_.mkv", "_.mkv" },
		{ "CON", "CON.mkv", "_CON.mkv" },
		{ "com1.x", "com1.x.mkv", "_com1.x.mkv" },
		{ "a:b", "a:b.mkv", "a -b.mkv" },
		{ "a : b", "a : b.mkv", "a - b.mkv" },
		{ "what?*", "what?*.mkv", "what.mkv" },
		{ "a|b<c>\"d\"\\", "a|b<c>\"d\"\\.mkv", "a-b-c-'d'-.mkv" },
		{ "\x7f\x01", "_.mkv", "_.mkv" },
	};
	struct template_values v = episode();
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		v.text[TEMPLATE_TITLE] = rows[i].value;
		if (strcmp(rows[i].value, "../../etc/passwd") == 0) { /* dots at the front go, then the '-' is covered */
			assert_null(strchr(render(&arena, "{title}{ext}", &v, NAME_RULES_POSIX), '/'));
			continue;
		}
		assert_string_equal(render(&arena, "{title}{ext}", &v, NAME_RULES_POSIX), rows[i].posix);
		assert_string_equal(render(&arena, "{title}{ext}", &v, NAME_RULES_DOS), rows[i].dos);
	}
	assert_string_equal(safe_name("dir. .", 0, NAME_RULES_DOS, SAFE_NAME_MAX, &arena), "dir");
	assert_string_equal(safe_name("Mr.", 0, NAME_RULES_POSIX, SAFE_NAME_MAX, &arena), "Mr.");
	v.text[TEMPLATE_TITLE] = "x";
	assert_string_equal(render(&arena, "../{title}{ext}", &v, NAME_RULES_POSIX), "_/x.mkv");
	arena_free(&arena);
}

static void long_names_are_cut_at_a_character(void **state)
{
	struct template_values v = episode();
	struct arena arena = { 0 };
	char title[1200] = "";
	const char *path;

	(void)state;
	for (int i = 0; i < 300; i++)
		strcat(title, "\xE2\x82\xAC");
	v.text[TEMPLATE_TITLE] = title;
	path = render(&arena, "{title}/x{title}{ext}", &v, NAME_RULES_POSIX);
	assert_true(strcspn(path, "/") <= SAFE_NAME_MAX && strcspn(path, "/") > 240);
	assert_true(strlen(strchr(path, '/') + 1) <= SAFE_NAME_MAX);
	assert_true(utf8_valid(path, strlen(path)));
	assert_string_equal(path + strlen(path) - 7, "\xE2\x82\xAC.mkv");
	{
		struct err err = { 0 };
		const struct template_limits limits = { NAME_RULES_POSIX, 40 };

		test_ok(template_render(template_parse("{title}{ext}", &arena, &err), &v, &limits, &arena, &path, &err),
			&err);
		assert_true(strlen(path) <= SAFE_NAME_MAX - 40);
	}
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_are_pythons),
		cmocka_unit_test(groups_are_left_out),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(presets_lay_out),
		cmocka_unit_test(hostile_values_are_tame),
		cmocka_unit_test(long_names_are_cut_at_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
