/* library.c - see library.h: which roots, compare each with the disk, write what differs, probe what is new.
 *
 * All roots are walked before anything is written, so that a file that moved from one to another is seen as
 * moved. Not here: walking (walk.c, in a child by walk_child.c), comparing (compare.c), writing (apply.c),
 * items (file_items.c), probing (probe_files.c). */
#include "library/library.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "library/apply.h"
#include "library/compare.h"
#include "library/essence_return.h"
#include "library/hash_files.h"
#include "library/probe_files.h"

struct run {
	const struct library_scan *scan;
	struct db *db;
	struct arena arena;
	struct root_list roots;
	struct compare *compares;
	size_t count, cap;
	struct library_progress totals;
	struct looker *looker;
	int64_t since_ms;
	int64_t seen_before; /* in the roots walked already */
	struct apply_gone gone;
};

static struct apply apply_of(struct run *run)
{
	return (struct apply) { .scan = run->scan,
				.db = run->db,
				.totals = &run->totals,
				.looker = run->looker,
				.since_ms = run->since_ms,
				.gone = &run->gone,
				.arena = &run->arena };
}

/* ---- what to scan ---- */

/* `path` is `folder` or lies below it: the rest ("" or "a/b"), else NULL. */
static const char *below(const char *path, const char *folder)
{
	size_t len = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

	if (strncmp(path, folder, len) != 0 || (path[len] && path[len] != '/'))
		return NULL;
	return path[len] ? path + len + 1 : path + len;
}

static void add_scope(struct run *run, const struct root *root, const char *under)
{
	for (size_t i = 0; i < run->count; i++) {
		struct compare *c = &run->compares[i];

		if (c->root.id != root->id)
			continue;
		if (!*c->under || (*under && below(under, c->under)))
			return; /* covered already */
	}
	ARENA_GROW(&run->arena, run->compares, run->count, run->cap);
	run->compares[run->count++] = (struct compare) { .root = *root, .under = under };
}

static const char *tidy(struct run *run, const char *path)
{
	char *copy = arena_strdup(&run->arena, path);
	size_t len = strlen(copy);
	struct file_identity there;
	bool regular = false;

	while (len > 1 && copy[len - 1] == '/')
		copy[--len] = '\0';
	if (!run->scan->folders && looker_stat(run->looker, copy, &there, &regular, NULL) > 0 && regular &&
	    strrchr(copy, '/') > copy)
		*strrchr(copy, '/') = '\0'; /* a file: its folder */
	return copy;
}

/* The innermost root that holds the path, and all roots below it. */
static int add_path(struct run *run, const char *path, struct err *err)
{
	const struct root *holds = NULL;
	size_t before = run->count;

	path = tidy(run, path);
	for (size_t i = 0; i < run->roots.count; i++) {
		const struct root *root = &run->roots.roots[i];

		if (below(path, root->path) && (!holds || strlen(root->path) > strlen(holds->path)))
			holds = root;
	}
	if (holds)
		add_scope(run, holds, below(path, holds->path));
	for (size_t i = 0; i < run->roots.count; i++)
		if (below(run->roots.roots[i].path, path) && &run->roots.roots[i] != holds)
			add_scope(run, &run->roots.roots[i], "");
	if (!holds && run->count == before)
		return err_set(err, ERR_NOT_FOUND,
			       "scan '%s': it lies in no root; add it with 'matinee root add PATH'", path);
	return 0;
}

static int choose(struct run *run, struct err *err)
{
	int rc;

	db_lock(run->db);
	rc = roots_list(run->db, &run->arena, &run->roots, err);
	db_unlock(run->db);
	if (rc < 0)
		return rc;
	if (!run->scan->paths)
		for (size_t i = 0; i < run->roots.count; i++)
			add_scope(run, &run->roots.roots[i], "");
	for (size_t i = 0; run->scan->paths && run->scan->paths[i]; i++)
		if (add_path(run, run->scan->paths[i], err) < 0)
			return -(int)ERR_NOT_FOUND;
	return 0;
}

/* ---- phases ---- */

static void show(struct run *run)
{
	if (run->scan->progress)
		run->scan->progress(run->scan->context, &run->totals);
}

static void on_walk(void *context, int64_t seen)
{
	struct run *run = context;

	run->totals.seen = run->seen_before + seen;
	show(run);
}

static void on_silent(void *context, int64_t ms)
{
	struct run *run = context;

	run->totals.silent_ms = ms;
	show(run);
}

/* The disk of a root is mounted elsewhere now: the root goes with it, and is walked there. */
static int follow(struct run *run, struct compare *c, struct db *reader, const struct compare_watch *watch,
		  struct err *err)
{
	const char *path = c->facts.elsewhere;
	struct compare again = { .root = c->root, .under = c->under };
	struct err why = { 0 };
	int rc;

