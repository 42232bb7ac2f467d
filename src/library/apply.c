/* apply.c - see apply.h.
 *
 * A file that is new by its path may be one that was moved: a row with the same device, inode, size and time,
 * whose own path no longer leads to that inode. The disk is asked, not the lists, so that moves between
 * roots, out of roots that were not scanned and onto paths that another file just left are all the same case.
 * Rows that moved away leave their old path free: what was "changed" there is new. What has another inode than its row
 * may be a file that another row knows: names that were exchanged. A row whose path is taken so, and whose own file is
 * nowhere, is missing, under a name that no file has. */
#include "library/apply_looks.h"

#include <stdlib.h>
#include <string.h>

#include "base/by_id.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "library/file_items.h"

#define BATCH 200	    /* rows a transaction */
#define BATCH_MS 40	    /* at most */
#define CHECKPOINT_EVERY 50 /* transactions */

void apply_sort_moved(struct apply_state *s)
{
	if (s->moved_count)
		qsort(s->moved, s->moved_count, sizeof(*s->moved), by_id_compare);
	s->moved_sorted = s->moved_count;
}

/* Looks at what was sorted last: a pass does not depend on what it moves itself. */
bool apply_has_moved(const struct apply_state *s, int64_t id)
{
	return s->moved_sorted && bsearch(&id, s->moved, s->moved_sorted, sizeof(id), by_id_compare);
}

/* ---- transactions ---- */

int apply_end_batch(struct apply_state *s, struct err *err)
{
	if (!s->in_batch)
		return 0;
	s->in_batch = 0;
	if (db_commit(s->apply->db, err) < 0)
		return -(int)ERR_STORE;
	if (++s->batches % CHECKPOINT_EVERY == 0)
		db_checkpoint(s->apply->db);
	if (s->apply->scan->progress)
		s->apply->scan->progress(s->apply->scan->context, s->apply->totals);
	return 0;
}

/* Before each row. ERR_BUSY when the scan is to stop. */
int apply_next_row(struct apply_state *s, struct err *err)
{
	if (s->in_batch && (s->in_batch >= BATCH || clock_boot_ns() / CLOCK_MS - s->batch_ms >= BATCH_MS) &&
	    apply_end_batch(s, err) < 0)
		return -(int)ERR_STORE;
	s->stopped = s->apply->scan->cancelled && *s->apply->scan->cancelled;
	if (s->stopped)
		return err_set(err, ERR_BUSY, "the scan was stopped");
	if (s->apply->scan->dry_run)
		return 0;
	if (!s->in_batch) {
		if (db_begin(s->apply->db, err) < 0)
			return -(int)ERR_STORE;
		s->batch_ms = clock_boot_ns() / CLOCK_MS;
	}
	s->in_batch++;
	return 0;
}

/* Stopped: what was put stays. Failed: only the transaction at hand is lost. */
static int end(struct apply_state *s, int rc, struct err *err)
{
	if (s->in_batch && rc < 0 && !s->stopped) {
		s->in_batch = 0;
		db_rollback(s->apply->db);
	}
	if (apply_end_batch(s, err) < 0)
		rc = -(int)ERR_STORE;
	arena_free(&s->arena);
	arena_free(&s->look_arena);
	return rc;
}

static void tell(struct apply_state *s, const char *kind, const struct compare *c, const char *path)
{
	const struct library_scan *scan = s->apply->scan;
	char *whole;

	if (!scan->change)
		return;
	whole = fs_join(c->root.path, path);
	scan->change(scan->context, kind, whole);
	free(whole);
}

/* ---- new files and moves ---- */

int apply_put_moved(struct apply_state *s, const struct compare *c, const struct seen_file *file, int64_t id,
		     struct err *err)
{
	ARENA_GROW(&s->arena, s->moved, s->moved_count, s->moved_cap);
	s->moved[s->moved_count++] = id;
	s->apply->totals->moved++;
	tell(s, "moved", c, file->path);
	if (s->apply->scan->dry_run)
		return 0;
	if (scan_rows_move(s->apply->db, id, c->root.id, file->path, &file->identity, err) < 0)
		return -(int)ERR_STORE;
	return file_items_put(s->apply->db, &c->root, id, file->path, err);
}

