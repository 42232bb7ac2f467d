/* What is kept of files that were looked at: what could not be read is looked at again, what is broken is not. */
#include "lib/station_fixture.h"

#include "base/clock.h"
#include "store/validations.h"

#define START_MS INT64_C(1795206605000)

static int64_t file_of(struct station_fixture *f, int64_t item)
{
	struct err err = { 0 };
	int64_t id = 0;

	test_ok(db_int(f->db, &id, 0, &err, "SELECT file_id FROM item_files WHERE item_id = ?", "i", item), &err);
	return id;
}

/* Those that were looked at before `before_ms` and could not be read. */
static int count_unread(struct station_fixture *f, int64_t before_ms)
{
	struct item_media file = { 0 };
	struct arena arena = { 0 };
	struct err err = { 0 };
	int count = 0;

	while (validation_next_unread(f->db, before_ms, file.file_id, &arena, &file, &err) == 0)
		count++;
	assert_int_equal(err.code, ERR_OK);
	arena_free(&arena);
	return count;
}

static int64_t playable(struct station_fixture *f)
{
	struct err err = { 0 };
	int64_t n = -1;

	test_ok(db_int(f->db, &n, -1, &err,
		       "SELECT count(*) FROM files f WHERE NOT EXISTS (SELECT 1 FROM validations v WHERE v.file_id = f.id AND "
		       "v.result = 'failed' AND v.size = f.size AND v.mtime_ns = f.mtime_ns)",
		       ""),
		&err);
	return n;
}

static void what_could_not_be_read_is_looked_at_again(void **state)
{
	struct station_fixture f;
	struct err err = { 0 };
	struct item_media file = { 0 };
	struct arena arena = { 0 };
	int64_t broken, unread;

	(void)state;
	station_fixture_open(&f, START_MS);
	broken = file_of(&f, station_fixture_add(&f, "movie", "Broken", 600));
	unread = file_of(&f, station_fixture_add(&f, "movie", "Unread", 600));
	assert_int_equal(validation_next(f.db, false, 0, &arena, &file, &err), 0);
	assert_int_equal(file.file_id, broken);
	assert_int_equal(validation_set(f.db, &file, false, "[\"it is damaged\"]", 1000, &err), 0);
	assert_int_equal(validation_set_unread(f.db, unread, "open '\xff': Input/output error", 1000, &err), 1);
	assert_int_equal(validation_set_unread(f.db, unread, "Input/output error", 2000, &err), 0); /* known */
	assert_int_equal(validation_next(f.db, false, 0, &arena, &file, &err), -ERR_NOT_FOUND);
	assert_int_equal(playable(&f), 0);
	assert_int_equal(count_unread(&f, 2000), 0);
	assert_int_equal(count_unread(&f, 2001), 1);
	assert_int_equal(validation_next_unread(f.db, 2001, 0, &arena, &file, &err), 0);
	assert_int_equal(file.file_id, unread);
	assert_int_equal(validation_set(f.db, &file, true, "[]", 3000, &err), 1); /* back */
	assert_int_equal(validation_set(f.db, &file, true, "[]", 3000, &err), 0);
	assert_int_equal(playable(&f), 1);
	assert_int_equal(count_unread(&f, INT64_MAX), 0);
	/* Another file under the name: all that was said is past. */
	assert_int_equal(validation_set_unread(f.db, unread, "Input/output error", 4000, &err), 1);
	test_ok(db_run(f.db, &err, "UPDATE files SET mtime_ns = mtime_ns + 1 WHERE id = ?", "i", unread), &err);
	assert_int_equal(count_unread(&f, INT64_MAX), 0);
	assert_int_equal(playable(&f), 1);
	arena_free(&arena);
	station_fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_could_not_be_read_is_looked_at_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
