/* The limiter: what is quiet stays bit for bit, nothing leaves above -2 dBTP, the gain is back soon after a peak and does not
 * go up and down between many, and a run that begins in the middle gives the same bits as one from the start. */
#include "lib/testlib.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "stream/encode_limit.h"

#define RATE 48000
#define CEILING 0.7943282f
#define EDGE 1024 /* samples at the ends of a sound, where the limiter does not see what comes before */

static float *sound(size_t count)
{
	float *samples = malloc(sizeof(*samples) * count * 2);

	assert_non_null(samples);
	return samples;
}

/* The same noise for the same sample, loud in bursts. */
static float noise(size_t i)
{
	uint32_t x = (uint32_t)i * 2654435761u + 12345;

	x ^= x >> 15;
	x *= 2246822519u;
	x ^= x >> 13;
	return ((float)(x & 0xFFFF) / 32768.0f - 1) * (i / 9000 % 3 == 1 ? 4.0f : 0.3f);
}

static void quiet_stays(void **state)
{
	size_t count = RATE;
	CLEANUP(cleanup_free) float *a = sound(count);
	CLEANUP(cleanup_free) float *b = sound(count);

	(void)state;
	for (size_t i = 0; i < 2 * count; i++)
		a[i] = b[i] = 0.75f * sinf((float)i * 0.05f);
	encode_limit(0, count, a, a + count);
	assert_memory_equal(a, b, sizeof(*a) * 2 * count);
}

static void nothing_is_above_the_ceiling(void **state)
{
	static const struct {
		float hertz, size;
	} tones[] = { { 50, 4 }, { 440, 1.2f }, { 997, 10 }, { 6000, 3 }, { 11999, 1.3f }, { 19000, 2 } };
	size_t count = RATE;

	(void)state;
	for (size_t t = 0; t < sizeof(tones) / sizeof(tones[0]); t++) {
		CLEANUP(cleanup_free) float *a = sound(count);
		float most = 0;

		for (size_t i = 0; i < count; i++) {
			a[i] = tones[t].size * sinf((float)i * tones[t].hertz * 2 * (float)M_PI / RATE + 0.7f);
			a[count + i] = 0.1f;
		}
		encode_limit(0, count, a, a + count);
		for (size_t i = EDGE; i + EDGE < count; i++) {
			assert_true(fabsf(a[i]) <= CEILING * 1.0001f);
			most = fmaxf(most, encode_limit_true_peak(a, count, i));
		}
		/* The two channels go together, and a steady tone comes out near the ceiling. */
		if (most > CEILING * 1.02f || most < CEILING * 0.9f)
			fail_msg("%g Hz at %g: peak %g", (double)tones[t].hertz, (double)tones[t].size, (double)most);
		assert_true(a[count + count / 2] < 0.1f * CEILING / tones[t].size * 1.1f);
	}
}

/* A click in a quiet tone: down within 5 ms before it, back within 0.25 s, and without a step in between. */
static void a_click_leaves_no_hole(void **state)
{
	size_t count = RATE, click = RATE / 2;
	CLEANUP(cleanup_free) float *a = sound(count);
	CLEANUP(cleanup_free) float *b = sound(count);
	float last = 1;

	(void)state;
	for (size_t i = 0; i < 2 * count; i++)
		a[i] = 0.25f;
	a[click] = 1.7f;
	memcpy(b, a, sizeof(*a) * 2 * count);
	encode_limit(0, count, a, a + count);
	assert_true(fabsf(a[click]) <= CEILING * 1.0001f);
	for (size_t i = 0; i < count; i++) {
		float gain = a[count + i] / b[count + i];

		if (i + 300 < click || i > click + RATE / 4)
			assert_true(gain == 1);
		assert_true(fabsf(gain - last) < 0.01f); /* a sample further */
		last = gain;
	}
	assert_true(a[count + click] < 0.25f * 0.56f);
}

static void the_middle_is_the_same(void **state)
{
	size_t count = RATE * 6;
	CLEANUP(cleanup_free) float *whole = sound(count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		whole[i] = noise(i);
		whole[count + i] = noise(i + 777);
	}
	encode_limit(0, count, whole, whole + count);
	for (size_t from = 256; from + ENCODE_LIMIT_BEFORE + 8000 + ENCODE_LIMIT_AFTER <= count; from += 20224) {
		size_t n = ENCODE_LIMIT_BEFORE + 8000 + ENCODE_LIMIT_AFTER;
		CLEANUP(cleanup_free) float *part = sound(n);

		for (size_t i = 0; i < n; i++) {
			part[i] = noise(from + i);
			part[n + i] = noise(from + i + 777);
		}
		encode_limit((int64_t)from, n, part, part + n);
		assert_memory_equal(part + ENCODE_LIMIT_BEFORE, whole + from + ENCODE_LIMIT_BEFORE, sizeof(*part) * 8000);
		assert_memory_equal(part + n + ENCODE_LIMIT_BEFORE, whole + count + from + ENCODE_LIMIT_BEFORE,
				    sizeof(*part) * 8000);
	}
}

