/* config_file.c - see config_file.h. libyaml gives events; a path of keys is kept on a small stack. */
#include "cli/config_file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/cleanup.h"

#define MAX_BYTES ((size_t)1 << 20)
#define MAX_DEPTH 16

struct reader {
	yaml_parser_t parser;
	const char *path, *profile;
	bool want_profile;   /* this pass looks at the overlay */
	bool profile_found;
	char *keys[MAX_DEPTH]; /* of the open mappings; keys[depth - 1] is the key being read */
	int depth;
	int (*value)(void *context, const struct config_value *value, struct err *err);
	void *context;
};

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

int config_expand(struct buf *to, const char *text, struct err *err)
{
	while (*text) {
		const char *end, *name_end;
		char name[128];
		const char *value;

		if (text[0] != '$' || text[1] != '{') {
			buf_addc(to, *text++);
			continue;
		}
		end = strchr(text, '}');
		name_end = text + 2;
		while (is_name(*name_end))
			name_end++;
		if (!end || name_end == text + 2 || name_end - text - 2 >= (long)sizeof(name) ||
		    (*name_end != '}' && strncmp(name_end, ":-", 2) != 0))
			return err_set(err, ERR_USAGE, "'%.60s': write ${NAME} or ${NAME:-default}", text);
		snprintf(name, sizeof(name), "%.*s", (int)(name_end - text - 2), text + 2);
		value = getenv(name);
		if (value && *value)
			buf_adds(to, value);
		else if (*name_end == ':')
			buf_add(to, name_end + 2, (size_t)(end - name_end - 2));
		text = end + 1;
	}
	return 0;
}

static void read_dot_env(const char *config_path)
{
	CLEANUP(buf_free) struct buf text = BUF_MAX(MAX_BYTES), path = { 0 };
	const char *slash = strrchr(config_path, '/');
	char *rest, *line;

	buf_addf(&path, "%.*s.env", slash ? (int)(slash - config_path + 1) : 0, config_path);
	if (buf_read_file(&text, buf_text(&path), NULL) < 0 || !text.data)
		return;
	rest = text.data;
	while ((line = strsep(&rest, "\n"))) {
		char *equals = strchr(line, '='), *value, *name = line;
		size_t n;

		while (isspace((unsigned char)*name))
			name++;
		if (strncmp(name, "export ", 7) == 0)
			name += 7;
		if (*name == '#' || !equals || equals <= name)
			continue;
		*equals = '\0';
		value = equals + 1;
		n = strlen(value);
		while (n && isspace((unsigned char)value[n - 1]))
			value[--n] = '\0';
		if (n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n - 1] == value[0]) {
			value[n - 1] = '\0';
			value++;
		}
		setenv(name, value, 0);
	}
}

static int at_line(const struct reader *reader, unsigned long line, struct err *err)
{
	return err_under(err, "%s:%lu", reader->path, line);
}

/* The flat name of the keys that are open, or NULL when this pass does not care about them. */
static const char *flat_name(struct reader *reader, struct buf *name)
{
	int from = 0;
	bool overlay = reader->depth > 0 && strcmp(reader->keys[0], "profiles") == 0;

	if (overlay != reader->want_profile)
		return NULL;
	if (overlay) {
		if (reader->depth < 2 || strcmp(reader->keys[1], reader->profile) != 0)
			return NULL;
		reader->profile_found = true;
		from = 2;
		if (reader->depth <= from)
			return NULL;
	}
	for (int i = from; i < reader->depth; i++)
		buf_addf(name, "%s%s", i > from ? "." : "", reader->keys[i]);
	return buf_text(name);
}

static int take_scalar(struct reader *reader, const yaml_event_t *event, struct err *err)
{
	CLEANUP(buf_free) struct buf text = { 0 }, name = { 0 };
	unsigned long line = event->start_mark.line + 1;
	struct config_value value = { .line = line, .profile = reader->want_profile };

	value.name = flat_name(reader, &name);
	if (!value.name)
		return 0;
	if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && event->data.scalar.length == 0)
		return 0; /* `section:` with everything below it commented out */
	if (config_expand(&text, (const char *)event->data.scalar.value, err) < 0)
		return at_line(reader, line, err);
	value.text = buf_text(&text);
	if (reader->value(reader->context, &value, err) < 0)
		return at_line(reader, line, err);
	return 0;
}

