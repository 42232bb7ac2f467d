/* job_kinds.c - see job_kinds.h. One row a kind; a run() here only reads the payload, the work is below
 * server/.
 *
 * Lanes: "disk" reads whole files, "files" moves files, "media" decodes them; "breaks" too, for hours. */
#include "server/job_kinds.h"

#include <string.h>

#include "base/cleanup.h"
#include "library/hash_files.h"
#include "library/media_work.h"
#include "server/batch_job.h"
#include "server/builder.h"
#include "server/parts.h"
#include "server/prepare.h"
#include "store/filter.h"
#include "store/metadata.h"

/* ---- hash: {"what": "sample" | "full" | "essence", "root": id or absent: all} ---- */

static int hash_of(const json_t *payload, enum file_hash *ret, struct err *err)
{
	static const char *const names[] = { "sample", "full", "essence" };
	const char *what = json_text(payload, "what", "full");

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], what) == 0) {
			*ret = (enum file_hash)i;
			return 0;
		}
	return err_set(err, ERR_INVALID, "'what' must be sample, full or essence");
}

static int hash_check(const json_t *payload, struct err *err)
{
	const json_t *root = json_object_get(payload, "root");
	enum file_hash hash;

	if (root && !json_is_integer(root))
		return err_set(err, ERR_INVALID, "'root' must be the number of a root");
	return hash_of(payload, &hash, err);
}

static void hash_progress(void *context, const struct hash_progress *p)
{
	queue_job_progress(context, p->bytes ? (double)p->bytes_done / (double)p->bytes : -1,
			   "%lld of %lld files, %lld of %lld MB", (long long)p->files_done,
			   (long long)p->files, (long long)(p->bytes_done >> 20),
			   (long long)(p->bytes >> 20));
}

static int hash_run(struct queue_job *job, const json_t *payload, json_t **ret_result, struct err *err)
{
	struct hash_files files = { .store = queue_job_store(job),
				    .root_id = json_int(payload, "root", 0),
				    .context = job,
				    .progress = hash_progress,
				    .cancelled = queue_job_cancelled(job) };
	struct hash_progress totals = { 0 };
	int rc = hash_of(payload, &files.hash, err);

	if (rc == 0)
		rc = hash_files_run(&files, &totals, err);
	if (rc == 0)
		*ret_result = json_pack("{s:I, s:I, s:I}", "files", (json_int_t)totals.files_done, "failed",
					(json_int_t)totals.failed, "bytes", (json_int_t)totals.bytes_done);
	return rc;
}

/* ---- markers: {"item": id, "apply": bool}; breaks: {"longer_ms": n}; validate: {"item": id} or {"q": filter} ---- */

static void media_progress(void *context, double progress, const char *what)
{
	const char *slash = strrchr(what, '/');

	queue_job_progress(context, progress, "%s", slash ? slash + 1 : what);
}

static int media_work_of(struct queue_job *job, struct media_work *ret, struct err *err)
{
	*ret = (struct media_work){ .store = queue_job_store(job),
				    .reader = store_reader(queue_job_store(job), err),
				    .context = job,
				    .progress = media_progress,
				    .cancelled = queue_job_cancelled(job) };
	return ret->reader ? 0 : -(int)ERR_STORE;
}

static void tell_builder(struct queue_job *job)
{
	struct server *server = queue_job_context(job);

	if (server && server->builder)
		builder_library_changed(server->builder);
}

static int markers_check(const json_t *payload, struct err *err)
{
	if (json_int(payload, "item", 0) < 1)
		return err_set(err, ERR_INVALID, "'item' must be the number of an item");
	return 0;
}

static int markers_run(struct queue_job *job, const json_t *payload, json_t **ret_result, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	bool apply = json_flag(payload, "apply", false);
	struct media_work work;
	struct break_points points;
	int rc = media_work_of(job, &work, err);

	if (rc == 0)
		rc = media_work_breaks(&work, json_int(payload, "item", 0), apply, &arena, &points, err);
	if (rc < 0)
		return rc;
	*ret_result = media_work_breaks_json(&points, apply);
	if (apply)
		tell_builder(job);
	return 0;
}

static int breaks_check(const json_t *payload, struct err *err)
{
	const json_t *longer = json_object_get(payload, "longer_ms");

	if (longer && (!json_is_integer(longer) || json_integer_value(longer) < 0))
		return err_set(err, ERR_INVALID, "'longer_ms' must be a number of milliseconds");
	return 0;
}

