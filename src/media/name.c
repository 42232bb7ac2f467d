/* name.c - parses a path: cleans it, cuts it into parts, runs the stages over the file and the folders above
 * it.
 *
 * See name_parts.h for the stages. Only the last PARTS_MAX parts are looked at. */
#include "media/name.h"

#include <string.h>

#include "base/utf8.h"
#include "media/name_parts.h"

#define PARTS_MAX 5

/* Writes `code` as UTF-8. */
static size_t put(char *to, unsigned code)
{
	if (code < 0x80) {
		to[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		to[0] = (char)(0xC0 | (code >> 6));
		to[1] = (char)(0x80 | (code & 0x3F));
		return 2;
	}
	to[0] = (char)(0xE0 | (code >> 12));
	to[1] = (char)(0x80 | ((code >> 6) & 0x3F));
	to[2] = (char)(0x80 | (code & 0x3F));
	return 3;
}

/* Full-width digits, letters and brackets, exotic blanks and dashes as the plain ones. */
static unsigned narrow(unsigned code)
{
	if ((code >= 0xFF10 && code <= 0xFF19) || (code >= 0xFF21 && code <= 0xFF3A) ||
	    (code >= 0xFF41 && code <= 0xFF5A))
		return code - 0xFEE0;
	switch (code) {
	case 0xA0:
	case 0x2002:
	case 0x2003:
	case 0x2009:
	case 0x3000:
	case 0x2605: /* black star */
		return ' ';
	case 0x2010:
	case 0x2011:
	case 0x2012:
	case 0x2013:
	case 0x2014:
	case 0x2212:
		return '-';
	case 0x3010:
	case 0x300C:
	case 0xFF3B:
		return '[';
	case 0x3011:
	case 0x300D:
	case 0xFF3D:
		return ']';
	case 0xFF08:
		return '(';
	case 0xFF09:
		return ')';
	default:
		return code;
	}
}

/* Valid UTF-8 without control characters; at most three bytes for each one read. */
static char *clean(const char *path, size_t len, struct arena *arena, size_t *ret_len)
{
	char *to = arena_alloc(arena, len * 3 + 1);
	size_t used = 0;

	for (size_t i = 0; i < len;) {
		size_t n = utf8_char(path + i, len - i);
		const unsigned char *s = (const unsigned char *)path + i;

		if (n == 1) {
			to[used++] = *s < 0x20 || *s == 0x7F ? ' ' : (char)*s;
		} else if (n == 2) {
			used += put(to + used, narrow((unsigned)(s[0] & 0x1F) << 6 | (s[1] & 0x3F)));
		} else if (n == 3) {
			used += put(to + used, narrow((unsigned)(s[0] & 0x0F) << 12 |
						      (unsigned)(s[1] & 0x3F) << 6 | (s[2] & 0x3F)));
		} else if (n == 4) {
			memcpy(to + used, s, 4);
			used += 4;
		} else {
			used += put(to + used, 0xFFFD);
			n = 1;
		}
		i += n;
	}
	to[used] = '\0';
	*ret_len = used;
	return to;
}

static const char *const containers[] = {
	"3g2", "3gp", "3gp2",	 "asf", "ass", "avi", "divx", "flac", "flv",  "idx",  "iso", "m2ts", "m3u8",
	"m4v", "mk2", "mk3d",	 "mka", "mkv", "mov", "mp3",  "mp4",  "mp4a", "mpeg", "mpg", "mts",  "nfo",
	"nzb", "ogg", "ogm",	 "ogv", "qt",  "ra",  "ram",  "rm",   "rmvb", "smi",  "srt", "ssa",  "strm",
	"sub", "sup", "torrent", "ts",	"vob", "vtt", "wav",  "webm", "wma",  "wmv",  "wtv"
};

static const char *find_container(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof(containers) / sizeof(containers[0]) && len; i++) {
		if (*containers[i] == (*text | 0x20) && strlen(containers[i]) == len &&
		    !strncasecmp(containers[i], text, len))
			return containers[i];
	}
	return NULL;
}

