/* segment_memory.h - answers with whole segments, shared by all who ask for the same bytes within a few seconds:
 * the viewers of one channel. A tag (segment_source_tag) names bytes, not a place, so that what lies here is never
 * stale; whether the segment still is in the cache is asked there for each request (clip_cache_touch).
 *
 * Bounded twice: what is kept for the next viewer, and what is alive at all, slow viewers included. Past the
 * second bound nothing is taken in and the caller sends from the file, block by block. Any thread. */
#pragma once

#include <stdbool.h>

#include "server/http.h"
#include "server/segment_source.h"

struct segment_memory;

struct segment_memory *segment_memory_new(void);
void segment_memory_free(struct segment_memory *memory); /* after the last answer; NULL is fine */

/* Answers with the segment of this tag, headers and all, when it is here. */
bool segment_memory_answer(struct segment_memory *memory, struct http_request *req, const char *tag);

/* Reads the whole source into memory and answers with it. False when it is too large, there is no room, or it cannot
 * be read: the source is as it was. `cache_control` is one of its headers. */
bool segment_memory_take(struct segment_memory *memory, struct http_request *req, const char *tag,
			 struct segment_source *source, const char *cache_control);

/* Lets go of what nobody asked for in the last seconds. */
void segment_memory_tidy(struct segment_memory *memory);