static int breaks_run(struct queue_job *job, const json_t *payload, json_t **ret_result, struct err *err)
{
	struct breaks_totals totals = { 0 };
	struct media_work work;
	int rc = media_work_of(job, &work, err);

	if (rc == 0)
		rc = media_work_breaks_all(&work, json_int(payload, "longer_ms", BREAKS_LONGER_MS), &totals, err);
	if (totals.breaks)
		tell_builder(job);
	if (rc == 0)
		*ret_result = json_pack("{s:I,s:I,s:I}", "items", (json_int_t)totals.done, "breaks", (json_int_t)totals.breaks, "failed",
					(json_int_t)totals.failed);
	return rc;
}

static int validate_check(const json_t *payload, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	const char *query = json_text(payload, "q", NULL);
	struct filter filter;

	return query ? filter_parse(query, 0, &arena, &filter, err) : markers_check(payload, err);
}

static int validate_run(struct queue_job *job, const json_t *payload, json_t **ret_result, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	const char *query = json_text(payload, "q", NULL);
	int64_t item = json_int(payload, "item", 0);
	struct item_ids ids = { &item, 1 };
	struct validation_totals totals;
	struct media_work work;
	int rc = media_work_of(job, &work, err);

	if (rc == 0 && query)
		rc = items_ids(work.reader, &(struct item_query){ .search = query }, &arena, &ids, err);
	if (rc == 0)
		rc = media_work_validate(&work, ids.ids, ids.count, NULL, &totals, err);
	if (rc < 0)
		return rc;
	*ret_result = json_pack("{s:I,s:I,s:I}", "items", (json_int_t)totals.items, "files", (json_int_t)totals.files, "failed",
				(json_int_t)totals.failed);
	if (totals.failed)
		tell_builder(job);
	return 0;
}

/* ---- prepare: {"channel": id or absent: all, "hours": 1..72} ---- */

static int prepare_check(const json_t *payload, struct err *err)
{
	const json_t *channel = json_object_get(payload, "channel"), *hours = json_object_get(payload, "hours");

	if (channel && !json_is_null(channel) && !json_is_integer(channel))
		return err_set(err, ERR_INVALID, "'channel' must be the id of a channel, or null for all");
	if (hours && (!json_is_integer(hours) || json_integer_value(hours) < 1 ||
		      json_integer_value(hours) > PREPARE_HOURS_MAX))
		return err_set(err, ERR_INVALID, "'hours' must be from 1 to %d", PREPARE_HOURS_MAX);
	return 0;
}

static void prepare_progress(void *context, const struct prepare_totals *t)
{
	if (!t->segments) {
		queue_job_progress(context, -1, "hearing how loud files are: %lld so far", (long long)t->heard);
		return;
	}
	if (t->speed < 0.05) /* nothing was made yet */
		queue_job_progress(context, (double)t->done / (double)t->segments, "%lld of %lld segments",
				   (long long)t->done, (long long)t->segments);
	else
		queue_job_progress(context, (double)t->done / (double)t->segments,
				   "%lld of %lld segments, %.1f x real time", (long long)t->done,
				   (long long)t->segments, t->speed);
}

static int prepare_job(struct queue_job *job, const json_t *payload, json_t **ret_result, struct err *err)
{
	struct server *server = queue_job_context(job);
	struct prepare prepare = { .reader = store_reader(server->store, err),
				   .writer = store_writer(server->store),
				   .time = server->time,
				   .producer = server->producer,
				   .cache = server->cache,
				   .past = server->past_watch,
				   .channel_id = json_int(payload, "channel", 0),
				   .hours = json_int(payload, "hours", PREPARE_HOURS),
				   .cancelled = queue_job_cancelled(job),
				   .context = job,
				   .progress = prepare_progress };
	struct prepare_totals totals;
	int rc = prepare.reader ? prepare_run(&prepare, &totals, err) : -(int)err->code;

	if (rc == 0)
		*ret_result = prepare_json(&totals);
	return rc;
}

const struct queue_kind job_kinds[] = {
	{ .kind = "prepare", .lane = "prepare", .again = true, .open = true, .run = prepare_job, .check = prepare_check },
	{ .kind = "batch", .lane = "files", .run = batch_job },
	{ .kind = "recover", .lane = "files", .run = recover_job },
	{ .kind = "empty_trash", .lane = "files", .again = true, .run = empty_trash_job },
	{ .kind = "hash", .lane = "disk", .again = true, .open = true, .run = hash_run, .check = hash_check },
	{ .kind = "markers", .lane = "media", .again = true, .open = true, .run = markers_run, .check = markers_check },
	{ .kind = "breaks", .lane = "breaks", .again = true, .open = true, .run = breaks_run, .check = breaks_check },
	{ .kind = "validate", .lane = "media", .again = true, .open = true, .run = validate_run, .check = validate_check },
	{ .kind = NULL },
};
