/* channels.c - see channels.h. The hue that is not set (NULL in the row) is drawn from the number, far from
 * its neighbours' on the colour circle; it is never stored, so that a channel that moves gets the new
 * number's. */
#include "store/channels.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/cleanup.h"

#define COLUMNS \
	"SELECT id, number, name, description, coalesce(hue, number * 137 % 360), enabled, prepare, " \
	"profile, " \
	"coalesce(fps_num, 0), coalesce(fps_den, 0), generation, epoch_ns, coalesce(watched_ms, 0) FROM " \
	"channels "

static void read_row(sqlite3_stmt *stmt, struct arena *arena, struct channel *ret)
{
	*ret = (struct channel) {
		.id = sqlite3_column_int64(stmt, 0),
		.number = sqlite3_column_int(stmt, 1),
		.name = db_text(stmt, 2, arena),
		.description = db_text(stmt, 3, arena),
		.hue = sqlite3_column_int(stmt, 4),
		.enabled = sqlite3_column_int(stmt, 5) != 0,
		.prepare = db_text(stmt, 6, arena),
		.profile = db_text(stmt, 7, arena),
		.fps_num = sqlite3_column_int(stmt, 8),
		.fps_den = sqlite3_column_int(stmt, 9),
		.generation = sqlite3_column_int64(stmt, 10),
		.epoch_ns = sqlite3_column_int64(stmt, 11),
		.watched_ms = sqlite3_column_int64(stmt, 12),
	};
}

/* ?1 .. ?9 of both statements that write; 0 and -1 where the row has NULL. */
static void bind_row(sqlite3_stmt *stmt, const struct channel *channel)
{
	db_bind(stmt, "ittiittiiii", (int64_t)channel->number, channel->name,
		channel->description ? channel->description : "", (int64_t)channel->hue,
		(int64_t)channel->enabled, channel->prepare ? channel->prepare : "watched",
		channel->profile ? channel->profile : "720p", (int64_t)channel->fps_num,
		(int64_t)channel->fps_den, channel->generation, channel->epoch_ns);
}

static int write_row(struct db *db, sqlite3_stmt *stmt, const struct channel *channel, struct err *err)
{
	struct err cause = { 0 };
	int rc = db_step(db, stmt, &cause);

	db_done(db, stmt);
	if (rc >= 0)
		return 0;
	if (cause.code == ERR_EXISTS)
		return err_set(err, ERR_EXISTS, "channel number %d is taken; choose another",
			       channel->number);
	return err_set(err, cause.code, "%s", cause.text);
}

