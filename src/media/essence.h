/* essence.h - the hash of what a file shows and plays, whatever container holds it. Worker only.
 *
 * Equal for an MKV, its remux to MP4 or TS and after tags, titles or covers change; unequal as soon as one
 * picture or sound differs. Over the packets of every video and audio stream in the order of the stream, then
 * over the streams in no order. Subtitles, data, covers and times do not count: containers change those. */
#pragma once

#include "media/hash.h"

/* Reads the whole file. ERR_MEDIA when it holds nothing to see or hear. */
int essence_hash(const char *path, const struct hash_watch *watch, char ret[HASH_TEXT_SIZE], struct err *err);
