/* name.h - what a file name says: film or episode, which one, and how it was made.
 *
 * Pure and thread-safe: reads no disk, keeps no state, allocates in the caller's arena only. Work is linear
 * in the length; of a longer path only the last NAME_MAX_BYTES count. The properties and values are
 * guessit's, with the decisions that docs/names.md lists. Every property remembers the rule that found it and
 * the characters it took.
 *
 * Not here: asking a metadata provider (library/identify), what ffprobe says about the file (media/probe). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

#define NAME_MAX_BYTES 4096

/* id, property in JSON; several values in the order found */
#define NAME_PROPERTIES(X) \
	X(TYPE, "type") \
	X(TITLE, "title") X(ALTERNATIVE_TITLE, "alternative_title") X(YEAR, "year") X(SEASON, "season") X( \
		EPISODE, \
		"episode") X(ABSOLUTE_EPISODE, \
			     "absolute_episode") X(EPISODE_TITLE, \
						   "episode_title") X(EPISODE_DETAILS, \
								      "episode_details") X(EPISODE_FORMAT, \
											   "episode_format") \
		X(EPISODE_COUNT, "episode_count") X(SEASON_COUNT, "season_count") X(DATE, "date") X( \
			PART, "part") X(CD, "cd") X(CD_COUNT, "cd_count") X(DISC, "disc") X(BONUS, "bonus") \
			X(BONUS_TITLE, "bonus_title") X(FILM, "film") X(FILM_TITLE, "film_title") X( \
				SCREEN_SIZE, "screen_size") X(ASPECT_RATIO, \
							      "aspect_ratio") X(FRAME_RATE, \
										"frame_rate") X(SOURCE, \
												"source") \
				X(STREAMING_SERVICE, "streaming_service") X(VIDEO_CODEC, "video_codec") X( \
					VIDEO_PROFILE, \
					"video_profile") X(COLOR_DEPTH, \
							   "color_depth") X(VIDEO_API, \
									    "video_api") X(VIDEO_BIT_RATE, \
											   "video_bit_rate") \
					X(AUDIO_CODEC, "audio_codec") X(AUDIO_PROFILE, "audio_profile") X( \
						AUDIO_CHANNELS, \
						"audio_channels") X(AUDIO_BIT_RATE, \
								    "audio_bit_rate") X(LANGUAGE, \
											"language") \
						X(SUBTITLE_LANGUAGE, "subtitle_language") X( \
							COUNTRY, "country") X(EDITION, "edition") \
							X(OTHER, "other") X(PROPER_COUNT, "proper_count") X( \
								RELEASE_GROUP, "release_group") X(WEBSITE, \
												  "website") \
								X(VERSION, "version") X(SIZE, "size") X( \
									CRC32, "crc32") X(UUID, "uuid") \
									X(CONTAINER, "container") X(EXTRA, \
												    "extra") \
										X(FORMAT_3D, "format_3d") X( \
											TMDB, "tmdb_id") \
											X(IMDB, "imdb_id") \
												X(TVDB, \
												  "tvdb_id")

enum name_property {
	NAME_NOTHING,
#define X(id, text) NAME_##id,
	NAME_PROPERTIES(X)
#undef X
		NAME_PROPERTY_COUNT
};

enum name_hint {
	NAME_AUTO,     /* decide by what the name says */
	NAME_AS_MOVIE, /* lies in a folder of films: bare numbers belong to the title */
	NAME_AS_SHOW,  /* lies in a folder of shows: a number or a part is an episode */
};

enum name_type { NAME_IS_MOVIE, NAME_IS_EPISODE };

/* One property with one value. */
struct name_value {
	enum name_property property;
	const char *text; /* as in JSON; NULL when it is a number */
	int64_t number;
	const char *rule; /* which rule found it, for --explain */
	uint16_t at, len; /* bytes of name->input; len 0: concluded, not read */
};

struct name {
	enum name_type type;
	const char *input; /* the path as understood: valid UTF-8, full-width forms made narrow */
	const char *title; /* film or show; NULL when the name does not say */
	const char *episode_title;
	const char *date;      /* "2011-04-12" or NULL */
	const char *extra;     /* "trailer", "deleted_scene", "interview", ...; NULL: the thing itself */
	const char *special;   /* "OVA 02", "12.5", "SP1": `episode` is none of the season's; NULL */
	const char *container; /* "mkv" or NULL */
	const char *imdb_id;   /* "tt0133093" or NULL */
	int tmdb_id, tvdb_id;  /* 0: not said */
	int year;	       /* 0: not said */
	int season;	       /* first one; -1: not said; 0: specials */
	int season_last;
	int episode;	      /* first one; -1: not said */
	int episode_last;     /* same as episode when there is one */
	int absolute_episode; /* first one; -1: not said */
	int part;	      /* 0: not said; cdN, discN and ptN of a film count too */
	bool is_sample;
	bool is_3d;
	const struct name_value *values; /* all of it, in the order of NAME_PROPERTIES */
	size_t value_count;
	unsigned steps; /* what it cost, in steps of the parser */
};

/* Parses a path ('/' separates; "D:\..." too). Always fills ret; the values live in the arena. */
void name_parse(const char *path, enum name_hint hint, struct arena *arena, struct name *ret);

/* The i-th value of a property, or NULL. */
const struct name_value *name_value(const struct name *name, enum name_property property, size_t i);

const char *name_property_text(enum name_property property); /* "season" */

void name_write_json(struct buf *to, const struct name *name);	  /* one object, no newline */
void name_write_text(struct buf *to, const struct name *name);	  /* "season: 2" lines */
void name_write_explain(struct buf *to, const struct name *name); /* characters, property, value, rule */
