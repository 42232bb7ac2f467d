/* guide.c - see guide.h; the JSON of it. XMLTV and M3U are in guide_xmltv.c and guide_m3u.c. */
#include "station/guide.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/position.h"
#include "station/programme_text.h"
#include "store/past.h"
#include "store/programmes.h"

#define PART_PROGRAMMES 128

static json_t *text_or_null(const char *text)
{
	json_t *json = text && *text ? json_string(text) : NULL;

	return json ? json : json_null();
}

static json_t *int_or_null(int64_t value, int64_t least)
{
	return value >= least ? json_integer(value) : json_null();
}

static json_t *time_json(const struct station_time *time, int64_t epoch_ns, int64_t flicks)
{
	char text[40];

	return json_string(
		clock_format(text, sizeof(text), station_to_wall_ms(time, position_ns(epoch_ns, flicks))));
}

static json_t *thumbnail_json(int64_t item_id)
{
	return item_id > 0 ? json_sprintf("/media/%lld/thumbnail.jpg", (long long)item_id) : json_null();
}

static json_t *programme_json(const struct programme *p, const struct station_time *time)
{
	const struct airing *a = &p->airing;
	json_t *json = json_object();

	json_object_set_new(json, "id", json_integer(a->id));
	json_object_set_new(json, "channel", json_integer(a->channel_id));
	json_object_set_new(json, "number", json_integer(p->channel_number));
	json_object_set_new(json, "start", time_json(time, p->channel_epoch_ns, a->start_flicks));
	json_object_set_new(json, "end", time_json(time, p->channel_epoch_ns, a->end_flicks));
	json_object_set_new(json, "duration_ms",
			    json_integer((a->end_flicks - a->start_flicks) / (PLAN_FLICKS / 1000)));
	json_object_set_new(json, "title", json_string(programme_title(p)));
	json_object_set_new(json, "subtitle", text_or_null(programme_subtitle(p)));
	json_object_set_new(json, "kind", json_string(a->kind));
	json_object_set_new(json, "item_kind", text_or_null(p->item_kind));
	json_object_set_new(json, "season", int_or_null(p->season, 0));
	json_object_set_new(json, "episode", int_or_null(p->episode, 0));
	json_object_set_new(json, "year", int_or_null(p->year, 1));
	json_object_set_new(json, "item_id", int_or_null(a->item_id, 1));
	json_object_set_new(json, "thumbnail", thumbnail_json(a->item_id));
	return json;
}

static json_t *programmes_json(const struct programme_list *list, const struct station_time *time)
{
	json_t *json = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(json, programme_json(&list->programmes[i], time));
	return json;
}

static json_t *channel_json(const struct channel *c)
{
	json_t *json = json_object();

	json_object_set_new(json, "id", json_integer(c->id));
	json_object_set_new(json, "number", json_integer(c->number));
	json_object_set_new(json, "name", json_string(c->name));
	json_object_set_new(json, "hue", json_integer(c->hue));
	json_object_set_new(json, "logo", json_sprintf("/channel/%d/logo.png", c->number));
	return json;
}

struct guide_parts {
	const struct station_time *time;
	on_air_has *has; /* or NULL */
	void *context;
	struct arena arena;
	struct channel_list list; /* of those that are on */
	int64_t from_ms, to_ms;
	size_t at;
	int64_t next, kept_from; /* flicks, of the channel that is being written: where its next programmes begin */
	bool begun, ended, open, first; /* open: it has more; first: none is written of it */
};

/* The airing has a row of its programme that can no longer be shown whole. */
static bool is_away(const struct guide_parts *parts, const struct timeline_rows *away, int64_t airing_id)
{
	for (size_t i = 0; i < away->count; i++) {
		const struct timeline_row *row = &away->rows[i];

		if (row->airing_id != airing_id || strcmp(row->kind, "programme") != 0)
			continue;
		for (int64_t k = row->k0; k < row->k0 + row->segments; k++)
			if (!parts->has || !parts->has(parts->context, row->clip.key, k))
				return true;
	}
	return false;
}

static int add_catchup(const struct guide_parts *parts, struct db *db, const struct channel *c, const struct programme_list *list,
		       int64_t kept_from, struct arena *arena, json_t *programmes, struct err *err)
{
	struct timeline_rows away = { 0 };
	int rc = 0;

	if (list->count)
		rc = timeline_away(db, c->id, list->programmes[0].airing.start_flicks,
				   list->programmes[list->count - 1].airing.end_flicks, arena, &away, err);
	for (size_t i = 0; rc == 0 && i < list->count; i++) {
		const struct airing *a = &list->programmes[i].airing;

		json_object_set_new(json_array_get(programmes, i), "catchup",
				    json_boolean(a->start_flicks >= kept_from && strcmp(a->kind, "programme") == 0 &&
						 !is_away(parts, &away, a->id)));
	}
	return rc;
}

