/* Names put together: every title with every number, technical words in every order and in every kind of
 * brackets; and every word of the tables as a word of titles. What goes in must come out, and nothing else.
 */
#include "lib/testlib.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "media/name.h"
#include "media/name_rows.h"

static const char *const titles[] = { "Copper Valley", "Harbour", "The French Baker", "Mr. Baker",
				      "12 Lamps",      "Room 7",  "Wolf-Children" };

static const struct number {
	const char *text;
	int year, season, episode;
	const char *date;
} numbers[] = {
	{ "(1998)", 1998, -1, -1, NULL },
	{ "[1998]", 1998, -1, -1, NULL },
	{ "1998", 1998, -1, -1, NULL },
	{ "S02E05", 0, 2, 5, NULL },
	{ "2x05", 0, 2, 5, NULL },
	{ "(2011) S02E05", 2011, 2, 5, NULL },
	{ "2011 S02E05", 2011, 2, 5, NULL },
	{ "S02", 0, 2, -1, NULL },
	{ "2019-03-07", 0, -1, -1, "2019-03-07" },
	{ "Season 2 Episode 5", 0, 2, 5, NULL },
};

static const struct word {
	const char *text;
	enum name_property property;
	const char *value;
} words[] = {
	{ "1080p", NAME_SCREEN_SIZE, "1080p" },
	{ "WEB-DL", NAME_SOURCE, "Web" },
	{ "x264", NAME_VIDEO_CODEC, "H.264" },
	{ "AAC", NAME_AUDIO_CODEC, "AAC" },
};

/* 1 the title, 2 the number, a to d the words; everything else as it is. */
static const char *const layouts[] = {
	"1 2 a b c d-GRP.mkv",		 "1 2 (a b c d GRP).mkv", "1 2 [a] [b] [c] [d] [GRP].mkv",
	"1 2 [a b c d]-GRP.mkv",	 "1 2 a b c d - GRP.mkv", "1 2 (a b c d) [GRP].mkv",
	"[GRP] 1 2 [a] [b] [c] [d].mkv",
};
static const char *const groupless[] = {
	"1 2 (a) (b) (c) (d).mkv", "1 2 [a.b.c.d].mkv",	     "1 2 [a][b][c][d].mkv",
	"1 - 2 - a b c d.mkv",	   "1 2 a [b] c d.mkv",	     "1 2 {a} {b} {c} {d}.mkv",
	"1 2 a,b,c,d.mkv",	   "1 2 - [a, b, c, d].mkv",
};

static void add_plain(struct buf *to, const char *text)
{
	for (; text && *text; text++)
		if ((unsigned char)*text >= 0x80 || isalnum((unsigned char)*text))
			buf_addc(to, (char)tolower((unsigned char)*text));
}

static bool same_letters(const char *a, const char *b)
{
	CLEANUP(buf_free) struct buf one = { 0 }, other = { 0 };

	add_plain(&one, a);
	add_plain(&other, b);
	return strcmp(buf_text(&one), buf_text(&other)) == 0;
}

static const char *text_of(const struct name *name, enum name_property property)
{
	const struct name_value *v = name_value(name, property, 0);

	return v && v->text ? v->text : "";
}

static void check(const char *path, const char *title, const struct number *n, bool group)
{
	struct arena arena = { 0 };
	struct name name;
	bool good;

	name_parse(path, NAME_AUTO, &arena, &name);
	good = same_letters(name.title, title) && name.year == n->year && name.season == n->season &&
	       name.episode == n->episode &&
	       strcmp(name.date ? name.date : "", n->date ? n->date : "") == 0 &&
	       strcmp(text_of(&name, NAME_RELEASE_GROUP), group ? "GRP" : "") == 0 && !name.episode_title &&
	       !name.part && !name_value(&name, NAME_LANGUAGE, 0) &&
	       !name_value(&name, NAME_ALTERNATIVE_TITLE, 0);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		good = good && strcmp(text_of(&name, words[i].property), words[i].value) == 0 &&
		       !name_value(&name, words[i].property, 1);
	if (!good) {
		CLEANUP(buf_free) struct buf said = BUF_MAX(1 << 20);

		name_write_explain(&said, &name);
		fail_msg("%s", buf_text(&said));
	}
	arena_free(&arena);
}

static void put(struct buf *to, const char *layout, const char *title, const char *number, const int *order)
{
	buf_reset(to);
	for (; *layout; layout++) {
		if (*layout == '1')
			buf_adds(to, title);
		else if (*layout == '2')
			buf_adds(to, number);
		else if (*layout >= 'a' && *layout <= 'd' && !strchr("mkv", *layout))
			buf_adds(to, words[order[*layout - 'a']].text);
		else
			buf_addc(to, *layout);
	}
}

