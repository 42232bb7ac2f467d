/* journal_fixture.c - see journal_fixture.h. */
#include "lib/journal_fixture.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"

struct death {
	enum dies_at at;
	int left;
};

static void die_in_time(void *context, const struct journal_progress *progress)
{
	struct death *death = context;

	if ((death->at == DIES_AT_CALL || progress->path) && death->left-- == 0)
		_exit(9);
}

static void reopen(struct fixture *f)
{
	CLEANUP(cleanup_free) char *data = fs_join(f->dir, "data");
	struct err err = { 0 };

	f->store = store_open(data, true, &err);
	if (!f->store)
		fail_msg("%s", err.text);
	f->db = store_writer(f->store);
}

bool run_and_die(struct fixture *f, int64_t batch, enum dies_at at, int left)
{
	int status;
	pid_t pid;

	store_close(f->store);
	pid = fork();
	if (pid == 0) {
		struct death death = { at, left };
		struct journal journal = { .context = &death, .progress = die_in_time };
		struct err err = { 0 };

		reopen(f);
		journal.store = f->store;
		journal_run(&journal, batch, NULL, &err);
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	reopen(f);
	return WIFEXITED(status) && WEXITSTATUS(status) == 9;
}

void recover(struct fixture *f)
{
	struct err err = { 0 };

	if (journal_recover(f->store, &err) < 0)
		fail_msg("%s", err.text);
}

void undo(struct fixture *f, int64_t batch)
{
	const struct journal journal = { .store = f->store };
	struct journal_progress totals;
	struct err err = { 0 };
	int64_t undoing;

	if (journal_undo(f->store, batch, &undoing, &err) == -(int)ERR_NOT_FOUND)
		return;
	test_ok(journal_run(&journal, undoing, &totals, &err), &err);
	assert_int_equal(totals.failed, 0);
}