/* The channel without its last brace, up to where its programmes begin. */
static int begin_channel(struct guide_parts *parts, struct db *db, const struct channel *c, struct buf *to, struct err *err)
{
	CLEANUP(json_cleanup) json_t *json = channel_json(c);
	struct timeline_begin begin;

	if (timeline_begin_get(db, c->id, &begin, err) < 0)
		return -(int)ERR_STORE;
	parts->kept_from = begin.first_seq >= 0 ? begin.start_flicks : 0;
	parts->next = position_flicks(c->epoch_ns, station_from_wall_ms(parts->time, parts->from_ms));
	parts->open = true;
	parts->first = true;
	json_object_set_new(json, "kept_from", time_json(parts->time, c->epoch_ns, parts->kept_from));
	if (parts->at)
		buf_addc(to, ',');
	json_write(to, json);
	if (to->len && !to->failed)
		to->len--;
	buf_adds(to, ",\"programmes\":[");
	return 0;
}

/* Its next programmes; a channel of short ones may have a hundred thousand. */
static int add_programmes(struct guide_parts *parts, struct db *db, const struct channel *c, struct buf *to, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(json_cleanup) json_t *programmes = NULL;
	int64_t until = position_flicks(c->epoch_ns, station_from_wall_ms(parts->time, parts->to_ms));
	struct programme_list list;

	if (programmes_window(db, c->id, parts->next, until, PART_PROGRAMMES, &arena, &list, err) < 0)
		return -(int)ERR_STORE;
	parts->open = list.count == PART_PROGRAMMES;
	programmes = programmes_json(&list, parts->time);
	if (add_catchup(parts, db, c, &list, parts->kept_from, &arena, programmes, err) < 0)
		return -(int)ERR_STORE;
	for (size_t i = 0; i < list.count; i++) {
		if (!parts->first)
			buf_addc(to, ',');
		parts->first = false;
		json_write(to, json_array_get(programmes, i));
		parts->next = list.programmes[i].airing.end_flicks;
	}
	return 0;
}

static int add_part(struct guide_parts *parts, struct db *db, struct buf *to, struct err *err)
{
	const struct channel *c = &parts->list.channels[parts->at];

	if (!parts->open && begin_channel(parts, db, c, to, err) < 0)
		return -(int)ERR_STORE;
	if (add_programmes(parts, db, c, to, err) < 0)
		return -(int)ERR_STORE;
	if (!parts->open) {
		buf_adds(to, "]}");
		parts->at++;
	}
	return 0;
}

int guide_parts_open(struct db *db, const struct station_time *time, int64_t from_ms, int64_t to_ms, on_air_has *has,
		     void *context, struct guide_parts **ret, struct err *err)
{
	struct guide_parts *parts = calloc(1, sizeof(*parts));
	size_t kept = 0;

	if (!parts)
		abort();
	parts->time = time;
	parts->has = has;
	parts->context = context;
	parts->from_ms = from_ms;
	parts->to_ms = to_ms;
	if (channels_list(db, &parts->arena, &parts->list, err) < 0) {
		guide_parts_close(parts);
		return -(int)ERR_STORE;
	}
	for (size_t i = 0; i < parts->list.count; i++)
		if (parts->list.channels[i].enabled)
			parts->list.channels[kept++] = parts->list.channels[i];
	parts->list.count = kept;
	*ret = parts;
	return 0;
}

void guide_parts_only(struct guide_parts *parts, int64_t offset, int64_t limit)
{
	size_t skipped = (uint64_t)offset < parts->list.count ? (size_t)offset : parts->list.count;

	if (skipped) {
		parts->list.channels += skipped;
		parts->list.count -= skipped;
	}
	if ((uint64_t)limit < parts->list.count)
		parts->list.count = (size_t)limit;
}

void guide_parts_close(struct guide_parts *parts)
{
	if (!parts)
		return;
	arena_free(&parts->arena);
	free(parts);
}