int channels_add(struct db *db, const struct channel *channel, int64_t *ret_id, struct err *err)
{
	sqlite3_stmt *stmt =
		db_query(db,
			 "INSERT INTO channels (number, name, description, hue, enabled, prepare, profile, "
			 "fps_num, fps_den, generation, epoch_ns, created_ms) "
			 "VALUES (?1, ?2, ?3, iif(?4 < 0, NULL, ?4), ?5, ?6, ?7, nullif(?8, 0), "
			 "nullif(?9, 0), ?10, ?11, ?12)",
			 err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	bind_row(stmt, channel);
	sqlite3_bind_int64(stmt, 12, clock_wall_ms());
	rc = write_row(db, stmt, channel, err);
	if (rc < 0)
		return rc;
	*ret_id = db_last_id(db);
	return 0;
}

static int get_one(struct db *db, const char *sql, int64_t key, struct arena *arena, struct channel *ret,
		   struct err *err)
{
	sqlite3_stmt *stmt = db_query(db, sql, err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", key);
	rc = db_step(db, stmt, err);
	if (rc > 0)
		read_row(stmt, arena, ret);
	db_done(db, stmt);
	if (rc == 0)
		return -(int)ERR_NOT_FOUND;
	return rc < 0 ? rc : 0;
}

int channels_get(struct db *db, int64_t id, struct arena *arena, struct channel *ret, struct err *err)
{
	int rc = get_one(db, COLUMNS "WHERE id = ?", id, arena, ret, err);

	if (rc == -(int)ERR_NOT_FOUND)
		return err_set(err, ERR_NOT_FOUND, "there is no channel with the id %lld", (long long)id);
	return rc;
}

int channels_by_number(struct db *db, int number, struct arena *arena, struct channel *ret, struct err *err)
{
	int rc = get_one(db, COLUMNS "WHERE number = ?", number, arena, ret, err);

	if (rc == -(int)ERR_NOT_FOUND)
		return err_set(err, ERR_NOT_FOUND,
			       "there is no channel %d; 'matinee channel list' shows those there are",
			       number);
	return rc;
}

int channels_list(struct db *db, struct arena *arena, struct channel_list *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db, COLUMNS "ORDER BY number", err);
	struct channel_list list = { 0 };
	size_t cap = 0;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	while ((rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, list.channels, list.count, cap);
		read_row(stmt, arena, &list.channels[list.count++]);
	}
	db_done(db, stmt);
	if (rc == 0)
		*ret = list;
	return rc;
}

int channels_set(struct db *db, const struct channel *channel, struct err *err)
{
	/* A drawn hue that comes back as it was read stays undrawn. */
	sqlite3_stmt *stmt =
		db_query(db,
			 "UPDATE channels SET number = ?1, name = ?2, description = ?3, "
			 "hue = CASE WHEN ?4 < 0 THEN NULL "
			 "WHEN hue IS NULL AND ?4 = number * 137 % 360 THEN NULL ELSE ?4 END, "
			 "enabled = ?5, prepare = ?6, profile = ?7, fps_num = nullif(?8, 0), "
			 "fps_den = nullif(?9, 0), generation = ?10, epoch_ns = ?11 WHERE id = ?12",
			 err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	bind_row(stmt, channel);
	sqlite3_bind_int64(stmt, 12, channel->id);
	rc = write_row(db, stmt, channel, err);
	if (rc < 0)
		return rc;
	if (db_changes(db) == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no channel with the id %lld",
			       (long long)channel->id);
	return 0;
}

int channels_remove(struct db *db, int64_t id, struct err *err)
{
	char name[64];

	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	snprintf(name, sizeof(name), CHANNELS_CURSOR, (long long)id);
	/* The log first: removing the channel would find the same rows one by one. */
	if (db_run(db, err, "DELETE FROM timeline WHERE channel_id = ?", "i", id) < 0 ||
	    db_run(db, err, "DELETE FROM airings WHERE channel_id = ?", "i", id) < 0 ||
	    db_run(db, err, "DELETE FROM settings WHERE name = ?", "t", name) < 0 ||
	    db_run(db, err, "DELETE FROM channels WHERE id = ?", "i", id) < 0) {
		db_rollback(db);
		return -(int)ERR_STORE;
	}
	if (db_changes(db) == 0) {
		db_rollback(db);
		return err_set(err, ERR_NOT_FOUND, "there is no channel with the id %lld", (long long)id);
	}
	return db_commit(db, err);
}

int channels_watched(struct db *db, int64_t id, int64_t now_ms, struct err *err)
{
	return db_run(db, err,
		      "UPDATE channels SET watched_ms = max(coalesce(watched_ms, 0), ?2) WHERE id = ?1", "ii",
		      id, now_ms);
}

int schedules_get(struct db *db, int64_t channel_id, struct arena *arena, const char **ret_rules,
		  int64_t *ret_seed, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db, "SELECT rules, seed FROM schedules WHERE channel_id = ?", err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", channel_id);
	rc = db_step(db, stmt, err);
	if (rc > 0) {
		*ret_rules = db_text(stmt, 0, arena);
		*ret_seed = sqlite3_column_int64(stmt, 1);
	}
	db_done(db, stmt);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "the channel has no schedule");
	return rc < 0 ? rc : 0;
}

int schedules_set(struct db *db, int64_t channel_id, const char *rules_json, int64_t seed, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO schedules (channel_id, rules, seed, changed_ms) VALUES (?, ?, ?, ?) "
		      "ON CONFLICT (channel_id) DO UPDATE SET rules = excluded.rules, seed = excluded.seed, "
		      "changed_ms = excluded.changed_ms",
		      "itii", channel_id, rules_json, seed, clock_wall_ms());
}
