/* clip.c - see clip.h. A clip's key, and its way through a pipe to a worker and back.
 *
 * The profile travels with all its fields and its hash; a worker of another version computes another hash and
 * refuses, so that it never fills a folder with what does not belong there. */
#include "stream/clip.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "media/hash.h"

#define MAX_SECONDS (31 * 24 * 3600) /* no file is longer */
#define MAX_EARLIER (24 * 3600)	     /* a clip that is shown later begins before its file does */
#define MAX_GAIN_MB 6000	     /* 60 dB */

/* How sound is made (encode_sound.c, encode_limit.c): another number where the same clip would sound otherwise, so that what an
 * earlier version left in the cache does not stand beside what this one makes. */
#define SOUND "|sound 2"

static const char *const presets[] = { "ultrafast", "superfast", "veryfast", "faster",	 "fast",
				       "medium",    "slow",	 "slower",   "veryslow", "placebo" };

void clip_set_key(struct clip *clip, const char *identity)
{
	CLEANUP(cleanup_free) char *text = NULL;
	int n = asprintf(&text, "%" PRIi64 "|%" PRIi64 "|%016" PRIx64 "|%d|%s%s%s", clip->in_flicks, clip->frames,
			 clip->profile.hash, clip->gain_mb, identity, clip_is_copy(clip) ? "|copy 3" : "",
			 clip->file_id ? SOUND : "");

	if (n < 0)
		abort();
	hash_text(text, (size_t)n, clip->key);
}

void clip_set_key_of_file(struct clip *clip, const char *sample_hash)
{
	char identity[64];

	if (!clip->file_id)
		snprintf(identity, sizeof(identity), "slate");
	else if (sample_hash && *sample_hash)
		snprintf(identity, sizeof(identity), "%s", sample_hash);
	else
		snprintf(identity, sizeof(identity), "file %lld", (long long)clip->file_id);
	clip_set_key(clip, identity);
}

bool clip_is_of(const struct clip *clip, const char *sample_hash)
{
	struct clip of = *clip;

	clip_set_key_of_file(&of, sample_hash);
	if (strcmp(of.key, clip->key) == 0)
		return true;
	clip_set_key_of_file(&of, NULL);
	return strcmp(of.key, clip->key) == 0;
}

int64_t clip_segments(const struct clip *clip)
{
	return clip_is_copy(clip) ? (int64_t)clip->lengths.count : plan_segments(clip->frames, clip_rate(clip));
}

struct plan_segment clip_segment(const struct clip *clip, int64_t k)
{
	if (!clip_is_copy(clip))
		return plan_segment(clip->frames, clip_rate(clip), k);
	return plan_stretch(lengths_sum(&clip->lengths, (size_t)k), clip->lengths.list[k], clip_rate(clip));
}

static json_t *profile_to_json(const struct profile *p)
{
	char hash[17];
	json_t *json;

	snprintf(hash, sizeof(hash), "%016" PRIx64, p->hash);
	json = json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:s, s:i, s:i, s:s}", "name", p->name, "width",
			 p->width, "height", p->height, "fps_num", p->fps_num, "fps_den", p->fps_den, "crf",
			 p->crf, "maxrate_kbps", p->maxrate_kbps, "preset", p->preset, "audio_kbps",
			 p->audio_kbps, "reorder", p->reorder, "hash", hash);
	if (!json)
		abort();
	return json;
}

