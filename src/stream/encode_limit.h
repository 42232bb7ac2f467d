/* encode_limit.h - a look-ahead limiter: no true peak above -2 dBTP, nothing else is touched. Worker only.
 *
 * What is sent is to stay at or below -1 dBTP (EBU R128): the decibel between is for what encoding adds, and for peaks between
 * the four places that a true peak is estimated at.
 *
 * Without state: the gain at a sample follows from the samples at most ENCODE_LIMIT_BEFORE earlier and
 * ENCODE_LIMIT_AFTER later, on a grid counted from sample 0, in a fixed order of operations. So two runs that
 * begin at different places give the same bits. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENCODE_LIMIT_BEFORE 73728 /* samples that must be there before the first one wanted; on the grid */
#define ENCODE_LIMIT_AFTER 72704
#define ENCODE_LIMIT_BLOCK 16 /* samples; between two blocks the gain is a straight line */
#define ENCODE_LIMIT_GRID 256

/* left and right hold `count` samples at 48 kHz in place, the first of which is sample `first` (a multiple of
 * ENCODE_LIMIT_GRID, may be negative); all but the outermost BEFORE and AFTER come out right. NaN becomes 0. */
void encode_limit(int64_t first, size_t count, float *left, float *right);

/* Only the gain at the beginning of each block (count / 16, rounded up), 1 or less. False: it is 1 throughout, and gain
 * holds zeros. */
bool encode_limit_gain(int64_t first, size_t count, float *left, float *right, float *gain);

/* The largest size between the samples as ITU-R BS.1770 estimates it (four times oversampled), of sample i. */
float encode_limit_true_peak(const float *samples, size_t count, size_t i);
