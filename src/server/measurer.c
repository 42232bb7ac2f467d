/* measurer.c - see measurer.h. One thread, one file at a time. It goes through the log's clips in the order in which they
 * were built, and begins again when it rests. What cannot be measured is noted and not tried again, unless it may pass
 * (the file cannot be seen just now): that is for the next round. */
#include "server/measurer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/waker.h"
#include "server/asker.h"
#include "server/builder.h"
#include "server/hearing.h"
#include "server/parts.h"
#include "station/gain.h"
#include "station/lineup.h"
#include "station/on_air.h"
#include "store/channels.h"
#include "store/copy_plans.h"
#include "store/items.h"
#include "store/loudness.h"
#include "store/validations.h"
#include "stream/copy_plan.h"

#define REST_NS (30 * CLOCK_SECOND)
#define REBUILD_NS (60 * CLOCK_SECOND)
#define UNREAD_MS (INT64_C(600) * 1000) /* until a file whose disk failed is tried again */
#define HUNG_NS (600 * CLOCK_SECOND) /* until one whose disk hung is asked again: others come first */
#define HUNG_MAX 64
#define BUSY_NS (5 * CLOCK_SECOND) /* until it is looked again whether all is idle */

struct measurer {
	struct server *server;
	bool loudness, validate;
	struct asker *asker;
	struct hung {
		int64_t file_id, until_ns;
	} hung[HUNG_MAX]; /* a ring */
	size_t hung_next;
	struct waker waker;
};

/* Each costs half a minute while its disk hangs. */
static bool hung_lately(const struct measurer *m, int64_t file_id)
{
	for (size_t i = 0; i < HUNG_MAX; i++)
		if (m->hung[i].file_id == file_id && clock_boot_ns() < m->hung[i].until_ns)
			return true;
	return false;
}

static void note_hung(struct measurer *m, int64_t file_id, const char *path)
{
	log_warning("measure", "'%s' is measured later: its disk does not answer", path);
	m->hung[m->hung_next] = (struct hung){ file_id, clock_boot_ns() + HUNG_NS };
	m->hung_next = (m->hung_next + 1) % HUNG_MAX;
}

/* `codec`: of the pictures that the job is about; NULL: any. */
static bool ask(struct measurer *m, const char *job, const char *path, const char *codec, json_t **ret_done, struct err *err)
{
	json_t *request = json_pack("{s:s, s:o, s:s*}", "job", job, "path", json_from_path(path), "codec", codec);

	return asker_ask(m->asker, m->server->producer, request, false, ret_done, err);
}

/* Nothing is being encoded, neither for viewers nor ahead. */
static bool idle(struct measurer *m)
{
	CLEANUP(json_cleanup) json_t *workers = producer_workers(m->server->producer);

	for (size_t i = 0; i < json_array_size(workers); i++)
		if (strcmp(json_text(json_array_get(workers, i), "job", ""), "encode") == 0)
			return false;
	return true;
}

/* 1 when a file was measured, 0 when there is none, <0 when the measurer stops or the store fails. */
static int measure_loudness(struct measurer *m, bool complete, int64_t *after)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct db *db = store_reader(m->server->store, NULL);
	struct hearing_house house = { store_writer(m->server->store), m->server->time, m->server->producer };
	struct loudness_wanted wanted;
	int rc = db ? loudness_next(db, complete, *after, &arena, &wanted, NULL) : -(int)ERR_STORE;

	if (rc < 0)
		return rc == -(int)ERR_NOT_FOUND ? 0 : -1;
	*after = wanted.clip_id;
	if (hung_lately(m, wanted.file_id))
		return 1;
	rc = hearing_measure(&house, m->asker, &wanted, complete, false);
	if (rc == -(int)ERR_TIMEOUT)
		note_hung(m, wanted.file_id, wanted.path);
	return rc == -(int)ERR_BUSY ? -1 : 1;
}

/* ---- validation ---- */

/* `remarks` NULL: none. */
static void keep_validation(struct measurer *m, const struct item_media *file, const json_t *problems, const json_t *remarks)
{
	CLEANUP(buf_free) struct buf report = { 0 };
	struct db *writer = store_writer(m->server->store);
	struct err err = { 0 };
	bool sound = json_array_size(problems) == 0;
	int rc;

	json_write(&report, sound && remarks ? remarks : problems);
	db_lock(writer);
	rc = validation_set(writer, file, sound, buf_text(&report), clock_wall_ms(), &err);
	db_unlock(writer);
	if (rc < 0)
		log_warning("validate", "keep what was found in '%s': %s", file->path, err.text);
	if (rc > 0) {
		log_info("validate", "'%s' is sound again", file->path);
		builder_library_changed(m->server->builder);
	}
	if (rc == 0 && !sound) {
		log_warning("validate", "'%s' is not scheduled: %s", file->path,
			    json_string_value(json_array_get(problems, 0)));
		builder_library_changed(m->server->builder);
	}
}

