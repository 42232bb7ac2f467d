/* garbage_words.h - words that are taken out of titles: one to a line of a file, as seed P has them ("PROPER", "x264",
 * "www.example.com"). Capitals do not matter; a space in a line fits spaces, dots and underscores. Lines that begin with
 * '#' are remarks. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct garbage_words {
	const char **words; /* longest first */
	size_t count;
};

int garbage_words_load(const char *path, struct arena *arena, struct garbage_words *ret, struct err *err);

/* The title without them, spaces tidied; the title itself when nothing would be left. In the arena. */
const char *garbage_words_clean(const struct garbage_words *garbage, const char *title, struct arena *arena);
