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

static void add_ids(struct buf *to, const char *name, const int64_t *ids, size_t count)
{
	if (!count)
		return;
	add_name(to, name);
	for (size_t i = 0; i < count; i++) {
		buf_addc(to, i ? ',' : '[');
		add_digits(to, ids[i]);
	}
	buf_addc(to, ']');
}

static size_t get_ids(const json_t *object, const char *key, int64_t *ids, size_t most)
{
	const json_t *list = json_object_get(object, key);
	size_t count = 0;

	for (; count < most && count < json_array_size(list); count++)
		ids[count] = json_integer_value(json_array_get(list, count));
	return count;
}

static void add_round(struct buf *to, const char *name, const struct schedule_round *round)
{
	if (!round->hash && !round->item && !round->owed_count)
		return;
	add_name(to, name);
	buf_addc(to, '{');
	add_hash(to, "hash", round->hash);
	add_int(to, "item", round->item);
	add_ids(to, "owed", round->owed, round->owed_count);
	buf_addc(to, '}');
}

static struct schedule_round get_round(const json_t *object, const char *key)
{
	const json_t *json = json_object_get(object, key);
	struct schedule_round round = { .hash = get_hash(json, "hash"), .item = json_int(json, "item", 0) };

	round.owed_count = get_ids(json, "owed", round.owed, SCHEDULE_OWED);
	return round;
}

static const char *const part_names[SCHEDULE_PARTS] = { NULL, "morning", "afternoon", "evening", "late_night" };

static bool is_first(const struct schedule_turn *turn)
{
	return !turn->key && !turn->lap && !turn->cycle && !turn->hash && !turn->shuffled && !turn->held;
}

static void add_turn(struct buf *to, const struct schedule_turn *turn)
{
	/* A key is bytes; json_from_path() carries those that are not UTF-8. */
	CLEANUP(json_cleanup) json_t *key = turn->key ? json_from_path(turn->key) : NULL;

	if (key) {
		add_name(to, "key");
		buf_add_json(to, json_string_value(key));
	}
	add_int(to, "lap", turn->lap);
	add_int(to, "cycle", turn->cycle);
	add_hash(to, "hash", turn->hash);
	add_int(to, "shuffled", turn->shuffled);
	add_int(to, "held", turn->held);
}

static struct schedule_turn get_turn(const json_t *json, struct arena *arena)
{
	CLEANUP(cleanup_free) char *key = json_path(json, "key");

	return (struct schedule_turn) {
		.key = key ? arena_strdup(arena, key) : NULL,
		.lap = json_int(json, "lap", 0),
		.cycle = json_int(json, "cycle", 0),
		.hash = get_hash(json, "hash"),
		.shuffled = json_int(json, "shuffled", 0),
		.held = json_int(json, "held", 0),
	};
}

const char *schedule_cursor_format(const struct schedule_cursor *cursor, struct arena *arena)
{
	CLEANUP(buf_free) struct buf text = { 0 };

	buf_addc(&text, '{');
	add_turn(&text, &cursor->turns[SCHEDULE_ANY]);
	for (int i = 1; i < SCHEDULE_PARTS; i++) {
		if (is_first(&cursor->turns[i]))
			continue;
		add_name(&text, part_names[i]);
		buf_addc(&text, '{');
		add_turn(&text, &cursor->turns[i]);
		buf_addc(&text, '}');
	}
	add_int(&text, "rounds", cursor->rounds);
	add_int(&text, "last", cursor->last);
	add_ids(&text, "put_off", cursor->put_off, cursor->put_off_count);
	add_int(&text, "put_off_now", (int64_t)cursor->put_off_now);
	add_round(&text, "spots", &cursor->spots);
	add_round(&text, "bumpers", &cursor->bumpers);
	add_round(&text, "fillers", &cursor->fillers);
	buf_addc(&text, '}');
	return arena_strdup(arena, buf_text(&text));
}

struct schedule_cursor schedule_cursor_parse(const char *text, struct arena *arena)
{
	CLEANUP(json_cleanup) json_t *json = text && *text ? json_parse(text, strlen(text), NULL) : NULL;
	struct schedule_cursor cursor = {
		.rounds = json_int(json, "rounds", 0),
		.last = json_int(json, "last", 0),
		.spots = get_round(json, "spots"),
		.bumpers = get_round(json, "bumpers"),
		.fillers = get_round(json, "fillers"),
	};
	int64_t now = json_int(json, "put_off_now", 0);

	cursor.put_off_count = get_ids(json, "put_off", cursor.put_off, SCHEDULE_PUT_OFF);
	cursor.put_off_now = now > 0 && now <= (int64_t)cursor.put_off_count ? (size_t)now : 0;
	for (int i = 0; i < SCHEDULE_PARTS; i++)
		cursor.turns[i] = get_turn(i ? json_object_get(json, part_names[i]) : json, arena);
	return cursor;
}
