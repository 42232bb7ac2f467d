/* profile.c - see profile.h. One row of the table is one profile; the hash is made from the text of all
 * fields.
 *
 * Not here: how x264 is set up from these numbers (encode.c). */
#include "stream/profile.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/cleanup.h"
#include "stream/copy_plan.h"
#include "stream/plan.h"

/* Raise it when encoder, filter or muxer code changes what they deliver: every clip gets a new key. */
#define VERSION 3
#define CHIP_VERSION "|2" /* the same, of what graphics chips deliver */

/* Ticks that pictures are sent before they are decoded where sound waits for copied ones, COPY_PLAN_DELAY: 64 ms. With both its
 * buffer holds seven frames, and seven of 160 kbit/s leave it room. */
#define SOURCE_DELAY 5760

static const struct profile profiles[] = {
	{ "480p", 854, 480, 0, 0, 23, 2000, "veryfast", 128, 1, 0, 0 },
	{ "720p", 1280, 720, 0, 0, 23, 4500, "veryfast", 160, 1, 0, 0 },
	{ "1080p", 1920, 1080, 0, 0, 22, 9000, "veryfast", 192, 1, 0, 0 },
	/* x265 takes one and a half (ultrafast) to two times (superfast) the time of x264 at veryfast. */
	{ "720p-hevc", 1280, 720, 0, 0, 26, 3000, "superfast", 160, 1, 0, 0 },
	{ "1080p-hevc", 1920, 1080, 0, 0, 25, 6000, "ultrafast", 192, 1, 0, 0 },
	{ PROFILE_SOURCE, 1280, 720, 0, 0, 23, 4500, "veryfast", 160, 1, 0, 0 },
	{ PROFILE_SOURCE_HEVC, 1280, 720, 0, 0, 26, 3000, "superfast", 160, 1, 0, 0 },
};

static const struct encoder {
	const char *name, *suffix; /* suffix NULL: x264, whatever the name is */
	bool hardware;
} encoders[PROFILE_ENCODERS] = {
	[PROFILE_X264] = { "libx264", NULL, false },	   [PROFILE_X265] = { "libx265", "-hevc", false },
	[PROFILE_NVENC] = { "h264_nvenc", "+nvenc", true }, [PROFILE_QSV] = { "h264_qsv", "+qsv", true },
	[PROFILE_VAAPI] = { "h264_vaapi", "+vaapi", true },
};

static const struct rate {
	int num, den;
} rates[] = { { 24000, 1001 }, { 25, 1 }, { 30000, 1001 }, { 50, 1 }, { 60000, 1001 } };

static int check_rate(int num, int den, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(rates); i++)
		if (rates[i].num == num && rates[i].den == den)
			return 0;
	return err_set(
		err, ERR_INVALID,
		"a channel cannot run at %d/%d pictures a second; it can at 24000/1001, 25/1, 30000/1001, "
		"50/1, 60000/1001",
		num, den);
}

static enum profile_encoder encoder_of(const char *name)
{
	const char *suffix = strpbrk(name, "+-");

	for (int i = 0; suffix && i < PROFILE_ENCODERS; i++)
		if (encoders[i].suffix && strcmp(encoders[i].suffix, suffix) == 0)
			return (enum profile_encoder)i;
	return PROFILE_X264;
}

const char *profile_copied(const char *name)
{
	if (strcmp(name, PROFILE_SOURCE) == 0)
		return "h264";
	return strcmp(name, PROFILE_SOURCE_HEVC) == 0 ? "hevc" : NULL;
}

bool profile_leans(const char *name)
{
	return strcmp(name, PROFILE_SOURCE_HEVC) == 0;
}

enum profile_encoder profile_encoder(const struct profile *profile)
{
	return encoder_of(profile->name);
}

const char *profile_encoder_name(enum profile_encoder encoder)
{
	return encoders[encoder].name;
}

enum profile_encoder profile_encoder_named(const char *name)
{
	for (int i = 0; name && i < PROFILE_ENCODERS; i++)
		if (strcmp(encoders[i].name, name) == 0)
			return (enum profile_encoder)i;
	return PROFILE_X264;
}