/* Cuts ".mkv" off the file's part. */
static void cut_container(struct part *file)
{
	size_t dot = file->len;
	const char *found;

	while (dot > 0 && file->len - dot < 9 && file->text[dot - 1] != '.')
		dot--;
	if (dot < 1 || file->text[dot - 1] != '.' || dot == file->len)
		return;
	found = find_container(file->text + dot, file->len - dot);
	if (!found || dot == 1)
		return;
	part_add(file, NAME_CONTAINER, found, 0, 1, 0, "extension");
	file->values[0].at = (uint16_t)(file->base + dot);
	file->values[0].len = (uint16_t)(file->len - dot);
	file->len = dot - 1;
}

/* "sample-film.1999.mkv", "Sample - Film (1999).mkv": the name begins behind the dash. */
static void cut_sample(struct part *file)
{
	size_t at = 6, last;
	struct name_value *sample;

	if (file->len < 9 || strncasecmp(file->text, "sample", 6))
		return;
	while (at < file->len && strchr(" ._", file->text[at]))
		at++;
	if (at == file->len || file->text[at] != '-')
		return;
	last = at;
	while (at < file->len && strchr(" ._-", file->text[at]))
		at++;
	if (at == file->len || last > 8)
		return;
	sample = part_add(file, NAME_OTHER, "Sample", 0, 1, 0, "sample- in front");
	sample->at = file->base;
	sample->len = 6;
	file->text += at;
	file->len -= at;
	file->base = (uint16_t)(file->base + at);
}

/* A container's name among the words, "[MKV]", ".Mp4.1080p". */
static void container_word(struct part *file)
{
	bool known = part_has(file, NAME_CONTAINER);

	for (size_t i = 0; i < file->count; i++) {
		const struct word *w = &file->words[i];
		const char *found;

		if (w->claim || w->keylen < 3 || w->keylen > 4 || (file->count > 1 && i == 0))
			continue;
		found = find_container(word_key(file, i), w->keylen);
		if (!found || (file->count == 1 && name_row_any(word_key(file, i), w->keylen)) ||
		    !(!strcmp(found, "mkv") || !strcmp(found, "mp4") || !strcmp(found, "avi") ||
		      !strcmp(found, "wmv") || (file->count == 1 && strcmp(found, "sub"))))
			continue;
		if (known) {
			if (w->group || (i + 1 < file->count && file->words[i + 1].claim))
				part_claim(file, i, i, NAME_CONTAINER);
			continue;
		}
		part_add(file, NAME_CONTAINER, found, 0, i, i, "container among the words");
		return;
	}
}

static void run_stages(struct part *part)
{
	words_cut(part);
	tech_shapes(part);
	episode_find(part);
	episode_keywords(part);
	date_find(part);
	container_word(part);
	tech_find(part);
	if (part->is_file) {
		format_3d_find(part);
		creditless_find(part);
	}
	while (part->show_words < part->count &&
	       (size_t)part->words[part->show_words].at + part->words[part->show_words].len <=
		       part->show_bytes)
		part->show_words++;
	title_first_find(part);
	year_find(part);
	zone_find(part);
	group_find(part);
	if (part->is_file || part->tech < part->count)
		number_find(part);
	group_finish(part);
	title_find(part);
}

/* "Eng/Spanish": a language ends before i and one begins behind it. */
static bool between_languages(const char *text, size_t len, size_t i)
{
	char key[24];
	size_t left = i, right = i + 1, n = 0;
	bool more;

	while (left > 0 && i - left < 12 &&
	       ((text[left - 1] | 0x20) >= 'a' && (text[left - 1] | 0x20) <= 'z'))
		left--;
	while (right < len && right - i < 12 && ((text[right] | 0x20) >= 'a' && (text[right] | 0x20) <= 'z'))
		right++;
	if (i - left < 3 || right - i < 4)
		return false;
	for (size_t k = left; k < i; k++)
		key[n++] = (char)(text[k] | 0x20);
	if (!name_row_find(NAME_TABLE_LANGUAGE, key, n, &more))
		return false;
	n = 0;
	for (size_t k = i + 1; k < right; k++)
		key[n++] = (char)(text[k] | 0x20);
	return name_row_find(NAME_TABLE_LANGUAGE, key, n, &more) != NULL;
}

