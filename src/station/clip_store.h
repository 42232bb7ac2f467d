/* clip_store.h - a clip becomes a row: its key from the file's identity, the same wherever a clip is made. */
#pragma once

#include "store/timeline.h"
#include "stream/clip.h"

/* Fills clip->key (from the file's sample hash, "" for one that has none) and finds or adds its row. */
int clip_store_put(struct db *writer, struct clip *clip, const char *sample_hash, int64_t *ret_id, struct err *err);
