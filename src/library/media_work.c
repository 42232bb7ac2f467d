/* media_work.c - see media_work.h. Here are the batches and what is stored; looking is in media/frames.c and
 * soundness.c. */
#include "library/media_work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "jobs/worker.h"
#include "store/break_looks.h"
#include "store/filing.h"
#include "store/validations.h"

#define FRAMES_SILENT_MS 120000 /* a worker that says nothing for so long hangs */
#define VALIDATE_MS 120000

static void tell(const struct media_work *work, double progress, const char *what)
{
	if (work->progress)
		work->progress(work->context, progress, what);
}

/* ---- break points ---- */

struct looking {
	const struct media_work *work;
	const struct item_media *file;
	struct arena *arena;
	int64_t offset_ms;
	size_t part, parts;
	bool sent;
	struct frames_places *places;
	size_t cap;
	struct err err;
};

static json_t *next_file(void *context, void **ret_tag)
{
	struct looking *l = context;

	if (l->sent)
		return NULL;
	l->sent = true;
	*ret_tag = l;
	return json_pack("{s:s,s:o}", "job", "frames", "path", json_from_path(l->file->path));
}

static void take_places(void *context, void *tag, const json_t *done, const struct err *err)
{
	struct looking *l = context;
	const json_t *list = json_object_get(done, "places");

	(void)tag;
	if (err) {
		l->err = *err;
		return;
	}
	for (size_t i = 0; i < json_array_size(list) && i < FRAMES_PLACES_MAX; i++) {
		const json_t *p = json_array_get(list, i);

		ARENA_GROW(l->arena, l->places->places, l->places->count, l->cap);
		l->places->places[l->places->count++] = (struct frames_place) {
			.at_ms = l->offset_ms + json_int(p, "at_ms", 0),
			.black_ms = json_int(p, "black_ms", 0),
			.luma = json_number(p, "luma", 255),
			.silence_ms = json_int(p, "silence_ms", 0),
			.level_db = json_number(p, "level_db", 0),
		};
	}
	if (!l->file->duration_ms)
		l->places->duration_ms += json_int(done, "duration_ms", 0);
}

static void on_report(void *context, void *tag, const json_t *report)
{
	struct looking *l = context;

	(void)tag;
	tell(l->work, ((double)l->part + json_number(report, "progress", 0)) / (double)l->parts,
	     l->file->path);
}

static int look_at(const struct media_work *work, struct looking *l, struct err *err)
{
	struct worker_batch batch = { .count = 1,
				      .timeout_ms = FRAMES_SILENT_MS,
				      .limits = { .nice = 15, .idle_io = true },
				      .context = l,
				      .next = next_file,
				      .result = take_places,
				      .report = on_report,
				      .cancelled = work->cancelled };
	int rc = worker_batch_run(&batch, err);

	if (rc == 0 && l->err.code)
		rc = err_set(err, l->err.code, "%s", l->err.text);
	return rc;
}

/* One file for each part, the best version. */
static size_t leave_versions_out(struct item_media_list *files)
{
	size_t n = 0;

	for (size_t i = 0; i < files->count; i++)
		if (!n || files->files[n - 1].part != files->files[i].part)
			files->files[n++] = files->files[i];
	return files->count = n;
}

static int find_places(const struct media_work *work, int64_t item_id, struct arena *arena,
		       struct frames_places *ret, struct err *err)
{
	struct item_media_list files;
	struct looking l = { .work = work, .arena = arena, .places = ret };

	if (item_media_list(work->reader, item_id, arena, &files, err) < 0)
		return -(int)ERR_STORE;
	l.parts = leave_versions_out(&files);
	if (!l.parts)
		return err_set(err, ERR_NOT_FOUND, "item %lld has no file that is there", (long long)item_id);
	for (; l.part < l.parts; l.part++) {
		l.file = &files.files[l.part];
		l.sent = false;
		if (look_at(work, &l, err) < 0)
			return -(int)err->code;
		l.offset_ms += l.file->duration_ms;
		ret->duration_ms += l.file->duration_ms;
	}
	return 0;
}

/* Breaks that stay: all that were not generated. */
static int kept_breaks(struct db *db, int64_t item_id, struct arena *arena, int64_t **ret, size_t *ret_count,
		       struct err *err)
{
	struct marker_list list;
	size_t cap = 0;

	*ret = NULL;
	*ret_count = 0;
	if (markers_list(db, item_id, arena, &list, err) < 0)
		return -(int)ERR_STORE;
	for (size_t i = 0; i < list.count; i++) {
		if (strcmp(list.markers[i].kind, "break") != 0 ||
		    strcmp(list.markers[i].source, "black") == 0)
			continue;
		ARENA_GROW(arena, *ret, *ret_count, cap);
		(*ret)[(*ret_count)++] = list.markers[i].start_ms;
	}
	return 0;
}

