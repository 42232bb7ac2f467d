/* yaml.c - see yaml.h. The parser's events are followed by a function that calls itself once per level. */
#include "base/yaml.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/cleanup.h"

#define MAX_DEPTH 32
#define MAX_VALUES 100000

struct reader {
	yaml_parser_t parser;
	int depth, values;
};

static int refuse(const yaml_mark_t *mark, struct err *err, const char *why)
{
	return err_set(err, ERR_USAGE, "YAML, line %zu: %s", mark->line + 1, why);
}

static int next_event(struct reader *reader, yaml_event_t *event, struct err *err)
{
	if (yaml_parser_parse(&reader->parser, event))
		return 0;
	return refuse(&reader->parser.problem_mark, err,
		      reader->parser.problem ? reader->parser.problem : "it cannot be read");
}

/* ---- plain words ---- */

static bool among(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

static bool is_null(const char *text)
{
	return among(text, (const char *const[]) { "", "~", "null", "Null", "NULL", NULL });
}

static bool is_true(const char *text)
{
	return among(text, (const char *const[]) { "true", "True", "TRUE", NULL });
}

static bool is_false(const char *text)
{
	return among(text, (const char *const[]) { "false", "False", "FALSE", NULL });
}

/* [-+]digits[.digits][e[-+]digits] of the core schema. 0: no number, 1: whole, 2: real. */
static int number_kind(const char *text)
{
	size_t digits;
	int kind = 1;

	text += *text == '-' || *text == '+';
	digits = strspn(text, "0123456789");
	text += digits;
	if (*text == '.') {
		size_t more = strspn(text + 1, "0123456789");

		kind = 2;
		digits += more;
		text += more + 1;
	}
	if (!digits)
		return 0;
	if (*text == 'e' || *text == 'E') {
		kind = 2;
		text++;
		text += *text == '-' || *text == '+';
		digits = strspn(text, "0123456789");
		text += digits;
	}
	return digits && !*text ? kind : 0;
}

static json_t *plain_value(const char *text, const yaml_mark_t *mark, struct err *err)
{
	int kind = number_kind(text);

	if (is_null(text))
		return json_null();
	if (is_true(text) || is_false(text))
		return json_boolean(is_true(text));
	if (kind == 1) {
		long long n;

		errno = 0;
		n = strtoll(text, NULL, 10);
		if (!errno)
			return json_integer(n);
	}
	if (kind) {
		double real = strtod(text, NULL);

		if (kind == 2 && isfinite(real))
			return json_real(real);
		refuse(mark, err, "a number that is too large");
		return NULL;
	}
	return json_string(text);
}

/* ---- reading ---- */

static json_t *read_value(struct reader *reader, const yaml_event_t *first, struct err *err);

static json_t *read_scalar(const yaml_event_t *event, struct err *err)
{
	const char *text = (const char *)event->data.scalar.value;
	json_t *value;

	if (strlen(text) != event->data.scalar.length) {
		refuse(&event->start_mark, err, "a text with a NUL in it");
		return NULL;
	}
	if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		value = plain_value(text, &event->start_mark, err);
	else
		value = json_string(text);
	if (!value)
		refuse(&event->start_mark, err, "a text that is not UTF-8");
	return value;
}

static int read_list(struct reader *reader, json_t *list, struct err *err)
{
	for (;;) {
		yaml_event_t event;
		json_t *value = NULL;
		bool end;

		if (next_event(reader, &event, err) < 0)
			return -1;
		end = event.type == YAML_SEQUENCE_END_EVENT;
		if (!end)
			value = read_value(reader, &event, err);
		yaml_event_delete(&event);
		if (end)
			return 0;
		if (!value)
			return -1;
		json_array_append_new(list, value);
	}
}

static int read_pair(struct reader *reader, json_t *mapping, const yaml_event_t *key, struct err *err)
{
	const char *name = (const char *)key->data.scalar.value;
	yaml_event_t event;
	json_t *value;

	if (key->type != YAML_SCALAR_EVENT || key->data.scalar.anchor || key->data.scalar.tag ||
	    strlen(name) != key->data.scalar.length)
		return refuse(&key->start_mark, err, "a name belongs here");
	if (json_object_get(mapping, name))
		return err_set(err, ERR_USAGE, "YAML, line %zu: '%.60s' stands here twice",
			       key->start_mark.line + 1, name);
	if (next_event(reader, &event, err) < 0)
		return -1;
	value = read_value(reader, &event, err);
	yaml_event_delete(&event);
	if (!value)
		return -1;
	if (json_object_set_new(mapping, name, value) < 0)
		return refuse(&key->start_mark, err, "a name that is not UTF-8");
	return 0;
}

static int read_mapping(struct reader *reader, json_t *mapping, struct err *err)
{
	for (;;) {
		yaml_event_t event;
		bool end;
		int rc = 0;

		if (next_event(reader, &event, err) < 0)
			return -1;
		end = event.type == YAML_MAPPING_END_EVENT;
		if (!end)
			rc = read_pair(reader, mapping, &event, err);
		yaml_event_delete(&event);
		if (end || rc < 0)
			return rc;
	}
}

static bool marked(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor || event->data.scalar.tag;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor || event->data.sequence_start.tag;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor || event->data.mapping_start.tag;
	default:
		return event->type == YAML_ALIAS_EVENT;
	}
}

