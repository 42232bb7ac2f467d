/* hash.h - hashes of a file's bytes: XXH3-128 as 32 lower-case hex digits.
 *
 * The sample hash is over size, first, middle and last 64 KiB (the whole file when it is shorter than three
 * of them) and reads at most 192 KiB; the full hash is over every byte, as `xxh128sum` prints it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define HASH_TEXT_SIZE 33

/* Asked now and then by long readings; false ends them with ERR_BUSY. The watch and go_on may be NULL. */
struct hash_watch {
	void *context;
	bool (*go_on)(void *context, int64_t done, int64_t total); /* bytes */
};

int hash_sample(int fd, int64_t size, char ret[HASH_TEXT_SIZE], struct err *err);
/* Asks the system to fetch what hash_sample() will read, and does not wait for it: a disk that is told of the next places
 * while it is at this one loses no time between them. (For whole files the system does better by itself.) */
void hash_sample_ahead(int fd, int64_t size);
/* All of a file of `size` bytes; one that has another length by now is ERR_CONFLICT. */
int hash_full(int fd, int64_t size, const struct hash_watch *watch, char ret[HASH_TEXT_SIZE],
	      struct err *err);
void hash_text(const void *data, size_t len, char ret[HASH_TEXT_SIZE]); /* XXH3-128 of bytes in memory */

bool hash_go_on(const struct hash_watch *watch, int64_t done, int64_t total);