	rc = roots_set_path(run->db, c->root.id, path, true, &why);
	if (rc < 0)
		return 0; /* another root is there: it stays missing */
	log_warning("library", "root '%s' is at '%s' now: the same disk", c->root.path, path);
	again.root.path = path;
	for (size_t i = 0; i < run->roots.count; i++)
		if (run->roots.roots[i].id == c->root.id)
			run->roots.roots[i].path = path;
	rc = compare_run(&again, reader, watch, &run->arena, err);
	*c = again;
	return rc;
}

static void tell_unsettled(const struct run *run, const struct compare *c)
{
	for (size_t i = 0; run->scan->unsettled && i < c->unsettled.count; i++) {
		CLEANUP(cleanup_free) char *whole = fs_join(c->root.path, c->unsettled.files[i].path);

		*strrchr(whole, '/') = '\0';
		run->scan->unsettled(run->scan->context, whole);
	}
}

static void tell_state(const struct compare *c)
{
	if (c->stalled)
		log_warning("library", "root %s; the other roots go on", c->why.text);
	else if (c->away)
		log_warning("library", "root %s; its files are left as they are", c->why.text);
	else if (c->blind)
		log_warning("library",
			    "%lld folders below '%s' cannot be read; their files are left as they are",
			    (long long)c->blind, c->root.path);
}

static bool was_stalled(const struct compare *c)
{
	return strcmp(c->root.state, "stalled") == 0;
}

/* The at-th to be walked: disks that were silent the last time come last, so that no other waits for them. */
static struct compare *in_turn(struct run *run, size_t at)
{
	for (int stalled = 0; stalled <= 1; stalled++)
		for (size_t i = 0; i < run->count; i++)
			if (was_stalled(&run->compares[i]) == (stalled == 1) && at-- == 0)
				return &run->compares[i];
	return &run->compares[0];
}

static int compare_all(struct run *run, struct err *err)
{
	struct compare_watch watch = { .context = run,
				       .progress = on_walk,
				       .silent = on_silent,
				       .silent_ms = run->scan->silent_ms,
				       .settle_ms = run->scan->settle_ms,
				       .foreground = run->scan->foreground,
				       .roots = &run->roots,
				       .cancelled = run->scan->cancelled };
	struct db *reader = store_reader(run->scan->store, err); /* a slow disk must not hold the writer */

	if (!reader)
		return -(int)ERR_STORE;
	run->totals.phase = "walk";
	for (size_t at = 0; at < run->count; at++) {
		struct compare *c = in_turn(run, at);
		int rc;

		run->totals.root = c->root.path;
		run->totals.root_id = c->root.id;
		show(run);
		rc = compare_run(c, reader, &watch, &run->arena, err);
		if (rc == 0 && c->facts.elsewhere && !run->scan->dry_run)
			rc = follow(run, c, reader, &watch, err);
		run->totals.silent_ms = 0;
		if (rc < 0)
			return rc;
		run->seen_before += c->seen;
		run->totals.seen = run->seen_before;
		if (!c->emptied)
			tell_state(c);
		tell_unsettled(run, c);
	}
	run->totals.root_id = 0;
	return 0;
}

static int set_place(struct run *run, const struct compare *c, struct err *err)
{
	struct root seen = c->root;

	seen.volume = c->facts.volume;
	seen.mount_source = c->facts.source;
	seen.mount_point = c->facts.mount_point;
	seen.sentinel = c->facts.inode;
	if (strcmp(seen.volume, c->root.volume) == 0 &&
	    strcmp(seen.mount_source, c->root.mount_source) == 0 &&
	    strcmp(seen.mount_point, c->root.mount_point) == 0 && seen.sentinel == c->root.sentinel)
		return 0;
	return roots_set_volume(run->db, &seen, err);
}

static int set_state(struct run *run, const struct compare *c, struct err *err)
{
	const char *state = c->stalled ? "stalled" : c->away ? "missing" : "ok";

	if (c->away)
		return strcmp(c->root.state, state) == 0
			       ? 0
			       : roots_set_state(run->db, c->root.id, state, 0, err);
	if (c->vanished != c->root.vanished && (!*c->under || c->vanished) &&
	    roots_set_vanished(run->db, c->root.id, c->vanished, err) < 0)
		return -(int)ERR_STORE;
	if (set_place(run, c, err) < 0)
		return -(int)ERR_STORE;
	if (*c->under && strcmp(c->root.state, "ok") == 0)
		return 0;
	return roots_set_state(run->db, c->root.id, "ok", *c->under ? 0 : clock_wall_ms(), err);
}

/* Small writes for a root: when it was last seen whole and where, or that it is away. */
static int set_states(struct run *run, struct err *err)
{
	int rc = 0;

	if (db_begin(run->db, err) < 0)
		return -(int)ERR_STORE;
	for (size_t i = 0; i < run->count && rc == 0; i++)
		rc = set_state(run, &run->compares[i], err);
	if (rc < 0) {
		db_rollback(run->db);
		return rc;
	}
	return db_commit(run->db, err);
}

