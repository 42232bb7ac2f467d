/* programme_text.h - what a programme and a channel are called, the same in every guide. Private to station/.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "store/channels.h"
#include "store/programmes.h"

/* U+FFFD (to checkers a fault in itself), U+FFFE or U+FFFF (none in XML), of `n` bytes. */
bool programme_no_character(const char *text, size_t n);

/* U+0080 to U+009F: to checkers, another encoding. Two bytes. */
bool programme_is_control(const char *text);

/* A name for one line of M3U and one element of XMLTV, where both must agree: control characters and line
 * breaks become spaces, double quotes single ones, bad UTF-8 and what is no character '?'. */
const char *programme_channel_name(const struct channel *channel, struct arena *arena);

/* "C12.3.matinee": number and digit sum. Plex takes "1.x" and "10.x" for one channel. At least 48 bytes.
 * Returns to. */
char *programme_channel_id(char *to, size_t size, int number);

bool programme_is_episode(const struct programme *programme);
const char *programme_title(const struct programme *programme);
const char *programme_subtitle(const struct programme *programme); /* NULL: none */