/* " / " inside a name and "Ukr/Eng" are no separators. */
static bool separates(const char *text, size_t len, size_t i, bool blanks)
{
	size_t left = 0, right = 0;

	if (between_languages(text, len, i))
		return false;
	if (i > 0 && i + 1 < len && text[i - 1] == ' ' && text[i + 1] == ' ')
		return false;
	if (!blanks)
		return true;
	while (left < 4 && left < i && text[i - 1 - left] != ' ')
		left++;
	while (right < 4 && i + 1 + right < len && text[i + 1 + right] != ' ')
		right++;
	return left > 3 || right > 3;
}

/* Marks the slashes that separate: writes NUL over them. */
static void cut_path(char *text, size_t len)
{
	bool drive = len > 2 && text[1] == ':' && text[2] == '\\', blanks = false;
	size_t open = 0;
	char stack[16];
	size_t at[16];

	for (size_t i = 0; i + 2 < len; i++)
		blanks = blanks || !memcmp(text + i, " / ", 3);
	for (size_t i = 0; drive && i < len; i++) {
		if (text[i] == '\\')
			text[i] = '/';
	}
	for (size_t i = 0; i < len; i++) { /* slashes inside brackets that close become 0x01 */
		char c = text[i];

		if ((c == '(' || c == '[') && open < sizeof(stack)) {
			stack[open] = c;
			at[open++] = i;
		} else if ((c == ')' || c == ']') && open && stack[open - 1] == (c == ')' ? '(' : '[')) {
			open--;
			for (size_t j = at[open]; !open && j < i; j++) {
				if (text[j] == '/')
					text[j] = '\x01';
			}
		}
	}
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '/' && separates(text, len, i, blanks))
			text[i] = '\0';
	}
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\x01')
			text[i] = '/';
	}
}

static size_t find_parts(char *text, size_t len, struct part *parts, struct arena *arena, unsigned *steps)
{
	size_t count = 0, end = len;

	cut_path(text, len);
	while (end > 0 && count < PARTS_MAX) {
		size_t start = end;

		while (start > 0 && text[start - 1])
			start--;
		if (start < end && !(end - start == 2 && text[start] == '.' && text[start + 1] == '.'))
			parts[count++] = (struct part) { .text = text + start,
							 .base = (uint16_t)start,
							 .len = end - start,
							 .arena = arena,
							 .steps = steps };
		end = start ? start - 1 : 0;
	}
	for (size_t i = 0; i < count / 2; i++) {
		struct part swap = parts[i];

		parts[i] = parts[count - 1 - i];
		parts[count - 1 - i] = swap;
	}
	return count;
}

/* The file is named like the film whose year the folder has. */
static bool is_title_of(const struct part *folder, const struct part *file)
{
	const struct name_value *title = part_value(folder, NAME_TITLE);

	return title && part_has(folder, NAME_YEAR) && strlen(title->text) == file->len &&
	       !strncasecmp(title->text, file->text, file->len);
}

/* "Series 2": as a folder a season. */
static bool is_series(const struct part *folder)
{
	return folder->count == 2 && word_is(folder, 0, "series") && folder->words[1].digits;
}

/* How many bytes of the file's name are the title of the show above it, marks and case aside. */
static size_t show_bytes(const struct part *parts, size_t count, const struct part *file)
{
	const struct name_value *title = NULL;
	size_t at = 0;

	for (size_t i = count - 1; i-- > 0 && !title;)
		title = i > 0 && (is_series(&parts[i]) ||
				  (part_has(&parts[i], NAME_SEASON) && !part_has(&parts[i], NAME_TITLE)))
				? NULL
				: part_value(&parts[i], NAME_TITLE);
	if (!title)
		return 0;
	for (const char *t = title->text; *t; t++) {
		if (strchr(" .,_-:!?'&()", *t))
			continue;
		while (at < file->len && strchr(" .,_-:!?'&()", file->text[at]))
			at++;
		if (at == file->len || (file->text[at] | 0x20) != (*t | 0x20))
			return 0;
		at++;
	}
	return at;
}

/* What the folder says about the file before it is read. */
static enum name_hint file_hint(const struct part *parts, size_t count, enum name_hint hint)
{
	const struct part *file = &parts[count - 1], *folder;
	bool digits = file->len > 0;