static int read_mapping(struct reader *reader, struct err *err);

static int next_event(struct reader *reader, yaml_event_t *event, struct err *err)
{
	if (yaml_parser_parse(&reader->parser, event))
		return 0;
	return err_set(err, ERR_USAGE, "%s:%zu: not YAML: %s", reader->path, reader->parser.problem_mark.line + 1,
		       reader->parser.problem ? reader->parser.problem : "it cannot be read");
}

static int take_value(struct reader *reader, struct err *err)
{
	yaml_event_t event;
	int rc;

	if (next_event(reader, &event, err) < 0)
		return -(int)ERR_USAGE;
	if (event.type == YAML_SCALAR_EVENT) {
		rc = take_scalar(reader, &event, err);
	} else if (event.type == YAML_MAPPING_START_EVENT) {
		rc = read_mapping(reader, err);
	} else {
		rc = err_set(err, ERR_USAGE, "%s:%zu: a value or a section belongs here, not a list", reader->path,
			     event.start_mark.line + 1);
	}
	yaml_event_delete(&event);
	return rc;
}

/* After MAPPING-START: keys and values up to its end. */
static int read_mapping(struct reader *reader, struct err *err)
{
	if (reader->depth == MAX_DEPTH)
		return err_set(err, ERR_USAGE, "%s: nested deeper than %d", reader->path, MAX_DEPTH);
	for (;;) {
		yaml_event_t event;
		int rc = 0;

		if (next_event(reader, &event, err) < 0)
			return -(int)ERR_USAGE;
		if (event.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&event);
			return 0;
		}
		if (event.type != YAML_SCALAR_EVENT) {
			rc = err_set(err, ERR_USAGE, "%s:%zu: a name belongs here", reader->path,
				     event.start_mark.line + 1);
		} else {
			reader->keys[reader->depth++] = (char *)event.data.scalar.value;
			rc = take_value(reader, err);
			reader->depth--;
		}
		yaml_event_delete(&event);
		if (rc < 0)
			return rc;
	}
}

static int read_document(struct reader *reader, struct err *err)
{
	for (;;) {
		yaml_event_t event;
		yaml_event_type_t type;
		int rc = 0;

		if (next_event(reader, &event, err) < 0)
			return -(int)ERR_USAGE;
		type = event.type;
		if (type == YAML_MAPPING_START_EVENT)
			rc = read_mapping(reader, err);
		else if (type == YAML_SEQUENCE_START_EVENT ||
			 (type == YAML_SCALAR_EVENT && *event.data.scalar.value))
			rc = err_set(err, ERR_USAGE, "%s:%zu: `name: value` lines belong here", reader->path,
				     event.start_mark.line + 1);
		yaml_event_delete(&event);
		if (rc < 0 || type == YAML_STREAM_END_EVENT)
			return rc;
	}
}

static int read_pass(struct reader *reader, const struct buf *text, struct err *err)
{
	int rc;

	if (!yaml_parser_initialize(&reader->parser))
		abort();
	yaml_parser_set_input_string(&reader->parser, (const unsigned char *)buf_text(text), text->len);
	rc = read_document(reader, err);
	yaml_parser_delete(&reader->parser);
	return rc;
}

int config_file_read(const char *path, const char *profile,
		     int (*value)(void *context, const struct config_value *value, struct err *err), void *context,
		     struct err *err)
{
	CLEANUP(buf_free) struct buf text = BUF_MAX(MAX_BYTES);
	struct reader reader = { .path = path, .profile = profile, .value = value, .context = context };

	if (buf_read_file(&text, path, err) < 0)
		return err_under(err, "configuration");
	read_dot_env(path);
	if (read_pass(&reader, &text, err) < 0)
		return -(int)ERR_USAGE;
	if (!profile)
		return 0;
	reader.want_profile = true;
	if (read_pass(&reader, &text, err) < 0)
		return -(int)ERR_USAGE;
	if (!reader.profile_found)
		return err_set(err, ERR_NOT_FOUND, "%s has no profile '%s'", path, profile);
	return 0;
}
