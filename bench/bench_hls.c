/* bench_hls.c - how long a live playlist of 20 segments takes to write. */
#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "stream/hls.h"
#include "stream/plan.h"

int main(void)
{
	const struct hls_playlist playlist = { .base = "/channel/1/s/189302400/", .discontinuity_sequence = 0, .ended = false };
	struct hls_segment segments[20];
	struct buf b = { 0 };
	const int rounds = 100000;
	int64_t from;

	for (int i = 0; i < 20; i++)
		segments[i] = (struct hls_segment) { 189302400 + i, 2 * PLAN_FLICKS,
						     INT64_C(1795293005123) + i * 2000, false };
	from = clock_boot_ns();
	for (int i = 0; i < rounds; i++) {
		buf_reset(&b);
		hls_write(&b, &playlist, segments, 20);
	}
	printf("hls_write, 20 segments, %zu bytes: %.2f us\n", b.len,
	       (double)(clock_boot_ns() - from) / rounds / 1000);
	buf_free(&b);
	return 0;
}
