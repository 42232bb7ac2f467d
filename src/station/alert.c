/* alert.c - see alert.h.
 *
 * On a channel an alert is on for its length from the segment it begins with; end_ns bounds that for all channels, so
 * that a channel whose log is built anew meanwhile shows what is left of it. An override counts segments, and beyond the
 * lock those may be built again: alert_apply() then moves its end. */
#include "station/alert.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "station/alert_resume.h"
#include "station/on_air.h"
#include "station/override.h"
#include "station/position.h"

#define LONGEST_SEGMENT_NS (3 * CLOCK_SECOND)
#define CHUNK ((size_t)128) /* channels in a transaction: some 10 ms */

/* ---- on channels ---- */

/* Where it ends if it begins with that segment; -1 with err. */
static int64_t end_of(struct db *db, const struct channel *channel, const struct alert *alert, int64_t seq_from,
		      struct arena *arena, struct err *err)
{
	int64_t limit = position_flicks(channel->epoch_ns, alert->end_ns), end, seq;
	struct on_air_segment first;

	if (on_air_segment(db, channel, seq_from, arena, &first, err) < 0)
		return -1;
	end = first.start_flicks + alert->for_ms * (PLAN_FLICKS / 1000);
	return on_air_next(db, channel, end < limit ? end : limit, arena, &seq, err) < 0 ? -1 : seq;
}

static int put_on(struct db *db, const struct alert *alert, const struct channel *channel, int64_t now_ns,
		  struct arena *arena, struct err *err)
{
	struct override override;
	struct err none = { 0 };
	int rc = overrides_of_alert(db, alert->id, channel->id, arena, &override, err);

	if (rc < 0)
		return rc;
	if (!override.id) {
		override = (struct override){ .alert_id = alert->id, .priority = alert->priority, .kind = "alert",
					      .reason = "an alert" };
		rc = override_first(db, channel, now_ns, &override.seq_from, &none);
	}
	/* A channel without a log, or whose log ends here, gets it when there is one: alert_apply(). */
	if (rc == 0)
		override.seq_to = end_of(db, channel, alert, override.seq_from, arena, &none);
	if (none.code == ERR_NOT_FOUND)
		return 0;
	if (none.code)
		return err_set(err, none.code, "%s", none.text);
	return override_set(db, channel, now_ns, &override, err);
}

static int put_on_some(struct db *writer, const struct station_time *time, const struct alert *alert,
		       const int64_t *ids, size_t count, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		CLEANUP(arena_free) struct arena arena = { 0 };
		struct channel channel;

		if (channels_get(writer, ids[i], &arena, &channel, NULL) < 0)
			continue; /* removed meanwhile */
		rc = put_on(writer, alert, &channel, station_now_ns(time), &arena, err);
	}
	return rc;
}

static int channels_of(struct db *writer, const struct alert *alert, int64_t only, struct arena *arena,
		       struct alert_channels *ret, struct err *err)
{
	size_t kept = 0;
	int rc;

	db_lock(writer);
	rc = alerts_channels(writer, alert, arena, ret, err);
	db_unlock(writer);
	for (size_t i = 0; rc == 0 && only && i < ret->count; i++)
		if (ret->ids[i] == only)
			ret->ids[kept++] = only;
	if (rc == 0 && only)
		ret->count = kept;
	return rc;
}

/* In short transactions; what a crash leaves out is put on at the next start. `only` 0: on all it is for. */
static int put_on_channels(struct db *writer, const struct station_time *time, const struct alert *alert, int64_t only,
			   struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct alert_channels list = { 0 };
	int rc = channels_of(writer, alert, only, &arena, &list, err);

	for (size_t i = 0; rc == 0 && i < list.count; i += CHUNK) {
		size_t count = list.count - i < CHUNK ? list.count - i : CHUNK;

		if (db_begin(writer, err) < 0)
			return -(int)ERR_STORE;
		rc = put_on_some(writer, time, alert, list.ids + i, count, err);
		if (rc == 0)
			rc = db_commit(writer, err);
		else
			db_rollback(writer);
	}
	return rc;
}

