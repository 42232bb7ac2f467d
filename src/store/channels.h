/* channels.h - channels and their schedules, as rows. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/db.h"

struct channel {
	int64_t id;
	int number;
	const char *name, *description;
	int hue;		/* 0..359; drawn from the number when not set (-1 when writing) */
	bool enabled;
	const char *prepare;	/* watched always never */
	const char *profile;	/* "720p" */
	int fps_num, fps_den;	/* 0/0 until the first build */
	int64_t generation, epoch_ns;
	int64_t watched_ms;	/* 0 never */
};

/* The setting that keeps a channel's turns across a new generation (station/lineup.h); takes the id. */
#define CHANNELS_CURSOR "channel.%lld.cursor"

struct channel_list {
	struct channel *channels;
	size_t count;
};

int channels_add(struct db *db, const struct channel *channel, int64_t *ret_id, struct err *err); /* ERR_EXISTS */
int channels_get(struct db *db, int64_t id, struct arena *arena, struct channel *ret, struct err *err);
int channels_by_number(struct db *db, int number, struct arena *arena, struct channel *ret, struct err *err);
int channels_list(struct db *db, struct arena *arena, struct channel_list *ret, struct err *err); /* by number */
int channels_set(struct db *db, const struct channel *channel, struct err *err);
int channels_remove(struct db *db, int64_t id, struct err *err); /* with its schedule, log and cursor */
int channels_watched(struct db *db, int64_t id, int64_t now_ms, struct err *err);

int schedules_get(struct db *db, int64_t channel_id, struct arena *arena, const char **ret_rules, int64_t *ret_seed,
		  struct err *err);
int schedules_set(struct db *db, int64_t channel_id, const char *rules_json, int64_t seed, struct err *err);
