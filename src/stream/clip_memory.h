/* clip_memory.h - segments that the disk would not take: held in memory for a while, so that what is on the air is seen.
 *
 * Each is a memfd that its worker filled and sealed; here it is checked and kept. Bounded in bytes and in number, the oldest
 * go first. Part of the cache (clip_cache.h). Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct clip_memory;

struct clip_memory *clip_memory_new(void);
void clip_memory_free(struct clip_memory *memory); /* NULL is fine */

/* Takes fd, which must be a sealed memfd of `len` bytes; closes it when it is not: ERR_INVALID. */
int clip_memory_add(struct clip_memory *memory, const char *key, int64_t k, int fd, int64_t len, int effort,
		    struct err *err);

bool clip_memory_has(struct clip_memory *memory, const char *key, int64_t k);
/* A descriptor of its own to read from with pread(); -1 when it is not here. */
int clip_memory_get(struct clip_memory *memory, const char *key, int64_t k, int64_t *ret_len, int *ret_effort);

/* Lets go of what is older than some minutes. */
void clip_memory_tidy(struct clip_memory *memory);
int64_t clip_memory_bytes(struct clip_memory *memory);

/* The worker's side: a sealed memfd with the data. <0 with err. */
int clip_memory_make(const void *data, size_t len, struct err *err);
/* The supervisor's: that descriptor of its worker, as one of its own. */
int clip_memory_fetch(pid_t pid, int fd, struct err *err);
