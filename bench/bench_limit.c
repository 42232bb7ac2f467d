/* bench_limit.c - what the limiter does to a sound, as figures:
 *
 *     ffmpeg -v error -i FILE -f f32le -ac 2 -ar 48000 - | bench_limit GAIN_DB
 *
 * Prints seconds, how often the gain goes down (by half a dB or more, from and back to within it), the deepest dB, the part of
 * the time that it is down, and how much of it goes up and down at 0.5 to 10 Hz, which is what is heard as pumping: RMS in dB
 * of all, and of the worst four seconds. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "stream/encode_limit.h"

#define BLOCK ENCODE_LIMIT_BLOCK
#define BLOCKS_A_SECOND (48000.0 / BLOCK)
#define WINDOW ((size_t)(4 * BLOCKS_A_SECOND))

struct filter { /* two poles, Butterworth (direct form 1) */
	double b0, b1, b2, a1, a2, x1, x2, y1, y2;
};

static struct filter pass(double hertz, int high)
{
	double w = 2 * M_PI * hertz / BLOCKS_A_SECOND, alpha = sin(w) / sqrt(2), c = cos(w), a0 = 1 + alpha;
	double edge = (high ? 1 + c : 1 - c) / a0;

	return (struct filter){ edge / 2, high ? -edge : edge, edge / 2, -2 * c / a0, (1 - alpha) / a0, 0, 0, 0, 0 };
}

static double run(struct filter *f, double x)
{
	double y = f->b0 * x + f->b1 * f->x1 + f->b2 * f->x2 - f->a1 * f->y1 - f->a2 * f->y2;

	f->x2 = f->x1;
	f->x1 = x;
	f->y2 = f->y1;
	f->y1 = y;
	return y;
}

static void report(const float *gain, size_t blocks)
{
	struct filter low = pass(10, 0), high = pass(0.5, 1);
	double deepest = 0, sum = 0, window = 0, worst = 0, *squares = calloc(blocks + 1, sizeof(*squares));
	size_t events = 0, down = 0;
	int is_down = 0;

	if (!squares)
		abort();
	for (size_t b = 0; b < blocks; b++) {
		double db = 20 * log10(gain[b]), heard = run(&high, run(&low, db));

		deepest = fmin(deepest, db);
		events += !is_down && db < -0.5;
		is_down = db < -0.5;
		down += (size_t)is_down;
		squares[b] = heard * heard;
		sum += squares[b];
		window += squares[b] - (b >= WINDOW ? squares[b - WINDOW] : 0);
		worst = fmax(worst, window / WINDOW);
	}
	printf("%.1f %zu %.2f %.4f %.3f %.3f\n", (double)blocks / BLOCKS_A_SECOND, events, deepest,
	       (double)down / (double)(blocks ? blocks : 1), sqrt(sum / (double)(blocks ? blocks : 1)), sqrt(worst));
	free(squares);
}

int main(int argc, char **argv)
{
	float gain = argc > 1 ? powf(10, strtof(argv[1], NULL) / 20) : 1, pair[2];
	float *left = NULL, *right = NULL, *gains;
	size_t count = 0, size = 0;

	while (fread(pair, sizeof(float), 2, stdin) == 2) {
		if (count == size) {
			size = size ? size * 2 : 1 << 20;
			left = realloc(left, size * sizeof(float));
			right = realloc(right, size * sizeof(float));
			if (!left || !right)
				abort();
		}
		left[count] = pair[0] * gain;
		right[count++] = pair[1] * gain;
	}
	gains = calloc(count / BLOCK + 2, sizeof(float));
	if (!gains)
		abort();
	if (!count || !encode_limit_gain(0, count, left, right, gains))
		for (size_t b = 0; b < count / BLOCK + 2; b++)
			gains[b] = 1;
	report(gains, count / BLOCK);
	free(gains);
	free(left);
	free(right);
	return 0;
}
