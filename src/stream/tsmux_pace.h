/* tsmux_pace.h - when each picture of a segment is sent, so that none comes late and the decoder's transport buffer, which
 * leaks at a fixed rate, is never flooded (ISO 13818-1, 2.4.2.3). Pure. Private to tsmux.c. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct tsmux_pace {
	int64_t deadline; /* ticks: when the last packet must have been sent */
	int64_t packets;  /* > 0 */
	int64_t start;	  /* filled in: when the first is sent; the others follow evenly until the next one's start */
};

/* `count` pictures in order within [from, to]: as late as `bit_rate` allows. Where that is too late for the first ones, which
 * have no time before them, at the lowest even rate that is not. Deadlines grow; starts do too, from `from` on. */
void tsmux_pace(struct tsmux_pace *pictures, size_t count, int64_t from, int64_t to, int64_t bit_rate);