/* All in one order, and with dots and underscores where the layout has blanks only. */
static void check_order(const int *order)
{
	CLEANUP(buf_free) struct buf name = { 0 };

	for (size_t t = 0; t < ARRAY_LEN(titles); t++)
		for (size_t n = 0; n < ARRAY_LEN(numbers); n++) {
			for (size_t l = 0; l < ARRAY_LEN(layouts); l++) {
				put(&name, layouts[l], titles[t], numbers[n].text, order);
				check(buf_text(&name), titles[t], &numbers[n], true);
			}
			for (size_t l = 0; l < ARRAY_LEN(groupless); l++) {
				put(&name, groupless[l], titles[t], numbers[n].text, order);
				check(buf_text(&name), titles[t], &numbers[n], false);
			}
			for (const char *with = "._"; *with; with++) {
				put(&name, layouts[0], titles[t], numbers[n].text, order);
				for (size_t i = 0; i < name.len; i++)
					if (name.data[i] == ' ')
						name.data[i] = *with;
				check(buf_text(&name), titles[t], &numbers[n], true);
			}
		}
}

static void every_layout(void **state)
{
	int order[4];

	(void)state;
	for (int i = 0; i < 256; i++) {
		int seen = 0;

		for (int k = 0; k < 4; k++) {
			order[k] = i >> (2 * k) & 3;
			seen |= 1 << order[k];
		}
		if (seen == 15)
			check_order(order);
	}
}

/* ---- words of the tables ---- */

static const struct form {
	const char *format;
	enum name_property property;
	bool dots;
} forms[] = {
	{ "Films/%s (1998)/%s (1998).mkv", NAME_TITLE, false },
	{ "%s (1998) [1080p].mkv", NAME_TITLE, false },
	{ "%s.1998.1080p.BluRay.x264-GRP.mkv", NAME_TITLE, true },
	{ "%s.S02E05.1080p.WEB-DL.DD5.1.H.264-GRP.mkv", NAME_TITLE, true },
	{ "%s - S02E05 - The Flood.mkv", NAME_TITLE, false },
	{ "Show Name - S02E05 - %s.mkv", NAME_EPISODE_TITLE, false },
	{ "Shows/Show Name/Season 2/S02E05 - %s.mkv", NAME_EPISODE_TITLE, false },
	{ "Shows/Show Name/Season 2/05 - %s.mkv", NAME_EPISODE_TITLE, false },
	{ "Shows/%s/Season 2/05 - The Flood.mkv", NAME_TITLE, false },
	{ "%s - 2019-03-07 - Mary Poole.mkv", NAME_TITLE, false },
};

static const char *const places[] = { "The %s",	   "%s of Rain",       "Copper %s", "Copper %s Valley",
				      "%s Valley", "Valley of the %s", "%s" };

/* Words that mean one thing wherever they stand, and a few that name what they are. */
static bool is_no_word(const struct name_row *row)
{
	static const char *const special[] = { "sample", "season", "seasons", "specials",
					       "extras", "bonus",  "trailer" };

	if (row->flags & (ROW_STRONG | ROW_KEY) || strlen(row->key) < 3)
		return true;
	for (const char *k = row->key; *k; k++)
		if (*k < 'a' || *k > 'z')
			return true;
	for (size_t i = 0; i < ARRAY_LEN(special); i++)
		if (strcmp(special[i], row->key) == 0)
			return true;
	return false;
}

static char *format(const char *with, const char *a)
{
	char *text = NULL;

	assert_true(asprintf(&text, with, a, a) > 0);
	return text;
}

static void check_word(const struct name_row *row, const struct form *f, const char *place, struct buf *told,
		       size_t *wrong)
{
	CLEANUP(cleanup_free) char *word = strdup(row->key), *title = NULL, *shown = NULL, *path = NULL;
	struct arena arena = { 0 };
	struct name name;

	word[0] = (char)(word[0] - 32);
	title = format(place, word);
	shown = strdup(title);
	for (char *s = shown; f->dots && *s; s++)
		if (*s == ' ')
			*s = '.';
	path = format(f->format, shown);
	name_parse(path, NAME_AUTO, &arena, &name);
	if (!same_letters(text_of(&name, f->property), title)) {
		buf_addf(told, "%s: '%s'\n", path, text_of(&name, f->property));
		(*wrong)++;
	}
	arena_free(&arena);
}

/* The last word of a title may be an edition that nobody else would write there: these few are wrong, and
 * only these. */
#define EDITIONS_TAKEN 40

static void words_of_the_tables_in_titles(void **state)
{
	const struct name_row *tables[] = { name_rows_tech, name_rows_other, name_rows_service,
					    name_rows_language };
	const size_t counts[] = { name_rows_tech_count, name_rows_other_count, name_rows_service_count,
				  name_rows_language_count };
	CLEANUP(buf_free) struct buf told = BUF_MAX(1 << 20);
	size_t wrong = 0, checked = 0;

	(void)state;
	for (size_t t = 0; t < ARRAY_LEN(tables); t++)
		for (size_t r = 0; r < counts[t]; r++)
			for (size_t f = 0; f < ARRAY_LEN(forms) && !is_no_word(&tables[t][r]); f++)
				for (size_t p = 0; p < ARRAY_LEN(places); p++, checked++)
					check_word(&tables[t][r], &forms[f], places[p], &told, &wrong);
	assert_true(checked > 30000);
	if (wrong > EDITIONS_TAKEN)
		fail_msg("%zu of %zu:\n%s", wrong, checked, buf_text(&told));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_layout),
		cmocka_unit_test(words_of_the_tables_in_titles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