static int store_breaks(struct db *db, int64_t item_id, const struct break_points *points,
			struct arena *arena, struct err *err)
{
	struct marker *markers = arena_alloc(arena, (points->count + 1) * sizeof(*markers));
	size_t n = 0;

	for (size_t i = 0; i < points->count; i++)
		if (points->points[i].chosen)
			markers[n++] = (struct marker) { .kind = "break",
							 .start_ms = points->points[i].place.at_ms,
							 .title = "" };
	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	if (filing_replace_markers(db, item_id, "black", markers, n, err) < 0) {
		db_rollback(db);
		return -(int)ERR_STORE;
	}
	return db_commit(db, err);
}

int media_work_breaks(const struct media_work *work, int64_t item_id, bool apply, struct arena *arena,
		      struct break_points *ret, struct err *err)
{
	struct frames_places places = { 0 };
	struct item item;
	int64_t *kept;
	size_t kept_count;

	if (items_get(work->reader, item_id, arena, &item, err) < 0 ||
	    find_places(work, item_id, arena, &places, err) < 0 ||
	    kept_breaks(work->reader, item_id, arena, &kept, &kept_count, err) < 0)
		return -(int)err->code;
	break_points_choose(&places, kept, kept_count, arena, ret);
	return apply ? store_breaks(store_writer(work->store), item_id, ret, arena, err) : 0;
}

/* What is true of one of many. */
struct one_of {
	const struct media_work *work;
	const struct breaks_totals *totals;
	int64_t hung; /* the item before, when it took too long; 0: it did not */
	char why[200];
};

static void tell_of_one(void *context, double progress, const char *what)
{
	const struct one_of *one = context;

	tell(one->work, ((double)one->totals->done + progress) / (double)one->totals->items, what);
}

static bool is_stopped(const struct media_work *work)
{
	return work->cancelled && *work->cancelled;
}

/* What came of it; `why` NULL: it could be looked at. */
static int note_look(const struct media_work *work, int64_t item_id, const char *why, struct err *err)
{
	struct db *db = store_writer(work->store);
	int rc;

	db_lock(db);
	rc = break_looks_set(db, item_id, why, err);
	db_unlock(db);
	return rc;
}

/* A worker that hangs: for a file that is to blame the next one goes well, and then it is noted. Two in a row are a disk that
 * does not answer. */
static int took_too_long(struct one_of *one, int64_t item_id, const struct err *why, struct err *err)
{
	if (one->hung)
		return err_set(err, ERR_TIMEOUT, "%s; the rest waits for the next time", why->text);
	one->hung = item_id;
	snprintf(one->why, sizeof(one->why), "%.190s", why->text);
	return 0;
}

/* A file that is not there just now and a worker that was ended say nothing against the item. */
static int look_at_one(const struct media_work *work, int64_t item_id, struct one_of *one, struct breaks_totals *totals,
		       struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct break_points points = { 0 };
	struct err why = { 0 };
	int64_t hung = one->hung;
	int rc = media_work_breaks(work, item_id, true, &arena, &points, &why);

	if (rc < 0 && (is_stopped(work) || why.code == ERR_BUSY))
		return 0;
	if (rc < 0 && why.code == ERR_STORE)
		return err_set(err, ERR_STORE, "%s", why.text);
	totals->done++;
	totals->failed += rc < 0;
	for (size_t i = 0; i < points.count; i++)
		totals->breaks += points.points[i].chosen;
	if (rc < 0 && why.code == ERR_TIMEOUT)
		return took_too_long(one, item_id, &why, err);
	if (rc < 0 && why.code != ERR_MEDIA)
		return 0;
	one->hung = 0;
	if (hung && note_look(work, hung, one->why, err) < 0)
		return -(int)ERR_STORE;
	return note_look(work, item_id, rc < 0 ? why.text : NULL, err);
}

int media_work_breaks_all(const struct media_work *work, int64_t longer_ms, struct breaks_totals *ret, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct one_of one = { .work = work, .totals = ret };
	struct media_work each = *work;
	struct item_ids wanted;
	int rc = break_looks_wanted(work->reader, longer_ms, &arena, &wanted, err);

	if (rc < 0)
		return rc;
	*ret = (struct breaks_totals) { .items = (int64_t)wanted.count };
	each.context = &one;
	each.progress = tell_of_one;
	for (size_t i = 0; i < wanted.count && rc == 0 && !is_stopped(work); i++)
		rc = look_at_one(&each, wanted.ids[i], &one, ret, err);
	if (rc == 0 && is_stopped(work))
		rc = err_set(err, ERR_BUSY, "stopped after %lld of %lld; it goes on from there", (long long)ret->done,
			     (long long)ret->items);
	return rc;
}