	if (count < 2 || hint != NAME_AUTO)
		return hint;
	folder = &parts[count - 2];
	if (part_has(folder, NAME_SEASON) && !part_has(folder, NAME_EPISODE))
		return NAME_AS_SHOW;
	if (folder->count == 1 &&
	    (word_is(folder, 0, "movies") || word_is(folder, 0, "films") || word_is(folder, 0, "movie")))
		return NAME_AS_MOVIE;
	if (is_series(folder))
		return NAME_AS_SHOW;
	if ((folder->len == file->len && !memcmp(folder->text, file->text, file->len)) ||
	    is_title_of(folder, file))
		return NAME_AS_MOVIE; /* "300/300.mkv", "24 (1998)/24.mkv" */
	for (size_t i = 0; i < file->len; i++)
		digits = digits && file->text[i] >= '0' && file->text[i] <= '9';
	return digits && part_has(folder, NAME_TITLE) && !part_has(folder, NAME_YEAR) &&
			       folder->tech == folder->count
		       ? NAME_AS_SHOW
		       : hint;
}

/* "Film (1999)/VIDEO_TS/VTS_01_1.VOB": a disc as a folder, its files say nothing. The parts that count. */
static size_t cut_disc(struct part *parts, size_t count)
{
	static const struct {
		const char *folder, *source;
	} discs[] = { { "VIDEO_TS", "DVD" }, { "BDMV", "Blu-ray" }, { "HVDVD_TS", "HD-DVD" } };

	for (size_t i = 1; i + 1 < count; i++) {
		for (size_t d = 0; d < sizeof(discs) / sizeof(discs[0]); d++) {
			struct part *film = &parts[i - 1];
			struct name_value *source;

			if (strlen(discs[d].folder) != parts[i].len ||
			    strncasecmp(discs[d].folder, parts[i].text, parts[i].len))
				continue;
			cut_container(&parts[count - 1]);
			if (parts[count - 1].value_count)
				*part_add(film, NAME_CONTAINER, "", 0, 1, 0, "extension") =
					parts[count - 1].values[0];
			source = part_add(film, NAME_SOURCE, discs[d].source, 0, 1, 0, "folder of a disc");
			source->at = parts[i].base;
			source->len = (uint16_t)parts[i].len;
			return i;
		}
	}
	return count;
}

void name_parse(const char *path, enum name_hint hint, struct arena *arena, struct name *ret)
{
	size_t len = strlen(path), skip = 0, count;
	struct part parts[PARTS_MAX + 1] = { 0 };
	char *text;

	*ret = (struct name) { 0 };
	if (len > NAME_MAX_BYTES) {
		skip = len - NAME_MAX_BYTES;
		while (skip < len && ((unsigned char)path[skip] & 0xC0) == 0x80)
			skip++;
	}
	text = clean(path + skip, len - skip, arena, &len);
	ret->input = arena_strndup(arena, text, len);
	count = find_parts(text, len, parts, arena, &ret->steps);
	if (!count)
		parts[count++] = (struct part) { .text = text, .arena = arena, .steps = &ret->steps };
	count = cut_disc(parts, count);
	for (size_t i = 0; i < count; i++) {
		parts[i].is_file = i + 1 == count;
		parts[i].folder_season = -1;
		if (parts[i].is_file) {
			if (!parts[i].value_count)
				cut_container(&parts[i]);
			cut_sample(&parts[i]);
			parts[i].show_bytes = i ? show_bytes(parts, count, &parts[i]) : 0;
			if (i && part_has(&parts[i - 1], NAME_SEASON))
				parts[i].folder_season = (int)part_value(&parts[i - 1], NAME_SEASON)->number;
			parts[i].hint = file_hint(parts, count, hint);
		}
		run_stages(&parts[i]);
	}
	folder_join(parts, count, hint, arena, ret);
}

const struct name_value *name_value(const struct name *name, enum name_property property, size_t i)
{
	for (size_t v = 0; v < name->value_count; v++) {
		if (name->values[v].property == property && i-- == 0)
			return &name->values[v];
	}
	return NULL;
}
