/* bench_ts_stamp.c - how fast a segment's clock is moved: GB/s of a block that is in the cache, and of much
 * memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "stream/ts_packet.h"
#include "stream/ts_stamp.h"

/* Pictures of 50 packets, sound of 3, as in 720p. */
static void fill(uint8_t *to, size_t packets)
{
	uint8_t payload[184] = { 0 }, head[TS_PACKET_PES_MAX];

	for (size_t i = 0; i < packets; i++) {
		struct ts_packet p = { 0x100, (unsigned)i, i % 50 == 0 || i % 25 == 10, false,
				       TS_PACKET_NO_PCR };
		size_t len = 184;

		if (p.start) {
			size_t n = ts_packet_pes_header(head, 0xE0, 1000, (int64_t)i * 100 + 7200,
							(int64_t)i * 100);

			memcpy(payload, head, n);
		}
		if (i % 50 == 0) {
			p.pcr = (int64_t)i * 100;
			len = TS_PACKET_ROOM_PCR;
		}
		ts_packet_write(to + i * TS_PACKET_SIZE, &p, payload, len);
	}
}

static void run(const char *what, size_t packets, int rounds)
{
	uint8_t *data = malloc(packets * TS_PACKET_SIZE);
	int64_t from;
	double seconds;

	if (!data)
		abort();
	fill(data, packets);
	from = clock_boot_ns();
	for (int i = 0; i < rounds; i++)
		ts_stamp(data, packets * TS_PACKET_SIZE, 90000);
	seconds = (double)(clock_boot_ns() - from) / 1e9;
	printf("ts_stamp %s: %.1f GB/s\n", what, (double)packets * TS_PACKET_SIZE * rounds / seconds / 1e9);
	free(data);
}

int main(void)
{
	run("128 KiB block", 128 * 1024 / TS_PACKET_SIZE, 20000);
	run("256 MB of memory", 256000000 / TS_PACKET_SIZE, 10);
	return 0;
}
