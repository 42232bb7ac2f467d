/* Files that have gone: what of the past can no longer be shown is not offered; what is cached is. */
#include "lib/alert_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "station/guide.h"
#include "station/position.h"

#define BASE "http://127.0.0.1:8080"

static bool all_cached(void *context, const char *key, int64_t k)
{
	(void)context;
	(void)key;
	(void)k;
	return true;
}

/* The programmes that have ended in the last hour, the first of them whole. */
struct past {
	struct house h;
	struct airing_list airings;
	int64_t now_ns;
};

static void open_past(struct past *p)
{
	struct err err = { 0 };

	*p = (struct past){ 0 };
	open_station(&p->h, 25, 1);
	station_fixture_pass(&p->h.f, HOUR);
	p->now_ns = station_now_ns(p->h.f.time);
	test_ok(airings_window(p->h.f.db, p->h.channel.id, 0, position_flicks(p->h.channel.epoch_ns, p->now_ns), &p->h.arena,
			       &p->airings, &err),
		&err);
	assert_true(p->airings.count >= 3);
}

static void go_away(struct past *p, const char *which, int64_t item_id)
{
	struct err err = { 0 };

	test_ok(db_run(p->h.f.db, &err, which, "i", item_id), &err);
}

#define ONE "UPDATE files SET state = 'missing' WHERE id IN (SELECT file_id FROM item_files WHERE item_id = ?)"
#define OTHERS "UPDATE files SET state = 'missing' WHERE id NOT IN (SELECT file_id FROM item_files WHERE item_id = ?)"

static int list(struct past *p, int64_t from_flicks, on_air_has *has, struct buf *to, struct err *err)
{
	return on_air_past(p->h.f.db, &p->h.channel, p->h.f.time, position_ns(p->h.channel.epoch_ns, from_flicks) + 1000, INT64_MAX, p->now_ns, has,
			   NULL, &p->h.arena, to, err);
}

static int count(const char *text, const char *what)
{
	int n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void a_file_that_has_gone_is_left_out(void **state)
{
	CLEANUP(buf_free) struct buf before = { 0 }, after = { 0 }, kept = { 0 };
	struct past p;
	struct err err = { 0 };
	const struct airing *second;

	(void)state;
	open_past(&p);
	second = &p.airings.airings[1];
	test_ok(list(&p, p.airings.airings[0].start_flicks, nothing_cached, &before, &err), &err);
	assert_int_equal(count(before.data, "#EXT-X-DISCONTINUITY\n"), 0);
	go_away(&p, ONE, second->item_id);
	test_ok(list(&p, p.airings.airings[0].start_flicks, nothing_cached, &after, &err), &err);
	assert_true(count(after.data, "\n/channel/") > 10);
	assert_true(count(after.data, "\n/channel/") < count(before.data, "\n/channel/"));
	assert_true(count(after.data, "#EXT-X-DISCONTINUITY\n") >= 1);
	/* From its own beginning there is nothing, in words. */
	buf_reset(&after);
	assert_int_equal(list(&p, second->start_flicks, nothing_cached, &after, &err), -(int)ERR_GONE);
	assert_non_null(strstr(err.text, "its file has gone"));
	err_clear(&err);
	/* What is cached can be shown. */
	test_ok(list(&p, p.airings.airings[0].start_flicks, all_cached, &kept, &err), &err);
	assert_string_equal(kept.data, before.data);
	close_station(&p.h);
}

/* One that has left the store, too: its segments are cached, or slate. */
static void one_that_is_forgotten_is_shown_where_it_is_cached(void **state)
{
	struct past p;
	struct timeline_rows rows = { 0 };
	struct on_air_segment s;
	struct err err = { 0 };

	(void)state;
	open_past(&p);
	test_ok(timeline_window(p.h.f.db, p.h.channel.id, p.airings.airings[0].start_flicks, p.airings.airings[0].start_flicks + 1, 1,
				&p.h.arena, &rows, &err),
		&err);
	test_ok(on_air_segment(p.h.f.db, &p.h.channel, rows.rows[0].first_seq, &p.h.arena, &s, &err), &err);
	assert_false(s.slate || s.away);
	go_away(&p, "DELETE FROM files WHERE id = ?", rows.rows[0].clip.file_id);
	test_ok(on_air_segment(p.h.f.db, &p.h.channel, rows.rows[0].first_seq, &p.h.arena, &s, &err), &err);
	assert_true(s.slate && s.away);
	assert_string_equal(s.clip.key, rows.rows[0].clip.key);
	close_station(&p.h);
}

/* One programme that has passed: a list with an end, so that players begin at its beginning. */
static void what_has_passed_ends(void **state)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	struct past p;
	struct err err = { 0 };
	int64_t from, until;

	(void)state;
	open_past(&p);
	from = position_ns(p.h.channel.epoch_ns, p.airings.airings[1].start_flicks) + 1000;
	until = position_ns(p.h.channel.epoch_ns, p.airings.airings[1].end_flicks) - 1000;
	test_ok(on_air_past(p.h.f.db, &p.h.channel, p.h.f.time, from, until, p.now_ns, nothing_cached, NULL, &p.h.arena, &text, &err),
		&err);
	assert_int_equal(count(text.data, "#EXT-X-ENDLIST\n"), 1);
	assert_in_range(count(text.data, "\n/channel/"), (until - from) / (2 * CLOCK_SECOND) - 2, (until - from) / CLOCK_SECOND);
	assert_int_equal(on_air_past(p.h.f.db, &p.h.channel, p.h.f.time, until, from, p.now_ns, nothing_cached, NULL, &p.h.arena, &text,
				     &err),
			 -(int)ERR_USAGE);
	close_station(&p.h);
}

