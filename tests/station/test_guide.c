/* The guide as JSON, XMLTV and M3U: the right times and names, valid whatever the names are. */
#include "lib/station_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "station/guide.h"
#include "station/timeline_builder.h"
#include "store/channels.h"
#include "store/timeline.h"
#include "stream/plan.h"

#define HOUR (INT64_C(3600) * CLOCK_SECOND)
#define START_MS INT64_C(1793480400000)
#define BASE "http://127.0.0.1:8080"

static int64_t library(struct station_fixture *f)
{
	int64_t id = station_fixture_item(f, &(struct fixture_item) { "episode", "The <Pilot> & \"more\"",
								      "Show & Tell", 1, 2, 0,
								      1500 * PLAN_FLICKS, 25, 1 });

	station_fixture_item(f, &(struct fixture_item) { "episode", "Special", "Show & Tell", 0, 0, 0,
							 1400 * PLAN_FLICKS, 25, 1 });
	station_fixture_item(f, &(struct fixture_item) { "movie", "]]><b>\x01\xff]]\xEF\xBF\xBE\xEF\xBF\xBF \xC2\x85 \xC2\x9F", NULL, 0, 0, 1999,
							 5000 * PLAN_FLICKS, 25, 1 });
	return id;
}

/* With xmltv-util's checker where it is there, and well-formed in any case. */
static void validate(const struct buf *xml)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(cleanup_free) char *path = fs_join(dir, "guide.xml");
	const char *const well_formed[] = { "python3", "-c",
					    "import sys,xml.dom.minidom;xml.dom.minidom.parse(sys.argv[1])",
					    path, NULL };
	const char *const valid[] = { "tv_validate_file", path, NULL };
	struct err err = { 0 };

	test_ok(fs_write_atomic(path, xml->data, xml->len, &err), &err);
	assert_int_equal(test_run(well_formed), 0);
	setenv("XMLTV_SUPPLEMENT", "/usr/share/xmltv", 1); /* its DTD, without a network */
	/* It takes a guide without programmes for an error, which an empty station's is not. */
	if (strstr(buf_text(xml), "<programme") && access("/usr/bin/tv_validate_file", X_OK) == 0)
		assert_int_equal(test_run(valid), 0);
}

static void xmltv_is_valid(void **state)
{
	struct station_fixture f;
	CLEANUP(buf_free) struct buf xml = { 0 };
	struct err err = { 0 };
	int64_t id;

	(void)state;
	station_fixture_open(&f, START_MS);
	test_ok(guide_xmltv(f.db, f.time, BASE, &xml, &err), &err);
	assert_non_null(strstr(buf_text(&xml), "</tv>"));
	validate(&xml);
	library(&f);
	id = station_fixture_channel(&f, 12, "Films & <Shows> \"9\"", "{}", 5);
	station_fixture_build(&f, id, station_now_ns(f.time) + 10 * HOUR);
	station_fixture_build(
		&f, station_fixture_channel(&f, 3, "Empty", "{\"query\": {\"search\": \"nothing\"}}", 5),
		station_now_ns(f.time) + 10 * HOUR);
	buf_reset(&xml);
	test_ok(guide_xmltv(f.db, f.time, BASE, &xml, &err), &err);
	validate(&xml);
	assert_non_null(strstr(buf_text(&xml), "<channel id=\"C12.3.matinee\">"));
	assert_non_null(
		strstr(buf_text(&xml), "<display-name>12 Films &amp; &lt;Shows&gt; '9'</display-name>"));
	assert_non_null(strstr(buf_text(&xml), "<display-name>12</display-name>"));
	assert_non_null(strstr(buf_text(&xml), "<display-name>Films &amp; &lt;Shows&gt; '9'</display-name>"));
	assert_non_null(strstr(buf_text(&xml), "<title>Show &amp; Tell</title>"));
	assert_non_null(strstr(buf_text(&xml), "<episode-num system=\"xmltv_ns\">0.1."));
	assert_non_null(strstr(buf_text(&xml), "<episode-num system=\"onscreen\">S01E02<"));
	assert_null(strstr(buf_text(&xml), "xmltv_ns\">-1"));
	assert_non_null(strstr(buf_text(&xml), "<category>movie</category>"));
	assert_non_null(strstr(buf_text(&xml), "<category>series</category>"));
	assert_non_null(strstr(buf_text(&xml), "<date>1999</date>"));
	assert_non_null(strstr(buf_text(&xml), "start=\"20261031205900 +0000\""));
	station_fixture_close(&f);
}