json_t *media_work_breaks_json(const struct break_points *points, bool applied)
{
	json_t *items = json_array();

	for (size_t i = 0; i < points->count; i++) {
		const struct break_point *b = &points->points[i];
		char at[32];

		json_array_append_new(
			items, json_pack("{s:I,s:s,s:f,s:b,s:s,s:I,s:f,s:I,s:f}", "at_ms",
					 (json_int_t)b->place.at_ms, "at",
					 clock_format_duration(at, sizeof(at), b->place.at_ms), "score",
					 b->score, "chosen", b->chosen, "why", b->why, "black_ms",
					 (json_int_t)b->place.black_ms, "luma", b->place.luma, "silence_ms",
					 (json_int_t)b->place.silence_ms, "level_db", b->place.level_db));
	}
	return json_pack("{s:I,s:o,s:b}", "total", (json_int_t)points->count, "items", items, "applied",
			 applied);
}

/* ---- validation ---- */

struct validating {
	const struct media_work *work;
	const int64_t *items;
	size_t count, item;
	struct arena arena; /* of the files at hand */
	struct item_media_list files;
	size_t file;
	void (*told)(void *context, int64_t item_id, const struct item_media *file, const json_t *problems);
	struct validation_totals *totals;
	struct err err; /* of the store */
};

struct validated {
	int64_t item_id;
	struct item_media file;
	char path[];
};

static bool fetch(struct validating *v)
{
	while (!v->err.code && v->file == v->files.count) {
		if (v->item == v->count)
			return false;
		arena_free(&v->arena);
		v->file = 0;
		v->totals->items++;
		item_media_list(v->work->reader, v->items[v->item++], &v->arena, &v->files, &v->err);
	}
	return !v->err.code;
}

static json_t *next_check(void *context, void **ret_tag)
{
	struct validating *v = context;
	const struct item_media *file;
	struct validated *tag;

	if (!fetch(v))
		return NULL;
	file = &v->files.files[v->file++];
	tag = malloc(sizeof(*tag) + strlen(file->path) + 1);
	if (!tag)
		abort();
	tag->item_id = v->items[v->item - 1];
	tag->file = *file;
	memcpy(tag->path, file->path, strlen(file->path) + 1);
	tag->file.path = tag->path;
	*ret_tag = tag;
	return json_pack("{s:s,s:o}", "job", "validate", "path", json_from_path(tag->path));
}

static void take_check(void *context, void *pointer, const json_t *done, const struct err *err)
{
	CLEANUP(cleanup_free) struct validated *tag = pointer;
	CLEANUP(json_cleanup) json_t *problems = NULL;
	CLEANUP(buf_free) struct buf report = { 0 };
	struct validating *v = context;
	struct db *db = store_writer(v->work->store);
	struct stat st;

	/* Not its fault: it was stopped, or the file is not there now. */
	if ((err && err->code == ERR_BUSY) || stat(tag->path, &st) < 0)
		return;
	problems = err ? json_pack("[s]", err->text) : json_incref(json_object_get(done, "problems"));
	if (!json_is_array(problems))
		return;
	json_write(&report, json_array_size(problems) || err ? problems : json_object_get(done, "remarks"));
	v->totals->files++;
	v->totals->failed += json_array_size(problems) > 0;
	db_lock(db);
	if (err && err->code == ERR_IO)
		validation_set_unread(db, tag->file.file_id, err->text, clock_wall_ms(), &v->err);
	else
		validation_set(db, &tag->file, json_array_size(problems) == 0, buf_text(&report), clock_wall_ms(),
			       &v->err);
	db_unlock(db);
	if (v->told)
		v->told(v->work->context, tag->item_id, &tag->file, problems);
	tell(v->work, (double)v->item / (double)v->count, tag->path);
}

int media_work_validate(const struct media_work *work, const int64_t *items, size_t count,
			void (*told)(void *context, int64_t item_id, const struct item_media *file,
				     const json_t *problems),
			struct validation_totals *ret, struct err *err)
{
	struct validating v = { .work = work, .items = items, .count = count, .told = told, .totals = ret };
	struct worker_batch batch = { .count = work->workers ? work->workers : 1,
				      .timeout_ms = VALIDATE_MS,
				      .limits = { .nice = 15, .idle_io = true },
				      .context = &v,
				      .next = next_check,
				      .result = take_check,
				      .cancelled = work->cancelled };
	int rc;

	*ret = (struct validation_totals) { 0 };
	rc = worker_batch_run(&batch, err);
	arena_free(&v.arena);
	if (rc == 0 && v.err.code)
		rc = err_set(err, v.err.code, "%s", v.err.text);
	if (rc == 0 && work->cancelled && *work->cancelled)
		rc = err_set(err, ERR_BUSY, "stopped after %lld files", (long long)ret->files);
	return rc;
}
