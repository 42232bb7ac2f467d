/* What follows from what the producer says of a clip that failed. */
#include "lib/alert_fixture.h"

#include <string.h>

#include "server/events.h"
#include "server/faults.h"
#include "server/parts.h"
#include "server/waits.h"
#include "station/position.h"
#include "store/overrides.h"

struct set {
	struct house h;
	struct server server;
	struct timeline_row row; /* on the air, with half a minute to go */
};

static void open_set(struct set *s)
{
	struct timeline_rows rows = { 0 };
	struct err err = { 0 };
	char *cache;

	*s = (struct set){ 0 };
	open_station(&s->h, 25, 1);
	cache = arena_printf(&s->h.arena, "%s/cache", s->h.f.dir);
	s->server.store = s->h.f.store;
	s->server.time = s->h.f.time;
	s->server.cache = clip_cache_open(cache, 0, &err);
	assert_non_null(s->server.cache);
	s->server.waits = waits_start();
	s->server.events = events_new(s->server.waits);
	for (int i = 0; i < 500; i++) {
		int64_t at = position_flicks(s->h.channel.epoch_ns, station_now_ns(s->h.f.time));

		test_ok(timeline_window(s->h.f.db, s->h.channel.id, at, at + 1, 1, &s->h.arena, &rows, &err), &err);
		assert_int_equal(rows.count, 1);
		s->row = rows.rows[0];
		if (s->row.clip.path && timeline_row_end(&s->row) - at > 30 * PLAN_FLICKS)
			return;
		station_fixture_pass(&s->h.f, 5 * CLOCK_SECOND);
	}
	fail_msg("no such row");
}

static void close_set(struct set *s)
{
	waits_end(s->server.waits);
	events_free(s->server.events);
	waits_free(s->server.waits);
	clip_cache_close(s->server.cache);
	close_station(&s->h);
}

static struct override after(struct set *s, enum err_code code, int64_t *ret_failed)
{
	struct override over = { 0 };
	struct clip clip;
	struct err err = { 0 }, cause = { 0 };
	sqlite3_stmt *stmt;

	err_set(&cause, code, "signal 6");
	test_ok(on_air_clip(&s->row.clip, &clip, &err), &err);
	faults_clip_failed(&s->server, &clip, &cause);
	test_ok(overrides_at(s->h.f.db, s->h.channel.id, s->row.first_seq + s->row.segments - 1, &s->h.arena, &over, &err), &err);
	stmt = db_query_text(s->h.f.db, "SELECT count(*) FROM files WHERE media_state = 'failed' AND id = ?", &err);
	assert_non_null(stmt);
	db_bind(stmt, "i", s->row.clip.file_id);
	assert_int_equal(db_step(s->h.f.db, stmt, &err), 1);
	*ret_failed = sqlite3_column_int64(stmt, 0);
	db_done(s->h.f.db, stmt);
	return over;
}

/* Slate over the rest of its row, the file is marked, and the builder leaves it out. */
static void a_file_that_workers_crash_on_is_blamed(void **state)
{
	struct set s;
	struct override over;
	int64_t failed;

	(void)state;
	open_set(&s);
	over = after(&s, ERR_CRASH, &failed);
	assert_true(over.id > 0);
	assert_string_equal(over.kind, "failed");
	assert_string_equal(over.reason, "signal 6");
	assert_int_equal(failed, 1);
	assert_true(s.server.files_changed);
	close_set(&s);
}

/* The machine had no memory left, somebody ended it: nothing that the file did. */
static void one_whose_workers_were_killed_is_not(void **state)
{
	struct set s;
	int64_t failed;

	(void)state;
	open_set(&s);
	assert_int_equal(after(&s, ERR_WORKER, &failed).id, 0);
	assert_int_equal(failed, 0);
	assert_false(s.server.files_changed);
	close_set(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_workers_crash_on_is_blamed),
		cmocka_unit_test(one_whose_workers_were_killed_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