static json_t *programmes(struct past *p, on_air_has *has, json_t **ret_guide)
{
	struct err err = { 0 };
	int64_t now_ms = station_to_wall_ms(p->h.f.time, p->now_ns);

	*ret_guide = guide_json(p->h.f.db, p->h.f.time, now_ms - 50 * 60000, now_ms + 3600000, has, NULL, &err);
	assert_non_null(*ret_guide);
	return json_object_get(json_array_get(json_object_get(*ret_guide, "channels"), 0), "programmes");
}

static void the_guide_says_so(void **state)
{
	struct past p;
	json_t *guide, *all, *one;
	size_t i;
	int64_t item = 0;

	(void)state;
	open_past(&p);
	all = programmes(&p, nothing_cached, &guide);
	json_array_foreach(all, i, one) {
		assert_true(json_flag(one, "catchup", false));
		if (i == 1)
			item = json_int(one, "item_id", 0);
	}
	assert_true(i > 3 && item > 0);
	json_decref(guide);
	go_away(&p, ONE, item);
	all = programmes(&p, nothing_cached, &guide);
	json_array_foreach(all, i, one)
		if (json_int(one, "item_id", 0) == item)
			assert_false(json_flag(one, "catchup", true));
		else
			assert_true(json_flag(one, "catchup", false));
	json_decref(guide);
	one = json_array_get(programmes(&p, all_cached, &guide), 1);
	assert_true(json_flag(one, "catchup", false));
	json_decref(guide);
	close_station(&p.h);
}

static char *lineup(struct past *p, int days)
{
	struct buf text = { 0 };
	struct err err = { 0 };

	test_ok(guide_m3u(p->h.f.db, p->h.f.time, BASE, days, &text, &err), &err);
	buf_text(&text);
	return text.data;
}

static void the_lineup_offers_what_there_is(void **state)
{
	struct past p;
	char *text;

	(void)state;
	open_past(&p);
	station_fixture_channel(&p.h.f, 90, "New", "{}", 5); /* without a log */
	text = lineup(&p, 2);
	assert_int_equal(count(text, "catchup=\"default\""), 1);
	assert_int_equal(count(text, "catchup-days=\"1\""), 1); /* it is an hour old */
	assert_int_equal(count(text, "tvg-chno"), 2);
	free(text);
	station_fixture_pass(&p.h.f, 72 * HOUR);
	text = lineup(&p, 2);
	assert_int_equal(count(text, "catchup-days=\"2\""), 1);
	free(text);
	go_away(&p, OTHERS, 0);
	text = lineup(&p, 2);
	assert_null(strstr(text, "catchup"));
	free(text);
	close_station(&p.h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_has_gone_is_left_out),
		cmocka_unit_test(one_that_is_forgotten_is_shown_where_it_is_cached),
		cmocka_unit_test(what_has_passed_ends),
		cmocka_unit_test(the_guide_says_so),
		cmocka_unit_test(the_lineup_offers_what_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
