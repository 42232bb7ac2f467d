/* The connection: migrations, nested transactions, statement cache, the writer's lock, readers. */
#include "lib/testlib.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "store/settings.h"
#include "store/store.h"

static void settings_live_through_a_reopen(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	struct err err = { 0 };
	struct arena arena = { 0 };
	const char *value;
	struct store *store = store_open(dir, true, &err);

	(void)state;
	assert_non_null(store);
	test_ok(settings_set(store_writer(store), "colour", "amber", &err), &err);
	store_close(store);
	store = store_open(dir, false, &err);
	assert_non_null(store);
	test_ok(settings_get(store_reader(store, &err), "colour", &arena, &value, &err), &err);
	assert_string_equal(value, "amber");
	test_ok(settings_get(store_reader(store, &err), "none", &arena, &value, &err), &err);
	assert_null(value);
	store_close(store);
	arena_free(&arena);
}

static void one_process_writes(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	struct err err = { 0 };
	struct store *store = store_open(dir, true, &err);

	(void)state;
	assert_non_null(store);
	assert_null(store_open(dir, true, &err));
	assert_int_equal(err.code, ERR_BUSY);
	store_close(store);
}

static void inner_rollback_undoes_the_outer(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	struct err err = { 0 };
	struct arena arena = { 0 };
	const char *value;
	struct store *store = store_open(dir, true, &err);
	struct db *db = store_writer(store);

	(void)state;
	test_ok(db_begin(db, &err), &err);
	test_ok(settings_set(db, "a", "1", &err), &err);
	test_ok(db_begin(db, &err), &err);
	db_rollback(db);
	assert_true(db_commit(db, &err) < 0);
	err_clear(&err);
	test_ok(settings_get(db, "a", &arena, &value, &err), &err);
	assert_null(value);
	store_close(store);
	arena_free(&arena);
}

static void unique_says_exists(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	struct err err = { 0 };
	struct store *store = store_open(dir, true, &err);
	struct db *db = store_writer(store);

	(void)state;
	test_ok(db_run(db, &err, "INSERT INTO settings VALUES ('x', '1')", ""), &err);
	assert_true(db_run(db, &err, "INSERT INTO settings VALUES ('x', '2')", "") < 0);
	assert_int_equal(err.code, ERR_EXISTS);
	store_close(store);
}

static void a_reader_without_a_store_says_what_to_do(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	struct err err = { 0 };
	struct store *store = store_open(dir, false, &err);

	(void)state;
	assert_non_null(store);
	assert_null(store_reader(store, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "matinee root add"));
	store_close(store);
}

struct other {
	struct db *db;
	_Atomic bool begins, done;
	int failed;
};

static void *asks_without_the_lock(void *argument)
{
	struct other *other = argument;
	struct err err = { 0 };
	int64_t value;

	other->begins = true;
	other->failed = db_int(other->db, &value, -1, &err, "SELECT count(*) FROM settings", "");
	err_clear(&err);
	other->done = true;
	return NULL;
}

/* Commands that are sent to the server work on its writer from threads of their own. */
static void a_statement_of_the_writer_has_its_turn_alone(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	struct err err = { 0 };
	struct store *store = store_open(dir, true, &err);
	struct other other = { .db = store_writer(store) };
	sqlite3_stmt *stmt = db_query(other.db, "SELECT 1 UNION SELECT 2", &err);
	pthread_t thread;

	(void)state;
	assert_int_equal(db_step(other.db, stmt, &err), 1);
	assert_int_equal(pthread_create(&thread, NULL, asks_without_the_lock, &other), 0);
	while (!other.begins)
		usleep(1000);
	usleep(50000);
	assert_false(other.done);
	assert_int_equal(db_step(other.db, stmt, &err), 1);
	db_done(other.db, stmt);
	pthread_join(thread, NULL);
	assert_true(other.done && other.failed == 0);
	assert_null(db_query(other.db, "SELECT nonsense", &err)); /* keeps no turn */
	err_clear(&err);
	assert_null(db_query_text(other.db, "SELECT nonsense", &err));
	err_clear(&err);
	assert_int_equal(pthread_create(&thread, NULL, asks_without_the_lock, &other), 0);
	pthread_join(thread, NULL);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_live_through_a_reopen),
		cmocka_unit_test(one_process_writes),
		cmocka_unit_test(inner_rollback_undoes_the_outer),
		cmocka_unit_test(unique_says_exists),
		cmocka_unit_test(a_reader_without_a_store_says_what_to_do),
		cmocka_unit_test(a_statement_of_the_writer_has_its_turn_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
