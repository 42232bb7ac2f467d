/* encode_limit.c - see encode_limit.h.
 *
 * For each block of 16 samples: by how many dB its true peak is too high (need), the largest of the needs before it as
 * they fade over 0.2 s (held for 10 ms: release), the largest of what comes within 5 ms (look-ahead), a mean over those
 * 5 ms, so that the gain slides down to where the peak begins and is there in time. Between blocks the gain is a
 * straight line. All windows are finite and all maxima and sums are made afresh for each block: nothing is carried on.
 *
 * One peak is let go of soon. Between two peaks the gain would go up and down with them, which is heard in all that
 * sounds beside them (pumping): there it stays down, by what the one before and the one after both ask for as they
 * fade over 1.5 s, whichever is less (bridge). That is counted in cells of 16 blocks.
 *
 * The mean of values that are each at least the need of the block is at least that need, at both ends of the line: no
 * sample leaves above the ceiling. */
#include "stream/encode_limit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK ENCODE_LIMIT_BLOCK
#define CEILING 0.7943282f /* -2 dBTP */
#define QUIET 0.35f	   /* no sample so small stands beside a peak above the ceiling that counts */
#define AHEAD 15	   /* blocks: 5 ms */
#define HOLD 30		   /* blocks: 10 ms */
#define RELEASE 630	   /* blocks, the hold within: 0.21 s */
#define CELL 16		   /* blocks: 5.3 ms */
#define BRIDGE 281	   /* cells: 1.5 s, before and after */
#define TAPS 12

/* ITU-R BS.1770-4, annex 2: the phases of its interpolating filter. The two others are these reversed. */
static const float phases[2][TAPS] = {
	{ 0.0017089843750f, 0.0109863281250f, -0.0196533203125f, 0.0332031250000f, -0.0594482421875f, 0.1373291015625f,
	  0.9721679687500f, -0.1022949218750f, 0.0476074218750f, -0.0266113281250f, 0.0148925781250f, -0.0083007812500f },
	{ -0.0291748046875f, 0.0292968750000f, -0.0517578125000f, 0.0891113281250f, -0.1665039062500f, 0.4650878906250f,
	  0.7797851562500f, -0.2003173828125f, 0.1015625000000f, -0.0582275390625f, 0.0330810546875f, -0.0189208984375f },
};

float encode_limit_true_peak(const float *samples, size_t count, size_t i)
{
	float most = fabsf(samples[i]);

	if (i < TAPS / 2 || i + TAPS / 2 >= count)
		return most;
	for (int p = 0; p < 2; p++) {
		float a = 0, b = 0;

		for (int t = 0; t < TAPS; t++) {
			a += phases[p][t] * samples[i + TAPS / 2 - (size_t)t];
			b += phases[p][TAPS - 1 - t] * samples[i + TAPS / 2 - (size_t)t];
		}
		most = fmaxf(most, fmaxf(fabsf(a), fabsf(b)));
	}
	return most;
}

static void make_finite(float *samples, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!(fabsf(samples[i]) < 1e6f))
			samples[i] = 0;
}

/* dB by which the block is too loud; 0 mostly. */
static float need_of(const float *samples, size_t count, size_t at)
{
	float most = 0;

	for (size_t i = at; i < at + BLOCK && i < count; i++)
		most = fmaxf(most, fabsf(samples[i]));
	if (most > QUIET)
		for (size_t i = at; i < at + BLOCK && i < count; i++)
			most = fmaxf(most, encode_limit_true_peak(samples, count, i));
	return most > CEILING ? 20 * log10f(most / CEILING) : 0;
}

static float fade(int age)
{
	if (age <= HOLD)
		return 1;
	return 0.5f + 0.5f * cosf((float)M_PI * (float)(age - HOLD) / (RELEASE - HOLD));
}

/* held[b]: what the needs up to b still ask for; the blocks before the first are taken to need nothing. */
static void hold(const float *need, float *held, size_t blocks)
{
	float fades[RELEASE];

	for (int age = 0; age < RELEASE; age++)
		fades[age] = fade(age);
	memset(held, 0, blocks * sizeof(*held));
	for (size_t b = 0; b < blocks; b++)
		for (size_t age = 0; need[b] > 0 && age < RELEASE && b + age < blocks; age++)
			held[b + age] = fmaxf(held[b + age], need[b] * fades[age]);
}

