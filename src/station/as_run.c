/* as_run.c - see as_run.h. */
#include "station/as_run.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "station/on_air.h"
#include "station/position.h"
#include "station/slow.h"
#include "store/as_run.h"
#include "store/channels.h"
#include "store/house_events.h"
#include "store/overrides.h"
#include "store/probes.h"

#define TITLE_MAX 1024
#define HELD (2 * PLAN_FLICKS) /* the last picture of what ends too soon is held so long before there is slate */

struct log {
	struct db *db;
	const struct station_time *time;
	int64_t from_ns, to_ns;
	json_t *items;
	struct arena arena;
	struct house_event_list events; /* from before the first row on that is asked for */
};

struct sent { /* what became of a row */
	const char *status;
	int64_t replaced;
	bool watched;
	struct buf note;
};

static void sent_free(struct sent *sent)
{
	buf_free(&sent->note);
}

static void add_note(struct sent *sent, const char *what, const char *text)
{
	if (!*text && !*what)
		return;
	buf_addf(&sent->note, "%s%s%s", sent->note.len ? "; " : "", what, text);
}

/* How many numbers below `end` of the row are in one of the overrides at least. */
static int64_t count_replaced(const struct timeline_row *row, int64_t end, const struct override_list *list)
{
	int64_t count = 0;

	for (int64_t seq = row->first_seq; list->count && seq < end; seq++) {
		bool found = false;

		for (size_t i = 0; i < list->count && !found; i++)
			found = list->overrides[i].seq_from <= seq && seq < list->overrides[i].seq_to;
		count += found;
	}
	return count;
}

/* Spots are what they would have been. */
static bool takes_a_place(const struct timeline_row *row)
{
	return strcmp(row->kind, "programme") == 0 || strcmp(row->kind, "filler") == 0 || strcmp(row->kind, "slate") == 0;
}

enum silence { SENT, INTERRUPTED, MISSED };

/* What befell the house during the row. While the machine slept, or nobody served, nothing was sent: not all of the row, or
 * nothing of it. A clock that was set and a cache that could not be written cost no picture. */
static enum silence add_events(const struct log *log, const struct channel *channel, const struct timeline_row *row,
			       struct sent *sent)
{
	int64_t from_ns = position_ns(channel->epoch_ns, row->start_flicks);
	int64_t to_ns = position_ns(channel->epoch_ns, timeline_row_end(row));
	enum silence silence = SENT;

	for (size_t i = 0; i < log->events.count; i++) {
		const struct house_event *e = &log->events.events[i];
		bool instant = e->from_ns == e->to_ns, silent = strcmp(e->kind, "slept") == 0 || strcmp(e->kind, "down") == 0 ||
				strcmp(e->kind, "stopped") == 0;

		if (e->from_ns >= to_ns || (instant ? e->to_ns < from_ns : e->to_ns <= from_ns))
			continue;
		add_note(sent, "", e->reason);
		if (silent && e->from_ns <= from_ns && e->to_ns >= to_ns)
			silence = MISSED;
		else if (silent && silence == SENT)
			silence = INTERRUPTED;
	}
	return silence;
}

/* What of the row was sent reaches past the end that its file turned out to have: slate stood there. */
static int add_shorter(struct log *log, const struct timeline_row *row, int64_t end, struct sent *sent, bool *ret, struct err *err)
{
	int64_t each = row->segments ? (timeline_row_end(row) - row->start_flicks) / row->segments : 0, ends;
	char text[32];

	if (!row->clip.file_id)
		return 0;
	if (probes_true_duration(log->db, row->clip.file_id, &ends, err) < 0)
		return -(int)ERR_STORE;
	*ret = ends && row->clip.in_flicks + (row->k0 + end - row->first_seq) * each > ends + HELD;
	if (*ret)
		add_note(sent, "its file ends sooner than it said, after ",
			 clock_format_duration(text, sizeof(text), ends / (PLAN_FLICKS / 1000)));
	return 0;
}

/* `end`: the number after the last that has been sent. The worst says the status; the note names all. */
static int judge(struct log *log, const struct channel *channel, const struct timeline_row *row, int64_t end,
		 struct arena *arena, struct sent *ret, struct err *err)
{
	struct override_list list = { 0 };
	enum silence silence = add_events(log, channel, row, ret);
	const char *why = "";
	struct as_run as_run;
	bool failed = false, alert = false, fallback = false, shorter = false;

