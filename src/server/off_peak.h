/* off_peak.h - jobs that run in their part of the day: hashes of all bytes, then of pictures and sound, and break points. Begun and
 * ended by the clock; what has none yet is where they go on the next time. One thread's. */
#pragma once

#include <stdint.h>

struct off_peak;
struct server;

/* Parts of the day as window_parse() takes them; NULL: never. */
struct off_peak *off_peak_new(struct server *server, const char *full_hash, const char *find_breaks);
void off_peak_free(struct off_peak *off_peak); /* NULL is fine; jobs stay as they are */

/* Begins and ends jobs when it is due to look, else nothing. */
void off_peak_look(struct off_peak *off_peak);
int64_t off_peak_due_ms(const struct off_peak *off_peak); /* boot clock: the next look */
