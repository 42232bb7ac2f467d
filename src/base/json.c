/* json.c - see json.h. */
#include "base/json.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"

void json_cleanup(json_t **json)
{
	json_decref(*json);
	*json = NULL;
}

json_t *json_parse(const char *text, size_t len, struct err *err)
{
	json_error_t error;
	json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);

	if (!json)
		err_set(err, ERR_USAGE, "JSON, line %d, column %d: %s", error.line, error.column, error.text);
	return json;
}

static int write_part(const char *data, size_t size, void *to)
{
	buf_add(to, data, size);
	return 0;
}

void json_write(struct buf *to, const json_t *json)
{
	json_dump_callback(json, write_part, to, JSON_COMPACT | JSON_ENCODE_ANY);
}

const char *json_text(const json_t *object, const char *key, const char *fallback)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : fallback;
}

int64_t json_int(const json_t *object, const char *key, int64_t fallback)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : fallback;
}

double json_number(const json_t *object, const char *key, double fallback)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? json_number_value(value) : fallback;
}

bool json_flag(const json_t *object, const char *key, bool fallback)
{
	const json_t *value = json_object_get(object, key);

	return json_is_boolean(value) ? json_boolean_value(value) : fallback;
}

int json_take_text(const json_t *object, const char *key, size_t max, const char **ret, struct err *err)
{
	const json_t *value = json_object_get(object, key);
	bool is_text = json_is_string(value) && strlen(json_string_value(value)) == json_string_length(value);

	if (!value)
		return 0;
	if (max && (!is_text || json_string_length(value) > max))
		return err_set(err, ERR_INVALID, "'%s' takes a text of at most %zu bytes", key, max);
	if (!is_text)
		return err_set(err, ERR_INVALID, "'%s' takes a text", key);
	*ret = json_string_value(value);
	return 1;
}

int json_check_keys(const json_t *object, const char *what, const char *const *known, struct err *err)
{
	void *at = json_object_iter((json_t *)object);

	for (; at; at = json_object_iter_next((json_t *)object, at)) {
		const char *key = json_object_iter_key(at);
		size_t i = 0;

		while (known[i] && strcmp(known[i], key) != 0)
			i++;
		if (!known[i])
			return err_set(err, ERR_INVALID, "%s has no '%.60s'", what, key);
	}
	return 0;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that a text has as %XX here; 0 when it has none. */
static int escaped(const char *text)
{
	if (*text != '%' || hex(text[1]) < 0 || hex(text[2]) < 0)
		return 0;
	return hex(text[1]) * 16 + hex(text[2]);
}

json_t *json_from_path(const char *path)
{
	CLEANUP(buf_free) struct buf b = { 0 };
	size_t left = strlen(path);

	while (left) {
		size_t n = utf8_char(path, left);

		if (!n || escaped(path))
			buf_addf(&b, "%%%02X", (unsigned char)*path);
		else
			buf_add(&b, path, n);
		path += n ? n : 1;
		left -= n ? n : 1;
	}
	return json_string(buf_text(&b));
}

char *json_path(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? json_path_parse(text) : NULL;
}

char *json_path_parse(const char *from)
{
	char *path, *to;

	path = to = malloc(strlen(from) + 1);
	if (!path)
		abort();
	while (*from) {
		int byte = escaped(from);

		*to++ = byte ? (char)byte : *from;
		from += byte ? 3 : 1;
	}
	*to = '\0';
	return path;
}
