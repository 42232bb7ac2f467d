/* What must not change when a name is written otherwise: other separators, case, container, group, size,
 * title, folders above. Every title with every number and every tail of these tables, so that a rule that
 * holds for the shapes of test_name.c only is seen. All names are made up. */
#include "lib/testlib.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "media/name.h"

/* Words that mean something elsewhere, numbers, accents, one word and many. */
static const char *const titles[] = {
	"Copper.Valley",
	"Harbour",
	"The.French.Baker",
	"Burden.of.Proof",
	"Web.of.Smoke",
	"Real.Copper",
	"Season.of.Rain",
	"Uncut.Stones",
	"Raw.Harvest",
	"Station.of.Lost.Lines",
	"Wonderful.Life",
	"Turning.Red.Clay",
	"A.Special.Tenant",
	"Limited.Company",
	"Les.Vieux.Ports",
	"Das.Alte.Boot",
	"El.Puerto.Viejo",
	"Part.of.Her",
	"Dual",
	"Fixed.Price",
	"Hello.Harbour",
	"Final.Landing",
	"Extended.Summer",
	"Line.of.Trees",
	"Proper.People",
	"Internal.Matters",
	"The.Complete.Baker",
	"Disc.Jockeys",
	"Spanish.Steps",
	"Episodes.of.Rain",
	"Theatrical.People",
	"Widow.and.Son",
	"Brûlée",
	"Señor.Mañana",
	"Über.den.Wolken",
	"Медная.долина",
	"Good.Food",
	"The.Global.Kitchen",
	"Sample.of.Rain",
	"Cam.and.Lens",
	"Se7enteen",
	"Mr.Baker",
	"The.Last.of.Them",
	"Up",
	"Learning.French",
	"The.Polish",
	"Directors.of.Rain",
	"Pilot.Light",
	"Anime.Baker",
	"Movie.Night",
};

/* What says which one it is. */
static const char *const numbers[] = {
	"S02E05", "2x05", "S02E05E06",		"S02E05-E07",	    "2019.03.07",
	"1998",	  "S03",  "Season.2.Episode.5", "S02E05.The.Flood",
};

static const char *const tails[] = {
	"1080p.WEB-DL.DD5.1.H.264-GRP",	   "720p.HDTV.x264-GRP",
	"GERMAN.DL.1080p.BluRay.x264-GRP", "PROPER.2160p.UHD.BluRay.REMUX.HDR.HEVC.TrueHD.7.1.Atmos-GRP",
	"FRENCH.DVDRip.XviD-GRP",	   "1080p.AMZN.WEB-DL.DDP5.1.H.265-GRP",
	"MULTi.1080p.WEB.x264-GRP",
};

static const char *const groups[] = { "QXZW", "BiRD", "NTb",  "d3g",	 "WhiteFox",
				      "k3n",  "FLUX", "0sec", "playWEB", "MeGusta" };

/* Letters and digits in small letters: the same for all separators. */
static void add_plain(struct buf *to, const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80 || isalnum((unsigned char)*text))
			buf_addc(to, (char)tolower((unsigned char)*text));
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Everything it says but two properties, in the order of the alphabet. */
static char *essence(const char *path, enum name_property but, enum name_property but_too)
{
	struct buf out = BUF_MAX(1 << 20);
	struct arena arena = { 0 };
	struct name name;
	char *said[1000], *text;
	size_t count = 0;

	name_parse(path, NAME_AUTO, &arena, &name);
	for (size_t i = 0; i < name.value_count; i++) {
		const struct name_value *v = &name.values[i];

		if (v->property == but || v->property == but_too)
			continue;
		buf_reset(&out);
		buf_addf(&out, "%s=", name_property_text(v->property));
		if (v->text)
			add_plain(&out, v->text);
		else
			buf_addf(&out, "%lld", (long long)v->number);
		assert_true(count < ARRAY_LEN(said));
		said[count++] = arena_strdup(&arena, buf_text(&out));
	}
	qsort(said, count, sizeof(*said), by_text);
	buf_reset(&out);
	for (size_t i = 0; i < count; i++)
		buf_addf(&out, "%s ", said[i]);
	text = strdup(buf_text(&out));
	buf_free(&out);
	arena_free(&arena);
	return text;
}

static void same(const char *a, const char *b, enum name_property but, enum name_property but_too)
{
	CLEANUP(cleanup_free) char *one = essence(a, but, but_too), *other = essence(b, but, but_too);

	if (strcmp(one, other) != 0)
		fail_msg("\n%s\n  %s\n%s\n  %s", a, one, b, other);
}