static const char *programme_of(const char *xml, const char *title, char *to, size_t size)
{
	const char *at = strstr(xml, title), *from = at;

	assert_non_null(at);
	while (from > xml && strncmp(from, "<programme ", 11) != 0)
		from--;
	snprintf(to, size, "%.*s", (int)(strstr(at, "</programme>") - from), from);
	return to;
}

/* Players take a number below zero, or none at all, for a film, and episodes without an id of their own for one and the same: specials have
 * no season to be told, and an id. */
static void every_episode_has_an_id_of_its_own(void **state)
{
	struct station_fixture f;
	CLEANUP(buf_free) struct buf xml = { 0 };
	char pilot[2000], special[2000], id[80], other[80];
	struct err err = { 0 };

	(void)state;
	station_fixture_open(&f, START_MS);
	library(&f);
	test_ok(db_run(f.db, &err, "UPDATE items SET season = 0, episode = 5 WHERE title = 'Special'", ""), &err);
	station_fixture_build(&f, station_fixture_channel(&f, 12, "Shows", "{\"query\": {\"kind\": \"episode\"}}", 5),
			      station_now_ns(f.time) + 10 * HOUR);
	test_ok(guide_xmltv(f.db, f.time, BASE, &xml, &err), &err);
	programme_of(buf_text(&xml), "The &lt;Pilot&gt;", pilot, sizeof(pilot));
	programme_of(buf_text(&xml), "<sub-title>Special", special, sizeof(special));
	assert_null(strstr(special, "xmltv_ns"));
	assert_null(strstr(special, "onscreen"));
	assert_non_null(strstr(special, "<category>series</category>"));
	assert_non_null(strstr(pilot, "\"xmltv_ns\">0.1.0/1<"));
	assert_int_equal(sscanf(strstr(pilot, "\"dd_progid\">"), "\"dd_progid\">%79[^<]", id), 1);
	assert_int_equal(sscanf(strstr(special, "\"dd_progid\">"), "\"dd_progid\">%79[^<]", other), 1);
	assert_string_not_equal(id, other);
	station_fixture_close(&f);
}

/* Else guides are hours off on the one machine whose zone is another. */
static void xmltv_is_utc_in_every_zone(void **state)
{
	static const char *const zones[] = { "UTC", "Asia/Kolkata", "America/St_Johns" };
	struct station_fixture f;
	CLEANUP(buf_free) struct buf first = { 0 };
	struct err err = { 0 };

	(void)state;
	station_fixture_open(&f, START_MS);
	library(&f);
	station_fixture_build(&f, station_fixture_channel(&f, 1, "One", "{}", 5), station_now_ns(f.time) + 10 * HOUR);
	for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
		CLEANUP(buf_free) struct buf xml = { 0 };

		setenv("TZ", zones[i], 1);
		tzset();
		test_ok(guide_xmltv(f.db, f.time, BASE, i ? &xml : &first, &err), &err);
		if (i)
			assert_string_equal(buf_text(&xml), buf_text(&first));
	}
	setenv("TZ", "UTC", 1);
	tzset();
	assert_non_null(strstr(buf_text(&first), "start=\"20261031205900 +0000\""));
	station_fixture_close(&f);
}

static size_t occurrences(const char *text, const char *of)
{
	size_t count = 0;

	for (const char *at = strstr(text, of); at; at = strstr(at + 1, of))
		count++;
	return count;
}

