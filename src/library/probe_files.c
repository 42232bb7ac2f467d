/* probe_files.c - see probe_files.h. Answers are kept for up to a second and stored in one transaction: a
 * commit waits for the disk, and probing must not. What is lost by a crash is probed again. */
#include "library/probe_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "jobs/worker.h"
#include "library/chapters.h"
#include "library/walk_child.h"
#include "media/probe.h"
#include "store/scan_rows.h"

#define TIMEOUT_MS 60000
#define FETCH 200 /* rows read at once */
#define KEEP 50	  /* answers stored at once */
#define KEEP_MS 1000

struct answer {
	int64_t file_id;
	json_t *done; /* NULL: failed */
	char *why;
	bool unread; /* it is its disk that failed */
};

struct state {
	const struct library_scan *scan;
	const struct probe_scope *scopes;
	size_t scope_count, scope;
	struct library_progress *totals;
	struct db *db;
	struct arena arena; /* of the rows at hand */
	struct place_list rows;
	size_t row;
	int64_t after; /* last id read in this scope */
	struct looker *looker;
	struct answer answers[KEEP];
	size_t answer_count;
	int64_t kept_since_ms;
	bool broken; /* the store failed; err holds it */
	struct err err;
};

struct tag {
	int64_t file_id;
	size_t scope;
	char path[];
};

static void progress(struct state *s)
{
	if (s->scan->progress)
		s->scan->progress(s->scan->context, s->totals);
}

/* ---- storing ---- */

static int store_probe(struct state *s, int64_t file_id, const struct probe *probe, const char *why, bool unread,
		       struct err *err)
{
	if (!probe && unread)
		return probes_unread(s->db, file_id, why, err);
	if (!probe)
		return probes_fail(s->db, file_id, why, err);
	if (probes_set(s->db, file_id, probe, err) < 0)
		return -(int)ERR_STORE;
	return chapters_put(s->db, file_id, probe, err);
}

static int store_answer(struct state *s, const struct answer *answer, struct arena *arena, struct err *err)
{
	struct place_list twins;
	struct probe probe = { 0 };
	struct err why = { 0 };
	bool good = answer->done && probe_from_json(answer->done, arena, &probe, &why) == 0;
	const char *text = answer->why ? answer->why : why.text;

	s->totals->probed++;
	s->totals->failed += !good;
	if (scan_rows_twins(s->db, answer->file_id, arena, &twins, err) < 0 ||
	    store_probe(s, answer->file_id, good ? &probe : NULL, text, answer->unread, err) < 0)
		return -(int)ERR_STORE;
	for (size_t i = 0; i < twins.count; i++)
		if (store_probe(s, twins.places[i].id, good ? &probe : NULL, text, answer->unread, err) < 0)
			return -(int)ERR_STORE;
	return 0;
}

static void drop_answers(struct state *s)
{
	for (size_t i = 0; i < s->answer_count; i++) {
		json_decref(s->answers[i].done);
		free(s->answers[i].why);
	}
	s->answer_count = 0;
}

static void store_answers(struct state *s)
{
	struct arena arena = { 0 };
	int rc = 0;

	if (s->answer_count && !s->broken) {
		rc = db_begin(s->db, &s->err);
		if (rc == 0) {
			for (size_t i = 0; i < s->answer_count && rc >= 0; i++)
				rc = store_answer(s, &s->answers[i], &arena, &s->err);
			if (rc < 0)
				db_rollback(s->db);
			else
				rc = db_commit(s->db, &s->err);
		}
		s->broken = rc < 0;
		progress(s);
	}
	drop_answers(s);
	arena_free(&arena);
}

/* ---- the batch ---- */

static bool read_rows(struct state *s)
{
	const struct probe_scope *scope = &s->scopes[s->scope];
	int rc;

	arena_free(&s->arena);
	s->rows = (struct place_list) { 0 };
	s->row = 0;
	db_lock(s->db);
	rc = scan_rows_to_probe(s->db, scope->root_id, scope->under, s->scan->full, s->after, FETCH,
				&s->arena, &s->rows, &s->err);
	db_unlock(s->db);
	s->broken |= rc < 0;
	if (s->rows.count)
		s->after = s->rows.places[s->rows.count - 1].id;
	return s->rows.count > 0;
}

