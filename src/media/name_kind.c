/* name_kind.c - what a folder or file is to the others of its path: it names a film or a show, a season, a
 * piece of something, or nothing.
 *
 * Not here: what is done about it (name_folder.c). */
#include "media/name_parts.h"

#include <string.h>

static bool is_generic(const struct part *part)
{
	static const char *const words[] = { "movies",	 "movie",     "films",	    "film",
					     "series",	 "tv",	      "tvshows",    "tvseries",
					     "shows",	 "anime",     "media",	    "medias",
					     "video",	 "videos",    "downloads",  "download",
					     "complete", "completed", "data",	    "mnt",
					     "home",	 "var",	      "incoming",   "server",
					     "temp",	 "tmp",	      "test",	    "unsorted",
					     "tvdrop",	 "library",   "volumes",    "volume1",
					     "storage",	 "nas",	      "share",	    "public",
					     "drive",	 "torrents",  "incomplete", "documentaries",
					     "cartoons", "kids",      "s",	    "c",
					     "d",	 "z",	      "e" };
	const char *key = part->keys;
	size_t len;

	if (!part->count)
		return true;
	len = (size_t)(part->words[part->count - 1].key + part->words[part->count - 1].keylen);
	if (len <= 1)
		return true;
	if (len > 16)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i]) == len && !memcmp(words[i], key, len))
			return true;
	}
	return false;
}

/* One long word of letters and digits, or one that is written backwards. */
static bool is_hash(const struct part *part)
{
	size_t digits = 0, changes = 0;
	const struct word *w = &part->words[0];

	for (size_t i = 0; i < part->count; i++) {
		if (word_is(part, i, "p0801") || word_is(part, i, "p027") || word_is(part, i, "p084"))
			return true;
	}
	if (part->count != 1 || part_has(part, NAME_SEASON))
		return part_has(part, NAME_UUID);
	for (size_t i = 0; i < w->len; i++) {
		bool digit = part->text[w->at + i] >= '0' && part->text[w->at + i] <= '9';

		digits += digit;
		if (i && digit != (part->text[w->at + i - 1] >= '0' && part->text[w->at + i - 1] <= '9'))
			changes++;
	}
	return w->len >= 12 && digits >= 2 && (changes >= 3 || w->len >= 20);
}

static bool is_specials(const struct part *part)
{
	return part->count == 1 && (word_is(part, 0, "specials") || word_is(part, 0, "special"));
}

static bool series_folder(struct part *part)
{
	if (part_has(part, NAME_CONTAINER) || part->count != 2 ||
	    !(word_is(part, 0, "series") || word_is(part, 0, "season")) || !part->words[1].digits)
		return false;
	if (!part_has(part, NAME_SEASON))
		part_add(part, NAME_SEASON, NULL, part->words[1].number, 1, 1, "folder Series 1");
	return true;
}

/* "Part 2", "Disc 1", "Vol 3" as a folder: a piece of what the folder above it names. */
bool part_is_piece(const struct part *part)
{
	static const char *const words[] = { "part", "parte", "partie", "teil", "pt",	  "disc",
					     "disk", "cd",    "dvd",	"vol",	"volume", "cour" };

	if (part->is_file || part->count != 2 || word_number(part, 1) < 0)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (word_is(part, 0, words[i]))
			return true;
	}
	return false;
}

/* The number of the piece. False for those that are no part of a film: "Vol 3" may be its title. */
static bool read_piece(struct part *part)
{
	enum name_property property =
		word_is(part, 0, "cd")								  ? NAME_CD
		: word_is(part, 0, "disc") || word_is(part, 0, "disk") || word_is(part, 0, "dvd") ? NAME_DISC
		: word_is(part, 0, "vol") || word_is(part, 0, "volume") || word_is(part, 0, "cour")
			? NAME_NOTHING
			: NAME_PART;

	if (property == NAME_NOTHING)
		return false;
	if (!part_has(part, property))
		part_add(part, property, NULL, word_number(part, 1), 0, 1, "folder CD1");
	return true;
}

static enum part_kind classify(struct part *part)
{
	const struct word *w = part->words;

	if (series_folder(part))
		return KIND_SEASON;
	if (is_generic(part))
		return KIND_GENERIC;
	if (part_is_piece(part) && read_piece(part))
		return KIND_PIECE;
	if (!part->is_file && is_specials(part)) {
		part_add(part, NAME_SEASON, NULL, 0, 0, 0, "folder Specials");
		return KIND_SEASON;
	}
	if (part_has(part, NAME_SEASON) && !part_has(part, NAME_EPISODE) &&
	    (!part_has(part, NAME_TITLE) || w[0].claim == NAME_SEASON))
		return KIND_SEASON;
	if (is_hash(part))
		return KIND_HASH;
	return KIND_TITLE;
}

/* "Show/2/S02E05.mkv": a number as a folder is the season that the file says, or that it leaves out. */
static bool is_bare_season(const struct part *folder, const struct part *file)
{
	const struct name_value *season = part_value(file, NAME_SEASON);

	return folder->count == 1 && folder->words[0].digits && folder->words[0].ndigits <= 2 &&
	       (season ? season->number == folder->words[0].number && file->has_episode
		       : part_has(file, NAME_EPISODE) && file->has_episode);
}

/* "1917/Season 1": the year is the show's name. */
static void name_by_year(struct part *part)
{
	const struct word *w = &part->words[0];

	if (part->count != 1 || !part_has(part, NAME_YEAR) || part_has(part, NAME_TITLE))
		return;
	part_drop(part, NAME_YEAR);
	part_add(part, NAME_TITLE, arena_strndup(part->arena, part->text + w->at, w->len), 0, 0, 0,
		 "a year as a show's folder");
}

void parts_classify(struct part *parts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		parts[i].kind = (uint8_t)classify(&parts[i]);
	for (size_t i = 0; i + 1 < count; i++) {
		if (i > 0 && parts[i - 1].kind == KIND_TITLE && i + 2 == count &&
		    is_bare_season(&parts[i], &parts[count - 1])) {
			if (!part_has(&parts[i], NAME_SEASON))
				part_add(&parts[i], NAME_SEASON, NULL, parts[i].words[0].number, 0, 0,
					 "a number as a folder");
			part_drop(&parts[i], NAME_TITLE);
			parts[i].kind = KIND_SEASON;
		}
	}
	for (size_t i = 0; i + 1 < count; i++) {
		if (parts[i + 1].kind == KIND_SEASON && parts[i].kind == KIND_TITLE)
			name_by_year(&parts[i]);
	}
}
