/* name_extra.c - trailers and other extras by folder or suffix (as Plex and Jellyfin lay them out), samples,
 * and the formats of stereoscopic pictures. */
#include "media/name_parts.h"

#include <string.h>

struct extra_row {
	const char *key;
	const char *kind;
};

/* Names of folders, blanks and marks left out. */
static const struct extra_row folders[] = {
	{ "trailers", "trailer" },
	{ "trailer", "trailer" },
	{ "behindthescenes", "behind_the_scenes" },
	{ "deletedscenes", "deleted_scene" },
	{ "deleted", "deleted_scene" },
	{ "interviews", "interview" },
	{ "scenes", "scene" },
	{ "samples", "sample" },
	{ "sample", "sample" },
	{ "shorts", "short" },
	{ "featurettes", "featurette" },
	{ "clips", "clip" },
	{ "thememusic", "theme_song" },
	{ "backdrops", "theme_video" },
	{ "extras", "unknown" },
	{ "extra", "unknown" },
	{ "other", "unknown" },
	{ "others", "unknown" },
	{ "bonus", "unknown" },
};

/* The last word behind a dash, dot or underscore. */
static const struct extra_row suffixes[] = {
	{ "trailer", "trailer" },
	{ "sample", "sample" },
	{ "behindthescenes", "behind_the_scenes" },
	{ "deletedscene", "deleted_scene" },
	{ "deleted", "deleted_scene" },
	{ "featurette", "featurette" },
	{ "interview", "interview" },
	{ "scene", "scene" },
	{ "short", "short" },
	{ "clip", "clip" },
	{ "other", "unknown" },
	{ "extra", "unknown" },
};

static const char *look_up(const struct extra_row *rows, size_t count, const char *key, size_t len)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(rows[i].key) == len && !memcmp(rows[i].key, key, len))
			return rows[i].kind;
	}
	return NULL;
}

static const char *by_folder(const struct part *folder)
{
	const struct word *last;

	if (!folder->count || folder->count > 3)
		return NULL;
	last = &folder->words[folder->count - 1];
	return look_up(folders, sizeof(folders) / sizeof(folders[0]), folder->keys,
		       (size_t)(last->key + last->keylen));
}

static const char *by_suffix(const struct part *file)
{
	const struct word *last;
	const char *key;

	if (!file->count)
		return NULL;
	last = &file->words[file->count - 1];
	key = word_key(file, file->count - 1);
	if (file->count > 2 && word_is(file, file->count - 1, "trailer") && last[-1].gap & GAP_DASH &&
	    last->gap & GAP_BLANK &&
	    (word_is(file, file->count - 2, "official") || word_is(file, file->count - 2, "teaser")))
		return "trailer";
	if (file->count == 1 || last->gap & GAP_DASH)
		return file->count == 1 && !word_is(file, 0, "trailer") && !word_is(file, 0, "sample")
			       ? NULL
			       : look_up(suffixes, sizeof(suffixes) / sizeof(suffixes[0]), key, last->keylen);
	if (last->gap & (GAP_DOT | GAP_UNDER) &&
	    !(last->gap & GAP_SPACE)) /* two kinds only: others are titles */
		return look_up(suffixes, 2, key, last->keylen);
	return NULL;
}

static bool is_audio(const struct part *file)
{
	const struct name_value *v = part_value(file, NAME_CONTAINER);

	return v && (!strcmp(v->text, "mp3") || !strcmp(v->text, "flac") || !strcmp(v->text, "wav") ||
		     !strcmp(v->text, "ogg") || !strcmp(v->text, "wma"));
}

/* A folder at the top may be a library of its own: only below a film or a show do "other" and "extras" mean
 * extras. */