static char *put(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *put(const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	assert_true(vasprintf(&text, format, args) > 0);
	va_end(args);
	return text;
}

/* Calls check with every name, "Title.number.tail", without a container. */
static void each(void (*check)(const char *title, const char *number, const char *tail))
{
	for (size_t t = 0; t < ARRAY_LEN(titles); t++)
		for (size_t n = 0; n < ARRAY_LEN(numbers); n++)
			for (size_t l = 0; l < ARRAY_LEN(tails); l++)
				check(titles[t], numbers[n], tails[l]);
}

/* The title is that one, whatever it looks like. */
static void check_title(const char *title, const char *number, const char *tail)
{
	CLEANUP(cleanup_free) char *name = put("%s.%s.%s.mkv", title, number, tail);
	CLEANUP(buf_free) struct buf want = { 0 }, got = { 0 };
	struct arena arena = { 0 };
	struct name said;

	name_parse(name, NAME_AUTO, &arena, &said);
	add_plain(&want, title);
	add_plain(&got, said.title ? said.title : "");
	if (strcmp(buf_text(&want), buf_text(&got)) != 0)
		fail_msg("%s: title '%s'", name, said.title ? said.title : "");
	arena_free(&arena);
}

static void titles_are_whole(void **state)
{
	(void)state;
	each(check_title);
}

/* The first title stands for all: what the others say beside their title is what it says. */
static void check_other_title(const char *title, const char *number, const char *tail)
{
	CLEANUP(cleanup_free)
	char *a = put("Copper.Valley.%s.%s.mkv", number, tail),
	     *b = put("%s.%s.%s.mkv", title, number, tail);

	same(a, b, NAME_TITLE, NAME_NOTHING);
}

static void a_title_changes_nothing_else(void **state)
{
	(void)state;
	each(check_other_title);
}

static void check_separators(const char *title, const char *number, const char *tail)
{
	CLEANUP(cleanup_free) char *a = put("%s.%s.%s", title, number, tail), *b = put("%s", a);

	for (const char *with = " _"; *with; with++) {
		for (char *s = b; *s; s++)
			if (strchr("._ ", *s))
				*s = *with;
		same(a, b, NAME_NOTHING, NAME_NOTHING);
	}
}

static void separators(void **state)
{
	(void)state;
	each(check_separators);
}

/* Capitals do tell "FRENCH" from a word of the title: names all in small or all in capital letters say less,
 * and what is said for certain stays. */
static void check_case(const char *title, const char *number, const char *tail)
{
	CLEANUP(cleanup_free)
	char *a = put("%s.%s.%s", title, number, tail),
	     *low = put("%s", a), *high = put("%s", a);

	for (size_t i = 0; a[i]; i++) {
		low[i] = (char)tolower((unsigned char)a[i]);
		high[i] = (char)toupper((unsigned char)a[i]);
	}
	same(low, high, NAME_NOTHING, NAME_NOTHING);
	same(a, low, NAME_NOTHING, NAME_NOTHING);
}

static void upper_and_lower_case(void **state)
{
	(void)state;
	each(check_case);
}

static void check_tail(const char *title, const char *number, const char *tail)
{
	static const char *const containers[] = { "mp4", "avi", "ts", "m2ts", "webm", "wmv", "m4v" };
	static const char *const sizes[] = { "480p", "576p", "720p", "1080i", "1080p", "2160p" };
	CLEANUP(cleanup_free) char *a = put("%s.%s.%s.mkv", title, number, tail);
	char *size = strstr(a, "1080p");

	for (size_t i = 0; i < ARRAY_LEN(containers); i++) {
		CLEANUP(cleanup_free) char *b = put("%s.%s.%s.%s", title, number, tail, containers[i]);

		same(a, b, NAME_CONTAINER, NAME_NOTHING);
	}
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		CLEANUP(cleanup_free)
		char *b = put("%s.%s.%.*s%s.mkv", title, number, (int)strlen(tail) - 3, tail, groups[i]);

		same(a, b, NAME_RELEASE_GROUP, NAME_NOTHING);
	}
	for (size_t i = 0; size && i < ARRAY_LEN(sizes); i++) {
		CLEANUP(cleanup_free) char *b = put("%.*s%s%s", (int)(size - a), a, sizes[i], size + 5);

		same(a, b, NAME_SCREEN_SIZE, NAME_NOTHING);
	}
}

static void container_group_and_size(void **state)
{
	(void)state;
	each(check_tail);
}

/* The film's year or the show's, in parentheses; folders above that say nothing; "Sample - ". */
static void check_additions(const char *title, const char *number, const char *tail)
{
	static const char *const folders[] = { "/mnt/tank/media/", "/home/kim/Downloads/", "TV/",
					       "D:\\Video\\", "../" };
	CLEANUP(cleanup_free)
	char *a = put("%s.%s.%s.mkv", title, number, tail),
	     *sample = put("Sample - %s", a), *samples = put("shows/x/sample-%s", a);

	same(a, sample, NAME_OTHER, NAME_NOTHING);
	same(a, samples, NAME_OTHER, NAME_NOTHING);
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		CLEANUP(cleanup_free) char *b = put("%s%s", folders[i], a);

		same(a, b, NAME_NOTHING, NAME_NOTHING);
	}
	if (strcmp(number, "1998") != 0) {
		CLEANUP(cleanup_free) char *b = put("%s.(2011).%s.%s.mkv", title, number, tail);

		same(a, b, NAME_YEAR, NAME_NOTHING);
	}
}

