/* alert_fixture.h - a channel over a few films and spots, built for two hours, and what is on it. */
#pragma once

#include "lib/station_fixture.h"

#include "base/clock.h"
#include "station/on_air.h"

#define HOUR (INT64_C(3600) * CLOCK_SECOND)
#define MINUTE (INT64_C(60) * CLOCK_SECOND)
#define START_MS INT64_C(1793480400567)

struct house {
	struct station_fixture f;
	struct arena arena;
	struct channel channel;
};

/* `num` and `den`: the films' frame rate. */
void open_station(struct house *h, int num, int den);
void close_station(struct house *h);
/* From 30 s ago to an hour ahead. */
struct on_air_segments look(struct house *h);
int64_t raise_alert(struct house *h, const char *text, int priority, int64_t seconds);
bool same_plan(const struct on_air_segment *a, const struct on_air_segment *b);
int64_t start_ns(const struct house *h, const struct on_air_segment *s);
bool has_card(const struct on_air_segment *s, const char *text);
const char *text_at(struct house *h, int64_t seq);
