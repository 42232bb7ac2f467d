/* slate_file.h - the form of a .slate file; shared by who makes it (slate_make.c) and who reads it (slate.c).
 *
 * Little-endian: "matslate", u32 version, u32 pictures, u32 bytes of the AAC frame, u32 zero, u64 profile hash,
 * u32 length of each picture, the AAC frame, the pictures, XXH3-64 of all before it. */
#pragma once

#include <stdint.h>

#define SLATE_MAGIC "matslate"
#define SLATE_VERSION 1
#define SLATE_HEADER 32
#define SLATE_SECONDS 3
#define SLATE_MAX_PICTURES 1024
#define SLATE_MAX_BYTES ((size_t)16 << 20)

static inline void slate_put32(uint8_t *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> (8 * i));
}

static inline void slate_put64(uint8_t *to, uint64_t value)
{
	slate_put32(to, (uint32_t)value);
	slate_put32(to + 4, (uint32_t)(value >> 32));
}

static inline uint32_t slate_get32(const uint8_t *from)
{
	return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

static inline uint64_t slate_get64(const uint8_t *from)
{
	return slate_get32(from) | (uint64_t)slate_get32(from + 4) << 32;
}
