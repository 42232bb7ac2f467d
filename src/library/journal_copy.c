/* journal_copy.c - see journal_copy.h. */
#include "library/journal_copy.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "library/spot_copy.h"

#define SMALL ((int64_t)16 << 20)    /* larger ones gain nothing by company */
#define TOGETHER ((int64_t)64 << 20) /* bytes of a group */
#define GROUP_MS 500		     /* after which no more is begun */

/* ---- one ---- */

static int on_begun(void *context, int64_t dev, int64_t inode, struct err *err)
{
	struct journal_work *w = context;

	if (db_begin(w->step->db, err) < 0)
		return -(int)ERR_STORE;
	if (moves_set_copying(w->step->db, w->m->id, dev, inode, err) < 0) {
		db_rollback(w->step->db);
		return -(int)ERR_STORE;
	}
	return db_commit(w->step->db, err);
}

/* Bytes are counted for good when the file is done. */
static void on_copied(void *context, int64_t bytes)
{
	struct journal_work *w = context;
	const struct journal *j = w->step->journal;
	struct journal_progress *totals = w->step->totals;

	w->copied += bytes;
	totals->bytes_done += w->copied;
	if (j->progress)
		j->progress(j->context, totals);
	totals->bytes_done -= w->copied;
}

static struct spot_copy how_of(struct journal_work *w)
{
	return (struct spot_copy){ .id = w->m->id,
				   .context = w,
				   .progress = on_copied,
				   .cancelled = w->step->journal->cancelled };
}

int journal_copy(struct journal_work *work, bool reflink, struct err *err)
{
	struct spot_copy how = how_of(work);

	how.reflink = reflink;
	how.begun = on_begun;
	work->copied = 0;
	return spot_copy(&how, &work->from, &work->to, &work->identity, err);
}

/* ---- many ---- */

enum stage { NOT_OPEN, PARTIAL, NAMED };

struct one {
	struct journal_work work;
	struct spot_copying file;
	enum stage stage;
};

struct many {
	struct journal_group *g;
	struct one *ones; /* for each move of the group */
	struct err *stopped;
};

bool journal_copies_take(const struct move *m, int64_t *bytes)
{
	bool moves = journal_step_is(m, "move") && m->dev != m->to_dev;

	*bytes += m->size;
	return (moves || journal_step_is(m, "copy")) && m->size <= SMALL && *bytes <= TOGETHER;
}

static void close_one(struct many *many, size_t i)
{
	struct one *one = &many->ones[i];

	if (one->stage == NOT_OPEN)
		return;
	spot_copy_end(&one->file);
	spot_close(&one->work.from);
	spot_close(&one->work.to);
	many->g->run->totals.bytes_done -= one->work.m->size; /* journal_group_done() counts them */
	one->stage = NOT_OPEN;
}

/* Nothing is left of it at the target. */
static void give_up(struct many *many, size_t i)
{
	struct one *one = &many->ones[i];
	struct file_identity copy;

	if (one->stage == NAMED && spot_stat(&one->work.to, &copy, NULL, NULL) == 0 && copy.inode == one->file.inode)
		spot_unlink(&one->work.to, &copy, true, NULL);
	close_one(many, i);
}

static void fail(struct many *many, size_t i, const struct err *why)
{
	give_up(many, i);
	many->g->run->step.gone |= journal_step_is_end(why);
	journal_group_failed(many->g, i, why, many->stopped);
}

/* The film of this sidecar failed in an earlier part. */
static bool team_failed(const struct many *many, size_t i)
{
	const struct journal_group *g = many->g;

	for (size_t k = 0; k < i; k++)
		if (g->moves[k].team && g->moves[k].team == g->moves[i].team && g->moves[k].file_id && g->outcomes[k].state &&
		    strcmp(g->outcomes[k].state, "failed") == 0)
			return true;
	return false;
}

/* Its turn in a part, when it came so far. */
static bool is_on(struct many *many, size_t i, enum stage stage)
{
	const struct journal *j = many->g->run->journal;

	if (many->ones[i].stage != stage)
		return false;
	if (j->progress)
		j->progress(j->context, &many->g->run->totals);
	if (!team_failed(many, i))
		return true;
	give_up(many, i);
	journal_group_skip(many->g, i);
	return false;
}