json_t *clip_to_json(const struct clip *clip)
{
	json_t *json = json_pack("{s:I, s:s, s:I, s:I, s:I, s:o, s:i}", "id", (json_int_t)clip->id, "key",
				 clip->key, "file_id", (json_int_t)clip->file_id, "in_flicks",
				 (json_int_t)clip->in_flicks, "frames", (json_int_t)clip->frames, "profile",
				 profile_to_json(&clip->profile), "gain_mb", clip->gain_mb);

	if (!json)
		abort();
	if (clip->path)
		json_object_set_new(json, "path", json_from_path(clip->path));
	if (clip->known.size)
		json_object_set_new(json, "known",
				    json_pack("{s:I, s:I, s:s}", "size", (json_int_t)clip->known.size, "mtime_ns",
					      (json_int_t)clip->known.mtime_ns, "sample_hash", clip->known.sample_hash));
	if (clip_is_copy(clip)) {
		json_t *lengths = json_array();

		for (size_t i = 0; i < clip->lengths.count; i++)
			json_array_append_new(lengths, json_integer(clip->lengths.list[i]));
		json_object_set_new(json, "lengths", lengths);
	}
	return json;
}

/* A whole number that must be there. */
static int ranged(const json_t *json, const char *key, int64_t min, int64_t max, int64_t *ret,
		  struct err *err)
{
	const json_t *value = json_object_get(json, key);

	if (!json_is_integer(value))
		return err_set(err, ERR_INVALID, "clip: '%s' is missing or not a whole number", key);
	if (json_integer_value(value) < min || json_integer_value(value) > max)
		return err_set(err, ERR_INVALID, "clip: '%s' is %lld; it must lie in %lld to %lld", key,
			       (long long)json_integer_value(value), (long long)min, (long long)max);
	*ret = json_integer_value(value);
	return 0;
}

static int parse_profile_numbers(const json_t *json, struct profile *p, struct err *err)
{
	const struct {
		const char *key;
		int min, max;
		int *to;
	} fields[] = {
		{ "width", 16, 8192, &p->width },
		{ "height", 16, 8192, &p->height },
		{ "fps_num", 1, 90000, &p->fps_num },
		{ "fps_den", 1, 1001, &p->fps_den },
		{ "crf", 0, 51, &p->crf },
		{ "maxrate_kbps", 50, 200000, &p->maxrate_kbps },
		{ "audio_kbps", 16, 512, &p->audio_kbps },
		{ "reorder", 0, 16, &p->reorder },
	};

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		int64_t value;

		if (ranged(json, fields[i].key, fields[i].min, fields[i].max, &value, err) < 0)
			return -ERR_INVALID;
		*fields[i].to = (int)value;
	}
	if (p->width % 2 || p->height % 2)
		return err_set(err, ERR_INVALID, "clip: a picture of %dx%d; both must be even", p->width,
			       p->height);
	return 0;
}

static int parse_profile(const json_t *json, struct profile *ret, struct err *err)
{
	const char *name = json_text(json, "name", ""), *preset = json_text(json, "preset", "");
	struct profile p = { 0 };
	char hash[17];
	int num, den;

	if (!*name || strlen(name) >= sizeof(p.name))
		return err_set(err, ERR_INVALID, "clip: the profile's name is missing or too long");
	memcpy(p.name, name, strlen(name) + 1);
	for (size_t i = 0; i < ARRAY_LEN(presets); i++)
		if (strcmp(presets[i], preset) == 0)
			p.preset = presets[i];
	if (!p.preset)
		return err_set(err, ERR_INVALID, "clip: there is no encoder preset '%.32s'", preset);
	if (parse_profile_numbers(json, &p, err) < 0)
		return -ERR_INVALID;
	profile_fps(p.fps_num, p.fps_den, &num, &den);
	if ((num != p.fps_num || den != p.fps_den) && !profile_is_copy(&p))
		return err_set(err, ERR_INVALID, "clip: %d/%d is not a frame rate of a channel", p.fps_num,
			       p.fps_den);
	profile_set_hash(&p);
	snprintf(hash, sizeof(hash), "%016" PRIx64, p.hash);
	if (strcmp(hash, json_text(json, "hash", "")) != 0)
		return err_set(err, ERR_INVALID, "clip: profile '%s' is of another version of matinee",
			       p.name);
	*ret = p;
	return 0;
}

