/* journal_group.c - see journal_group.h. */
#include "library/journal_group.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "library/journal_copy.h"

#define GROUP_MS 300 /* after which it ends with the step at hand: rows are not far behind the disk */
#define WRITE_MS 30  /* of a transaction, after which the next one begins */

static bool is_planned(const struct move *m)
{
	return strcmp(m->state, "planned") == 0;
}

static bool cancelled(const struct journal *journal)
{
	return journal->cancelled && *journal->cancelled;
}

/* ---- which steps go together ---- */

struct name {
	uint64_t hash;
	size_t step;
	bool in_place;
};

static struct name name_of(const char *base, const char *path, size_t step, bool in_place)
{
	return (struct name){ journal_step_name(base, path), step, in_place };
}

/* Two that are equal by chance end a group early, which does no harm. A file whose time is set where it is may move. */
static bool is_taken(const struct name *names, size_t count, const struct name *name)
{
	for (size_t i = 0; i < count; i++)
		if (names[i].hash == name->hash && names[i].step != name->step && names[i].in_place == name->in_place)
			return true;
	return false;
}

static bool disk_is_whole(struct journal_run *run, const struct move *m)
{
	char path[PATH_MAX];
	char *slash;

	if (run->whole_dev == m->dev)
		return run->whole;
	if (snprintf(path, sizeof(path), "%s/%s", m->from_base, m->from_path) >= (int)sizeof(path))
		return false;
	slash = strrchr(path, '/');
	if (slash > path)
		*slash = '\0';
	run->whole = spot_folders_whole(path);
	run->whole_dev = m->dev;
	return run->whole;
}

/* How many of the moves: up to one that is done alone, or that has a name of an earlier one. */
static size_t find_group(struct journal_run *run, const struct move *moves, size_t count, bool copies)
{
	struct name names[JOURNAL_GROUP_MAX * 2];
	size_t have = 0, i, most = copies ? JOURNAL_COPIES_MAX : JOURNAL_GROUP_MAX;
	int64_t bytes = 0;

	for (i = 0; i < count && i < most; i++) {
		const struct move *m = &moves[i];
		bool in_place = strcmp(m->action, "mtime") == 0;

		if (!is_planned(m))
			continue;
		if (copies ? !journal_copies_take(m, &bytes) : !journal_step_groups(m) || !disk_is_whole(run, m))
			break;
		names[have] = name_of(m->from_base, m->from_path, i, in_place);
		if (is_taken(names, have, &names[have]))
			break;
		if (*m->to_base) {
			names[have + 1] = name_of(m->to_base, m->to_path, i, in_place);
			if (is_taken(names, have, &names[have + 1]))
				break;
			have++;
		}
		have++;
	}
	return i;
}

/* ---- the intent ---- */

struct new_folder {
	const char *base, *path;
};
struct new_folders {
	struct new_folder *rows;
	size_t count, cap;
};

/* Of the folders that lead to `m`'s new place, those that are not there. */
static void find_new_folders(struct journal_group *g, const struct move *m, const char *last, struct new_folders *to)
{
	char folder[PATH_MAX], whole[PATH_MAX * 2];
	struct stat st;
	char *slash;

	if (snprintf(folder, sizeof(folder), "%s", m->to_path) >= (int)sizeof(folder))
		return;
	while ((slash = strrchr(folder, '/'))) {
		*slash = '\0';
		snprintf(whole, sizeof(whole), "%s/%s", m->to_base, folder);
		if (strcmp(whole, last) == 0 || lstat(whole, &st) == 0)
			return;
		ARENA_GROW(&g->arena, to->rows, to->count, to->cap);
		to->rows[to->count++] = (struct new_folder){ m->to_base, arena_strdup(&g->arena, folder) };
	}
}

/* Folders that are not there will be made by this batch. The disk is asked before the lock is taken. */
static struct new_folders new_folders(struct journal_group *g)
{
	struct new_folders found = { 0 };
	char last[PATH_MAX * 2] = "";

	for (size_t i = 0; i < g->count; i++) {
		const struct move *m = &g->moves[i];

		if (!*m->to_base || !is_planned(m) || strcmp(m->action, "remove") == 0)
			continue;
		find_new_folders(g, m, last, &found);
		snprintf(last, sizeof(last), "%s/%s", m->to_base, m->to_path);
		*strrchr(last, '/') = '\0';
	}
	return found;
}

static int announce(struct journal_group *g, const struct new_folder *folder, struct err *err)
{
	if (batch_folders_add(g->run->step.db, g->moves[0].batch_id, folder->base, folder->path, err) < 0)
		return -(int)ERR_STORE;
	ARENA_GROW(&g->arena, g->announced, g->announced_count, g->announced_cap);
	g->announced[g->announced_count++] = journal_step_name(folder->base, folder->path);
	return 0;
}

