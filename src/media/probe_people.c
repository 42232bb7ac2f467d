/* probe_people.c - see probe_people.h. Tags hold one name or a list, in whatever encoding somebody had. */
#include "media/probe_people.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/utf8.h"

#define PEOPLE_MAX 64
#define NAME_BYTES_MAX 200

/* Lists of actors have commas; the name of a band may have one. */
static const struct row {
	const char *tag, *role;
	bool commas;
} rows[] = {
	{ "director", "director", true },  { "directors", "director", true },
	{ "actor", "actor", true },	   { "actors", "actor", true },
	{ "cast", "actor", true },	   { "performer", "performer", false },
	{ "artist", "artist", false },	   { "album_artist", "artist", false },
	{ "composer", "composer", false }, { "writer", "writer", true },
	{ "written_by", "writer", true },  { "screenplay_by", "writer", true },
	{ "presenter", "host", true },	   { "host", "host", true },
};

struct people {
	struct buf *json;
	const char *names[PEOPLE_MAX], *roles[PEOPLE_MAX];
	size_t count;
};

/* Says that nobody knows. */
static bool is_nobody(const char *name)
{
	static const char *const nobody[] = { "unknown", "unknown artist",
					      "various", "various artists",
					      "n/a",	 "none" };

	for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++)
		if (strcasecmp(nobody[i], name) == 0)
			return true;
	return false;
}

static void add_one(struct people *p, const char *text, size_t len, const char *role, struct arena *arena)
{
	const char *name;

	while (len && (*text == ' ' || *text == '\t'))
		text++, len--;
	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	if (!len || len > NAME_BYTES_MAX || p->count == PEOPLE_MAX || !utf8_valid(text, len))
		return;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return;
	name = arena_strndup(arena, text, len);
	if (is_nobody(name))
		return;
	for (size_t i = 0; i < p->count; i++)
		if (strcasecmp(p->names[i], name) == 0 && strcmp(p->roles[i], role) == 0)
			return;
	p->names[p->count] = name;
	p->roles[p->count++] = role;
	buf_addf(p->json, "%s{\"name\":", p->count > 1 ? "," : "");
	buf_add_json(p->json, name);
	buf_addf(p->json, ",\"role\":\"%s\"}", role);
}

static void add_list(struct people *p, const char *value, const struct row *row, struct arena *arena)
{
	const char *from = value;

	for (const char *s = value;; s++) {
		bool slash = *s == '/' && s > value && s[-1] == ' ' && s[1] == ' ';

		if (*s && *s != ';' && *s != '\n' && !slash && !(*s == ',' && row->commas))
			continue;
		add_one(p, from, (size_t)(s - from), row->role, arena);
		from = s + 1;
		if (!*s)
			return;
	}
}

const char *probe_people(const AVFormatContext *file, int stream, struct arena *arena)
{
	const AVDictionary *tags[2] = { file->metadata,
					stream >= 0 ? file->streams[stream]->metadata : NULL };
	CLEANUP(buf_free) struct buf json = BUF_MAX((size_t)64 << 10);
	struct people p = { .json = &json };

	buf_addc(&json, '[');
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t t = 0; t < 2; t++) {
			const AVDictionaryEntry *e = NULL;

			while (tags[t] && (e = av_dict_get(tags[t], rows[i].tag, e, 0)))
				add_list(&p, e->value, &rows[i], arena);
		}
	buf_addc(&json, ']');
	return json.failed ? "[]" : arena_strdup(arena, buf_text(&json));
}