int guide_parts_more(struct guide_parts *parts, struct db *db, struct buf *to, struct err *err)
{
	char from[40], until[40];

	if (parts->ended)
		return 0;
	if (!parts->begun)
		buf_addf(to, "{\"from\":\"%s\",\"to\":\"%s\",\"channels\":[", clock_format(from, sizeof(from), parts->from_ms),
			 clock_format(until, sizeof(until), parts->to_ms));
	parts->begun = true;
	if (parts->at < parts->list.count && add_part(parts, db, to, err) < 0)
		return -(int)ERR_STORE;
	if (parts->at == parts->list.count) {
		buf_adds(to, "]}\n");
		parts->ended = true;
	}
	return to->failed ? err_set(err, ERR_TOO_LARGE, "the guide is larger than its limit") : 1;
}

json_t *guide_json(struct db *db, const struct station_time *time, int64_t from_ms, int64_t to_ms, on_air_has *has, void *context,
		   struct err *err)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	struct guide_parts *parts;
	int rc = guide_parts_open(db, time, from_ms, to_ms, has, context, &parts, err);

	if (rc < 0)
		return NULL;
	do
		rc = guide_parts_more(parts, db, &text, err);
	while (rc > 0);
	guide_parts_close(parts);
	return rc < 0 ? NULL : json_parse(buf_text(&text), text.len, err);
}

/* ---- now ---- */

static json_t *row_json(const struct channel *c, const struct station_time *time,
			const struct timeline_row *row)
{
	json_t *json = json_object();

	json_object_set_new(json, "kind", json_string(row->kind));
	json_object_set_new(json, "title", json_string(row->title));
	json_object_set_new(json, "start", time_json(time, c->epoch_ns, row->start_flicks));
	json_object_set_new(json, "end", time_json(time, c->epoch_ns, timeline_row_end(row)));
	return json;
}

/* The airing that is on, and the first after it: both are found from where the first ends. */
static int now_and_next(struct db *db, const struct channel *c, int64_t at, struct arena *arena,
			struct programme_list *ret_now, struct programme_list *ret_next, struct err *err)
{
	int64_t end;

	*ret_next = (struct programme_list) { 0 };
	if (programmes_window(db, c->id, at, at + 1, 1, arena, ret_now, err) < 0)
		return -(int)ERR_STORE;
	if (ret_now->count == 0)
		return 0;
	end = ret_now->programmes[0].airing.end_flicks;
	return programmes_window(db, c->id, end, end + 1, 1, arena, ret_next, err);
}

static int add_now(struct db *db, const struct station_time *time, const struct channel *c, int64_t now_ns,
		   json_t *to, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	int64_t at = position_flicks(c->epoch_ns, now_ns);
	struct programme_list now, next;
	struct timeline_rows rows;
	json_t *json;

	if (now_and_next(db, c, at, &arena, &now, &next, err) < 0 ||
	    timeline_window(db, c->id, at, at + 1, 1, &arena, &rows, err) < 0)
		return -(int)ERR_STORE;
	json = json_object();
	json_object_set_new(json, "channel", json_integer(c->id));
	json_object_set_new(json, "number", json_integer(c->number));
	json_object_set_new(json, "name", json_string(c->name));
	json_object_set_new(json, "now", now.count ? programme_json(&now.programmes[0], time) : json_null());
	json_object_set_new(json, "next",
			    next.count ? programme_json(&next.programmes[0], time) : json_null());
	json_object_set_new(json, "on", rows.count ? row_json(c, time, &rows.rows[0]) : json_null());
	json_array_append_new(to, json);
	return 0;
}

json_t *guide_now(struct db *db, const struct station_time *time, int64_t channel_id, int64_t now_ns,
		  struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(json_cleanup) json_t *json = json_array();
	struct channel_list list = { 0 };
	struct channel one;

	if (channel_id) {
		if (channels_get(db, channel_id, &arena, &one, err) < 0)
			return NULL;
		list = (struct channel_list) { &one, 1 };
	} else if (channels_list(db, &arena, &list, err) < 0) {
		return NULL;
	}
	for (size_t i = 0; i < list.count; i++)
		if ((channel_id || list.channels[i].enabled) &&
		    add_now(db, time, &list.channels[i], now_ns, json, err) < 0)
			return NULL;
	return TAKE(json);
}

json_t *guide_item(struct db *db, const struct station_time *time, int64_t item_id, int64_t now_ns, int limit,
		   struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct programme_list list;

	if (programmes_of_item(db, item_id, now_ns, limit, &arena, &list, err) < 0)
		return NULL;
	return programmes_json(&list, time);
}
