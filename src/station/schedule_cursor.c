/* schedule_cursor.c - a schedule's state as the text that stands in airings.cursor; declared in schedule.h.
 *
 * Short, since there is one for each airing: what has its first value is left out. Hashes are 64 bits without
 * a sign and are written as hex. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "station/schedule.h"

static void set_int(json_t *object, const char *key, int64_t value)
{
	if (value)
		json_object_set_new(object, key, json_integer(value));
}

static void set_hash(json_t *object, const char *key, uint64_t value)
{
	char text[17];

	snprintf(text, sizeof(text), "%016" PRIx64, value);
	if (value)
		json_object_set_new(object, key, json_string(text));
}

static uint64_t get_hash(const json_t *object, const char *key)
{
	return strtoull(json_text(object, key, "0"), NULL, 16);
}

static void set_ids(json_t *object, const char *key, const int64_t *ids, size_t count)
{
	json_t *list = count ? json_array() : NULL;

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_integer(ids[i]));
	if (list)
		json_object_set_new(object, key, list);
}

static size_t get_ids(const json_t *object, const char *key, int64_t *ids, size_t most)
{
	const json_t *list = json_object_get(object, key);
	size_t count = 0;

	for (; count < most && count < json_array_size(list); count++)
		ids[count] = json_integer_value(json_array_get(list, count));
	return count;
}

static void set_round(json_t *object, const char *key, const struct schedule_round *round)
{
	json_t *json = json_object();

	set_hash(json, "hash", round->hash);
	set_int(json, "item", round->item);
	set_ids(json, "owed", round->owed, round->owed_count);
	if (json_object_size(json))
		json_object_set_new(object, key, json);
	else
		json_decref(json);
}

static struct schedule_round get_round(const json_t *object, const char *key)
{
	const json_t *json = json_object_get(object, key);
	struct schedule_round round = { .hash = get_hash(json, "hash"), .item = json_int(json, "item", 0) };

	round.owed_count = get_ids(json, "owed", round.owed, SCHEDULE_OWED);
	return round;
}

static const char *const part_names[SCHEDULE_PARTS] = { NULL, "morning", "afternoon", "evening", "late_night" };

static void set_turn(json_t *json, const struct schedule_turn *turn)
{
	/* A key is bytes; json_from_path() carries those that are not UTF-8. */
	if (turn->key)
		json_object_set_new(json, "key", json_from_path(turn->key));
	set_int(json, "lap", turn->lap);
	set_int(json, "cycle", turn->cycle);
	set_hash(json, "hash", turn->hash);
	set_int(json, "shuffled", turn->shuffled);
	set_int(json, "held", turn->held);
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
	CLEANUP(json_cleanup) json_t *json = json_object();
	CLEANUP(buf_free) struct buf text = { 0 };

	set_turn(json, &cursor->turns[SCHEDULE_ANY]);
	for (int i = 1; i < SCHEDULE_PARTS; i++) {
		json_t *turn = json_object();

		set_turn(turn, &cursor->turns[i]);
		if (json_object_size(turn))
			json_object_set(json, part_names[i], turn);
		json_decref(turn);
	}
	set_int(json, "rounds", cursor->rounds);
	set_int(json, "last", cursor->last);
	set_ids(json, "put_off", cursor->put_off, cursor->put_off_count);
	set_int(json, "put_off_now", (int64_t)cursor->put_off_now);
	set_round(json, "spots", &cursor->spots);
	set_round(json, "bumpers", &cursor->bumpers);
	set_round(json, "fillers", &cursor->fillers);
	json_write(&text, json);
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