static int put_fresh(struct apply_state *s, const struct compare *c, const struct seen_file *file, struct err *err)
{
	int64_t id;

	if (apply_looks_next(s, c, file, &id, err) < 0)
		return -(int)ERR_STORE;
	if (id)
		return apply_put_moved(s, c, file, id, err);
	s->apply->totals->added++;
	tell(s, "new", c, file->path);
	if (s->apply->scan->dry_run)
		return 0;
	if (scan_rows_add(s->apply->db, c->root.id, file->path, &file->identity, file->links, &id, err) < 0)
		return -(int)ERR_STORE;
	return file_items_put(s->apply->db, &c->root, id, file->path, err);
}

static int put_fresh_ones(struct apply_state *s, const struct compare *c, const struct seen_file *const *files, size_t count,
			  struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		size_t ahead = count - i < BATCH ? count - i : BATCH;

		if (i % BATCH == 0 && apply_looks_ahead(s, c, files + i, ahead, err) < 0)
			return -(int)ERR_STORE;
		if (put_fresh(s, c, files[i], err) < 0)
			return -(int)ERR_STORE;
	}
	return 0;
}

static int put_all_fresh(struct apply_state *s, const struct compare *c, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	const struct seen_file **files = arena_alloc(&arena, (c->fresh.count + 1) * sizeof(*files));

	for (size_t i = 0; i < c->fresh.count; i++)
		files[i] = &c->fresh.files[i];
	return put_fresh_ones(s, c, files, c->fresh.count, err);
}

/* ---- the rest ---- */

static int put_seen(struct apply_state *s, const struct compare *c, const struct seen_file *file, bool changed,
		    struct err *err)
{
	if (apply_next_row(s, err) < 0)
		return -(int)ERR_STORE;
	if (changed || file->known->missing) { /* another inode, or one more name, is no news */
		s->apply->totals->changed++;
		tell(s, "changed", c, file->path);
	}
	return s->apply->scan->dry_run ? 0
				       : scan_rows_seen(s->apply->db, file->known->id, &file->identity,
							file->links, changed, err);
}

int apply_put_gone(struct apply_state *s, const struct compare *c, const struct known_file *known, struct err *err)
{
	struct apply_gone *gone = s->apply->gone;

	if (apply_next_row(s, err) < 0)
		return -(int)ERR_STORE;
	s->apply->totals->missing++;
	tell(s, "missing", c, known->path);
	if (s->apply->scan->dry_run)
		return 0;
	ARENA_GROW(s->apply->arena, gone->ids, gone->count, gone->cap);
	gone->ids[gone->count++] = known->id;
	return scan_rows_missing(s->apply->db, known->id, err);
}

const struct seen_file *apply_file_at(const struct compare *c, size_t i)
{
	return i < c->changed.count ? &c->changed.files[i] : &c->touched.files[i - c->changed.count];
}

/* Files on paths whose rows moved away are new; that may move further rows, so until nothing changes. `done`
 * has one flag for each changed, then each touched file. */
static int put_on_free_paths(struct apply_state *s, const struct compare *c, bool *done, bool *ret_any,
			     struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	size_t all = c->changed.count + c->touched.count, count = 0;
	const struct seen_file **files = arena_alloc(&arena, (all + 1) * sizeof(*files));

	for (size_t i = 0; i < all; i++) {
		const struct seen_file *file = apply_file_at(c, i);

		if (done[i] || !apply_has_moved(s, file->known->id))
			continue;
		done[i] = true;
		files[count++] = file;
	}
	*ret_any |= count > 0;
	return put_fresh_ones(s, c, files, count, err);
}