static int write_intent(struct journal_group *g, struct err *err)
{
	struct new_folders folders = new_folders(g);
	struct db *db = g->run->step.db;
	int rc;

	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	rc = moves_begin(db, g->moves[0].batch_id, g->moves[0].id, g->moves[g->count - 1].id, err);
	for (size_t i = 0; rc == 0 && i < folders.count; i++)
		rc = announce(g, &folders.rows[i], err);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	return db_commit(db, err);
}

/* ---- the steps ---- */

static void fail_step(struct journal_run *run, const struct move *m, struct journal_outcome *to, struct arena *arena,
		      const char *state, const char *why)
{
	*to = (struct journal_outcome){ .state = state, .why = arena_strdup(arena, why) };
	run->totals.failed++;
	if (run->journal->failed)
		run->journal->failed(run->journal->context, m, why);
}

static void tell_path(struct journal_run *run, const char *path)
{
	run->totals.path = path;
	if (run->journal->progress)
		run->journal->progress(run->journal->context, &run->totals);
}

static bool stays_with_team(const struct journal_run *run, const struct move *m)
{
	return m->team && m->team == run->failed_team;
}

/* A title that could not be set keeps no file where it is, unless the file is not what it was. */
static void note_team(struct journal_run *run, const struct move *m, const struct err *why)
{
	if (m->file_id && (*m->to_base || why->code == ERR_CONFLICT))
		run->failed_team = m->team;
}

#define TEAM_STAYS "the file that it belongs to was not moved"

/* A folder that the next leaves, too, is not empty yet. */
void journal_group_tidy(struct journal_group *g, const struct move *next)
{
	if (g->left && next && journal_step_same_folder(g->left, next))
		return;
	if (g->left)
		journal_step_tidy(&g->run->step, g->left);
	g->left = NULL;
}

bool journal_group_begin(struct journal_group *g, size_t i)
{
	struct journal_run *run = g->run;
	const struct move *m = &g->moves[i];

	if (stays_with_team(run, m)) {
		fail_step(run, m, &g->outcomes[i], &g->arena, "skipped", TEAM_STAYS);
		return false;
	}
	tell_path(run, m->from_path);
	return true;
}

void journal_group_done(struct journal_group *g, size_t i)
{
	const struct move *m = &g->moves[i];

	journal_group_tidy(g, m);
	g->outcomes[i].state = "done";
	if (journal_step_empties(m))
		g->left = m;
	g->run->totals.files_done++;
	g->run->totals.bytes_done += m->size;
}

void journal_group_failed(struct journal_group *g, size_t i, const struct err *why, struct err *stopped)
{
	struct journal_run *run = g->run;

	note_team(run, &g->moves[i], why);
	fail_step(run, &g->moves[i], &g->outcomes[i], &g->arena, "failed", why->text);
	if ((run->step.gone || cancelled(run->journal)) && !stopped->code)
		err_set(stopped, why->code, "%s", why->text);
}

void journal_group_skip(struct journal_group *g, size_t i)
{
	fail_step(g->run, &g->moves[i], &g->outcomes[i], &g->arena, "skipped", TEAM_STAYS);
}

/* False when it was not tried, for it cannot be done in a group. `err` when the batch cannot go on. */
static bool do_step(struct journal_group *g, size_t i, struct err *err)
{
	struct journal_run *run = g->run;
	const struct move *m = &g->moves[i];
	struct err why = { 0 };

	if (!journal_group_begin(g, i))
		return true;
	journal_group_tidy(g, m);
	if (journal_step_do(&run->step, m, &g->outcomes[i].now, &why) == 0) {
		journal_group_done(g, i);
		return true;
	}
	if (run->step.alone)
		return false;
	journal_group_failed(g, i, &why, err);
	return true;
}

/* ---- what they came to ---- */

static int write_outcome(struct db *db, const struct move *m, const struct journal_outcome *o, struct err *err)
{
	if (!o->state)
		return 0;
	if (strcmp(o->state, "done") != 0)
		return moves_set_state(db, m->id, o->state, o->why, err);
	return journal_step_put(db, m, &o->now, NULL, err);
}

