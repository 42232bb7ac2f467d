/* library.c - see library.h: which roots, compare each with the disk, write what differs, probe what is new.
 *
 * All roots are walked before anything is written, so that a file that moved from one to another is seen as moved.
 * Not here: walking (walk.c), comparing (compare.c), writing (apply.c), items (file_items.c), probing (probe_files.c). */
#include "library/library.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "library/apply.h"
#include "library/compare.h"
#include "library/probe_files.h"

struct run {
	const struct library_scan *scan;
	struct db *db;
	struct arena arena;
	struct root_list roots;
	struct compare *compares;
	size_t count, cap;
	struct library_progress totals;
	int64_t seen_before; /* in the roots walked already */
};

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
	run->compares[run->count++] = (struct compare){ .root = *root, .under = under };
}

static const char *tidy(struct run *run, const char *path)
{
	char *copy = arena_strdup(&run->arena, path);
	size_t len = strlen(copy);
	struct stat st;

	while (len > 1 && copy[len - 1] == '/')
		copy[--len] = '\0';
	if (stat(copy, &st) == 0 && S_ISREG(st.st_mode) && strrchr(copy, '/') > copy)
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

static int compare_all(struct run *run, struct err *err)
{
	struct compare_watch watch = { .context = run,
				       .progress = on_walk,
				       .roots = &run->roots,
				       .cancelled = run->scan->cancelled };
	struct db *reader = store_reader(run->scan->store, err); /* a slow disk must not hold the writer */

	if (!reader)
		return -(int)ERR_STORE;
	run->totals.phase = "walk";
	for (size_t i = 0; i < run->count; i++) {
		struct compare *c = &run->compares[i];
		int rc;

		run->totals.root = c->root.path;
		show(run);
		rc = compare_run(c, reader, &watch, &run->arena, err);
		if (rc < 0)
			return rc;
		run->seen_before += c->seen;
		run->totals.seen = run->seen_before;
		if (c->away)
			log_warning("library", "root %s; its files are left as they are", c->why.text);
		else if (c->blind)
			log_warning("library", "%lld folders below '%s' cannot be read; their files are left as they are",
				    (long long)c->blind, c->root.path);
	}
	return 0;
}

/* One small write a root: when it was last seen whole, or that it is away. */
static int set_states(struct run *run, struct err *err)
{
	int rc = 0;

	db_lock(run->db);
	for (size_t i = 0; i < run->count && rc == 0; i++) {
		const struct compare *c = &run->compares[i];

		if (c->away && strcmp(c->root.state, "missing") != 0)
			rc = roots_set_state(run->db, c->root.id, "missing", 0, err);
		else if (!c->away && (!*c->under || strcmp(c->root.state, "ok") != 0))
			rc = roots_set_state(run->db, c->root.id, "ok", *c->under ? 0 : clock_wall_ms(), err);
	}
	db_unlock(run->db);
	return rc;
}

static int apply_all(struct run *run, struct err *err)
{
	struct apply apply = { .scan = run->scan, .db = run->db, .totals = &run->totals };
	int rc;

	run->totals.phase = "file";
	run->totals.root = NULL;
	rc = apply_run(&apply, run->compares, run->count, err);
	if (rc == 0 && !run->scan->dry_run)
		rc = set_states(run, err);
	return rc;
}

static int probe_all(struct run *run, struct err *err)
{
	struct probe_scope *scopes = arena_alloc(&run->arena, (run->count + 1) * sizeof(*scopes));
	size_t count = 0;

	run->totals.phase = "probe";
	for (size_t i = 0; i < run->count; i++)
		if (!run->compares[i].away)
			scopes[count++] = (struct probe_scope){ run->compares[i].root.id, run->compares[i].under };
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
	struct run run = { .scan = scan, .db = store_writer(scan->store) };
	CLEANUP(cleanup_fd) int lock = take_turn(scan, err);
	int rc;

	*ret_totals = run.totals;
	if (lock < 0)
		return lock;
	rc = choose(&run, err);
	if (rc == 0)
		rc = compare_all(&run, err);
	if (rc == 0)
		rc = apply_all(&run, err);
	if (rc == 0 && !scan->dry_run)
		rc = probe_all(&run, err);
	run.totals.root = NULL;
	*ret_totals = run.totals;
	db_checkpoint(run.db);
	arena_free(&run.arena);
	return rc;
}
