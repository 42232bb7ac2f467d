/* name_shape.c - what is recognised by its shape: picture sizes, checksums, bit rates, versions, web sites,
 * ids. */
#include "media/name_parts.h"

#include <stdlib.h>
#include <string.h>

static size_t leading_digits(const char *k, size_t len)
{
	size_t d = 0;

	while (d < len && k[d] >= '0' && k[d] <= '9')
		d++;
	return d;
}

static int number_at(const char *k, size_t digits)
{
	int n = 0;

	for (size_t i = 0; i < digits && i < 8; i++)
		n = n * 10 + (k[i] - '0');
	return n;
}

static bool standard_height(int h)
{
	static const int heights[] = { 240, 288, 360, 368,  400,  480,	540, 576,
				       720, 900, 960, 1080, 1440, 2160, 4320 };

	for (size_t i = 0; i < sizeof(heights) / sizeof(heights[0]); i++) {
		if (heights[i] == h)
			return true;
	}
	return false;
}

static void add_size(struct part *part, int width, int height, char scan, size_t i, size_t last)
{
	double aspect = (double)width / height;
	const char *text;

	if (standard_height(height) && aspect > 1.33 && aspect < 1.899)
		text = arena_printf(part->arena, "%d%c", height, scan);
	else
		text = arena_printf(part->arena, "%dx%d", width, height);
	part_add(part, NAME_SCREEN_SIZE, text, 0, i, last, "1280x720");
	part_add(part, NAME_ASPECT_RATIO, arena_printf(part->arena, "%.3f", aspect), 0, 1, 0, "1280x720");
}

/* "1280x720", "720 * 432" */
static bool width_by_height(struct part *part, size_t i)
{
	const struct word *w = &part->words[i];
	const char *k = word_key(part, i);
	size_t a = leading_digits(k, w->keylen), b;

	if (w->digits && i + 1 < part->count && w->ndigits >= 3 && w->ndigits <= 4 &&
	    part->words[i + 1].digits && part->words[i + 1].ndigits >= 3 && part->words[i + 1].ndigits <= 4 &&
	    part->words[i + 1].gap & GAP_OTHER &&
	    memchr(part->text + w->at, '*', (size_t)(part->words[i + 1].at - w->at))) {
		add_size(part, w->number, part->words[i + 1].number, 'p', i, i + 1);
		return true;
	}
	if (a < 3 || a > 4 || a >= w->keylen || k[a] != 'x')
		return false;
	b = leading_digits(k + a + 1, w->keylen - a - 1);
	if (b < 3 || b > 4 || a + 1 + b + 1 < w->keylen || number_at(k + a + 1, b) < 100)
		return false;
	if (a + 1 + b < w->keylen && k[a + 1 + b] != 'p' && k[a + 1 + b] != 'i')
		return false;
	add_size(part, number_at(k, a), number_at(k + a + 1, b), k[w->keylen - 1] == 'i' ? 'i' : 'p', i, i);
	return true;
}

/* "1.4GB", "999 mb": a number and its unit from word i to `last`, decimals perhaps before. */
static bool file_size(struct part *part, size_t i, int n, char unit, size_t last)
{
	const struct word *w = &part->words[i];
	const char *decimals = "";
	size_t first = i;

	if (i > 0 && w[-1].digits && !w[-1].claim && w->gap == GAP_DOT) {
		decimals = arena_printf(part->arena, "%d.", w[-1].number);
		first = i - 1;
	}
	part_add(part, NAME_SIZE,
		 arena_printf(part->arena, "%s%d%cB", decimals, n,
			      unit == 'm'   ? 'M'
			      : unit == 'g' ? 'G'
					    : 'T'),
		 0, first, last, "1.4GB");
	return true;
}

