/* station_time.c - see station_time.h.
 *
 * Within a boot the anchor alone decides: station = anchor.station + (boot clock - anchor.boot). Another boot
 * makes a new anchor at max(wall clock by the mapping in force, high-water mark). The mark is written when it
 * is less than 30 s ahead, to 60 s ahead: one small transaction in half a minute.
 *
 * The wall mapping is not touched when a boot begins: a machine without a battery begins in 1970 until NTP
 * tells it better, and its guide must not. A difference between wall and mapping becomes a row only when it
 * has stayed for 60 s.
 *
 * Invariant: what station_now_ns() said, to anybody, is never above what it says later, on this boot or the
 * next. */
#include "station/station_time.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/station_clocks.h"
#include "store/station_clock.h"

#define HIGH_WATER_AHEAD (60 * CLOCK_SECOND)
#define HIGH_WATER_LOW (30 * CLOCK_SECOND)
#define JUMP (1 * CLOCK_SECOND) /* less than this is drift, and stays */
#define JUMP_STAYS (60 * CLOCK_SECOND)

/* What tick() changes while others read. */
struct walls {
	pthread_rwlock_t lock;
	struct station_wall *rows; /* by from_ns, at least one */
	size_t count;
};

struct station_time {
	struct station_clocks clocks;
	struct station_anchor anchor;
	struct walls *walls;
	bool rebooted;
	int64_t lifted_ns;
	/* Of the writer's one ticking thread. */
	int64_t high_water_ns;
	int64_t jump_since_ns, jump_difference_ns; /* since 0: no jump in sight */
};

static int64_t real_wall(void *context)
{
	(void)context;
	return clock_wall_ns();
}

static int64_t real_boot(void *context)
{
	(void)context;
	return clock_boot_ns();
}

static void real_boot_id(void *context, char *to, size_t size)
{
	(void)context;
	clock_boot_id(to, size);
}

static const struct station_clocks real_clocks = { NULL, real_wall, real_boot, real_boot_id };

static void walls_append(struct walls *walls, struct station_wall row)
{
	struct station_wall *rows = realloc(walls->rows, (walls->count + 1) * sizeof(*rows));

	if (!rows)
		abort();
	rows[walls->count++] = row;
	walls->rows = rows;
}

static struct station_time *station_time_new(const struct station_clocks *clocks)
{
	struct station_time *time = calloc(1, sizeof(*time));

	if (!time || !(time->walls = calloc(1, sizeof(*time->walls))))
		abort();
	pthread_rwlock_init(&time->walls->lock, NULL);
	time->clocks = *clocks;
	return time;
}

void station_time_free(struct station_time *time)
{
	if (!time)
		return;
	pthread_rwlock_destroy(&time->walls->lock);
	free(time->walls->rows);
	free(time->walls);
	free(time);
}

/* The anchor for this boot: the stored one, or one that follows from it and from the mapping in force. */
static void anchor_now(struct station_time *time, const struct station_anchor *stored)
{
	int64_t difference = time->walls->rows[time->walls->count - 1].difference_ns;
	struct station_anchor fresh = { 0 };

	time->clocks.boot_id(time->clocks.context, fresh.boot_id, sizeof(fresh.boot_id));
	fresh.boot_ns = time->clocks.boot_ns(time->clocks.context);
	if (stored && strcmp(stored->boot_id, fresh.boot_id) == 0 && stored->boot_ns <= fresh.boot_ns) {
		time->anchor = *stored;
		time->high_water_ns = stored->high_water_ns;
		return;
	}
	fresh.station_ns = time->clocks.wall_ns(time->clocks.context) - difference;
	time->rebooted = stored != NULL;
	if (stored && fresh.station_ns < stored->high_water_ns) {
		time->lifted_ns = stored->high_water_ns - fresh.station_ns;
		fresh.station_ns = stored->high_water_ns;
	}
	fresh.high_water_ns = fresh.station_ns + HIGH_WATER_AHEAD;
	time->anchor = fresh;
	time->high_water_ns = fresh.high_water_ns;
}

static int load(struct station_time *time, struct db *db, struct err *err)
{
	struct station_anchor stored = { 0 };
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct station_walls walls;
	int found = station_anchor_get(db, &stored, err);

	if (found < 0 || station_walls_list(db, &arena, &walls, err) < 0)
		return -(int)ERR_STORE;
	for (size_t i = 0; i < walls.count; i++)
		walls_append(time->walls, walls.rows[i]);
	if (walls.count == 0)
		walls_append(time->walls, (struct station_wall) { .from_ns = 0, .difference_ns = 0 });
	anchor_now(time, found ? &stored : NULL);
	return 0;
}

static int open_in_transaction(struct station_time *time, struct db *writer, struct err *err)
{
	struct station_anchor stored = { 0 };
	int found;

	if (load(time, writer, err) < 0)
		return -(int)ERR_STORE;
	found = station_anchor_get(writer, &stored, err);
	if (found < 0)
		return found;
	if (found && memcmp(&stored, &time->anchor, sizeof(stored)) == 0)
		return 0;
	if (station_anchor_set(writer, &time->anchor, err) < 0)
		return -(int)ERR_STORE;
	return station_walls_add(writer, &time->walls->rows[0], err);
}

