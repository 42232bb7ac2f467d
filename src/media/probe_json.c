/* probe_json.c - a probe as JSON, between worker and supervisor. One table says every field; what comes from a
 * worker that a hostile file may have taken over is checked against it. */
#include <stddef.h>
#include <string.h>

#include "media/probe.h"

#define MAX_TEXT ((size_t)1 << 20)

enum kind { INT32, INT64, FLAG, TEXT, ARRAY };

static const struct field {
	const char *name;
	enum kind kind;
	size_t offset;
	int64_t min, max; /* of numbers; of texts: 1 when it must be there */
} fields[] = {
#define F(name, kind, min, max) { #name, kind, offsetof(struct probe, name), min, max }
	F(duration_ms, INT64, 0, INT64_C(1) << 42),
	F(duration_flicks, INT64, 0, INT64_MAX / 2),
	F(container, TEXT, 1, 200),
	F(bit_rate, INT64, 0, INT64_MAX),
	F(has_video, FLAG, 0, 1),
	F(video_codec, TEXT, 0, 64),
	F(width, INT32, 0, 65535),
	F(height, INT32, 0, 65535),
	F(fps_num, INT32, 0, INT32_MAX),
	F(fps_den, INT32, 1, INT32_MAX),
	F(interlaced, FLAG, 0, 1),
	F(sar_num, INT32, 1, INT32_MAX),
	F(sar_den, INT32, 1, INT32_MAX),
	F(pixel_format, TEXT, 0, 64),
	F(bit_depth, INT32, 0, 64),
	F(color, TEXT, 1, 200),
	F(audio_codec, TEXT, 0, 64),
	F(audio_channels, INT32, 0, 1024),
	F(audio_rate, INT32, 0, INT32_MAX),
	F(audio_tracks, INT32, 0, 1000),
	F(subtitle_tracks, INT32, 0, 1000),
	F(chapters, ARRAY, 1, MAX_TEXT),
	F(streams, ARRAY, 1, MAX_TEXT),
	F(people, ARRAY, 1, MAX_TEXT),
	F(sample_hash, TEXT, 1, 32),
#undef F
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static json_t *field_to_json(const struct field *f, const void *at)
{
	const char *text;

	switch (f->kind) {
	case INT32:
		return json_integer(*(const int *)at);
	case INT64:
		return json_integer(*(const int64_t *)at);
	case FLAG:
		return json_boolean(*(const bool *)at);
	default:
		text = *(const char *const *)at;
		return text ? json_string(text) : json_null();
	}
}

json_t *probe_to_json(const struct probe *probe)
{
	json_t *json = json_object();

	for (size_t i = 0; i < FIELDS; i++)
		json_object_set_new(json, fields[i].name, field_to_json(&fields[i], (const char *)probe + fields[i].offset));
	return json;
}

static bool number_from(const struct field *f, const json_t *value, void *at)
{
	int64_t number = json_integer_value(value);

	if (!json_is_integer(value) || number < f->min || number > f->max)
		return false;
	if (f->kind == INT32)
		*(int *)at = (int)number;
	else
		*(int64_t *)at = number;
	return true;
}

static bool text_from(const struct field *f, const json_t *value, struct arena *arena, void *at)
{
	const char *text = json_string_value(value);

	if (!text)
		return f->min == 0 && json_is_null(value);
	if (json_string_length(value) > (size_t)f->max || strlen(text) != json_string_length(value))
		return false;
	if (f->kind == ARRAY) {
		json_t *parsed = json_parse(text, strlen(text), NULL);
		bool fine = json_is_array(parsed);

		json_decref(parsed);
		if (!fine)
			return false;
	}
	*(const char **)at = arena_strdup(arena, text);
	return true;
}

static bool field_from(const struct field *f, const json_t *value, struct arena *arena, void *at)
{
	if (f->kind == FLAG) {
		*(bool *)at = json_is_true(value);
		return json_is_boolean(value);
	}
	if (f->kind == INT32 || f->kind == INT64)
		return number_from(f, value, at);
	return text_from(f, value, arena, at);
}

int probe_from_json(const json_t *json, struct arena *arena, struct probe *ret, struct err *err)
{
	struct probe p = { 0 };

	for (size_t i = 0; i < FIELDS; i++)
		if (!field_from(&fields[i], json_object_get(json, fields[i].name), arena, (char *)&p + fields[i].offset))
			return err_set(err, ERR_INVALID, "the probe's \"%s\" is missing or out of range", fields[i].name);
	if (strlen(p.sample_hash) != 32 || strspn(p.sample_hash, "0123456789abcdef") != 32)
		return err_set(err, ERR_INVALID, "the probe's \"sample_hash\" is not 32 hex digits");
	*ret = p;
	return 0;
}
