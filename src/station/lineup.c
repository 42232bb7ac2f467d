/* lineup.c - see lineup.h.
 *
 * A generation is the seconds since 2020 of station time, and the first sequence number too. A channel spends
 * at most one number a second of its time, so that the next generation is above every number that was ever
 * served. */
#include "station/lineup.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "station/on_air.h"
#include "station/position.h"
#include "station/schedule.h"
#include "station/timeline_builder.h"
#include "store/copy_plans.h"
#include "store/overrides.h"
#include "store/settings.h"
#include "store/timeline.h"
#include "stream/profile.h"

#define WATCHED_MS (INT64_C(7) * 24 * 3600 * 1000)
#define YOUNG_NS (INT64_C(1800) * CLOCK_SECOND)
#define SECONDS_2020 INT64_C(1577836800)
#define BEGINS_EARLIER_S 60 /* so that a new channel has a playlist at once */
#define MAX_NUMBER 99999
#define MAX_NAME 200

static int check_name(const char *name, struct err *err)
{
	if (!name || !name[strspn(name, " ")])
		return err_set(err, ERR_INVALID, "a channel needs a name");
	if (strlen(name) > MAX_NAME)
		return err_set(err, ERR_INVALID, "the channel's name is longer than %d bytes", MAX_NAME);
	if (!utf8_valid(name, strlen(name)))
		return err_set(err, ERR_INVALID, "the channel's name is not valid UTF-8");
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7F)
			return err_set(err, ERR_INVALID, "the channel's name contains a control character");
	return 0;
}

static int check_channel(const struct channel *c, struct err *err)
{
	static const char *const prepare[] = { "watched", "always", "never" };
	struct profile profile;
	size_t i = 0;

	if (check_name(c->name, err) < 0)
		return -(int)ERR_INVALID;
	if (c->number < 1 || c->number > MAX_NUMBER)
		return err_set(err, ERR_INVALID, "a channel's number lies between 1 and %d, not %d",
			       MAX_NUMBER, c->number);
	if (c->hue > 359)
		return err_set(err, ERR_INVALID, "a channel's hue lies between 0 and 359, not %d", c->hue);
	if (c->description &&
	    (strlen(c->description) > 4000 || !utf8_valid(c->description, strlen(c->description))))
		return err_set(err, ERR_INVALID, "the channel's description is too long or not valid UTF-8");
	while (i < ARRAY_LEN(prepare) && strcmp(prepare[i], c->prepare) != 0)
		i++;
	if (i == ARRAY_LEN(prepare))
		return err_set(err, ERR_INVALID, "'prepare' is watched, always or never, not '%.32s'",
			       c->prepare);
	if (profile_get(c->profile, 25, 1, &profile, err) < 0)
		return -(int)ERR_INVALID;
	if (profile_is_hardware(&profile))
		return err_set(err, ERR_INVALID, "a channel's profile names no encoder: '%.32s'; set stream.encoder",
			       c->profile);
	return 0;
}

static int lowest_free_number(struct db *db, int *ret, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct channel_list list;
	int number = 1;

	if (channels_list(db, &arena, &list, err) < 0)
		return -(int)ERR_STORE;
	for (size_t i = 0; i < list.count && list.channels[i].number <= number; i++)
		number += list.channels[i].number == number;
	*ret = number;
	return 0;
}

/* The rules as they are stored: every key, in one order. */
static int normal_rules(const char *rules_json, struct buf *to, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(json_cleanup) json_t *json = NULL;
	struct schedule_rules rules;

	if (schedule_parse(rules_json, &arena, &rules, err) < 0)
		return -(int)ERR_INVALID;
	json = schedule_json(&rules);
	json_write(to, json);
	return 0;
}

static void begin_generation(struct channel *channel, int64_t now_ns)
{
	int64_t now_s = now_ns / CLOCK_SECOND, served = 0;

	if (channel->generation)
		served = channel->generation + (now_ns - channel->epoch_ns) / CLOCK_SECOND + 1;
	channel->generation = now_s - SECONDS_2020 > served ? now_s - SECONDS_2020 : served;
	channel->epoch_ns = (now_s - BEGINS_EARLIER_S) * CLOCK_SECOND;
}

static int add_in_transaction(struct db *writer, struct channel *channel, const char *rules_json,
			      int64_t *ret_id, struct err *err)
{
	CLEANUP(buf_free) struct buf rules = { 0 };
	int64_t seed;
	int rc;

	if (channel->number == 0 && lowest_free_number(writer, &channel->number, err) < 0)
		return -(int)ERR_STORE;
	if (check_channel(channel, err) < 0 || normal_rules(rules_json, &rules, err) < 0)
		return -(int)ERR_INVALID;
	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		return err_errno(err, "draw a seed for the channel");
	seed &= INT64_C(0x1FFFFFFFFFFFFF); /* whole in every JSON reader */
	rc = channels_add(writer, channel, ret_id, err);
	return rc < 0 ? rc : schedules_set(writer, *ret_id, buf_text(&rules), seed, err);
}

bool lineup_is_prepared(const struct channel *channel, int64_t now_wall_ms)
{
	if (!channel->enabled || strcmp(channel->prepare, "never") == 0)
		return false;
	return strcmp(channel->prepare, "always") == 0 ||
	       (channel->watched_ms && now_wall_ms - channel->watched_ms < WATCHED_MS);
}