struct station_time *station_time_open_with(struct db *writer, const struct station_clocks *clocks,
					    struct err *err)
{
	struct station_time *time = station_time_new(clocks);
	int rc = db_begin(writer, err);

	if (rc == 0) {
		rc = open_in_transaction(time, writer, err);
		if (rc == 0)
			rc = db_commit(writer, err);
		else
			db_rollback(writer);
	}
	if (rc < 0) {
		err_under(err, "the station's clock");
		station_time_free(time);
		return NULL;
	}
	return time;
}

struct station_time *station_time_read_with(struct db *reader, const struct station_clocks *clocks,
					    struct err *err)
{
	struct station_time *time = station_time_new(clocks);

	if (load(time, reader, err) < 0) {
		err_under(err, "the station's clock");
		station_time_free(time);
		return NULL;
	}
	return time;
}

struct station_time *station_time_open(struct db *writer, struct err *err)
{
	return station_time_open_with(writer, &real_clocks, err);
}

struct station_time *station_time_read(struct db *reader, struct err *err)
{
	return station_time_read_with(reader, &real_clocks, err);
}

int64_t station_now_ns(const struct station_time *time)
{
	return time->anchor.station_ns + time->clocks.boot_ns(time->clocks.context) - time->anchor.boot_ns;
}

bool station_time_rebooted(const struct station_time *time)
{
	return time->rebooted;
}

int64_t station_time_lifted_ns(const struct station_time *time)
{
	return time->lifted_ns;
}

/* ns to ms, down also below zero. */
static int64_t floor_ms(int64_t ns)
{
	int64_t ms = ns / CLOCK_MS;

	return ms * CLOCK_MS > ns ? ms - 1 : ms;
}

static int64_t difference_at(const struct walls *walls, int64_t station_ns)
{
	size_t i = walls->count - 1;

	while (i > 0 && walls->rows[i].from_ns > station_ns)
		i--;
	return walls->rows[i].difference_ns;
}

int64_t station_to_wall_ms(const struct station_time *time, int64_t station_ns)
{
	struct walls *walls = time->walls;
	int64_t difference;

	pthread_rwlock_rdlock(&walls->lock);
	difference = difference_at(walls, station_ns);
	pthread_rwlock_unlock(&walls->lock);
	return floor_ms(station_ns + difference);
}

/* The newest instant that has this wall time; one that a jump left out is the instant of the jump. */
static int64_t from_wall(const struct walls *walls, int64_t wall_ns)
{
	int64_t next = INT64_MAX;

	for (size_t i = walls->count; i-- > 0;) {
		int64_t station = wall_ns - walls->rows[i].difference_ns;

		if (station >= walls->rows[i].from_ns || i == 0)
			return station < next ? station : next;
		next = walls->rows[i].from_ns;
	}
	return wall_ns;
}

int64_t station_from_wall_ms(const struct station_time *time, int64_t wall_ms)
{
	int64_t limit = INT64_MAX / CLOCK_MS / 4, station;

	wall_ms = wall_ms > limit ? limit : wall_ms < -limit ? -limit : wall_ms;
	pthread_rwlock_rdlock(&time->walls->lock);
	station = from_wall(time->walls, wall_ms * CLOCK_MS);
	pthread_rwlock_unlock(&time->walls->lock);
	return station;
}

/* 1 when the wall clock differs from the mapping, and has done so by the same amount for 60 s. */
static int jumped(struct station_time *time, int64_t now)
{
	int64_t difference = time->clocks.wall_ns(time->clocks.context) - now;
	int64_t known = time->walls->rows[time->walls->count - 1].difference_ns;

	if (llabs(difference - known) < JUMP) {
		time->jump_since_ns = 0;
		return 0;
	}
	if (time->jump_since_ns == 0 || llabs(difference - time->jump_difference_ns) >= JUMP) {
		time->jump_since_ns = now;
		time->jump_difference_ns = difference;
		return 0;
	}
	return now - time->jump_since_ns >= JUMP_STAYS;
}

int station_time_tick(struct station_time *time, struct db *writer, struct err *err)
{
	int64_t now = station_now_ns(time);
	struct station_wall row;

	if (time->high_water_ns - now < HIGH_WATER_LOW) {
		db_lock(writer);
		if (station_anchor_raise(writer, now + HIGH_WATER_AHEAD, err) < 0) {
			db_unlock(writer);
			return err_under(err, "the station's clock");
		}
		db_unlock(writer);
		time->high_water_ns = now + HIGH_WATER_AHEAD;
	}
	if (!jumped(time, now))
		return 0;
	row = (struct station_wall) { .from_ns = now, .difference_ns = time->jump_difference_ns };
	db_lock(writer);
	if (station_walls_add(writer, &row, err) < 0) {
		db_unlock(writer);
		return err_under(err, "the station's clock");
	}
	db_unlock(writer);
	pthread_rwlock_wrlock(&time->walls->lock);
	walls_append(time->walls, row);
	pthread_rwlock_unlock(&time->walls->lock);
	time->jump_since_ns = 0;
	return 1;
}