/* Written in parts: every channel once, and no programme twice where one part ends. */
static void xmltv_in_parts_is_whole(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct station_fixture f;
	CLEANUP(buf_free) struct buf xml = { 0 };
	struct airing_list list;
	struct err err = { 0 };
	char start[64];
	int64_t id = 0;

	(void)state;
	station_fixture_open(&f, START_MS);
	for (int n = 0; n < 3; n++)
		station_fixture_item(&f, &(struct fixture_item) { .kind = "movie", .title = (char[]) { (char)('a' + n), 0 },
								  .flicks = 61 * PLAN_FLICKS });
	for (int n = 1; n <= 130; n++)
		id = station_fixture_channel(&f, n, "One", "{\"order\": \"loop\"}", 5);
	station_fixture_build(&f, id, station_now_ns(f.time) + 10 * HOUR);
	test_ok(airings_window(f.db, id, 0, INT64_MAX, &arena, &list, &err), &err);
	test_ok(guide_xmltv(f.db, f.time, BASE, &xml, &err), &err);
	assert_int_equal(occurrences(buf_text(&xml), "<channel id="), 130);
	assert_int_equal(occurrences(buf_text(&xml), "</tv>"), 1);
	assert_true(list.count > 500);
	assert_int_equal(occurrences(buf_text(&xml), "<programme "), list.count);
	for (size_t i = 0; i < list.count; i++) {
		int64_t ms = START_MS - 60000 + list.airings[i].start_flicks / (PLAN_FLICKS / 1000);
		time_t seconds = (time_t)((ms + 500) / 1000);
		struct tm tm;

		gmtime_r(&seconds, &tm);
		strftime(start, sizeof(start), "start=\"%Y%m%d%H%M%S +0000\"", &tm);
		assert_int_equal(occurrences(buf_text(&xml), start), 1);
	}
	station_fixture_close(&f);
}

/* No part is large, and together they are one document with every programme once, in order. */
static void json_in_parts_is_whole(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(buf_free) struct buf text = { 0 };
	CLEANUP(json_cleanup) json_t *json = NULL;
	struct station_fixture f;
	struct guide_parts *parts;
	struct airing_list list;
	struct err err = { 0 };
	const json_t *channels, *programmes;
	int64_t id = 0, last = 0;
	size_t before = 0;
	int rc;

	(void)state;
	station_fixture_open(&f, START_MS);
	for (int n = 0; n < 3; n++)
		station_fixture_item(&f, &(struct fixture_item) { .kind = "movie", .title = (char[]) { (char)('a' + n), 0 },
								  .flicks = 61 * PLAN_FLICKS });
	for (int n = 1; n <= 3; n++)
		id = station_fixture_channel(&f, n, "One", "{\"order\": \"loop\"}", 5);
	station_fixture_build(&f, id, station_now_ns(f.time) + 10 * HOUR);
	test_ok(airings_window(f.db, id, 0, INT64_MAX, &arena, &list, &err), &err);
	assert_true(list.count > 500);
	test_ok(guide_parts_open(f.db, f.time, START_MS - 60000, START_MS + 10 * 3600000, NULL, NULL, &parts, &err), &err);
	while ((rc = guide_parts_more(parts, f.db, &text, &err)) > 0) {
		assert_true(text.len - before < 100000);
		before = text.len;
	}
	assert_int_equal(rc, 0);
	guide_parts_close(parts);
	json = json_parse(buf_text(&text), text.len, &err);
	test_ok(json ? 0 : -1, &err);
	channels = json_object_get(json, "channels");
	assert_int_equal(json_array_size(channels), 3);
	assert_int_equal(json_array_size(json_object_get(json_array_get(channels, 0), "programmes")), 0);
	programmes = json_object_get(json_array_get(channels, 2), "programmes");
	for (size_t i = 0; i < json_array_size(programmes); i++, last++)
		assert_int_equal(json_int(json_array_get(programmes, i), "id", 0), list.airings[i].id);
	assert_true(last >= (int64_t)list.count - 1 && last > 500); /* the last may begin behind the end */
	station_fixture_close(&f);
}