/* Once, when it was raised. A channel after the other, since each is moved in a transaction of its own. */
static int resume_all(struct db *writer, const struct station_time *time, const struct alert *alert, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct alert_channels list = { 0 };
	int rc = channels_of(writer, alert, 0, &arena, &list, err);

	for (size_t i = 0; rc >= 0 && i < list.count; i++) {
		CLEANUP(arena_free) struct arena one = { 0 };
		struct override override;
		struct channel channel;

		db_lock(writer);
		rc = overrides_of_alert(writer, alert->id, list.ids[i], &one, &override, err);
		if (rc == 0 && override.id && channels_get(writer, list.ids[i], &one, &channel, NULL) == 0)
			rc = alert_resume(writer, time, &channel, &override, err);
		db_unlock(writer);
	}
	return rc < 0 ? rc : 0;
}

int alert_apply(struct db *writer, const struct station_time *time, int64_t channel_id, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct alert_list running = { 0 };
	int rc;

	db_lock(writer);
	rc = alerts_running(writer, station_now_ns(time), &arena, &running, err);
	db_unlock(writer);
	for (size_t i = 0; rc == 0 && i < running.count; i++)
		rc = put_on_channels(writer, time, &running.alerts[i], channel_id, err);
	return rc < 0 ? err_under(err, "put the running alerts on the air") : 0;
}

/* ---- start and cancel ---- */

/* The text as it is shown: no control characters but line breaks, no space around it. */
static int clean_text(const char *text, struct buf *to, struct err *err)
{
	size_t len = strlen(text), chars = 0;

	if (!utf8_valid(text, len))
		return err_set(err, ERR_INVALID, "an alert's text must be UTF-8");
	for (; len && strchr(" \t\r\n", text[len - 1]); len--)
		;
	for (; len && strchr(" \t\r\n", *text); len--)
		text++;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		chars += (c & 0xC0) != 0x80;
		buf_addc(to, c == '\n' || (c >= ' ' && c != 0x7F) ? (char)c : ' ');
	}
	if (!chars)
		return err_set(err, ERR_INVALID, "an alert needs a text");
	if (chars > ALERT_TEXT_MAX)
		return err_set(err, ERR_INVALID, "an alert's text has at most %d characters, this one has %zu",
			       ALERT_TEXT_MAX, chars);
	return 0;
}

static int check(const struct alert_request *request, struct err *err)
{
	if (request->priority < 1 || request->priority > ALERT_PRIORITY_MAX)
		return err_set(err, ERR_INVALID, "an alert's priority is from 1 to %d", ALERT_PRIORITY_MAX);
	if (request->for_ms < 1000 || request->for_ms > ALERT_FOR_MS_MAX)
		return err_set(err, ERR_INVALID, "an alert lasts from 1 s to 24 hours");
	if (request->channels && !request->channel_count)
		return err_set(err, ERR_INVALID, "an alert needs a channel to be on");
	return 0;
}

/* The ids as JSON, each of a channel that is there. */
static int channels_text(struct db *db, const struct alert_request *request, struct buf *to, struct err *err)
{
	for (size_t i = 0; i < request->channel_count; i++) {
		CLEANUP(arena_free) struct arena arena = { 0 };
		struct channel channel;
		int rc = channels_get(db, request->channels[i], &arena, &channel, err);

		if (rc < 0)
			return rc;
		buf_addf(to, "%s%lld", i ? "," : "[", (long long)channel.id);
	}
	buf_addc(to, ']');
	return 0;
}

/* Its row. */
static int add(struct db *db, const struct station_time *time, const struct alert_request *request, struct alert *alert,
	       struct err *err)
{
	CLEANUP(buf_free) struct buf channels = { 0 };
	int rc = 0;

	alert->start_ns = station_now_ns(time);
	alert->end_ns = alert->start_ns + OVERRIDE_LOCK_NS + LONGEST_SEGMENT_NS + request->for_ms * CLOCK_MS;
	if (request->channels) {
		rc = channels_text(db, request, &channels, err);
		alert->channels = buf_text(&channels);
	}
	if (rc == 0)
		rc = alerts_add(db, alert, &alert->id, err);
	alert->channels = NULL;
	return rc;
}

static int add_and_read(struct db *db, const struct station_time *time, const struct alert_request *request,
			const char *text, struct arena *arena, struct alert *ret, struct err *err)
{
	struct alert alert = { .text = text, .priority = request->priority, .for_ms = request->for_ms,
			       .resume = request->resume };
	int rc = db_begin(db, err);

	if (rc < 0)
		return rc;
	rc = add(db, time, request, &alert, err);
	if (rc == 0)
		rc = alerts_get(db, alert.id, arena, ret, err);
	if (rc == 0)
		return db_commit(db, err);
	db_rollback(db);
	return rc;
}