/* As many as fit into a short transaction, from *at on; the last also takes back the intent of what was not tried. */
static int write_some(struct journal_group *g, size_t *at, struct err *err)
{
	struct db *db = g->run->step.db;
	int64_t begun_ns = clock_boot_ns(), done = 0, failed = 0, bytes = 0;
	int rc;

	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	for (rc = 0; rc == 0 && *at < g->tried && clock_boot_ns() - begun_ns < WRITE_MS * CLOCK_MS; ++*at) {
		const struct journal_outcome *o = &g->outcomes[*at];
		bool is_done = o->state && strcmp(o->state, "done") == 0;

		rc = write_outcome(db, &g->moves[*at], o, err);
		done += is_done;
		bytes += is_done ? g->moves[*at].size : 0;
		failed += o->state && !is_done;
	}
	if (rc == 0)
		rc = batches_count(db, g->moves[0].batch_id, done, bytes, failed, err);
	if (rc == 0 && *at == g->tried)
		rc = moves_unbegin(db, g->moves[0].batch_id, err);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	return db_commit(db, err);
}

static int finish(struct journal_group *g, struct err *err)
{
	struct err why = { 0 };
	size_t at = 0;
	int rc = spot_folders_sync(&g->folders, &why);

	do
		rc = rc < 0 ? rc : write_some(g, &at, &why);
	while (rc == 0 && at < g->tried);
	if (rc == 0)
		return 0;
	g->run->unsettled = true;
	return err_set(err, why.code, "%s; the next 'matinee organize' or 'undo' looks where the files are", why.text);
}

static int run_group(struct journal_group *g, struct err *err)
{
	struct journal_run *run = g->run;
	int64_t begun_ns = clock_boot_ns();
	struct err stopped = { 0 };

	if (write_intent(g, err) < 0)
		return -(int)ERR_STORE;
	run->step.later = &g->folders;
	run->step.announced = g->announced;
	run->step.announced_count = g->announced_count;
	run->step.alone = false;
	if (g->copies)
		journal_copies_run(g, &stopped);
	while (!g->copies && g->tried < g->count && !stopped.code) {
		if (cancelled(run->journal))
			err_set(&stopped, ERR_BUSY, "it was stopped");
		else if (!is_planned(&g->moves[g->tried]))
			g->tried++;
		else if (!do_step(g, g->tried, &stopped))
			break;
		else
			g->tried++;
		if (clock_boot_ns() - begun_ns > GROUP_MS * CLOCK_MS)
			break;
	}
	journal_group_tidy(g, NULL);
	run->step.later = NULL;
	if (finish(g, err) < 0)
		return -(int)ERR_STORE;
	return stopped.code ? err_set(err, stopped.code, "%s", stopped.text) : 0;
}

/* ---- alone ---- */

static int note_failure(struct journal_run *run, const struct move *m, const char *state, const char *why, struct err *err)
{
	struct db *db = run->step.db;
	int rc;

	run->totals.failed++;
	if (run->journal->failed)
		run->journal->failed(run->journal->context, m, why);
	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	rc = moves_set_state(db, m->id, state, why, err);
	if (rc == 0)
		rc = batches_count(db, m->batch_id, 0, 0, 1, err);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	return db_commit(db, err);
}

static int run_alone(struct journal_run *run, const struct move *m, struct err *err)
{
	struct err why = { 0 };

	if (cancelled(run->journal))
		return err_set(err, ERR_BUSY, "it was stopped");
	if (stays_with_team(run, m))
		return note_failure(run, m, "skipped", TEAM_STAYS, err);
	tell_path(run, m->from_path);
	if (journal_step_run(&run->step, m, &why) == 0) {
		run->totals.files_done++;
		run->totals.bytes_done += m->size;
		return 0;
	}
	note_team(run, m, &why);
	/* a copy whose source could not be removed is for the recovery to settle */
	if (note_failure(run, m, "failed", why.text, err) < 0)
		return -(int)ERR_STORE;
	return run->step.gone || cancelled(run->journal) ? err_set(err, why.code, "%s", why.text) : 0;
}

int journal_group_run(struct journal_run *run, const struct move *moves, size_t count, size_t *ret_taken, struct err *err)
{
	CLEANUP(cleanup_free) struct journal_group *g = NULL;
	int rc;

	*ret_taken = 1;
	if (!is_planned(&moves[0]))
		return 0;
	g = calloc(1, sizeof(*g));
	if (!g)
		abort();
	g->run = run;
	g->moves = moves;
	g->copies = journal_copies_take(&moves[0], &(int64_t){ 0 });
	g->count = find_group(run, moves, count, g->copies);
	if (g->count < 2)
		return run_alone(run, &moves[0], err);
	rc = run_group(g, err);
	arena_free(&g->arena);
	*ret_taken = g->tried;
	if (rc == 0 && run->step.alone) {
		rc = run_alone(run, &moves[g->tried], err);
		++*ret_taken;
	}
	return rc;
}