int lineup_add(struct db *writer, const struct station_time *time, const struct channel *channel,
	       const char *rules_json, int64_t *ret_id, struct err *err)
{
	struct channel made = *channel;
	int64_t id = 0;
	int rc;

	made.description = made.description ? made.description : "";
	made.prepare = made.prepare ? made.prepare : "watched";
	made.profile = made.profile ? made.profile : "720p";
	made.fps_num = made.fps_den = 0;
	made.generation = 0;
	begin_generation(&made, station_now_ns(time));
	rc = db_begin(writer, err);
	if (rc < 0)
		return rc;
	rc = add_in_transaction(writer, &made, rules_json, &id, err);
	if (rc < 0) {
		db_rollback(writer);
		return rc;
	}
	rc = db_commit(writer, err);
	if (rc == 0)
		*ret_id = id;
	return rc;
}

/* Where the turns stand at `now`: after the airing that is on. */
static int cursor_now(struct db *writer, const struct channel *channel, int64_t now_ns, struct arena *arena,
		      const char **ret, struct err *err)
{
	int64_t at = position_flicks(channel->epoch_ns, now_ns);
	struct airing_list on;

	if (airings_window(writer, channel->id, at, at + 1, arena, &on, err) < 0)
		return -(int)ERR_STORE;
	*ret = on.count ? on.airings[0].cursor : NULL;
	return 0;
}

static int restart(struct db *writer, int64_t now_ns, struct channel *channel, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct airing first;
	const char *cursor;
	char name[64];
	int rc;

	if (cursor_now(writer, channel, now_ns, &arena, &cursor, err) < 0)
		return -(int)ERR_STORE;
	snprintf(name, sizeof(name), CHANNELS_CURSOR, (long long)channel->id);
	if (cursor && settings_set(writer, name, cursor, err) < 0)
		return -(int)ERR_STORE;
	rc = airings_cut(writer, channel->id, INT64_MIN, &arena, &first, NULL);
	if (rc < 0 && rc != -(int)ERR_NOT_FOUND)
		return err_set(err, ERR_STORE, "channel %d: its log cannot be dropped", channel->number);
	if (overrides_clear(writer, channel->id, err) < 0)
		return -(int)ERR_STORE;
	begin_generation(channel, now_ns);
	return channels_set(writer, channel, err);
}

int lineup_restart(struct db *writer, const struct station_time *time, struct channel *channel,
		   struct err *err)
{
	int rc = db_begin(writer, err);

	if (rc < 0)
		return rc;
	rc = restart(writer, station_now_ns(time), channel, err);
	if (rc < 0) {
		db_rollback(writer);
		return rc;
	}
	return db_commit(writer, err);
}

static int begin_copying(struct db *writer, int64_t now_ns, int64_t channel_id, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	const char *cursor = NULL;
	struct channel channel;
	bool late = false;
	char name[64];
	int rc = channels_get(writer, channel_id, &arena, &channel, err);

	if (rc < 0 || channel.watched_ms || !on_air_copies(&channel) || now_ns - channel.epoch_ns > YOUNG_NS)
		return rc < 0 ? rc : 0;
	rc = copy_plans_late(writer, channel_id, profile_copied(channel.profile),
			     position_flicks(channel.epoch_ns, now_ns + TIMELINE_LOCK_NS), &late, err);
	if (rc < 0 || !late)
		return rc;
	snprintf(name, sizeof(name), CHANNELS_CURSOR, (long long)channel_id);
	if (settings_get(writer, name, &arena, &cursor, err) < 0 || restart(writer, now_ns, &channel, err) < 0 ||
	    settings_set(writer, name, cursor ? cursor : "", err) < 0)
		return -(int)ERR_STORE;
	return 1;
}

int lineup_begin_copying(struct db *writer, const struct station_time *time, int64_t channel_id, struct err *err)
{
	int rc = db_begin(writer, err), committed;

	if (rc < 0)
		return rc;
	rc = begin_copying(writer, station_now_ns(time), channel_id, err);
	if (rc < 0) {
		db_rollback(writer);
		return err_under(err, "begin channel %lld with its copy plans", (long long)channel_id);
	}
	committed = db_commit(writer, err);
	return committed < 0 ? committed : rc;
}

static int edit_in_transaction(struct db *writer, int64_t now_ns, const struct channel *channel,
			       const char *rules_json, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(buf_free) struct buf rules = { 0 };
	struct channel old, changed = *channel;
	const char *old_rules = NULL;
	int64_t seed = 1;
	int rc;

	if (check_channel(channel, err) < 0 || (rules_json && normal_rules(rules_json, &rules, err) < 0))
		return -(int)ERR_INVALID;
	rc = channels_get(writer, channel->id, &arena, &old, err);
	if (rc < 0)
		return rc;
	/* What only building and watching may change is as it stands now, not as it was when it was read. */
	changed.generation = old.generation;
	changed.epoch_ns = old.epoch_ns;
	changed.fps_num = old.fps_num;
	changed.fps_den = old.fps_den;
	if (rules_json) {
		schedules_get(writer, channel->id, &arena, &old_rules, &seed, NULL);
		rc = schedules_set(writer, channel->id, buf_text(&rules), seed, err);
		if (rc < 0)
			return rc;
	}
	if (strcmp(changed.profile, old.profile) != 0)
		return restart(writer, now_ns, &changed, err);
	return channels_set(writer, &changed, err);
}

int lineup_edit(struct db *writer, const struct station_time *time, const struct channel *channel,
		const char *rules_json, struct err *err)
{
	int rc = db_begin(writer, err);

	if (rc < 0)
		return rc;
	rc = edit_in_transaction(writer, station_now_ns(time), channel, rules_json, err);
	if (rc < 0) {
		db_rollback(writer);
		return rc;
	}
	return db_commit(writer, err);
}
