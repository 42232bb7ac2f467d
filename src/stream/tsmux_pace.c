/* tsmux_pace.c - see tsmux_pace.h.
 *
 * Two curves over the packets: the latest that the rate allows, found from the end backwards, and a straight line from the
 * beginning, as steep as the first deadlines ask for. A picture starts at the later of the two. */
#include "stream/tsmux_pace.h"

#include <math.h>

#include "stream/ts_packet.h"

/* Ticks a packet on the line through `from` that meets all deadlines. */
static double line_of(const struct tsmux_pace *p, size_t count, int64_t from, int64_t to, double most)
{
	int64_t sent = 0;
	double each = most;

	for (size_t i = 0; i < count; i++) {
		int64_t deadline = p[i].deadline < to ? p[i].deadline : to;

		sent += p[i].packets;
		each = fmin(each, (double)(deadline - from) / (double)sent);
	}
	return each;
}

void tsmux_pace(struct tsmux_pace *pictures, size_t count, int64_t from, int64_t to, int64_t bit_rate)
{
	double each = (double)TS_PACKET_SIZE * 8 * 90000 / (double)bit_rate;
	double line = line_of(pictures, count, from, to, each), latest = (double)to;
	int64_t sent = 0;

	for (size_t i = count; i-- > 0;) {
		latest -= each * (double)pictures[i].packets;
		if (i > 0 && latest > (double)pictures[i - 1].deadline)
			latest = (double)pictures[i - 1].deadline;
		pictures[i].start = (int64_t)latest;
	}
	for (size_t i = 0; i < count; i++) {
		int64_t least = from + (int64_t)(line * (double)sent);

		if (i > 0 && least <= pictures[i - 1].start)
			least = pictures[i - 1].start + 1;
		if (pictures[i].start < least || i == 0)
			pictures[i].start = least;
		sent += pictures[i].packets;
	}
}