const char *folder_extra(const struct part *parts, size_t count)
{
	const char *kind = NULL;

	if (!count)
		return NULL;
	if (count > 1)
		kind = by_folder(&parts[count - 2]);
	if (kind && count == 2 && !strcmp(kind, "unknown") && parts[0].base > 0)
		kind = NULL;
	if (kind && is_audio(&parts[count - 1]))
		return !strcmp(kind, "theme_song") ? kind : NULL;
	if (kind && !strcmp(kind, "theme_song"))
		return NULL;
	return kind || is_audio(&parts[count - 1]) ? kind : by_suffix(&parts[count - 1]);
}

/* "NCOP", "NCED2", "Creditless Opening": opening and ending without credits. */
void creditless_find(struct part *part)
{
	for (size_t i = 1; i < part->count; i++) {
		const struct word *w = &part->words[i];

		*part->steps += 1;
		if (i + 1 < part->count && !w->claim &&
		    (word_is(part, i, "creditless") || word_is(part, i, "textless")) &&
		    (word_is(part, i + 1, "op") || word_is(part, i + 1, "ed") ||
		     word_is(part, i + 1, "opening") || word_is(part, i + 1, "ending"))) {
			part_add(part, NAME_EXTRA, "creditless", 0, i, i + 1, "Creditless Opening");
			return;
		}
		if (!w->claim && w->keylen >= 4 && w->keylen <= 6 &&
		    (!memcmp(word_key(part, i), "ncop", 4) || !memcmp(word_key(part, i), "nced", 4))) {
			part_add(part, NAME_EXTRA, "creditless", 0, i, i, "NCOP, NCED");
			return;
		}
	}
}

/* "Half-OU", "Full SBS": two words for what "hou" and "fsbs" say in one. */
static bool half_or_full(struct part *part, size_t i)
{
	bool half = word_is(part, i, "half") || word_is(part, i, "h"), full = word_is(part, i, "full");
	bool beside = i + 1 < part->count && !part->words[i].claim && !part->words[i + 1].claim;
	const char *format = NULL;

	if (!beside || !(half || full))
		return false;
	if (word_is(part, i + 1, "sbs"))
		format = half ? "hsbs" : "fsbs";
	else if (word_is(part, i + 1, "ou") || word_is(part, i + 1, "tab"))
		format = half ? "hou" : "fou";
	if (!format)
		return false;
	part_add(part, NAME_FORMAT_3D, format, 0, i, i + 1, "Half-OU");
	if (part->tech > i)
		part->tech = i;
	return true;
}

/* "sbs" by itself is a broadcaster, too. */
static bool behind_title(const struct part *part, size_t i)
{
	const struct word *before = &part->words[i - 1];

	return (i + 1 == part->count && part->words[i].gap & (GAP_DOT | GAP_UNDER)) ||
	       claim_is_tech(before->claim) ||
	       (before->row_at && part->words[before->row_at - 1].row->flags & (ROW_TECH | ROW_STRONG)) ||
	       before->ndigits == 4 || part->words[i].gap & GAP_OPEN;
}

void format_3d_find(struct part *part)
{
	static const char *const formats[] = { "hsbs", "fsbs", "htab",	"ftab", "mvc",
					       "sbs",  "tab",  "sbs3d", "hou",	"fou" };
	bool three = false;

	for (size_t i = 1; i < part->count; i++) {
		*part->steps += 1;
		if (half_or_full(part, i))
			return;
		for (size_t f = 0; f < sizeof(formats) / sizeof(formats[0]); f++) {
			bool plain = f >= 4 && strcmp(formats[f], "sbs3d");

			if (part->words[i].claim || !word_is(part, i, formats[f]) ||
			    (plain && !(f == 5 && behind_title(part, i)) && !three &&
			     !word_is(part, i - 1, "3d")))
				continue;
			part_add(part, NAME_FORMAT_3D, formats[f], 0, i, i, "3D format");
			if (word_is(part, i - 1, "3d") && !part->words[i - 1].claim)
				part_add(part, NAME_OTHER, "3D", 0, i - 1, i - 1, "3D format");
			if (part->tech > i)
				part->tech = word_is(part, i - 1, "3d") ? i - 1 : i;
			return;
		}
		three = three || word_is(part, i, "3d");
	}
}