	if (as_run_get(log->db, row->channel_id, row->first_seq, &as_run, err) < 0 ||
	    overrides_window(log->db, row->channel_id, row->first_seq, end, arena, &list, err) < 0)
		return -(int)ERR_STORE;
	if (takes_a_place(row) && slow_why(log->db, row->airing_id, arena, &why, err) < 0)
		return -(int)ERR_STORE;
	if (add_shorter(log, row, end, ret, &shorter, err) < 0)
		return -(int)ERR_STORE;
	add_note(ret, "", why);
	for (size_t i = 0; i < list.count; i++) {
		const struct override *o = &list.overrides[i];

		alert |= o->alert_id != 0;
		fallback |= strcmp(o->kind, "fallback") == 0;
		/* Slate before what an alert put off goes on is part of that. */
		failed |= !o->alert_id && !o->clip.id && strcmp(o->kind, "resume") != 0;
		add_note(ret, o->card ? "alert: " : "", o->card ? o->card : o->reason);
	}
	if (as_run.late)
		buf_addf(&ret->note, "%s%lld segment%s not ready in time", ret->note.len ? "; " : "",
			 (long long)as_run.late, as_run.late == 1 ? " was" : "s were");
	ret->watched = as_run.watched;
	ret->replaced = count_replaced(row, end, &list) + as_run.late;
	ret->status = silence == MISSED ? "missed" :
		      failed	    ? "failed" :
		      alert	    ? "alert" :
		      as_run.late || shorter ? "slate" :
		      silence	    ? "interrupted" :
		      fallback	    ? "fallback" :
				      "ok";
	return 0;
}

static json_t *time_json(const struct log *log, const struct channel *channel, int64_t flicks)
{
	int64_t ms = station_to_wall_ms(log->time, position_ns(channel->epoch_ns, flicks));
	char text[40];

	return json_string(clock_format(text, sizeof(text), ms));
}

static json_t *clean(const char *text)
{
	char to[TITLE_MAX];

	return json_string(utf8_clean(to, sizeof(to), text));
}

static int too_many(struct err *err)
{
	return err_set(err, ERR_TOO_LARGE, "that is more than %d rows; ask for one channel or a shorter time",
		       AS_RUN_ROWS_MAX);
}

static int add_row(struct log *log, const struct channel *channel, const struct timeline_row *row, int64_t next_seq,
		   struct arena *arena, struct err *err)
{
	CLEANUP(sent_free) struct sent sent = { 0 };
	int64_t end = row->first_seq + row->segments;

	if (json_array_size(log->items) == AS_RUN_ROWS_MAX)
		return too_many(err);
	if (judge(log, channel, row, end < next_seq ? end : next_seq, arena, &sent, err) < 0)
		return -(int)ERR_STORE;
	json_array_append_new(
		log->items,
		json_pack("{s:I, s:i, s:o, s:o, s:s, s:o, s:o, s:I, s:s, s:I, s:o, s:b}", "channel_id",
			  (json_int_t)channel->id, "channel", channel->number, "start",
			  time_json(log, channel, row->start_flicks), "end",
			  time_json(log, channel, timeline_row_end(row)), "kind", row->kind, "title", clean(row->title),
			  "item_id", row->item_id ? json_integer(row->item_id) : json_null(), "segments",
			  (json_int_t)row->segments, "status", sent.status, "replaced", (json_int_t)sent.replaced, "note",
			  clean(buf_text(&sent.note)), "watched", sent.watched));
	return 0;
}

static json_t *wall_json(int64_t ms)
{
	char text[40];

	return json_string(clock_format(text, sizeof(text), ms));
}

/* What was sent before the log begins. */
static int add_kept(struct log *log, const struct channel *channel, struct arena *arena, struct err *err)
{
	int64_t room = AS_RUN_ROWS_MAX - (int64_t)json_array_size(log->items);
	struct as_run_entries list;
	int rc = as_run_log_window(log->db, channel->id, station_to_wall_ms(log->time, log->from_ns),
				   station_to_wall_ms(log->time, log->to_ns), room + 1, arena, &list, err);

	if (rc < 0)
		return rc;
	if ((int64_t)list.count > room)
		return too_many(err);
	for (size_t i = 0; i < list.count; i++) {
		const struct as_run_entry *e = &list.entries[i];

		json_array_append_new(
			log->items, json_pack("{s:I, s:i, s:o, s:o, s:s, s:o, s:o, s:I, s:s, s:I, s:o, s:b}", "channel_id",
					      (json_int_t)channel->id, "channel", channel->number, "start",
					      wall_json(e->start_ms), "end", wall_json(e->end_ms), "kind", e->kind, "title",
					      clean(e->title), "item_id",
					      e->item_id ? json_integer(e->item_id) : json_null(), "segments",
					      (json_int_t)e->segments, "status", e->status, "replaced",
					      (json_int_t)e->replaced, "note", clean(e->note), "watched", e->watched));
	}
	return 0;
}

