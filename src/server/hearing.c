/* hearing.c - see hearing.h. */
#include "server/hearing.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "server/asker.h"
#include "server/builder.h"
#include "server/parts.h"
#include "station/gain.h"
#include "stream/loudness.h"

#define WANTED_MAX 64

struct one {
	int64_t file_id;
	char *path, *sample_hash; /* NULL once it was heard */
};

struct hearing {
	struct server *server;
	struct asker *asker;
	pthread_t thread;
	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t changed;
	bool stopping;
	struct one wanted[WANTED_MAX]; /* a ring: [first, first + count) wait, the others were tried */
	size_t first, count;
};

bool hearing_lasts(const struct err *err)
{
	return err->code == ERR_MEDIA || err->code == ERR_WORKER || err->code == ERR_INVALID || err->code == ERR_UNSUPPORTED;
}

static void keep(const struct hearing_house *house, const struct loudness_wanted *wanted, const struct loudness_row *row)
{
	struct db *writer = house->writer;
	struct err err = { 0 };
	int rc;

	db_lock(writer);
	rc = loudness_set(writer, wanted->file_id, wanted->sample_hash, row, &err);
	db_unlock(writer);
	if (rc >= 0)
		rc = gain_apply(writer, house->time, wanted->file_id, &err);
	if (rc < 0)
		log_warning("measure", "keep how loud '%s' is: %s", wanted->path, err.text);
}

int hearing_measure(const struct hearing_house *house, struct asker *asker, const struct loudness_wanted *wanted, bool complete,
		    bool soon)
{
	CLEANUP(json_cleanup) json_t *done = NULL;
	struct loudness_row row = { .complete = complete };
	struct loudness loudness;
	struct err err = { 0 };
	json_t *request =
		json_pack("{s:s, s:o, s:b}", "job", "loudness", "path", json_from_path(wanted->path), "quick", !complete);

	if (!asker_ask(asker, house->producer, request, soon, &done, &err))
		return -(int)ERR_BUSY;
	if (done && loudness_from_json(done, &loudness, &err) == 0) {
		row.silent = loudness.silent;
		row.integrated = loudness.integrated;
		row.true_peak = loudness.true_peak;
		row.range = loudness.range;
	} else if (hearing_lasts(&err)) {
		row.error = err.text;
		log_info("measure", "%s", err.text);
	} else {
		return err.code == ERR_TIMEOUT ? -(int)ERR_TIMEOUT : 0;
	}
	keep(house, wanted, &row);
	return 1;
}

/* ---- files that somebody waits for ---- */

/* The next one, taken over; false when it stops. */
static bool take(struct hearing *h, struct one *ret)
{
	bool stopping;

	pthread_mutex_lock(&h->lock);
	while (!h->count && !h->stopping)
		pthread_cond_wait(&h->changed, &h->lock);
	stopping = h->stopping;
	if (!stopping)
		*ret = h->wanted[h->first];
	pthread_mutex_unlock(&h->lock);
	return !stopping;
}

static void drop(struct one *one)
{
	free(one->path);
	free(one->sample_hash);
	one->path = one->sample_hash = NULL;
}

static void *run(void *context)
{
	struct hearing *h = context;
	struct hearing_house house = { store_writer(h->server->store), h->server->time, h->server->producer };
	struct one one;

	while (take(h, &one)) {
		struct loudness_wanted wanted = { .file_id = one.file_id, .path = one.path, .sample_hash = one.sample_hash };

		if (hearing_measure(&house, h->asker, &wanted, false, true) == -(int)ERR_BUSY)
			break;
		pthread_mutex_lock(&h->lock);
		drop(&h->wanted[h->first]);
		h->first = (h->first + 1) % WANTED_MAX;
		h->count--;
		pthread_mutex_unlock(&h->lock);
		builder_wake(h->server->builder);
	}
	return NULL;
}

struct hearing *hearing_start(struct server *server)
{
	struct hearing *h = calloc(1, sizeof(*h));

	if (!h)
		abort();
	h->server = server;
	h->asker = asker_new();
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->changed, NULL);
	if (pthread_create(&h->thread, NULL, run, h) != 0)
		abort();
	pthread_setname_np(h->thread, "hearing");
	return h;
}

static bool add(struct hearing *h, const struct loudness_wanted *wanted)
{
	struct one *one = &h->wanted[(h->first + h->count) % WANTED_MAX];

	for (size_t i = 0; i < WANTED_MAX; i++)
		if (h->wanted[i].file_id == wanted->file_id)
			return h->wanted[i].path != NULL;
	if (h->count == WANTED_MAX - 1)
		return false;
	*one = (struct one){ wanted->file_id, strdup(wanted->path), strdup(wanted->sample_hash) };
	if (!one->path || !one->sample_hash)
		abort();
	h->count++;
	pthread_cond_signal(&h->changed);
	return true;
}

bool hearing_want(struct hearing *hearing, const struct loudness_wanted *wanted)
{
	bool waits;

	pthread_mutex_lock(&hearing->lock);
	waits = add(hearing, wanted);
	pthread_mutex_unlock(&hearing->lock);
	return waits;
}

void hearing_stop(struct hearing *hearing)
{
	if (!hearing)
		return;
	pthread_mutex_lock(&hearing->lock);
	hearing->stopping = true;
	pthread_cond_signal(&hearing->changed);
	pthread_mutex_unlock(&hearing->lock);
	asker_stop(hearing->asker);
	pthread_join(hearing->thread, NULL);
}

void hearing_free(struct hearing *hearing)
{
	if (!hearing)
		return;
	for (size_t i = 0; i < WANTED_MAX; i++)
		drop(&hearing->wanted[i]);
	asker_free(hearing->asker);
	pthread_cond_destroy(&hearing->changed);
	pthread_mutex_destroy(&hearing->lock);
	free(hearing);
}
