/* lineup.h - channels come, change and go: what must hold for a channel and its schedule together.
 *
 * The writer's only. Changes are rows; building follows (timeline_builder.h). */
#pragma once

#include <stdbool.h>

#include "station/station_time.h"
#include "store/channels.h"

/* Whether its clips are prepared ahead of air: always, or since somebody watched it in the last seven days. */
bool lineup_is_prepared(const struct channel *channel, int64_t now_wall_ms);

/* Adds a channel with its schedule. Fills what is not set: number (0: the lowest free), hue (-1), prepare,
 * profile, and always seed, generation and epoch. Checks all of it: ERR_INVALID, ERR_EXISTS. *ret_id is the
 * new channel's. */
int lineup_add(struct db *writer, const struct station_time *time, const struct channel *channel,
	       const char *rules_json, int64_t *ret_id, struct err *err);

/* Writes the changed channel, and its rules unless NULL. A new profile begins a new generation; everything
 * else holds from the lock on: call timeline_rebuild() after it. */
int lineup_edit(struct db *writer, const struct station_time *time, const struct channel *channel,
		const char *rules_json, struct err *err);

/* A new generation: the log is dropped, building begins anew a minute ago, and no turn is reset. For a
 * profile that changes, and for a channel that had nothing but slate so far and whose rate is not decided by
 * a source yet. */
int lineup_restart(struct db *writer, const struct station_time *time, struct channel *channel,
		   struct err *err);

/* A channel that copies, is younger than half an hour, has never been watched, and whose log so far is encoded only since the
 * copy plans came later: it begins anew, now, with the turns that it began with. 1 when that was so. */
int lineup_begin_copying(struct db *writer, const struct station_time *time, int64_t channel_id, struct err *err);
