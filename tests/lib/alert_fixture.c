/* alert_fixture.c - see alert_fixture.h. */
#include "lib/alert_fixture.h"

#include <string.h>

#include "station/alert.h"
#include "station/position.h"

void open_station(struct house *h, int num, int den)
{
	struct err err = { 0 };
	int64_t id;

	*h = (struct house){ 0 };
	station_fixture_open(&h->f, START_MS);
	for (int i = 0; i < 9; i++)
		station_fixture_item(&h->f, &(struct fixture_item){ .kind = i % 4 == 3 ? "commercial" : "movie",
								    .title = "x",
								    .flicks = (61100 + i * 4237) * INT64_C(705600) + 99,
								    .fps_num = num,
								    .fps_den = den });
	id = station_fixture_channel(&h->f, 3, "Three", "{\"order\": \"shuffle\"}", 5);
	station_fixture_build(&h->f, id, station_now_ns(h->f.time) + 2 * HOUR);
	test_ok(channels_get(h->f.db, id, &h->arena, &h->channel, &err), &err);
}

void close_station(struct house *h)
{
	arena_free(&h->arena);
	station_fixture_close(&h->f);
}

/* From 30 s ago to an hour ahead. */
struct on_air_segments look(struct house *h)
{
	int64_t now = station_now_ns(h->f.time);
	struct on_air_segments window = { 0 };
	struct err err = { 0 };

	test_ok(on_air_window(h->f.db, &h->channel, now - 30 * CLOCK_SECOND, now + HOUR, &h->arena, &window, &err), &err);
	return window;
}

int64_t raise_alert(struct house *h, const char *text, int priority, int64_t seconds)
{
	struct alert_request request = { .text = text, .priority = priority, .for_ms = seconds * 1000 };
	struct err err = { 0 };
	int64_t id;

	test_ok(alert_start(h->f.db, h->f.time, &request, &id, &err), &err);
	return id;
}

bool same_plan(const struct on_air_segment *a, const struct on_air_segment *b)
{
	return a->seq == b->seq && a->start_flicks == b->start_flicks && a->duration_flicks == b->duration_flicks &&
	       a->stamp == b->stamp && memcmp(&a->plan, &b->plan, sizeof(a->plan)) == 0 && a->k == b->k &&
	       strcmp(a->clip.key, b->clip.key) == 0;
}

int64_t start_ns(const struct house *h, const struct on_air_segment *s)
{
	return position_ns(h->channel.epoch_ns, s->start_flicks);
}

bool has_card(const struct on_air_segment *s, const char *text)
{
	return s->slate && s->overridden && s->card && strcmp(s->card, text) == 0;
}

const char *text_at(struct house *h, int64_t seq)
{
	struct on_air_segment s;
	struct err err = { 0 };

	test_ok(on_air_segment(h->f.db, &h->channel, seq, &h->arena, &s, &err), &err);
	return s.card ? s.card : "";
}
