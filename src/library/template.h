/* template.h - naming templates: "{show}/Season {season:02d}/{show} - S{season:02d}E{episode:02d}< - {title}>{ext}".
 *
 * Fields and formats are Python's: {name}, {name:02d}, {name:>10.8}, {{ and }}. Conversions are ours: !s as it is,
 * !u upper case, !l lower case (of ASCII), !d dots for spaces ("Show.Name"). <...> is a group that is left out when a
 * field in it is missing; <a|b> takes the first alternative that has all its fields; << >> and || outside of groups are the characters.
 * '/' begins a folder. A field that is missing outside of groups is an error for that file.
 *
 * Pure. The result is a relative path, each part of it made by safe_name(), the extension at its end whether the template
 * says {ext} or not. Not here: where values come from (organize_plan.c). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "library/safe_name.h"

#define TEMPLATE_MAX_BYTES 1024

/* id, name in templates, a number, what it is */
#define TEMPLATE_FIELDS(X) \
	X(SHOW, "show", false, "title of the show") \
	X(SHOW_YEAR, "show_year", true, "year in which the show began") \
	X(TITLE, "title", false, "title of the episode, the film, the track or the spot") \
	X(YEAR, "year", true, "year of the film or episode") \
	X(SEASON, "season", true, "season, 0 for specials") \
	X(EPISODE, "episode", true, "episode, the first one of several") \
	X(EPISODE_LAST, "episode_last", true, "the last one of several episodes in a file") \
	X(ABSOLUTE, "absolute", true, "episode counted through all seasons") \
	X(AIR_DATE, "air_date", false, "day of the episode, 2011-04-12") \
	X(PART, "part", true, "part of a film in several files") \
	X(KIND, "kind", false, "movie, episode, commercial, ...") \
	X(COMPANY, "company", false, "company of a spot") \
	X(EDITION, "edition", false, "edition as the old name says, Director's Cut") \
	X(RESOLUTION, "resolution", false, "1080p, by the pictures' height") \
	X(SOURCE, "source", false, "Blu-ray, Web, ... as the old name says") \
	X(VIDEO_CODEC, "video_codec", false, "h264, hevc, ...") \
	X(AUDIO_CODEC, "audio_codec", false, "aac, ac3, ...") \
	X(GROUP, "group", false, "release group as the old name says") \
	X(IMDB, "imdb", false, "tt0133093") \
	X(TMDB, "tmdb", false, "number at themoviedb.org") \
	X(TVDB, "tvdb", false, "number at thetvdb.com") \
	X(NAME, "name", false, "the old name without its extension") \
	X(EXT, "ext", false, "the extension with its dot")

enum template_field {
#define X(id, text, number, help) TEMPLATE_##id,
	TEMPLATE_FIELDS(X)
#undef X
		TEMPLATE_FIELD_COUNT
};

/* Values of one file. A text that is NULL or "", and a number below 0, are missing. */
struct template_values {
	const char *text[TEMPLATE_FIELD_COUNT];
	int64_t number[TEMPLATE_FIELD_COUNT];
};
void template_values_init(struct template_values *values); /* all missing */

struct template_limits {
	enum name_rules rules;
	size_t reserve; /* bytes that sidecars add to the last name */
};

struct template;

/* Lives in the arena. ERR_USAGE with the place in the text. */
const struct template *template_parse(const char *text, struct arena *arena, struct err *err);

/* The relative path. ERR_INVALID says which field is missing. */
int template_render(const struct template *t, const struct template_values *values,
		    const struct template_limits *limits, struct arena *arena, const char **ret, struct err *err);

/* The template of a preset ("perpetual", "plex", "jellyfin", "kodi") for a kind of item; NULL: it does not file such.
 * *ret_known: there is such a preset. */
const char *template_preset(const char *preset, const char *kind, bool *ret_known);
#define TEMPLATE_PRESETS "perpetual|plex|jellyfin|kodi"

const char *template_field_name(enum template_field field);
const char *template_field_help(enum template_field field);
