/* store.c - see store.h. */
#include "store/store.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "store/item_sets.h"
#include "store/search_index.h"

struct store {
	char *dir;
	int lock_fd; /* -1 in a reading process */
	struct db *writer;
	struct search_index *search; /* of all readers */
	struct table_marks *marks;
	struct item_sets *sets; /* of all readers; NULL in a process that does not write: nobody tells it what changes */
	pthread_key_t reader; /* struct db * of each thread */
};

static void reader_close(void *db)
{
	db_close(db);
}

/* What a lock that could not be taken means to somebody who has a folder of data, and knows nothing of locks. */
static void explain_lock(const char *data_dir, int number, struct err *err)
{
	enum err_code code = err->code;

	err_clear(err);
	if (code == ERR_BUSY)
		err_set(err, ERR_BUSY,
			"the data folder '%s' is held by another matinee; end that one, or choose another folder with --data",
			data_dir);
	else
		err_set(err, code, "the data folder '%s' cannot be written: %s; choose another with --data", data_dir,
			strerror(number));
}

struct store *store_open(const char *data_dir, bool write, struct err *err)
{
	CLEANUP(cleanup_free) char *lock_path = fs_join(data_dir, "lock");
	struct store *store;

	if (write && fs_mkdirs(data_dir, err) < 0)
		return NULL;
	store = calloc(1, sizeof(*store));
	if (!store || !(store->dir = strdup(data_dir)) ||
	    pthread_key_create(&store->reader, reader_close) != 0)
		abort();
	store->lock_fd = -1;
	store->search = search_index_new();
	if (write) {
		store->lock_fd = fs_lock(lock_path, err);
		if (store->lock_fd < 0)
			explain_lock(data_dir, errno, err);
		else
			store->writer = db_open(data_dir, DB_WRITE, err);
		if (!store->writer) {
			store_close(store);
			return NULL;
		}
		store->marks = table_marks_new();
		store->sets = item_sets_new(store->marks);
		db_set_marks(store->writer, store->marks);
	}
	return store;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	db_close(pthread_getspecific(store->reader));
	pthread_key_delete(store->reader);
	db_close(store->writer);
	cleanup_fd(&store->lock_fd);
	search_index_free(store->search);
	item_sets_free(store->sets);
	table_marks_free(store->marks);
	free(store->dir);
	free(store);
}

const char *store_dir(const struct store *store)
{
	return store->dir;
}

struct db *store_writer(struct store *store)
{
	return store->writer;
}

struct db *store_reader(struct store *store, struct err *err)
{
	struct db *db = pthread_getspecific(store->reader);

	if (!db) {
		db = db_open(store->dir, DB_READ, err);
		if (db) {
			db_set_search(db, store->search);
			db_set_item_sets(db, store->sets);
		}
		pthread_setspecific(store->reader, db);
	}
	return db;
}

bool store_wants_warming(struct store *store)
{
	return store->sets && item_sets_wanted(store->sets);
}

int store_warm(struct store *store, struct err *err)
{
	struct db *db = store_reader(store, err);

	return db ? item_sets_warm(store->sets, db, err) : -(int)err->code;
}