/* A disk that lost a part of its files lost its mind more often than somebody deleted them: they are kept
 * until a person says so or they are back. */
static int is_too_much(struct apply_state *s, const struct compare *c, int64_t gone, bool *ret, struct err *err)
{
	const struct library_scan *scan = s->apply->scan;
	int share = scan->missing_share ? scan->missing_share : LIBRARY_MISSING_SHARE;
	int64_t present = 0;
	int rc;

	*ret = false;
	if (gone < LIBRARY_MISSING_LEAST || scan->accept_missing || share >= 100)
		return 0;
	db_lock(s->apply->db);
	rc = scan_rows_count_present(s->apply->db, c->root.id, &present, err);
	db_unlock(s->apply->db);
	*ret = gone * 100 > present * share;
	return rc;
}

static int judge_gone(struct apply_state *s, struct compare *c, struct err *err)
{
	size_t gone = 0;
	bool too_much;

	c->vanished = 0;
	for (size_t i = 0; i < c->gone_count; i++)
		if (!apply_has_moved(s, c->gone[i]->id))
			c->gone[gone++] = c->gone[i];
	c->gone_count = gone;
	if (is_too_much(s, c, (int64_t)gone, &too_much, err) < 0)
		return -(int)ERR_STORE;
	c->vanished = too_much ? (int64_t)gone : 0;
	return 0;
}

static int put_gone_ones(struct apply_state *s, struct compare *c, struct err *err)
{
	if (c->away)
		return 0;
	if (judge_gone(s, c, err) < 0)
		return -(int)ERR_STORE;
	for (size_t i = 0; i < c->gone_count && !c->vanished; i++)
		if (apply_put_gone(s, c, c->gone[i], err) < 0)
			return -(int)ERR_STORE;
	return 0;
}

static int put_rest(struct apply_state *s, struct compare *c, const bool *done, struct err *err)
{
	for (size_t i = 0; i < c->changed.count; i++)
		if (!done[i] && put_seen(s, c, &c->changed.files[i], true, err) < 0)
			return -(int)ERR_STORE;
	for (size_t i = 0; i < c->touched.count; i++)
		if (!done[c->changed.count + i] && put_seen(s, c, &c->touched.files[i], false, err) < 0)
			return -(int)ERR_STORE;
	return put_gone_ones(s, c, err);
}

static int put_on_all_free_paths(struct apply_state *s, struct compare *compares, size_t count, bool **done, struct err *err)
{
	for (bool any = true; any;) {
		any = false;
		for (size_t i = 0; i < count; i++)
			if (put_on_free_paths(s, &compares[i], done[i], &any, err) < 0)
				return -(int)ERR_STORE;
		apply_sort_moved(s);
	}
	return 0;
}

static int put_all(struct apply_state *s, struct compare *compares, size_t count, bool **done, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		done[i] = arena_alloc(&s->arena, compares[i].changed.count + compares[i].touched.count + 1);
		if (put_all_fresh(s, &compares[i], err) < 0)
			return -(int)ERR_STORE;
	}
	apply_sort_moved(s);
	if (put_on_all_free_paths(s, compares, count, done, err) < 0 || apply_swaps(s, compares, count, done, err) < 0 ||
	    put_on_all_free_paths(s, compares, count, done, err) < 0)
		return -(int)ERR_STORE;
	for (size_t i = 0; i < count; i++)
		if (put_rest(s, &compares[i], done[i], err) < 0)
			return -(int)ERR_STORE;
	return 0;
}

int apply_run(const struct apply *apply, struct compare *compares, size_t count, struct err *err)
{
	struct apply_state s = { .apply = apply };
	bool **done = arena_alloc(&s.arena, (count + 1) * sizeof(*done));
	return end(&s, put_all(&s, compares, count, done, err), err);
}

/* ---- copied elsewhere, then removed ---- */

