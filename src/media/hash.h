/* hash.h - the sample hash: XXH3-128 over size, first, middle and last 64 KiB (the whole file when it is shorter
 * than three of them), as 32 lower-case hex digits. Reads at most 192 KiB. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define HASH_TEXT_SIZE 33

int hash_sample(int fd, int64_t size, char ret[HASH_TEXT_SIZE], struct err *err);
void hash_text(const void *data, size_t len, char ret[HASH_TEXT_SIZE]); /* XXH3-128 of bytes in memory */
