/* position.h - station ns to flicks of a channel and back. 1 s is 705,600,000 flicks; 10,000 ns are 7,056.
 * Private.
 *
 * Seconds and the rest apart: a product of both would leave 64 bits after 15 days. Rounded down both ways. */
#pragma once

#include <stdint.h>

#include "base/clock.h"
#include "stream/plan.h"

static inline int64_t position_floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static inline int64_t position_flicks(int64_t epoch_ns, int64_t station_ns)
{
	int64_t ns = station_ns - epoch_ns, s = position_floor_div(ns, CLOCK_SECOND);

	return s * PLAN_FLICKS + (ns - s * CLOCK_SECOND) * 7056 / 10000;
}

static inline int64_t position_ns(int64_t epoch_ns, int64_t flicks)
{
	int64_t s = position_floor_div(flicks, PLAN_FLICKS);

	return epoch_ns + s * CLOCK_SECOND + (flicks - s * PLAN_FLICKS) * 10000 / 7056;
}