static int begin_one(struct many *many, size_t i, struct err *err)
{
	struct journal_step *step = &many->g->run->step;
	struct one *one = &many->ones[i];
	struct journal_work *w = &one->work;
	struct spot_copy how;
	int rc;

	*w = (struct journal_work){ .step = step, .m = &many->g->moves[i], .from = { .dir_fd = -1 }, .to = { .dir_fd = -1 } };
	step->gone = step->alone = false;
	how = how_of(w);
	rc = journal_step_ready(w, err);
	if (rc == 0)
		rc = spot_copy_begin(&how, &w->from, &w->to, &w->identity, &one->file, err);
	if (rc == 0) {
		one->stage = PARTIAL;
		step->totals->bytes_done += w->m->size;
		return 0;
	}
	spot_close(&w->from);
	spot_close(&w->to);
	return rc;
}

static void begin_all(struct many *many)
{
	struct journal_group *g = many->g;
	const struct journal *journal = g->run->journal;
	int64_t begun_ns = clock_boot_ns();

	for (; g->tried < g->count && !many->stopped->code; g->tried++) {
		size_t i = g->tried;
		struct err why = { 0 };

		if (journal->cancelled && *journal->cancelled) {
			err_set(many->stopped, ERR_BUSY, "it was stopped");
			return;
		}
		if (clock_boot_ns() - begun_ns > GROUP_MS * CLOCK_MS && i > 0)
			return;
		if (strcmp(g->moves[i].state, "planned") == 0 && journal_group_begin(g, i) && begin_one(many, i, &why) < 0)
			fail(many, i, &why);
	}
}

static void fail_all(struct many *many, enum stage stage, const struct err *why)
{
	for (size_t i = 0; i < many->g->tried; i++)
		if (many->ones[i].stage == stage)
			fail(many, i, why);
}

/* A disk that fails to take one is one that fails. */
static void sync_and_check(struct many *many)
{
	struct spot_folders files = { 0 };
	struct err failed = { 0 };

	for (size_t i = 0; i < many->g->tried; i++)
		if (many->ones[i].stage == PARTIAL)
			(void)spot_folders_add(&files, many->ones[i].file.out, &failed);
	if (spot_folders_sync(&files, &failed) < 0 || failed.code) {
		fail_all(many, PARTIAL, &failed);
		return;
	}
	for (size_t i = 0; i < many->g->tried; i++) {
		struct err why = { 0 };

		if (is_on(many, i, PARTIAL) && spot_copy_check(&many->ones[i].file, &why) < 0)
			fail(many, i, &why);
	}
}

static int write_down(struct many *many, struct err *err)
{
	struct db *db = many->g->run->step.db;
	int rc = db_begin(db, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; rc == 0 && i < many->g->tried; i++)
		if (many->ones[i].stage == PARTIAL)
			rc = moves_set_copying(db, many->g->moves[i].id, many->ones[i].file.dev, many->ones[i].file.inode, err);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	return db_commit(db, err);
}

static void name_all(struct many *many)
{
	struct err why = { 0 };

	for (size_t i = 0; i < many->g->tried; i++) {
		struct err one = { 0 };

		if (!is_on(many, i, PARTIAL))
			continue;
		if (spot_copy_name(&many->ones[i].file, &many->g->folders, &one) < 0)
			fail(many, i, &one);
		else
			many->ones[i].stage = NAMED;
	}
	if (spot_folders_sync(&many->g->folders, &why) < 0)
		fail_all(many, NAMED, &why);
}

/* The originals go, where they are moved. */
static void leave_all(struct many *many)
{
	for (size_t i = 0; i < many->g->tried; i++) {
		struct one *one = &many->ones[i];
		struct err why = { 0 };

		if (!is_on(many, i, NAMED))
			continue;
		if (journal_step_is(one->work.m, "move") && spot_unlink(&one->work.from, &one->work.identity, true, &why) < 0) {
			fail(many, i, &why);
			continue;
		}
		if (spot_stat(&one->work.to, &many->g->outcomes[i].now, NULL, NULL) < 0)
			many->g->outcomes[i].now = (struct file_identity){ one->file.dev, one->file.inode, one->work.m->size,
									   one->work.m->mtime_ns };
		close_one(many, i);
		journal_group_done(many->g, i);
	}
}

void journal_copies_run(struct journal_group *g, struct err *stopped)
{
	struct many many = { .g = g, .ones = calloc(g->count, sizeof(*many.ones)), .stopped = stopped };
	struct err why = { 0 };

	if (!many.ones)
		abort();
	begin_all(&many);
	sync_and_check(&many);
	if (write_down(&many, &why) < 0)
		fail_all(&many, PARTIAL, &why);
	name_all(&many);
	leave_all(&many);
	if (g->tried && team_failed(&many, g->tried - 1)) /* the rest of it comes in the next group */
		g->run->failed_team = g->moves[g->tried - 1].team;
	free(many.ones);
}