/* "720p", "1080i", "720px", "1080hd", "24fps", "448kbps", "999mb" */
static bool number_with_unit(struct part *part, size_t i)
{
	const struct word *w = &part->words[i];
	const char *k = word_key(part, i), *unit;
	size_t d = leading_digits(k, w->keylen), rest = w->keylen - d;
	int n;

	if (!d || d > 5 || rest > 4)
		return false;
	if (!rest) { /* "32 Mbps", "1.4 GB" */
		if (i + 1 >= part->count || part->words[i + 1].claim || part->words[i + 1].gap & GAP_BRACKET)
			return false;
		unit = word_key(part, i + 1);
		rest = part->words[i + 1].keylen;
		if (rest < 2 || rest > 4)
			return false;
	} else {
		unit = k + d;
	}
	n = number_at(k, d);
	if (unit == k + d && (d == 3 || d == 4) && n >= 200 &&
	    ((rest == 1 && (*unit == 'p' || *unit == 'i')) ||
	     (rest == 2 && (!memcmp(unit, "px", 2) || !memcmp(unit, "hd", 2))))) {
		part_add(part, NAME_SCREEN_SIZE,
			 arena_printf(part->arena, "%d%c", n, *unit == 'i' ? 'i' : 'p'), 0, i, i, "720p");
		return true;
	}
	if (rest == 3 && !memcmp(unit, "fps", 3)) {
		part_add(part, NAME_FRAME_RATE, arena_printf(part->arena, "%dfps", n), 0, i,
			 unit == k + d ? i : i + 1, "24fps");
		return true;
	}
	if (rest == 4 && (!memcmp(unit, "kbps", 4) || !memcmp(unit, "kbit", 4) || !memcmp(unit, "mbps", 4))) {
		bool video = *unit == 'm';

		part_add(part, video ? NAME_VIDEO_BIT_RATE : NAME_AUDIO_BIT_RATE,
			 arena_printf(part->arena, "%d%s", n, video ? "Mbps" : "Kbps"), 0, i,
			 unit == k + d ? i : i + 1, "448kbps");
		return true;
	}
	return rest == 2 && (*unit == 'm' || *unit == 'g' || *unit == 't') && unit[1] == 'b' &&
	       file_size(part, i, n, *unit, unit == k + d ? i : i + 1);
}

static bool is_hex(const struct part *part, size_t i, bool *letters)
{
	const char *k = word_key(part, i);

	*letters = false;
	for (size_t n = 0; n < part->words[i].keylen; n++) {
		if (!((k[n] >= '0' && k[n] <= '9') || (k[n] >= 'a' && k[n] <= 'f')))
			return false;
		*letters = *letters || k[n] >= 'a';
	}
	return true;
}

/* "(20190307)": a fansub's checksum of digits alone is rarer. */
static bool like_date(const struct part *part, size_t i)
{
	int n = part->words[i].number, year = n / 10000, month = n / 100 % 100, day = n % 100;

	return part->words[i].digits && !part->words[0].group && year >= 1950 && year < 2040 && month >= 1 &&
	       month <= 12 && day >= 1 && day <= 31;
}

static bool checksum(struct part *part, size_t i)
{
	const struct word *w = &part->words[i];
	bool letters;

	if (w->keylen == 8 && bracket_alone(part, i) && is_hex(part, i, &letters) && !like_date(part, i)) {
		part_add(part, NAME_CRC32, arena_strndup(part->arena, part->text + w->at, w->len), 0, i, i,
			 "[1A2B3C4D]");
		return true;
	}
	if (w->keylen == 32 && part->count == 1 && is_hex(part, i, &letters) && letters) {
		part_add(part, NAME_UUID, arena_strndup(part->arena, part->text + w->at, w->len), 0, i, i,
			 "32 hex digits");
		return true;
	}
	return false;
}

static bool version(struct part *part, size_t i)
{
	const struct word *w = &part->words[i];
	const char *k = word_key(part, i);

	if (i == 0 || w->keylen != 2 || k[0] != 'v' || k[1] < '0' || k[1] > '9')
		return false;
	part_add(part, NAME_VERSION, NULL, k[1] - '0', i, i, "v2");
	return true;
}

static bool top_level(const struct part *part, size_t i)
{
	static const char *const domains[] = { "com", "org", "net", "ru", "to",	 "io", "tv", "info",
					       "me",  "ca",  "uk",  "de", "fr",	 "it", "es", "co",
					       "cc",  "na",  "za",  "eu", "biz", "xyz" };

	for (size_t d = 0; d < sizeof(domains) / sizeof(domains[0]); d++) {
		if (word_is(part, i, domains[d]))
			return true;
	}
	return false;
}

/* "site.co.uk" and nothing else; "Part.of.Me.mkv" is a film. */
static bool is_address(const struct part *part, size_t i, size_t last)
{
	if (i > 0 || last + 1 != part->count || part->count > 3 || part_has(part, NAME_CONTAINER))
		return false;
	for (size_t n = 0; n <= last; n++) {
		if (word_has_upper(part, n))
			return false;
	}
	return true;
}

/* "www.site.org", "[site.co.uk]", "Site.com" at the end. */
static bool website(struct part *part, size_t i)
{
	size_t last = i;
	bool www = word_is(part, i, "www");

	while (last + 1 < part->count && !part->words[last + 1].claim &&
	       (part->words[last + 1].gap == GAP_DOT || (www && part->words[last + 1].gap == GAP_DASH)))
		last++;
	if (last == i || last - i > 6)
		return false;
	if (www && !top_level(part, last)) {
		while (last > i + 1 && !top_level(part, last))
			last--;
	}
	if (!www) {
		bool bracketed = part->words[i].gap & GAP_OPEN && part->words[i].group &&
				 (last + 1 == part->count || part->words[last + 1].gap & GAP_CLOSE);

		if (!top_level(part, last) || !(bracketed || is_address(part, i, last)))
			return false;
	}
	if (i > 0 && !part->words[i - 1].claim &&
	    (word_is(part, i - 1, "par") || word_is(part, i - 1, "by") || word_is(part, i - 1, "from")))
		part_claim(part, i - 1, i - 1, NAME_WEBSITE);
	part_add(part, NAME_WEBSITE,
		 arena_strndup(part->arena, part->text + part->words[i].at,
			       (size_t)(part->words[last].at + part->words[last].len - part->words[i].at)),
		 0, i, last, "web site");
	return true;
}