static void keep_unread(struct measurer *m, const struct item_media *file, const char *why)
{
	struct db *writer = store_writer(m->server->store);
	struct err err = { 0 };
	int rc;

	db_lock(writer);
	rc = validation_set_unread(writer, file->file_id, why, clock_wall_ms(), &err);
	db_unlock(writer);
	if (rc < 0)
		log_warning("validate", "keep that '%s' cannot be read: %s", file->path, err.text);
	if (rc > 0) {
		log_warning("validate", "'%s' is not scheduled until it can be read: %s", file->path, why);
		builder_library_changed(m->server->builder);
	}
}

/* False when the measurer stops. */
static bool validate_file(struct measurer *m, const struct item_media *file)
{
	CLEANUP(json_cleanup) json_t *done = NULL, *problems = NULL;
	struct err err = { 0 };
	struct stat st;

	if (!ask(m, "validate", file->path, NULL, &done, &err))
		return false;
	if (err.code == ERR_TIMEOUT) { /* its disk may hang: this thread does not touch it */
		keep_unread(m, file, err.text);
		return true;
	}
	if ((err.code || json_array_size(json_object_get(done, "problems"))) && stat(file->path, &st) < 0) /* not its fault */
		return true;
	if (done)
		problems = json_incref(json_object_get(done, "problems"));
	else if (hearing_lasts(&err))
		problems = json_pack("[s]", err.text);
	if (json_is_array(problems))
		keep_validation(m, file, problems, done ? json_object_get(done, "remarks") : NULL);
	else if (err.code == ERR_IO)
		keep_unread(m, file, err.text);
	return true;
}

/* As measure_loudness(). */
static int validate(struct measurer *m, bool airing, int64_t *after)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct db *db = store_reader(m->server->store, NULL);
	struct item_media file;
	int rc = db ? validation_next(db, airing, *after, &arena, &file, NULL) : -(int)ERR_STORE;

	if (rc < 0)
		return rc == -(int)ERR_NOT_FOUND ? 0 : -1;
	*after = file.file_id;
	return validate_file(m, &file) ? 1 : -1;
}

/* Whose disk had failed, one after the other: whoever is on the air, for it is little and tells what may air. */
static void try_unread(struct measurer *m)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct db *db = store_reader(m->server->store, NULL);
	struct item_media file = { 0 };

	while (db && !waker_ends(&m->waker) &&
	       validation_next_unread(db, clock_wall_ms() - UNREAD_MS, file.file_id, &arena, &file, NULL) == 0 &&
	       validate_file(m, &file))
		;
}

/* Those that air first; false when it waits for the house to be idle. */
static bool validate_all(struct measurer *m)
{
	for (int airing = 1; airing >= 0; airing--) {
		int64_t after = 0;
		int rc = 1;

		while (rc > 0) {
			if (waker_ends(&m->waker))
				return true;
			if (!idle(m))
				return false;
			rc = validate(m, airing != 0, &after);
		}
	}
	return true;
}

/* ---- copy plans ---- */

static bool keep_plan(struct measurer *m, const struct copy_plan_wanted *wanted, const char *codec,
		      const struct copy_plan_row *row)
{
	struct db *writer = store_writer(m->server->store);
	struct err err = { 0 };
	int rc;

	db_lock(writer);
	rc = copy_plans_set(writer, wanted->file_id, codec, wanted->sample_hash, row, &err);
	db_unlock(writer);
	if (rc < 0)
		log_warning("measure", "keep the copy plan of '%s': %s", wanted->path, err.text);
	return rc >= 0;
}