static int keep_row(struct log *log, const struct channel *channel, const struct timeline_row *row, struct arena *arena,
		    struct err *err)
{
	CLEANUP(sent_free) struct sent sent = { 0 };
	struct as_run_entry entry = {
		.channel_id = channel->id,
		.first_seq = row->first_seq,
		.start_ms = station_to_wall_ms(log->time, position_ns(channel->epoch_ns, row->start_flicks)),
		.end_ms = station_to_wall_ms(log->time, position_ns(channel->epoch_ns, timeline_row_end(row))),
		.item_id = row->item_id,
		.segments = row->segments,
		.kind = row->kind,
		.title = row->title,
	};

	if (judge(log, channel, row, row->first_seq + row->segments, arena, &sent, err) < 0)
		return -(int)ERR_STORE;
	if (!sent.watched && !sent.replaced)
		return 0;
	entry.status = sent.status;
	entry.replaced = sent.replaced;
	entry.note = buf_text(&sent.note);
	entry.watched = sent.watched;
	return as_run_log_add(log->db, &entry, err);
}

int as_run_keep(struct db *writer, const struct station_time *time, const struct channel *channel,
		const struct timeline_rows *rows, struct err *err)
{
	struct log log = { .db = writer, .time = time };
	int rc = 0;

	if (rows->count)
		rc = house_events_window(writer, position_ns(channel->epoch_ns, rows->rows[0].start_flicks), INT64_MAX, &log.arena,
					&log.events, err);

	for (size_t i = 0; rc == 0 && i < rows->count; i++) {
		CLEANUP(arena_free) struct arena arena = { 0 };

		rc = keep_row(&log, channel, &rows->rows[i], &arena, err);
	}
	arena_free(&log.arena);
	return rc;
}

static int add_channel(struct log *log, const struct channel *channel, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	int64_t now = position_flicks(channel->epoch_ns, station_now_ns(log->time)), next_seq;
	int64_t from = position_flicks(channel->epoch_ns, log->from_ns);
	int64_t to = position_flicks(channel->epoch_ns, log->to_ns);
	struct timeline_rows rows = { 0 };
	int rc = add_kept(log, channel, &arena, err);

	if (rc == 0 && from <= now)
		rc = timeline_window(log->db, channel->id, from, to <= now ? to : now + 1, AS_RUN_ROWS_MAX + 1, &arena,
				     &rows, err);
	if (rc < 0 || !rows.count)
		return rc;
	rc = on_air_next(log->db, channel, now, &arena, &next_seq, err);
	for (size_t i = 0; rc == 0 && i < rows.count; i++)
		rc = add_row(log, channel, &rows.rows[i], next_seq, &arena, err);
	return rc;
}

json_t *as_run_json(struct db *db, const struct station_time *time, int64_t channel_id, int64_t from_ns, int64_t to_ns,
		    struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct log log = { .db = db, .time = time, .from_ns = from_ns, .to_ns = to_ns, .items = json_array() };
	struct channel_list list = { 0 };
	struct channel one;
	int rc;

	if (channel_id) {
		rc = channels_get(db, channel_id, &arena, &one, err);
		list = (struct channel_list){ &one, 1 };
	} else {
		rc = channels_list(db, &arena, &list, err);
	}
	if (rc == 0) /* a row that was on at `from` may have begun a day before */
		rc = house_events_window(db, from_ns - 24 * 3600 * CLOCK_SECOND, INT64_MAX, &log.arena, &log.events, err);
	for (size_t i = 0; rc == 0 && i < list.count; i++)
		rc = add_channel(&log, &list.channels[i], err);
	arena_free(&log.arena);
	if (rc < 0) {
		json_decref(log.items);
		return NULL;
	}
	return json_pack("{s:I, s:o}", "total", (json_int_t)json_array_size(log.items), "items", log.items);
}