static json_t *next(void *context, void **ret_tag)
{
	struct state *s = context;
	const struct file_place *place;
	struct tag *tag;

	if (s->answer_count && clock_boot_ns() / CLOCK_MS - s->kept_since_ms > KEEP_MS)
		store_answers(s);
	while (!s->broken && s->row == s->rows.count && !read_rows(s)) {
		s->after = 0;
		if (++s->scope >= s->scope_count)
			return NULL;
	}
	if (s->broken)
		return NULL;
	place = &s->rows.places[s->row++];
	tag = malloc(sizeof(*tag) + strlen(place->path) + 1);
	if (!tag)
		abort();
	tag->file_id = place->id;
	tag->scope = s->scope;
	memcpy(tag->path, place->path, strlen(place->path) + 1);
	*ret_tag = tag;
	return json_pack("{s:s,s:o}", "job", "probe", "path", json_from_path(place->path));
}

/* The disk of a scope does not answer: what is left of it waits for the next scan. */
static void skip_scope(struct state *s, size_t scope)
{
	if (scope != s->scope)
		return;
	s->row = s->rows.count;
	s->after = INT64_MAX;
}

/* Not its fault: the probe was stopped, the file is not there now, or its disk does not answer. */
static bool is_no_answer(struct state *s, const struct tag *tag, const struct err *err)
{
	struct file_identity there;
	int rc;

	if (err->code == ERR_BUSY)
		return true;
	rc = looker_stat(s->looker, tag->path, &there, NULL, NULL);
	if (rc < 0)
		skip_scope(s, tag->scope);
	return rc <= 0;
}

/* A disk that failed, or a worker that hung: a share says EIO, ETIMEDOUT, ESTALE, ENOTCONN, and is well again an hour later. */
static bool is_of_the_disk(const struct err *err)
{
	return err->code == ERR_IO || err->code == ERR_TIMEOUT;
}

static void tell_unread(const struct state *s, const char *path)
{
	CLEANUP(cleanup_free) char *folder = strdup(path);

	if (!folder)
		abort();
	*strrchr(folder, '/') = '\0';
	if (s->scan->unread)
		s->scan->unread(s->scan->context, folder);
}

static void result(void *context, void *pointer, const json_t *done, const struct err *err)
{
	CLEANUP(cleanup_free) struct tag *tag = pointer;
	struct state *s = context;

	if (err && is_no_answer(s, tag, err))
		return; /* the next scan knows more */
	if (err && is_of_the_disk(err))
		tell_unread(s, tag->path);
	if (!s->answer_count)
		s->kept_since_ms = clock_boot_ns() / CLOCK_MS;
	s->answers[s->answer_count++] = (struct answer) {
		.file_id = tag->file_id,
		.done = done ? json_incref((json_t *)done) : NULL,
		.why = err ? strdup(err->text) : NULL,
		.unread = err && is_of_the_disk(err),
	};
	if (s->answer_count == KEEP)
		store_answers(s);
}

static int count_all(struct state *s, struct err *err)
{
	int rc = 0;

	db_lock(s->db);
	for (size_t i = 0; i < s->scope_count && rc == 0; i++) {
		int64_t n = 0;

		rc = scan_rows_count_to_probe(s->db, s->scopes[i].root_id, s->scopes[i].under, s->scan->full,
					      &n, err);
		s->totals->to_probe += n;
	}
	db_unlock(s->db);
	return rc;
}

int probe_files_run(const struct library_scan *scan, const struct probe_scope *scopes, size_t count,
		    struct library_progress *totals, struct err *err)
{
	struct state *s = calloc(1, sizeof(*s));
	struct worker_batch batch = { .count = scan->workers ? scan->workers : 2,
				      .timeout_ms = TIMEOUT_MS,
				      .limits = { .nice = 10 },
				      .context = s,
				      .next = next,
				      .result = result,
				      .cancelled = scan->cancelled };
	int rc;

	if (!s)
		abort();
	s->scan = scan;
	s->scopes = scopes;
	s->scope_count = count;
	s->totals = totals;
	s->db = store_writer(scan->store);
	s->looker = looker_new();
	rc = count_all(s, err);
	if (rc == 0 && totals->to_probe) {
		progress(s);
		rc = worker_batch_run(&batch, err);
		store_answers(s);
	}
	if (s->broken)
		rc = err_set(err, s->err.code, "%s", s->err.text);
	looker_free(s->looker);
	arena_free(&s->arena);
	free(s);
	return rc;
}