static json_t *read_value(struct reader *reader, const yaml_event_t *first, struct err *err)
{
	CLEANUP(json_cleanup) json_t *value = NULL;
	int rc;

	if (marked(first))
		rc = refuse(&first->start_mark, err,
			    "anchors, aliases and tags are not read here; write the value itself");
	else if (++reader->values > MAX_VALUES)
		rc = refuse(&first->start_mark, err, "more values than 100000");
	else if (reader->depth == MAX_DEPTH)
		rc = refuse(&first->start_mark, err, "nested deeper than 32");
	else if (first->type == YAML_SCALAR_EVENT)
		return read_scalar(first, err);
	else {
		reader->depth++;
		value = first->type == YAML_MAPPING_START_EVENT ? json_object() : json_array();
		rc = first->type == YAML_MAPPING_START_EVENT ? read_mapping(reader, value, err)
							     : read_list(reader, value, err);
		reader->depth--;
	}
	if (rc < 0)
		return NULL;
	return TAKE(value);
}

/* The value of the one document. */
static json_t *read_document(struct reader *reader, struct err *err)
{
	CLEANUP(json_cleanup) json_t *value = NULL;
	int documents = 0;

	for (;;) {
		yaml_event_t event;
		yaml_event_type_t type;

		if (next_event(reader, &event, err) < 0)
			return NULL;
		type = event.type;
		if (type == YAML_DOCUMENT_START_EVENT && documents++)
			refuse(&event.start_mark, err, "a second document; there can be one");
		else if (type != YAML_STREAM_START_EVENT && type != YAML_STREAM_END_EVENT &&
			 type != YAML_DOCUMENT_START_EVENT && type != YAML_DOCUMENT_END_EVENT)
			value = read_value(reader, &event, err);
		yaml_event_delete(&event);
		if (documents > 1 || (type >= YAML_ALIAS_EVENT && !value))
			return NULL;
		if (type == YAML_STREAM_END_EVENT)
			break;
	}
	if (!value)
		err_set(err, ERR_USAGE, "YAML: there is nothing in it");
	return TAKE(value);
}

json_t *yaml_parse(const char *text, size_t len, struct err *err)
{
	struct reader reader = { 0 };
	json_t *value;

	/* JSON is a subset but for surrogate pairs and tabs, which libyaml does not take */
	value = json_parse(text, len, NULL);
	if (value)
		return value;
	if (!yaml_parser_initialize(&reader.parser))
		abort();
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, len);
	yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
	value = read_document(&reader, err);
	yaml_parser_delete(&reader.parser);
	return value;
}

/* ---- writing ---- */

static int take_bytes(void *to, unsigned char *data, size_t size)
{
	buf_add(to, data, size);
	return 1;
}

static void emit(yaml_emitter_t *emitter, yaml_event_t *event)
{
	if (!yaml_emitter_emit(emitter, event))
		abort(); /* the events are ours: only memory can be missing */
}

/* A text is quoted when it would be read as something else, or has lines that folding could change. */
static yaml_scalar_style_t style_of(const char *text)
{
	for (const char *c = text; *c; c++)
		if (iscntrl((unsigned char)*c))
			return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	if (is_null(text) || is_true(text) || is_false(text) || number_kind(text))
		return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	if (among(text, (const char *const[]) { "yes", "no", "on", "off", "y", "n", "Yes", "No", "On", "Off",
						"YES", "NO", "ON", "OFF", NULL }))
		return YAML_DOUBLE_QUOTED_SCALAR_STYLE; /* flags to readers of YAML 1.1 */
	return YAML_ANY_SCALAR_STYLE;
}

static void emit_scalar(yaml_emitter_t *emitter, const char *text, yaml_scalar_style_t style)
{
	yaml_event_t event;

	if (!yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)strlen(text), 1,
					  1, style))
		abort();
	emit(emitter, &event);
}

static void emit_value(yaml_emitter_t *emitter, const json_t *json);

static void emit_mapping(yaml_emitter_t *emitter, const json_t *json)
{
	yaml_event_t event;
	const char *key;
	json_t *value;

	yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE);
	emit(emitter, &event);
	json_object_foreach((json_t *)json, key, value)
	{
		emit_scalar(emitter, key, style_of(key));
		emit_value(emitter, value);
	}
	yaml_mapping_end_event_initialize(&event);
	emit(emitter, &event);
}

static void emit_list(yaml_emitter_t *emitter, const json_t *json)
{
	yaml_event_t event;
	size_t i;
	json_t *value;

	yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE);
	emit(emitter, &event);
	json_array_foreach((json_t *)json, i, value) emit_value(emitter, value);
	yaml_sequence_end_event_initialize(&event);
	emit(emitter, &event);
}

static void emit_value(yaml_emitter_t *emitter, const json_t *json)
{
	if (json_is_object(json)) {
		emit_mapping(emitter, json);
	} else if (json_is_array(json)) {
		emit_list(emitter, json);
	} else if (json_is_string(json)) {
		emit_scalar(emitter, json_string_value(json), style_of(json_string_value(json)));
	} else {
		CLEANUP(buf_free) struct buf text = { 0 };

		json_write(&text, json);
		emit_scalar(emitter, buf_text(&text), YAML_PLAIN_SCALAR_STYLE);
	}
}

void yaml_write(struct buf *to, const json_t *json)
{
	yaml_emitter_t emitter;
	yaml_event_t event;

	if (!yaml_emitter_initialize(&emitter))
		abort();
	yaml_emitter_set_output(&emitter, take_bytes, to);
	yaml_emitter_set_unicode(&emitter, 1);
	yaml_emitter_set_width(&emitter, -1);
	yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
	emit(&emitter, &event);
	yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1);
	emit(&emitter, &event);
	emit_value(&emitter, json);
	yaml_document_end_event_initialize(&event, 1);
	emit(&emitter, &event);
	yaml_stream_end_event_initialize(&event);
	emit(&emitter, &event);
	yaml_emitter_delete(&emitter);
}
