/* producer_fixture.h - what tests of the producer share: workers that write a line for each thing they made into
 * <cache>/made, clips that need no file, and waiting for a segment. */
#pragma once

#include "lib/testlib.h"

#include "stream/producer.h"

void made_note(const char *cache, const char *text);	/* in a worker: ends it when it cannot be written */
size_t made_count(const char *cache, const char *text); /* how often it stands there */

struct clip clip_of(const char *path, int seconds);
void wait_until_has(struct clip_cache *cache, const struct clip *clip, int64_t k);