/* As measure_loudness(); *made: there is a plan more that can be used, or one less. */
static int make_plan(struct measurer *m, const char *profile, int64_t *after, bool *made)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(json_cleanup) json_t *done = NULL;
	struct db *db = store_reader(m->server->store, NULL);
	const char *codec = profile_copied(profile);
	struct copy_plan_row row = { 0 };
	struct copy_plan_wanted wanted;
	struct copy_plan plan;
	struct err err = { 0 };
	int rc = db ? copy_plans_next(db, profile, codec, *after, &arena, &wanted, NULL) : -(int)ERR_STORE;

	if (rc < 0)
		return rc == -(int)ERR_NOT_FOUND ? 0 : -1;
	*after = wanted.clip_id;
	if (hung_lately(m, wanted.file_id))
		return 1;
	if (!ask(m, "copy_plan", wanted.path, codec, &done, &err))
		return -1;
	if (done && copy_plan_from_json(done, &arena, &plan, &err) == 0) {
		row.lengths = plan.lengths;
		row.width = plan.width;
		row.height = plan.height;
		*made = keep_plan(m, &wanted, codec, &row) || *made;
	} else if (hearing_lasts(&err)) {
		log_info("measure", "'%s' is encoded, it cannot be copied: %s", wanted.path, err.text);
		row.error = err.text;
		*made = (keep_plan(m, &wanted, codec, &row) && wanted.copied) || *made;
	} else if (err.code == ERR_TIMEOUT) {
		note_hung(m, wanted.file_id, wanted.path);
	}
	return 1;
}

/* What the channels that copy have beyond the lock is built again with the new plans; one that is new and that nobody has
 * watched begins anew with them. */
static void rebuild(struct measurer *m)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct db *db = store_reader(m->server->store, NULL), *writer = store_writer(m->server->store);
	struct channel_list list = { 0 };
	struct err err = { 0 };

	if (!db || channels_list(db, &arena, &list, NULL) < 0)
		return;
	for (size_t i = 0; i < list.count; i++)
		if (list.channels[i].enabled && on_air_copies(&list.channels[i])) {
			int rc = lineup_begin_copying(writer, m->server->time, list.channels[i].id, &err);

			if (rc < 0)
				log_warning("measure", "%s", err.text);
			if (rc > 0)
				log_info("measure", "channel %d begins anew with its copy plans", list.channels[i].number);
			builder_changed(m->server->builder, list.channels[i].id);
		}
}

static int make_plans(struct measurer *m)
{
	static const char *const profiles[] = { PROFILE_SOURCE, PROFILE_SOURCE_HEVC };
	int64_t after = 0, next_ns = 0;
	bool made = false;
	size_t i = 0;
	int rc = 1;

	while (rc > 0 && !waker_ends(&m->waker)) {
		rc = make_plan(m, profiles[i], &after, &made);
		if (rc == 0 && ++i < ARRAY_LEN(profiles)) {
			after = 0;
			rc = 1;
		}
		if (!made || clock_boot_ns() < next_ns)
			continue;
		rebuild(m); /* with the first, which is that of what airs first; then now and then */
		made = false;
		next_ns = clock_boot_ns() + REBUILD_NS;
	}
	if (made && !waker_ends(&m->waker))
		rebuild(m);
	return rc;
}

/* ---- the thread ---- */

/* What one round does until nothing is left; false when something waits for the house to be idle. */
static bool round_of(struct measurer *m)
{
	int64_t quick = 0, whole = 0;
	int rc = make_plans(m) < 0 ? -1 : 1;

	try_unread(m);
	while (m->loudness && rc > 0 && !waker_ends(&m->waker)) {
		rc = measure_loudness(m, false, &quick);
		if (rc != 0)
			continue;
		if (!idle(m))
			return false;
		rc = measure_loudness(m, true, &whole);
	}
	return !m->validate || waker_ends(&m->waker) || validate_all(m);
}

static void *run(void *context)
{
	struct measurer *m = context;
	struct db *writer = store_writer(m->server->store);
	struct err err = { 0 };
	int rc = gain_set(writer, m->loudness, &err);

	if (rc > 0)
		rc = gain_apply(writer, m->server->time, 0, &err);
	if (rc < 0)
		log_warning("measure", "%s", err.text);
	while (!waker_ends(&m->waker))
		waker_rest(&m->waker, round_of(m) ? REST_NS : BUSY_NS);
	return NULL;
}

struct measurer *measurer_start(struct server *server, bool loudness, bool validate)
{
	struct measurer *m = calloc(1, sizeof(*m));

	if (!m)
		abort();
	m->server = server;
	m->loudness = loudness;
	m->validate = validate;
	m->asker = asker_new();
	waker_init(&m->waker);
	waker_start(&m->waker, "measure", run, m);
	return m;
}

void measurer_poke(struct measurer *measurer)
{
	if (measurer)
		waker_poke(&measurer->waker);
}

void measurer_stop(struct measurer *measurer)
{
	if (!measurer)
		return;
	waker_end(&measurer->waker);
	asker_stop(measurer->asker);
	waker_stop(&measurer->waker);
}

void measurer_free(struct measurer *measurer)
{
	if (!measurer)
		return;
	asker_free(measurer->asker);
	waker_free(&measurer->waker);
	free(measurer);
}
