/* name_parts.h - the parser's own structures: one part is one folder or the file, cut into words.
 *
 * The stages, in order, each in its file; every stage claims words and adds values:
 *   name_words.c    cut into words, brackets, gaps (name_cut.c: inside of a run)
 *   name_shape.c    sizes, checksums, web sites, ids
 *   name_episode.c  S01E02, 1x02, S01
 *   name_keyword.c  "Season 2", "Episode 3", "Part 4"
 *   name_date.c     dates and years
 *   name_tech.c     table words, channels
 *   name_zone.c     everyday words: which of them are meant (name_code.c: codes; name_end.c: the
 *                   last word of a title)
 *   name_language.c subtitle languages
 *   name_number.c   bare numbers as episodes
 *   name_group.c    release group
 *   name_title.c    what is left: titles
 *   name_folder.c   puts folders and file together (name_kind.c: what each is; name_extra.c: extras)
 * Not for use outside src/media/name*.c. */
#pragma once

#include "media/name.h"
#include "media/name_rows.h"

/* Letters and digits of ASCII, whatever the locale. */
static inline bool name_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool name_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline char name_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

enum gap {
	GAP_NONE = 0,
	GAP_SPACE = 1,
	GAP_DOT = 2,
	GAP_UNDER = 4,
	GAP_DASH = 8,
	GAP_AND = 16, /* & + */
	GAP_TILDE = 32,
	GAP_COMMA = 64,
	GAP_OPEN = 128,
	GAP_CLOSE = 256,
	GAP_SLASH = 512, /* / and | inside one part */
	GAP_HASH = 1024,
	GAP_OTHER = 2048,
	GAP_EDGE = 4096, /* start of the part */
};
#define GAP_BRACKET (GAP_OPEN | GAP_CLOSE)
#define GAP_BLANK (GAP_SPACE | GAP_DOT | GAP_UNDER)

struct word {
	uint16_t at, len;     /* bytes of part->text */
	uint16_t key, keylen; /* folded, in part->keys; keys of neighbours touch */
	uint16_t gap;	      /* what stands before it */
	uint16_t group;	      /* innermost bracket, 0: none */
	bool digits;	      /* nothing but digits */
	uint8_t ndigits;
	uint8_t claim;	   /* enum name_property, or NAME_KEY_*; 0: free */
	uint8_t row_words; /* of the row that begins here */
	uint8_t service_words;
	uint16_t row_at; /* the row that this word is in begins at word row_at - 1; 0: in none */
	uint16_t value;	 /* index + 1 of the value that begins here */
	bool bad_dash;	 /* the dash before it has blanks around */
	int32_t number;	 /* when digits, capped at 10^9 */
	const struct name_row *row, *service; /* what it could be */
};

struct bracket {
	uint16_t open, close; /* bytes of part->text */
	char kind;	      /* ( [ { */
};

struct part {
	const char *text; /* inside name->input, not terminated */
	uint16_t base;	  /* of text in name->input */
	size_t len;
	char *keys;
	struct word *words;
	size_t count, word_cap;
	struct bracket *brackets; /* [1..bracket_count] */
	size_t bracket_count;
	struct name_value *values;
	size_t value_count, value_cap;
	uint64_t said; /* properties that were added, by bit; they may have been dropped */
	struct arena *arena;
	unsigned *steps;
	enum name_hint hint;
	bool is_file;
	size_t tech;	    /* first word of the technical zone; count when none */
	size_t title_end;   /* first word after the title */
	size_t title_first; /* no word up to this one is anything but the title's */
	bool anime;	    /* "[Group] Title - 01" */
	bool has_episode;   /* season or episode was spelled out */
	bool year_bracketed;
	bool title_behind;   /* the title stands behind the number: maybe the episode's */
	int folder_season;   /* of the file: the season that the folder says, -1: none */
	size_t show_bytes;   /* of the file: how much of it is the show's title as a folder says it */
	size_t show_words;   /* in words */
	const char *special; /* "OVA 2", "12.5": outside of the numbering */
	uint8_t kind;	     /* name_folder.c */
};

/* name_cut.c: bytes of the first word when `s` holds two, 0 when it is one. `key` is its folded form; `last`:
 * it ends the part behind a dash. */
size_t word_cut_point(const char *s, const char *key, size_t len, size_t keylen, bool ascii, bool last);

/* name_words.c */
void words_cut(struct part *part);
bool word_is(const struct part *part, size_t i, const char *key);
const char *word_key(const struct part *part, size_t i);

/* Adds a value read from words [first, last]. Claims them when claim is set. */
struct name_value *part_add(struct part *part, enum name_property property, const char *text, int64_t number,
			    size_t first, size_t last, const char *rule);
void part_claim(struct part *part, size_t first, size_t last, int claim);
const struct name_value *part_value(const struct part *part, enum name_property property);
bool part_has(const struct part *part, enum name_property property);
void part_drop(struct part *part, enum name_property property);
bool bracket_alone(const struct part *part, size_t i); /* word i is all its bracket holds */

void episode_find(struct part *part);		    /* name_episode.c */
int word_number(const struct part *part, size_t i); /* 7, "seven", "VII"; -1 */
void episode_keywords(struct part *part);	    /* name_keyword.c */
void date_find(struct part *part);
void year_find(struct part *part);
void tech_find(struct part *part);
void tech_apply(struct part *part, size_t i, const struct name_row *row, size_t words, const char *rule);
bool word_has_lower(const struct part *part, size_t i);
bool word_has_upper(const struct part *part, size_t i);
bool word_is_upper(const struct part *part, size_t i);
bool claim_is_tech(int claim);
void tech_shapes(struct part *part);	    /* name_shape.c: sizes, checksums, websites */
void subtitle_file_find(struct part *part); /* name_language.c: before the others */
bool part_is_subtitle(const struct part *part);
bool languages_alone(struct part *part);
void language_find(struct part *part);
void language_drop_unknown(struct part *part);
bool code_written_as_code(const struct part *part, size_t i, bool behind); /* name_code.c */
/* name_end.c: the row of words [start, end) ends the title. `year`: 1 when one is behind it, 2 in brackets.
 */
bool stands_out(const struct part *part, size_t i); /* "FRENCH", "iNTERNAL" behind a word that is not so */
bool title_ends_with(const struct part *part, size_t start, size_t end, const struct name_row *row, int year);
void title_first_find(struct part *part); /* name_zone.c: sets title_first */
void zone_find(struct part *part);
void number_find(struct part *part);
void group_find(struct part *part);   /* "[Group]" in front */
void group_finish(struct part *part); /* the others */
void title_find(struct part *part);
char *title_text(struct arena *arena, const char *text, size_t len);

enum part_kind { KIND_TITLE, KIND_GENERIC, KIND_SEASON, KIND_HASH, KIND_PIECE };
void parts_classify(struct part *parts, size_t count); /* name_kind.c */
bool part_is_piece(const struct part *part); /* "Part 2", "Disc 1": of what the folder above names */
void folder_join(struct part *parts, size_t count, enum name_hint hint, struct arena *arena,
		 struct name *ret);
void creditless_find(struct part *part);
void format_3d_find(struct part *part); /* name_extra.c */
const char *folder_extra(const struct part *parts, size_t count);