static void tell_vanished(struct run *run)
{
	for (size_t i = 0; i < run->count; i++) {
		const struct compare *c = &run->compares[i];

		run->totals.vanished += c->vanished;
		if (c->vanished)
			log_error("library",
				  "%lld files of root '%s' are gone at once: none is marked missing. When "
				  "they really "
				  "are, say 'matinee scan --accept-missing %s'",
				  (long long)c->vanished, c->root.path, c->root.path);
	}
}

static void on_sample(void *context, const struct hash_progress *progress)
{
	struct run *run = context;

	run->totals.sampled = progress->files_done;
	run->totals.to_sample = progress->files;
	show(run);
}

static int hash_samples(struct run *run, struct err *err)
{
	int rc = 0;

	run->totals.phase = "sample";
	for (size_t i = 0; i < run->count && rc == 0; i++) {
		struct hash_files files = { .store = run->scan->store,
					    .hash = FILE_HASH_SAMPLE,
					    .root_id = run->compares[i].root.id,
					    .workers = run->scan->workers,
					    .context = run,
					    .progress = on_sample,
					    .cancelled = run->scan->cancelled };
		struct hash_progress totals;

		if (!run->compares[i].away)
			rc = hash_files_run(&files, &totals, err);
	}
	return rc;
}

/* Too many are gone to be believed, unless they are elsewhere: their samples tell. */
static int look_elsewhere(struct run *run, struct err *err)
{
	const struct apply apply = apply_of(run);
	bool any = false;
	int rc = 0;

	for (size_t i = 0; i < run->count; i++)
		any |= run->compares[i].vanished || run->compares[i].emptied;
	if (any && !run->scan->dry_run)
		rc = hash_samples(run, err);
	if (any && !run->scan->dry_run && rc == 0)
		rc = apply_copied(&apply, run->compares, run->count, err);
	for (size_t i = 0; i < run->count; i++)
		if (run->compares[i].emptied)
			tell_state(&run->compares[i]);
	return rc;
}

static int apply_all(struct run *run, struct err *err)
{
	const struct apply apply = apply_of(run);
	int rc;

	run->totals.phase = "file";
	run->totals.root = NULL;
	rc = apply_run(&apply, run->compares, run->count, err);
	if (rc == 0)
		rc = look_elsewhere(run, err);
	tell_vanished(run);
	if (rc == 0 && !run->scan->dry_run)
		rc = set_states(run, err);
	return rc;
}

/* The end of pass 1: a sample of each new file, by which those that came back elsewhere are known. */
static int sample_all(struct run *run, struct err *err)
{
	const struct apply apply = apply_of(run);
	int rc = hash_samples(run, err);

	if (rc == 0)
		rc = apply_returned(&apply, &run->roots, err);
	return rc == 0 && !run->scan->dry_run ? essence_return_run(apply.db, NULL, err) : rc;
}

static int probe_all(struct run *run, struct err *err)
{
	struct probe_scope *scopes = arena_alloc(&run->arena, (run->count + 1) * sizeof(*scopes));
	size_t count = 0;

	run->totals.phase = "probe";
	for (size_t i = 0; i < run->count; i++)
		if (!run->compares[i].away)
			scopes[count++] =
				(struct probe_scope) { run->compares[i].root.id, run->compares[i].under };
	return probe_files_run(run->scan, scopes, count, &run->totals, err);
}

/* Scans take turns. The descriptor to hold, or <0 with err. */
static int take_turn(const struct library_scan *scan, struct err *err)
{
	const struct timespec pause = { .tv_nsec = 100 * 1000000 };
	CLEANUP(cleanup_free) char *path = fs_join(store_dir(scan->store), "scan.lock");

	for (;;) {
		struct err why = { 0 };
		int lock = fs_lock(path, &why);

		if (lock >= 0)
			return lock;
		if (why.code != ERR_BUSY)
			return err_set(err, why.code, "%s", why.text);
		if (scan->cancelled && *scan->cancelled)
			return err_set(err, ERR_BUSY, "the scan was stopped while another one ran");
		nanosleep(&pause, NULL);
	}
}

int library_scan(const struct library_scan *scan, struct library_progress *ret_totals, struct err *err)
{
	struct run run = { .scan = scan,
			   .db = store_writer(scan->store),
			   .looker = looker_new(),
			   .since_ms = clock_wall_ms() };
	CLEANUP(cleanup_fd) int lock = take_turn(scan, err);
	int rc;

	*ret_totals = run.totals;
	if (lock < 0) {
		looker_free(run.looker);
		return lock;
	}
	rc = choose(&run, err);
	if (rc == 0)
		rc = compare_all(&run, err);
	if (rc == 0)
		rc = apply_all(&run, err);
	if (rc == 0 && !scan->dry_run)
		rc = sample_all(&run, err);
	if (rc == 0 && !scan->dry_run)
		rc = probe_all(&run, err);
	run.totals.root = NULL;
	*ret_totals = run.totals;
	db_checkpoint(run.db);
	looker_free(run.looker);
	arena_free(&run.arena);
	return rc;
}