struct profile profile_encoded_by(const struct profile *profile, enum profile_encoder encoder)
{
	struct profile p = *profile;
	char *plus = strchr(p.name, '+');

	if (profile_is_hevc(&p) || profile_copies(p.name) || profile_encoder(&p) == encoder)
		return p;
	if (plus)
		*plus = '\0';
	if (encoders[encoder].hardware)
		snprintf(p.name + strlen(p.name), sizeof(p.name) - strlen(p.name), "%s", encoders[encoder].suffix);
	profile_set_hash(&p);
	return p;
}

int profile_get(const char *name, int fps_num, int fps_den, struct profile *ret, struct err *err)
{
	enum profile_encoder encoder = encoder_of(name);
	size_t length = encoders[encoder].hardware ? strcspn(name, "+") : strlen(name);

	for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
		struct profile p = profiles[i];

		if (strlen(p.name) != length || memcmp(p.name, name, length) != 0)
			continue;
		if (encoders[encoder].hardware && (profile_is_hevc(&p) || profile_copies(p.name)))
			break;
		if (!(fps_num == PROFILE_COPY_RATE && fps_den == 1 && profile_copies(name)) &&
		    check_rate(fps_num, fps_den, err) < 0)
			return -ERR_INVALID;
		p.fps_num = fps_num;
		p.fps_den = fps_den;
		profile_set_hash(&p);
		*ret = profile_encoded_by(&p, encoder);
		return 0;
	}
	return err_set(err, ERR_NOT_FOUND, "there is no profile '%.32s'; there are 480p, 720p, 1080p, 720p-hevc, 1080p-hevc, source and source-hevc", name);
}

int64_t profile_dts(const struct profile *profile, int64_t picture)
{
	struct plan_rate rate = { profile->fps_num, profile->fps_den };

	return profile_copies(profile->name) ? plan_frame_ticks(picture, rate) - COPY_PLAN_DELAY :
				    plan_frame_ticks(picture - profile->reorder, rate);
}

int64_t profile_delay(const struct profile *profile)
{
	return profile_copies(profile->name) ? SOURCE_DELAY : 0;
}

struct profile profile_stand_in(const struct profile *profile)
{
	struct profile p = *profile;

	if (profile_is_copy(profile)) {
		p.fps_num = 25;
		p.fps_den = 1;
		profile_set_hash(&p);
	}
	return profile_is_hardware(&p) ? profile_encoded_by(&p, PROFILE_X264) : p;
}

void profile_set_hash(struct profile *profile)
{
	const struct profile *p = profile;
	char text[256];
	int n = snprintf(text, sizeof(text), "%d|%s|%dx%d|%d/%d|crf %d|max %d|%s|aac %d|D %d%s", VERSION,
			 p->name, p->width, p->height, p->fps_num, p->fps_den, p->crf, p->maxrate_kbps,
			 p->preset, p->audio_kbps, p->reorder, profile_is_hardware(p) ? CHIP_VERSION : "");

	if (profile_copies(p->name))
		n += snprintf(text + n, sizeof(text) - (size_t)n, "|%d and %d", COPY_PLAN_DELAY, SOURCE_DELAY);
	profile->hash = XXH3_64bits(text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

/* In thousandths of a hertz. Slow and very fast sources are judged by a multiple: 12.5 plays evenly at 25. */
static int64_t comparable_rate(int num, int den)
{
	int64_t mhz;

	if (num <= 0 || den <= 0)
		return 25000;
	mhz = (int64_t)num * 1000 / den;
	if (mhz < 1000 || mhz > 1000000) /* a time base, not a rate */
		return 25000;
	while (mhz < 20000)
		mhz *= 2;
	while (mhz > 75000)
		mhz /= 2;
	return mhz;
}

void profile_fps(int source_num, int source_den, int *ret_num, int *ret_den)
{
	int64_t source = comparable_rate(source_num, source_den), nearest = INT64_MAX;

	for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
		int64_t distance = llabs((int64_t)rates[i].num * 1000 / rates[i].den - source);

		if (distance >= nearest)
			continue;
		nearest = distance;
		*ret_num = rates[i].num;
		*ret_den = rates[i].den;
	}
}
