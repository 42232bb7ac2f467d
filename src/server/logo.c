/* logo.c - the logo of a channel that has none: its number in round strokes on its hue. Drawn by distance:
 * each digit is up to seven strokes with round ends, smooth at every size. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "server/channel_find.h"
#include "server/handlers.h"
#include "server/png.h"

#define SIDE 256
#define DIGITS_MAX 5

struct point {
	double x, y;
};

/* Corners of a digit in a box of 1 x 2: left and right at the top, middle and bottom. */
static const struct point corners[6] = { { 0, 0 }, { 1, 0 }, { 0, 1 }, { 1, 1 }, { 0, 2 }, { 1, 2 } };
static const unsigned char strokes[7][2] = { { 0, 1 }, { 1, 3 }, { 3, 5 }, { 4, 5 },
					     { 2, 4 }, { 0, 2 }, { 2, 3 } };
static const unsigned char digit_strokes[10] = { 0x3F, 0x06, 0x5B, 0x4F, 0x66, 0x6D, 0x7D, 0x07, 0x7F, 0x6F };

struct drawing {
	const char *digits;
	size_t count;
	double left, top, step, width, height, radius; /* of the digits, pixels */
	double paper[3], ink[3];		       /* 0..1 */
};

static double stroke_distance(struct point p, struct point a, struct point b)
{
	double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
	double t = length > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / length : 0;

	t = fmin(1, fmax(0, t));
	return hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

/* How much of the pixel is ink. */
static double coverage(const struct drawing *d, double x, double y)
{
	double nearest = 1e9;

	for (size_t i = 0; i < d->count; i++) {
		unsigned set = digit_strokes[d->digits[i] - '0'];
		double left = d->left + (double)i * d->step;

		for (int s = 0; s < 7; s++) {
			struct point a = corners[strokes[s][0]], b = corners[strokes[s][1]];

			if (!(set >> s & 1))
				continue;
			a = (struct point) { left + a.x * d->width, d->top + a.y * d->height / 2 };
			b = (struct point) { left + b.x * d->width, d->top + b.y * d->height / 2 };
			nearest = fmin(nearest, stroke_distance((struct point) { x, y }, a, b));
		}
	}
	return fmin(1, fmax(0, d->radius - nearest + 0.5));
}

static void hsl_to_rgb(double hue, double saturation, double lightness, double ret[3])
{
	double chroma = saturation * fmin(lightness, 1 - lightness);

	for (int i = 0; i < 3; i++) {
		double k = fmod((double[]) { 0, 8, 4 }[i] + hue / 30, 12);

		ret[i] = lightness - chroma * fmax(-1, fmin(fmin(k - 3, 9 - k), 1));
	}
}

static void lay_out(struct drawing *d, const char *digits, int hue)
{
	double gap;

	d->digits = digits;
	d->count = strlen(digits);
	d->width = d->count == 1 ? 68 : d->count == 2 ? 56 : 150.0 / (double)d->count;
	d->height = fmin(d->width * 2, 136);
	d->radius = d->width * 0.19;
	gap = d->width * 0.72;
	d->step = d->width + gap;
	d->left = (SIDE - (d->step * (double)d->count - gap)) / 2;
	d->top = (SIDE - d->height) / 2;
	hsl_to_rgb(hue, 0.55, 0.30, d->paper);
	hsl_to_rgb(hue, 0.60, 0.92, d->ink);
}

static void draw(const struct drawing *d, uint8_t *rgb)
{
	for (int y = 0; y < SIDE; y++) {
		double light = 1.12 - 0.24 * y / SIDE; /* from above */

		for (int x = 0; x < SIDE; x++) {
			double ink = coverage(d, x + 0.5, y + 0.5);

			for (int c = 0; c < 3; c++)
				*rgb++ = (uint8_t)(255 * fmin(1, ink * d->ink[c] +
									 (1 - ink) * light * d->paper[c]) +
						   0.5);
		}
	}
}

int channel_logo_get(struct http_request *req, struct err *err)
{
	CLEANUP(buf_free) struct buf png = { 0 };
	CLEANUP(cleanup_free) uint8_t *rgb = malloc((size_t)SIDE * SIDE * 3);
	struct drawing drawing;
	struct channel channel;
	char digits[16], tag[48];
	struct db *db;
	int rc = channel_find(req, &channel, &db, err);

	if (rc < 0)
		return rc;
	if (!rgb)
		abort();
	snprintf(digits, sizeof(digits), "%d", channel.number);
	snprintf(tag, sizeof(tag), "\"logo-1-%d-%d\"", channel.number, channel.hue);
	if (http_not_modified(req, tag)) {
		http_answer_empty(req, 304);
	} else {
		lay_out(&drawing, digits + (strlen(digits) > DIGITS_MAX ? strlen(digits) - DIGITS_MAX : 0),
			channel.hue);
		draw(&drawing, rgb);
		rc = png_write(&png, rgb, SIDE, SIDE, err);
		if (rc < 0)
			return rc;
		http_answer_buf(req, 200, "image/png", &png);
	}
	http_header(req, "ETag", "%s", tag);
	http_header(req, "Cache-Control", "max-age=3600");
	return 0;
}