/* Every programme ends where the next begins, and the past reaches back four hours. */
static void xmltv_has_no_holes(void **state)
{
	struct station_fixture f;
	CLEANUP(buf_free) struct buf xml = { 0 };
	struct err err = { 0 };
	char last_stop[32] = "";
	const char *at;
	int64_t id, first = 0;
	int count = 0;

	(void)state;
	station_fixture_open(&f, START_MS);
	library(&f);
	id = station_fixture_channel(&f, 1, "One", "{}", 5);
	station_fixture_build(&f, id, station_now_ns(f.time) + 30 * HOUR);
	station_fixture_pass(&f, 9 * HOUR);
	test_ok(guide_xmltv(f.db, f.time, BASE, &xml, &err), &err);
	for (at = strstr(buf_text(&xml), "<programme start=\""); at;
	     at = strstr(at + 1, "<programme start=\"")) {
		char start[32], stop[32];

		assert_int_equal(sscanf(at, "<programme start=\"%20[^\"]\" stop=\"%20[^\"]\"", start, stop),
				 2);
		if (count++)
			assert_string_equal(start, last_stop);
		else
			first = atoll(start);
		assert_true(strcmp(start, stop) < 0);
		memcpy(last_stop, stop, sizeof(last_stop));
	}
	assert_true(count > 15);
	assert_true(first > INT64_C(20261101000000) &&
		    first <= INT64_C(20261101020000)); /* 06:00 less 4 h, in a programme */
	station_fixture_close(&f);
}

static void m3u_names_what_xmltv_names(void **state)
{
	struct station_fixture f;
	CLEANUP(buf_free) struct buf m3u = { 0 };
	struct err err = { 0 };
	int lines = 1;

	(void)state;
	station_fixture_open(&f, START_MS);
	station_fixture_channel(&f, 7, "Say \"hi\"", "{}", 5);
	station_fixture_channel(&f, 120, "5 USA", "{}", 5);
	/* A row that nobody checked. */
	test_ok(db_run(f.db, &err,
		       "UPDATE channels SET name = 'a' || char(10) || '#EXTINF:-1,evil' || char(13, 8232) || "
		       "'b' "
		       "WHERE number = 120",
		       ""),
		&err);
	test_ok(guide_m3u(f.db, f.time, BASE, 2, &m3u, &err), &err);
	for (const char *c = buf_text(&m3u); *c; c++)
		lines += *c == '\n' && c[1];
	assert_int_equal(lines, 5);
	assert_null(strchr(buf_text(&m3u), '\r'));
	assert_non_null(strstr(buf_text(&m3u), "#EXTINF:-1 channel-id=\"C7.7.matinee\" tvg-id=\"C7.7.matinee\" "
					       "tvg-chno=\"7\" tvg-name=\"Say 'hi'\" "
					       "tvg-logo=\"" BASE "/channel/7/logo.png\" "));
	assert_non_null(strstr(buf_text(&m3u), "\",Say 'hi'\n" BASE "/channel/7.m3u8\n"));
	assert_non_null(strstr(buf_text(&m3u), "tvg-id=\"C120.3.matinee\""));
	assert_non_null(strstr(buf_text(&m3u), BASE "/channel/120.m3u8\n"));
	station_fixture_close(&f);
}