int alert_start(struct db *writer, const struct station_time *time, const struct alert_request *request,
		int64_t *ret_id, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(buf_free) struct buf text = { 0 };
	struct alert alert;
	int rc;

	if (check(request, err) < 0 || clean_text(request->text, &text, err) < 0)
		return -(int)ERR_INVALID;
	rc = add_and_read(writer, time, request, buf_text(&text), &arena, &alert, err);
	if (rc < 0)
		return rc;
	rc = put_on_channels(writer, time, &alert, 0, err);
	if (rc == 0 && alert.resume)
		rc = resume_all(writer, time, &alert, err);
	if (rc < 0) {
		alert_cancel(writer, time, alert.id, NULL); /* on some channels only is not what was asked for */
		return rc;
	}
	*ret_id = alert.id;
	return 0;
}

static int cancel(struct db *db, const struct station_time *time, int64_t id, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct alert_channels list = { 0 };
	struct alert alert;
	int rc = alerts_get(db, id, &arena, &alert, err);

	if (rc < 0)
		return rc;
	if (alert.cancelled_ns || alert.end_ns <= station_now_ns(time))
		return err_set(err, ERR_CONFLICT, "alert %lld has %s already", (long long)id,
			       alert.cancelled_ns ? "been cancelled" : "ended");
	rc = alerts_set_cancelled(db, id, station_now_ns(time), err);
	if (rc == 0)
		rc = alerts_channels(db, &alert, &arena, &list, err);
	for (size_t i = 0; rc == 0 && i < list.count; i++) {
		CLEANUP(arena_free) struct arena one = { 0 };
		struct override override;
		struct channel channel;

		rc = overrides_of_alert(db, id, list.ids[i], &one, &override, err);
		if (rc < 0 || !override.id)
			continue;
		rc = channels_get(db, list.ids[i], &one, &channel, err);
		if (rc == 0 && alert.resume)
			rc = alert_resume_sooner(db, time, &channel, &override, err);
		override.seq_to = override.seq_from; /* as early as it may be */
		if (rc == 0)
			rc = override_set(db, &channel, station_now_ns(time), &override, err);
	}
	return rc;
}

int alert_cancel(struct db *writer, const struct station_time *time, int64_t id, struct err *err)
{
	int rc = db_begin(writer, err);

	if (rc < 0)
		return rc;
	rc = cancel(writer, time, id, err);
	if (rc < 0) {
		db_rollback(writer);
		return rc;
	}
	return db_commit(writer, err);
}

/* ---- for people ---- */

static json_t *one_json(const struct station_time *time, const struct alert *alert)
{
	int64_t end_ns = alert->cancelled_ns ? alert->cancelled_ns : alert->end_ns;
	const char *state = alert->cancelled_ns			 ? "cancelled" :
			    alert->end_ns <= station_now_ns(time) ? "ended" :
								    "running";
	json_t *channels = alert->channels ? json_parse(alert->channels, strlen(alert->channels), NULL) : json_null();
	char start[40], end[40];

	return json_pack("{s:I, s:s, s:s, s:o, s:I, s:I, s:b, s:s, s:s}", "id", (json_int_t)alert->id, "text", alert->text,
			 "state", state, "channels", channels ? channels : json_null(), "priority",
			 (json_int_t)alert->priority, "for_ms", (json_int_t)alert->for_ms, "resume", alert->resume, "start",
			 clock_format(start, sizeof(start), station_to_wall_ms(time, alert->start_ns)), "end",
			 clock_format(end, sizeof(end), station_to_wall_ms(time, end_ns)));
}

json_t *alert_json(struct db *db, const struct station_time *time, int64_t id, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct alert alert;

	return alerts_get(db, id, &arena, &alert, err) < 0 ? NULL : one_json(time, &alert);
}

json_t *alert_list_json(struct db *db, const struct station_time *time, int64_t limit, int64_t offset, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct alert_list list;
	json_t *items;
	int64_t total;

	if (alerts_list(db, limit, offset, &arena, &list, &total, err) < 0)
		return NULL;
	items = json_array();
	for (size_t i = 0; i < list.count; i++)
		json_array_append_new(items, one_json(time, &list.alerts[i]));
	return json_pack("{s:I, s:o}", "total", (json_int_t)total, "items", items);
}