static void additions(void **state)
{
	(void)state;
	each(check_additions);
}

/* In its season's folder below its show's, and a film in its own. */
static void check_folders(const char *title, const char *number, const char *tail)
{
	CLEANUP(cleanup_free)
	char *a = put("%s.%s.%s.mkv", title, number, tail),
	     *plain = put("%s", title), *b = NULL;

	for (char *s = plain; *s; s++)
		if (*s == '.')
			*s = ' ';
	if (strcmp(number, "1998") == 0)
		b = put("/srv/Films/%s (1998)/%s", plain, a);
	else if (strncmp(number, "20", 2) != 0)
		b = put("/srv/Shows/%s/Season %c/%s", plain,
			strchr(number, '3') && *number == 'S' && !strchr(number, 'E') ? '3' : '2', a);
	if (b)
		same(a, b, NAME_NOTHING, NAME_NOTHING);
}

static void folders_that_say_the_same(void **state)
{
	(void)state;
	each(check_folders);
}

/* Fansubs: group, title, number, size, in all the ways they are put. */
static void fansub_forms(void **state)
{
	static const char *const forms[] = {
		"[Ember] %s - 07 [1080p].mkv", "[Ember]_%s_-_07_[1080p].mkv",
		"[Ember] %s - 07 (1080p).mkv", "[Ember] %s - 07v1 [1080p].mkv",
		"[Ember][%s][07][1080p].mkv",  "[Ember] %s [07][1080p].mkv",
		"[Ember] %s - 07.mkv",	       "[Ember] %s 07 [1080p].mkv",
		"[Ember] %s EP07 [1080p].mkv", "[Ember] %s Episode 07 [1080p].mkv",
	};

	(void)state;
	for (size_t t = 0; t < ARRAY_LEN(titles); t++)
		for (size_t f = 0; f < ARRAY_LEN(forms); f++) {
			CLEANUP(cleanup_free) char *plain = put("%s", titles[t]), *name = NULL;
			CLEANUP(buf_free) struct buf want = { 0 }, got = { 0 };
			struct arena arena = { 0 };
			struct name said;

			for (char *s = plain; *s; s++)
				if (*s == '.')
					*s = strchr(forms[f], '_') ? '_' : ' ';
			name = put(forms[f], plain);
			name_parse(name, NAME_AUTO, &arena, &said);
			add_plain(&want, titles[t]);
			add_plain(&got, said.title ? said.title : "");
			if (strcmp(buf_text(&want), buf_text(&got)) != 0 || said.episode != 7 ||
			    said.season != -1 || said.type != NAME_IS_EPISODE)
				fail_msg("%s: '%s', season %d, episode %d", name,
					 said.title ? said.title : "", said.season, said.episode);
			arena_free(&arena);
		}
}

/* An accent of its own (NFD, as macOS writes names) is the letter with it. */
static void composed_or_not(void **state)
{
	static const char *const pairs[][2] = {
		{ "Copper.Valley.2019.Fran\xC3\xA7"
		  "ais.1080p.WEB.x264-GRP",
		  "Copper.Valley.2019.Franc\xCC\xA7"
		  "ais.1080p.WEB.x264-GRP" },
		{ "Copper.Valley.2019.Catal\xC3\xA1n.1080p.WEB.x264-GRP",
		  "Copper.Valley.2019.Catala\xCC\x81n.1080p.WEB.x264-GRP" },
		{ "Copper Valley/SEZ\xC3\x93NA 2/05.mkv", "Copper Valley/SEZO\xCC\x81NA 2/05.mkv" },
		{ "Copper.Valley.2019.\xD0\xA0\xD1\x83\xD1\x81\xD1\x81\xD0\xBA\xD0\xB8\xD0\xB9.1080p.WEB."
		  "x264-GRP",
		  "Copper.Valley.2019.\xD0\xA0\xD1\x83\xD1\x81\xD1\x81\xD0\xBA\xD0\xB8\xD0\xB8\xCC\x86.1080p."
		  "WEB.x264-GRP" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		CLEANUP(cleanup_free) char *said = essence(pairs[i][0], NAME_NOTHING, NAME_NOTHING);

		same(pairs[i][0], pairs[i][1], NAME_NOTHING, NAME_NOTHING);
		assert_true(strstr(said, "language=") || strstr(said, "season=2"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(titles_are_whole),
		cmocka_unit_test(a_title_changes_nothing_else),
		cmocka_unit_test(separators),
		cmocka_unit_test(upper_and_lower_case),
		cmocka_unit_test(container_group_and_size),
		cmocka_unit_test(additions),
		cmocka_unit_test(folders_that_say_the_same),
		cmocka_unit_test(fansub_forms),
		cmocka_unit_test(composed_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