static int parse_key(const json_t *json, char ret[CLIP_KEY_SIZE], struct err *err)
{
	const char *key = json_text(json, "key", "");

	if (strlen(key) != CLIP_KEY_SIZE - 1 || strspn(key, "0123456789abcdef") != CLIP_KEY_SIZE - 1)
		return err_set(err, ERR_INVALID, "clip: the key is not 32 hex digits");
	memcpy(ret, key, CLIP_KEY_SIZE);
	return 0;
}

static int parse_path(const json_t *json, struct arena *arena, const char **ret, struct err *err)
{
	CLEANUP(cleanup_free) char *path = json_path(json, "path");

	*ret = NULL;
	if (!path && !json_object_get(json, "path"))
		return 0;
	if (!path || path[0] != '/')
		return err_set(err, ERR_INVALID, "clip: the path is not absolute");
	if (strlen(path) >= PATH_MAX)
		return err_set(err, ERR_INVALID, "clip: the path is longer than %d bytes", PATH_MAX - 1);
	*ret = arena_strdup(arena, path);
	return 0;
}

static int parse_lengths(const json_t *json, struct arena *arena, struct clip *clip, struct err *err)
{
	const json_t *list = json_object_get(json, "lengths");
	size_t count = json_array_size(list);
	int32_t *lengths = arena_alloc(arena, (count + 1) * sizeof(*lengths));
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		int64_t length = json_integer_value(json_array_get(list, i));

		if (length < 1 || length > 60 * 90000)
			return err_set(err, ERR_INVALID, "clip: a segment of %lld/90000 s", (long long)length);
		lengths[i] = (int32_t)length;
		sum += length;
	}
	if (count > LENGTHS_MAX || (count && sum != clip->frames) || (count > 0) != profile_is_copy(&clip->profile))
		return err_set(err, ERR_INVALID, "clip: its segments are not as long as it is");
	clip->lengths = (struct lengths){ lengths, count };
	return 0;
}

static int parse_known(const json_t *json, struct clip_known *ret, struct err *err)
{
	const json_t *known = json_object_get(json, "known");
	const char *hash = json_text(known, "sample_hash", "");

	if (!known)
		return 0;
	if (strspn(hash, "0123456789abcdef") != strlen(hash) || (*hash && strlen(hash) != sizeof(ret->sample_hash) - 1))
		return err_set(err, ERR_INVALID, "clip: the sample hash of its file is none");
	ret->size = json_int(known, "size", 0);
	ret->mtime_ns = json_int(known, "mtime_ns", 0);
	memcpy(ret->sample_hash, hash, strlen(hash) + 1);
	return 0;
}

int clip_from_json(const json_t *json, struct arena *arena, struct clip *ret, struct err *err)
{
	struct clip c = { 0 };
	int64_t gain;

	if (!json_is_object(json))
		return err_set(err, ERR_INVALID, "clip: not an object");
	if (parse_key(json, c.key, err) < 0 || ranged(json, "id", 0, INT64_MAX, &c.id, err) < 0 ||
	    ranged(json, "file_id", 0, INT64_MAX, &c.file_id, err) < 0 ||
	    ranged(json, "in_flicks", -MAX_EARLIER * PLAN_FLICKS, MAX_SECONDS * PLAN_FLICKS, &c.in_flicks, err) < 0 ||
	    ranged(json, "frames", 1, MAX_SECONDS * INT64_C(90000), &c.frames, err) < 0 ||
	    ranged(json, "gain_mb", -MAX_GAIN_MB, MAX_GAIN_MB, &gain, err) < 0 ||
	    parse_profile(json_object_get(json, "profile"), &c.profile, err) < 0 ||
	    parse_path(json, arena, &c.path, err) < 0 || parse_lengths(json, arena, &c, err) < 0 ||
	    parse_known(json, &c.known, err) < 0)
		return -ERR_INVALID;
	c.gain_mb = (int)gain;
	*ret = c;
	return 0;
}