/* "tt0133093": of this form nothing else is. */
static bool imdb_alone(struct part *part, size_t i)
{
	const struct word *w = &part->words[i];
	const char *k = word_key(part, i);

	if (i == 0 || w->keylen < 9 || w->keylen > 10 || k[0] != 't' || k[1] != 't' ||
	    leading_digits(k + 2, w->keylen - 2) != w->keylen - 2u)
		return false;
	if (part_has(part, NAME_IMDB))
		part_claim(part, i, i, NAME_IMDB);
	else
		part_add(part, NAME_IMDB, arena_strndup(part->arena, k, w->keylen), 0, i, i, "tt0133093");
	return true;
}

/* "{edition-Harbour Cut}": whatever it is called; names that the tables know are written as they have them.
 */
static bool edition_in_braces(struct part *part, size_t i)
{
	const struct word *w = &part->words[i], *rest = w + 1;
	size_t last = i, at, end;
	const struct name_row *row;
	bool more;

	if (!w->group || !(w->gap & GAP_OPEN) || part->brackets[w->group].kind != '{' ||
	    !word_is(part, i, "edition"))
		return false;
	end = part->brackets[w->group].close;
	while (last + 1 < part->count && part->words[last + 1].at < end)
		last++;
	if (last == i)
		return false;
	at = rest->at;
	row = name_row_find(NAME_TABLE_OTHER, word_key(part, i + 1),
			    (size_t)(part->words[last].key + part->words[last].keylen - rest->key), &more);
	if (row && row->property == NAME_EDITION) {
		part_add(part, NAME_EDITION, row->value, 0, i, last, "{edition-Final Cut}");
		if (row->property2 == NAME_EDITION)
			part_add(part, NAME_EDITION, row->value2, 0, 1, 0, "{edition-Final Cut}");
	} else {
		part_add(part, NAME_EDITION, title_text(part->arena, part->text + at, end - at), 0, i, last,
			 "{edition-Any Cut}");
	}
	return true;
}

/* "{tmdb-603}", "[imdbid-tt0133093]", "tvdbid=123" */
static bool provider_id(struct part *part, size_t i)
{
	static const struct {
		const char *key;
		enum name_property property;
	} rows[] = { { "tmdb", NAME_TMDB },   { "tmdbid", NAME_TMDB }, { "tvdb", NAME_TVDB },
		     { "tvdbid", NAME_TVDB }, { "imdb", NAME_IMDB },   { "imdbid", NAME_IMDB } };
	const struct word *id = &part->words[i + 1];

	if (i + 1 >= part->count || !(part->words[i].gap & GAP_OPEN) || id->gap & GAP_BRACKET)
		return false;
	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		if (!word_is(part, i, rows[r].key))
			continue;
		if (rows[r].property == NAME_IMDB && id->keylen > 4 && id->keylen < 12 &&
		    !memcmp(word_key(part, i + 1), "tt", 2))
			part_add(part, NAME_IMDB,
				 arena_strndup(part->arena, word_key(part, i + 1), id->keylen), 0, i, i + 1,
				 "{imdb-tt1}");
		else if (id->digits && id->ndigits < 9)
			part_add(part, rows[r].property, NULL, id->number, i, i + 1, "{tmdb-1}");
		else
			return false;
		return true;
	}
	return false;
}

void tech_shapes(struct part *part)
{
	bool brackets = part->bracket_count > 0;

	for (size_t i = 0; i < part->count; i++) {
		const struct word *w = &part->words[i];
		char c = w->keylen ? *word_key(part, i) : '\0';

		*part->steps += 1;
		if (w->claim || !c)
			continue;
		if (brackets && (checksum(part, i) || provider_id(part, i) || edition_in_braces(part, i)))
			continue;
		if (c == 't' && imdb_alone(part, i))
			continue;
		if (!brackets && part->count == 1 && checksum(part, i))
			continue;
		if ((w->gap & GAP_OPEN || c == 'w' || i == 0) && website(part, i))
			continue;
		if (c >= '0' && c <= '9' && w->keylen <= 10 &&
		    (width_by_height(part, i) || number_with_unit(part, i)))
			continue;
		version(part, i);
	}
}