/* ---- pumping: how much of the gain goes up and down at 0.5 to 10 Hz ---- */

#define BLOCKS_A_SECOND (RATE / ENCODE_LIMIT_BLOCK)
#define SECONDS 12

/* A moving mean over `width` values around each; over two of them what is slower than some hertz is left. */
static void mean(const double *from, double *to, size_t count, size_t width)
{
	double sum = 0;

	for (size_t i = 0; i < count + width / 2; i++) {
		sum += i < count ? from[i] : from[count - 1];
		sum -= i >= width ? from[i - width] : i ? from[0] : 0;
		if (i >= width / 2)
			to[i - width / 2] = sum / (double)(i + 1 < width ? i + 1 : width);
	}
}

/* RMS, in dB, of the gain's movement around its mean over two seconds, in the middle of the sound; what is quicker than 10 Hz
 * (one peak's dip) counts little. */
static double pumping(const float *gain, size_t blocks)
{
	CLEANUP(cleanup_free) double *db = calloc(blocks, sizeof(double));
	CLEANUP(cleanup_free) double *quick = calloc(blocks, sizeof(double));
	CLEANUP(cleanup_free) double *slow = calloc(blocks, sizeof(double));
	double sum = 0;
	size_t n = 0;

	for (size_t b = 0; b < blocks; b++)
		db[b] = 20 * log10((double)gain[b]);
	mean(db, quick, blocks, BLOCKS_A_SECOND / 20);
	mean(db, slow, blocks, BLOCKS_A_SECOND * 2);
	for (size_t b = BLOCKS_A_SECOND * 3; b + BLOCKS_A_SECOND * 3 < blocks; b++, n++)
		sum += (quick[b] - slow[b]) * (quick[b] - slow[b]);
	return sqrt(sum / (double)n);
}

/* `loud` at time t within a period; a tone lies under all of it. */
static float kick(double t)
{
	return t < 0.25 ? 4.0f * (float)(exp(-t * 25) * sin(2 * M_PI * 55 * t)) : 0;
}

static float shout(double t)
{
	double swell = t < 0.45 ? sin(M_PI * t / 0.45) : 0;

	return (float)(3.5 * swell * (sin(2 * M_PI * 190 * t) * 0.5 + sin(2 * M_PI * 570 * t) * 0.3 + sin(2 * M_PI * 1900 * t) * 0.2));
}

static float click(double t)
{
	return t < 0.0005 ? 3.5f : 0;
}

/* 10 to 13 dB too loud all the time. Without what holds the gain between peaks it moves by 3 to 4.5 dB. */
static void it_does_not_pump(void **state)
{
	static const struct {
		const char *name;
		float (*loud)(double t);
		double period, bound; /* s, dB */
	} rows[] = {
		{ "kicks at 3 Hz", kick, 1 / 3.0, 0.3 }, { "kicks at 2 Hz", kick, 0.5, 0.7 },
		{ "kicks at 1 Hz", kick, 1, 2.2 },	 { "shouts", shout, 1.1, 2.2 },
		{ "clicks", click, 0.4, 0.5 },
	};
	size_t count = RATE * SECONDS, blocks = count / ENCODE_LIMIT_BLOCK;
	CLEANUP(cleanup_free) float *a = sound(count);
	CLEANUP(cleanup_free) float *gain = calloc(blocks + 1, sizeof(float));

	(void)state;
	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		double moves;
		float deepest = 1;

		for (size_t i = 0; i < count; i++) {
			double t = (double)i / RATE;

			a[i] = rows[r].loud(fmod(t, rows[r].period)) + 0.05f * sinf((float)(i % RATE) * 2 * (float)M_PI * 440 / RATE);
			a[count + i] = a[i];
		}
		assert_true(encode_limit_gain(0, count, a, a + count, gain));
		for (size_t b = 0; b < blocks; b++)
			deepest = fminf(deepest, gain[b]);
		moves = pumping(gain, blocks);
		if (deepest > 0.8f || moves > rows[r].bound)
			fail_msg("%s: down by %.1f dB, up and down by %.2f dB RMS; %.2f are allowed", rows[r].name,
				 -20 * log10((double)deepest), moves, rows[r].bound);
	}
}

static void garbage_is_silence(void **state)
{
	size_t count = 1024;
	CLEANUP(cleanup_free) float *a = sound(count);

	(void)state;
	memset(a, 0, sizeof(*a) * 2 * count);
	a[100] = NAN;
	a[200] = INFINITY;
	encode_limit(-1024, count, a, a + count);
	for (size_t i = 0; i < 2 * count; i++)
		assert_true(a[i] == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quiet_stays),		  cmocka_unit_test(nothing_is_above_the_ceiling),
		cmocka_unit_test(a_click_leaves_no_hole), cmocka_unit_test(the_middle_is_the_same),
		cmocka_unit_test(it_does_not_pump),	  cmocka_unit_test(garbage_is_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