/* before[c], after[c]: what the needs of the cells before c, and of those after it, still ask for in c. */
static void fade_both_ways(const float *cells, size_t count, float *before, float *after)
{
	float fades[BRIDGE];

	for (int age = 0; age < BRIDGE; age++)
		fades[age] = 0.5f + 0.5f * cosf((float)M_PI * (float)age / BRIDGE);
	for (size_t c = 0; c < count; c++)
		for (size_t age = 1; cells[c] > 0 && age < BRIDGE; age++) {
			if (c + age < count)
				before[c + age] = fmaxf(before[c + age], cells[c] * fades[age]);
			if (c >= age)
				after[c - age] = fmaxf(after[c - age], cells[c] * fades[age]);
		}
}

static void bridge(const float *need, float *held, size_t blocks)
{
	size_t count = (blocks + CELL - 1) / CELL;
	float *cells = calloc(count * 3 + 1, sizeof(*cells)), *before = cells + count, *after = before + count;

	if (!cells)
		abort();
	for (size_t b = 0; b < blocks; b++)
		cells[b / CELL] = fmaxf(cells[b / CELL], need[b]);
	fade_both_ways(cells, count, before, after);
	for (size_t b = 0; b < blocks; b++)
		held[b] = fmaxf(held[b], fminf(before[b / CELL], after[b / CELL]));
	free(cells);
}

/* to[b]: the largest of from[b .. b + AHEAD]. */
static void look_ahead(const float *from, float *to, size_t blocks)
{
	for (size_t b = 0; b < blocks; b++) {
		to[b] = 0;
		for (size_t i = b; i <= b + AHEAD && i < blocks; i++)
			to[b] = fmaxf(to[b], from[i]);
	}
}

/* to[b]: the gain of the mean of from[b - AHEAD + 1 .. b]. At b and b + 1 it is low enough for all of block b. */
static void smooth(const float *from, float *to, size_t blocks)
{
	for (size_t b = 0; b < blocks; b++) {
		float sum = 0;

		for (size_t i = b >= AHEAD - 1 ? b - (AHEAD - 1) : 0; i <= b; i++)
			sum += from[i];
		to[b] = sum > 0 ? powf(10, -sum / (AHEAD * 20.0f)) : 1;
	}
}

static void apply(const float *gain, size_t blocks, size_t count, float *samples)
{
	for (size_t b = 0; b < blocks; b++) {
		float from = gain[b], to = b + 1 < blocks ? gain[b + 1] : gain[b];

		if (from >= 1 && to >= 1)
			continue;
		for (size_t i = 0; i < BLOCK && b * BLOCK + i < count; i++)
			samples[b * BLOCK + i] *= from + (to - from) * (float)i / BLOCK;
	}
}

bool encode_limit_gain(int64_t first, size_t count, float *left, float *right, float *gain)
{
	size_t blocks = (count + BLOCK - 1) / BLOCK;
	float *held = calloc(blocks * 2 + 1, sizeof(*held)), *ahead = held + blocks;
	bool any = false;

	if (!held || first % ENCODE_LIMIT_GRID)
		abort();
	make_finite(left, count);
	make_finite(right, count);
	for (size_t b = 0; b < blocks; b++) {
		gain[b] = fmaxf(need_of(left, count, b * BLOCK), need_of(right, count, b * BLOCK));
		any = any || gain[b] > 0;
	}
	if (any) {
		hold(gain, held, blocks);
		bridge(gain, held, blocks);
		look_ahead(held, ahead, blocks);
		smooth(ahead, gain, blocks);
	}
	free(held);
	return any;
}

void encode_limit(int64_t first, size_t count, float *left, float *right)
{
	size_t blocks = (count + BLOCK - 1) / BLOCK;
	float *gain = calloc(blocks + 1, sizeof(*gain));

	if (!gain)
		abort();
	if (encode_limit_gain(first, count, left, right, gain)) {
		apply(gain, blocks, count, left);
		apply(gain, blocks, count, right);
	}
	free(gain);
}
