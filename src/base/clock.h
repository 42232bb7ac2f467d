/* clock.h - the three clocks, and the times that people and protocols write.
 *
 * Wall clock: ns since 1970 UTC, may jump; MATINEE_NOW=<RFC 3339> makes it start there and run on.
 * Boot clock: ns since boot with suspend counted (CLOCK_BOOTTIME), never jumps.
 * Station time is built from both in station/station_time.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define CLOCK_SECOND INT64_C(1000000000)
#define CLOCK_MS INT64_C(1000000)

int64_t clock_wall_ns(void);
int64_t clock_wall_ms(void);
int64_t clock_boot_ns(void);
int64_t clock_asleep_ns(void); /* how much of that the machine slept */

/* Reads MATINEE_NOW once, before threads start. ERR_USAGE when it is not a time. */
int clock_init(struct err *err);
bool clock_shifted(void); /* MATINEE_NOW is in force */

/* Names this boot of the machine (/proc/sys/kernel/random/boot_id); with MATINEE_NOW each process is a boot of
 * its own. At least 64 bytes. */
void clock_boot_id(char *to, size_t size);

/* RFC 3339 with Z and three decimals, "2026-11-21T20:30:05.123Z"; at least 32 bytes. Returns to. */
char *clock_format(char *to, size_t size, int64_t ms);

/* RFC 3339 (Z or an offset, fraction optional) to ms since 1970. ERR_USAGE. */
int clock_parse(const char *text, int64_t *ret_ms, struct err *err);

/* Durations for people: "hh:mm:ss.ff" with hundredths; at least 20 bytes. Returns to. */
char *clock_format_duration(char *to, size_t size, int64_t ms);

/* "90", "1:30", "01:30:00.5", "45m", "2h" to ms. ERR_USAGE. */
int clock_parse_duration(const char *text, int64_t *ret_ms, struct err *err);