static void now_and_next_follow_the_clock(void **state)
{
	struct station_fixture f;
	struct err err = { 0 };
	int64_t id, item;

	(void)state;
	station_fixture_open(&f, START_MS);
	item = library(&f);
	id = station_fixture_channel(&f, 1, "One", "{}", 5);
	station_fixture_build(&f, id, station_now_ns(f.time) + 10 * HOUR);
	for (int i = 0; i < 100; i++) {
		CLEANUP(json_cleanup) json_t *list = guide_now(f.db, f.time, 0, station_now_ns(f.time), &err);
		const json_t *one = json_array_get(list, 0), *now = json_object_get(one, "now"),
			     *next = json_object_get(one, "next"), *on = json_object_get(one, "on");
		int64_t start, end, wall = station_to_wall_ms(f.time, station_now_ns(f.time));

		assert_int_equal(json_array_size(list), 1);
		test_ok(clock_parse(json_text(now, "start", ""), &start, &err), &err);
		test_ok(clock_parse(json_text(now, "end", ""), &end, &err), &err);
		assert_true(start <= wall && wall < end);
		assert_string_equal(json_text(now, "end", "a"), json_text(next, "start", "b"));
		assert_string_equal(json_text(on, "kind", ""), "programme");
		if (json_int(now, "item_id", 0) == item) {
			assert_string_equal(json_text(now, "title", ""), "Show & Tell");
			assert_string_equal(json_text(now, "subtitle", ""), "The <Pilot> & \"more\"");
			assert_int_equal(json_int(now, "season", -1), 1);
			assert_int_equal(json_int(now, "episode", -1), 2);
			assert_int_equal(json_int(now, "duration_ms", 0), 1500000);
			assert_true(json_is_null(json_object_get(now, "year")));
		}
		station_fixture_pass(&f, 300 * CLOCK_SECOND);
	}
	/* Past the end of the log. */
	{
		CLEANUP(json_cleanup)
		json_t *list = guide_now(f.db, f.time, id, station_now_ns(f.time) + 100 * HOUR, &err);

		assert_true(json_is_null(json_object_get(json_array_get(list, 0), "now")));
		assert_true(json_is_null(json_object_get(json_array_get(list, 0), "on")));
	}
	assert_null(guide_now(f.db, f.time, 999, station_now_ns(f.time), &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	station_fixture_close(&f);
}

static void an_item_knows_when_it_airs(void **state)
{
	struct station_fixture f;
	CLEANUP(json_cleanup) json_t *list = NULL, *guide = NULL;
	struct err err = { 0 };
	int64_t item, last = 0, start;

	(void)state;
	station_fixture_open(&f, START_MS);
	item = library(&f);
	for (int i = 1; i <= 3; i++) {
		station_fixture_build(&f, station_fixture_channel(&f, i, "x", "{\"order\": \"shuffle\"}", i),
				      station_now_ns(f.time) + 10 * HOUR);
		station_fixture_pass(&f, 17 * CLOCK_SECOND);
	}
	list = guide_item(f.db, f.time, item, station_now_ns(f.time), 7, &err);
	assert_int_equal(json_array_size(list), 7);
	for (size_t i = 0; i < 7; i++) {
		const json_t *p = json_array_get(list, i);

		assert_int_equal(json_int(p, "item_id", 0), item);
		test_ok(clock_parse(json_text(p, "start", ""), &start, &err), &err);
		assert_true(start >= last);
		last = start;
	}
	guide = guide_json(f.db, f.time, START_MS, START_MS + 3600000, NULL, NULL, &err);
	assert_int_equal(json_array_size(json_object_get(guide, "channels")), 3);
	/* Two files less: the guide keeps its words. */
	test_ok(db_run(f.db, &err, "DELETE FROM items WHERE kind = 'movie'", ""), &err);
	json_decref(guide);
	guide = guide_json(f.db, f.time, START_MS, START_MS + 36000000, NULL, NULL, &err);
	assert_non_null(guide);
	station_fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xmltv_is_valid),
		cmocka_unit_test(every_episode_has_an_id_of_its_own),
		cmocka_unit_test(xmltv_is_utc_in_every_zone),
		cmocka_unit_test(xmltv_in_parts_is_whole),
		cmocka_unit_test(json_in_parts_is_whole),
		cmocka_unit_test(xmltv_has_no_holes),
		cmocka_unit_test(m3u_names_what_xmltv_names),
		cmocka_unit_test(now_and_next_follow_the_clock),
		cmocka_unit_test(an_item_knows_when_it_airs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