/* The disk is asked, not the rows: two disks may have gone at once. */
static int is_elsewhere(struct apply_state *s, const struct known_file *known, bool *ret, struct err *err)
{
	struct arena arena = { 0 };
	struct place_list list;
	int rc;

	*ret = false;
	db_lock(s->apply->db);
	rc = scan_rows_copies(s->apply->db, known->id, s->apply->since_ms, &arena, &list, err);
	db_unlock(s->apply->db);
	for (size_t i = 0; rc == 0 && i < list.count && !*ret; i++) {
		struct file_identity there;
		bool regular;

		*ret = looker_stat(s->apply->looker, list.places[i].path, &there, &regular, NULL) > 0 && regular &&
		       there.size == known->identity.size;
	}
	arena_free(&arena);
	return rc;
}

static int put_copied(struct apply_state *s, struct compare *c, struct err *err)
{
	bool *elsewhere = arena_alloc(&s->arena, c->gone_count + 1);
	int64_t lost = 0;
	bool too_much;

	for (size_t i = 0; i < c->gone_count; i++) {
		if (is_elsewhere(s, c->gone[i], &elsewhere[i], err) < 0)
			return -(int)ERR_STORE;
		lost += !elsewhere[i];
	}
	if (is_too_much(s, c, lost, &too_much, err) < 0)
		return -(int)ERR_STORE;
	if (c->emptied && lost >= LIBRARY_MISSING_LEAST)
		return 0;
	c->away = c->emptied = false;
	c->vanished = too_much ? lost : 0;
	for (size_t i = 0; i < c->gone_count; i++)
		if ((elsewhere[i] || !too_much) && apply_put_gone(s, c, c->gone[i], err) < 0)
			return -(int)ERR_STORE;
	return 0;
}

int apply_copied(const struct apply *apply, struct compare *compares, size_t count, struct err *err)
{
	struct apply_state s = { .apply = apply };
	int rc = 0;

	for (size_t i = 0; i < count && rc == 0; i++)
		if (compares[i].vanished || compares[i].emptied)
			rc = put_copied(&s, &compares[i], err);
	return end(&s, rc, err);
}

/* ---- back as others ---- */

/* What this scan called missing and new is called moved. */
static void count_returned(struct apply_state *s, const struct returned_file *file)
{
	struct library_progress *totals = s->apply->totals;

	totals->moved++;
	totals->added -= file->appeared && totals->added > 0;
	totals->missing -= apply_has_moved(s, file->missing_id) && totals->missing > 0;
}

static int put_returned(struct apply_state *s, const struct returned_file *file, const struct root_list *roots,
			size_t *done, struct err *err)
{
	const struct root *root = NULL;

	for (size_t i = 0; i < roots->count; i++)
		if (roots->roots[i].id == file->root_id)
			root = &roots->roots[i];
	if (!root)
		return 0;
	if (apply_next_row(s, err) < 0 || scan_rows_adopt(s->apply->db, file, err) < 0)
		return -(int)ERR_STORE;
	++*done;
	count_returned(s, file);
	return file_items_put(s->apply->db, root, file->missing_id, file->path, err);
}

int apply_returned(const struct apply *apply, const struct root_list *roots, struct err *err)
{
	struct apply_state s = { .apply = apply, .moved = apply->gone->ids, .moved_count = apply->gone->count };
	size_t done;
	int rc;

	apply_sort_moved(&s);
	do { /* of files that are alike, one in each round */
		struct arena arena = { 0 };
		struct returned_list list;

		done = 0;
		db_lock(apply->db);
		rc = scan_rows_returned(apply->db, apply->since_ms, &arena, &list, err);
		db_unlock(apply->db);
		for (size_t i = 0; rc == 0 && i < list.count; i++)
			rc = put_returned(&s, &list.files[i], roots, &done, err);
		arena_free(&arena);
		if (rc == 0)
			rc = apply_end_batch(&s, err);
	} while (rc == 0 && done);
	return end(&s, rc, err);
}
