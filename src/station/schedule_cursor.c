/* schedule_cursor.c - a schedule's state as the text that stands in airings.cursor; declared in schedule.h.
 *
 * Short, since there is one for each airing: what has its first value is left out. Hashes are 64 bits without
 * a sign and are written as hex. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "station/schedule.h"

/* The next member of the object that is being written. */
static void add_name(struct buf *to, const char *name)
{
	if (to->data[to->len - 1] != '{')
		buf_addc(to, ',');
	buf_addc(to, '"');
	buf_adds(to, name);
	buf_adds(to, "\":");
}

/* By hand: printf would take a tenth of the time of building. */
static void add_digits(struct buf *to, int64_t value)
{
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char text[24], *at = text + sizeof(text);

	do
		*--at = (char)('0' + left % 10);
	while (left /= 10);
	if (value < 0)
		*--at = '-';
	buf_add(to, at, (size_t)(text + sizeof(text) - at));
}

static void add_int(struct buf *to, const char *name, int64_t value)
{
	if (!value)
		return;
	add_name(to, name);
	add_digits(to, value);
}

static void add_hash(struct buf *to, const char *name, uint64_t value)
{
	char text[18] = { [0] = '"', [17] = '"' };

	if (!value)
		return;
	add_name(to, name);
	for (int i = 15; i >= 0; i--, value >>= 4)
		text[1 + i] = "0123456789abcdef"[value & 15];
	buf_add(to, text, sizeof(text));
}

static uint64_t get_hash(const json_t *object, const char *key)
{
	return strtoull(json_text(object, key, "0"), NULL, 16);
}

static void add_round(struct buf *to, const char *name, const struct schedule_round *round)
{
	if (!round->hash && !round->item && !round->owed_count)
		return;
	add_name(to, name);
	buf_addc(to, '{');
	add_hash(to, "hash", round->hash);
	add_int(to, "item", round->item);
	for (size_t i = 0; i < round->owed_count; i++) {
		if (i == 0)
			add_name(to, "owed");
		buf_addc(to, i ? ',' : '[');
		add_digits(to, round->owed[i]);
	}
	buf_adds(to, round->owed_count ? "]}" : "}");
}

static struct schedule_round get_round(const json_t *object, const char *key)
{
	const json_t *json = json_object_get(object, key), *owed = json_object_get(json, "owed");
	struct schedule_round round = { .hash = get_hash(json, "hash"), .item = json_int(json, "item", 0) };

	for (size_t i = 0; i < json_array_size(owed) && round.owed_count < SCHEDULE_OWED; i++)
		round.owed[round.owed_count++] = json_integer_value(json_array_get(owed, i));
	return round;
}

/* A key is bytes; json_from_path() carries those that are not UTF-8. */
static void add_key(struct buf *to, const char *key)
{
	CLEANUP(json_cleanup) json_t *text = key ? json_from_path(key) : NULL;

	if (!text)
		return;
	add_name(to, "key");
	buf_add_json(to, json_string_value(text));
}

const char *schedule_cursor_format(const struct schedule_cursor *cursor, struct arena *arena)
{
	CLEANUP(buf_free) struct buf text = { 0 };

	buf_addc(&text, '{');
	add_key(&text, cursor->key);
	add_int(&text, "rounds", cursor->rounds);
	add_int(&text, "cycle", cursor->cycle);
	add_hash(&text, "hash", cursor->hash);
	add_int(&text, "shuffled", cursor->shuffled);
	add_int(&text, "held", cursor->held);
	add_int(&text, "last", cursor->last);
	add_round(&text, "spots", &cursor->spots);
	add_round(&text, "bumpers", &cursor->bumpers);
	add_round(&text, "fillers", &cursor->fillers);
	buf_addc(&text, '}');
	return arena_strdup(arena, buf_text(&text));
}

struct schedule_cursor schedule_cursor_parse(const char *text, struct arena *arena)
{
	CLEANUP(json_cleanup) json_t *json = text && *text ? json_parse(text, strlen(text), NULL) : NULL;
	CLEANUP(cleanup_free) char *key = json_path(json, "key");

	return (struct schedule_cursor) {
		.key = key ? arena_strdup(arena, key) : NULL,
		.rounds = json_int(json, "rounds", 0),
		.cycle = json_int(json, "cycle", 0),
		.hash = get_hash(json, "hash"),
		.shuffled = json_int(json, "shuffled", 0),
		.held = json_int(json, "held", 0),
		.last = json_int(json, "last", 0),
		.spots = get_round(json, "spots"),
		.bumpers = get_round(json, "bumpers"),
		.fillers = get_round(json, "fillers"),
	};
}
