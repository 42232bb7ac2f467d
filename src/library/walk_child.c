/* walk_child.c - see walk_child.h. */
#include "library/walk_child.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "jobs/worker.h"
#include "library/walk_job.h"
#include "library/walk_text.h"

#define LOOK_MS 100
#define BEHIND_OTHERS 5 /* nice */
#define LOOKER_SILENT_MS 5000
#define TELL_MS 1000

static const struct worker_handler handlers[] = { { "walk", walk_job, NULL }, { 0 } };

struct walker {
	const struct walk_child *walk;
	struct worker *worker;
	struct walk_text_sink sink;
	int64_t heard_ms, told_ms;
	bool told; /* that it is silent */
	struct buf text;
	struct err why; /* its text made no sense */
};

static int64_t now_ms(void)
{
	return clock_boot_ns() / CLOCK_MS;
}

static void take_facts(const json_t *done, struct arena *arena, struct walk_facts *ret)
{
	CLEANUP(cleanup_free) char *volume = json_path(done, "volume"), *source = json_path(done, "source");
	CLEANUP(cleanup_free)
	char *point = json_path(done, "mount_point"), *now = json_path(done, "elsewhere");

	*ret = (struct walk_facts) { .entries = json_int(done, "entries", 0),
				     .dev = json_int(done, "dev", 0),
				     .inode = json_int(done, "inode", 0),
				     .network = json_flag(done, "network", false),
				     .elsewhere = arena_strdup(arena, now),
				     .volume = arena_strdup(arena, volume ? volume : ""),
				     .source = arena_strdup(arena, source ? source : ""),
				     .mount_point = arena_strdup(arena, point ? point : "") };
}

static void hear_text(void *context, const char *text, size_t len)
{
	struct walker *w = context;

	w->heard_ms = now_ms();
	if (w->told && w->walk->silent)
		w->walk->silent(w->walk->context, 0);
	w->told = false;
	buf_reset(&w->text);
	buf_add(&w->text, text, len);
	if (memchr(text, '\0', len))
		err_set(&w->why, ERR_WORKER, "what a child says of a disk holds a NUL");
	if (!w->why.code)
		walk_text_parse(buf_text(&w->text), &w->sink, &w->why);
}

/* 1 when the walk has ended, 0 when there is no more to hear for now. */
static int hear(struct walker *w, struct arena *arena, struct walk_facts *ret, struct err *err)
{
	for (;;) {
		CLEANUP(json_cleanup) json_t *message = NULL;
		enum worker_event event = worker_receive(w->worker, &message, err);

		if (w->why.code)
			return err_set(err, w->why.code, "%s", w->why.text);
		switch (event) {
		case WORKER_NOTHING:
			return 0;
		case WORKER_REPORT:
			break;
		case WORKER_DONE:
			take_facts(message, arena, ret);
			return 1;
		case WORKER_FAILED:
		case WORKER_DEAD:
			return -(int)ERR_WORKER; /* err says more */
		}
	}
}

static int watch_silence(struct walker *w, struct err *err)
{
	int64_t limit = w->walk->silent_ms ? w->walk->silent_ms : WALK_CHILD_SILENT_MS;
	int64_t now = now_ms(), silent = now - w->heard_ms;

	if (w->walk->cancelled && *w->walk->cancelled)
		return err_set(err, ERR_BUSY, "the walk was stopped");
	if (silent >= limit)
		return err_set(err, ERR_TIMEOUT, "'%s' has not answered for %lld s", w->walk->root,
			       (long long)(silent / 1000));
	if (silent >= 2 * TELL_MS && now - w->told_ms >= TELL_MS && w->walk->silent) {
		w->told_ms = now;
		w->told = true;
		w->walk->silent(w->walk->context, silent);
	}
	return 0;
}

static json_t *request_of(const struct walk_child *walk)
{
	json_t *skip = json_array();

	for (size_t i = 0; walk->skip && walk->skip[i]; i++)
		json_array_append_new(skip, json_from_path(walk->skip[i]));
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:I}", "job", "walk", "root",
			 json_from_path(walk->root), "under", json_from_path(walk->under), "skip", skip,
			 "volume", json_from_path(walk->volume ? walk->volume : ""), "mount_point",
			 json_from_path(walk->mount_point ? walk->mount_point : ""), "inode",
			 (json_int_t)walk->inode);
}

struct walker *walk_child_begin(const struct walk_child *walk, struct err *err)
{
	const struct worker_limits limits = {
		.nice = walk->foreground ? 0 : BEHIND_OTHERS,
		.handlers = walk->foreground ? handlers : NULL,
	};
	CLEANUP(json_cleanup) json_t *request = request_of(walk);
	struct walker *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	*w = (struct walker){
		.walk = walk,
		.worker = worker_start(&limits, err),
		.sink = { .context = walk->context, .file = walk->file, .blind = walk->blind, .device = walk->device },
	};
	if (w->worker)
		worker_on_text(w->worker, hear_text, w);
	if (w->worker && worker_send(w->worker, request, err) == 0)
		return w;
	walk_child_end(w);
	return NULL;
}

int walk_child_run(struct walker *w, struct arena *arena, struct walk_facts *ret, struct err *err)
{
	int rc = 0;

	w->heard_ms = now_ms();
	while (rc == 0) {
		struct pollfd fd = { .fd = worker_fd(w->worker), .events = POLLIN };

		poll(&fd, 1, LOOK_MS);
		rc = hear(w, arena, ret, err);
		if (rc == 0)
			rc = watch_silence(w, err);
	}
	return rc < 0 ? (err && err->code ? -(int)err->code : -(int)ERR_WORKER) : 0;
}

void walk_child_end(struct walker *w)
{
	if (!w)
		return;
	worker_free(w->worker);
	buf_free(&w->text);
	free(w);
}

/* ---- one path ---- */

struct looker {
	struct worker *worker;
};

struct looker *looker_new(void)
{
	struct looker *looker = calloc(1, sizeof(*looker));

	if (!looker)
		abort();
	return looker;
}

void looker_free(struct looker *looker)
{
	if (!looker)
		return;
	worker_free(looker->worker);
	free(looker);
}

static int wait_for_answer(struct looker *looker, json_t **ret, const char *path, struct err *err)
{
	int64_t until = now_ms() + LOOKER_SILENT_MS;

	for (;;) {
		struct pollfd fd = { .fd = worker_fd(looker->worker), .events = POLLIN };
		enum worker_event event = worker_receive(looker->worker, ret, err);

		if (event == WORKER_DONE)
			return 0;
		if (event == WORKER_FAILED || event == WORKER_DEAD)
			return -(int)ERR_WORKER;
		if (event == WORKER_REPORT) {
			json_decref(*ret);
			*ret = NULL;
		}
		if (now_ms() >= until)
			return err_set(err, ERR_TIMEOUT, "'%s' has not answered for %d s", path,
				       LOOKER_SILENT_MS / 1000);
		poll(&fd, 1, LOOK_MS);
	}
}

int looker_stat(struct looker *looker, const char *path, struct file_identity *ret, bool *ret_regular,
		struct err *err)
{
	CLEANUP(json_cleanup)
	json_t *request = json_pack("{s:s, s:o}", "job", "stat", "path", json_from_path(path));
	CLEANUP(json_cleanup) json_t *done = NULL;
	int rc = 0;

	if (!looker->worker)
		looker->worker = worker_start(&(struct worker_limits) { .nice = BEHIND_OTHERS }, err);
	if (!looker->worker)
		return -(int)ERR_WORKER;
	rc = worker_send(looker->worker, request, err);
	if (rc == 0)
		rc = wait_for_answer(looker, &done, path, err);
	if (rc < 0) {
		worker_free(looker->worker);
		looker->worker = NULL;
		return rc;
	}
	*ret = (struct file_identity) { json_int(done, "dev", 0), json_int(done, "inode", 0),
					json_int(done, "size", 0), json_int(done, "mtime_ns", 0) };
	if (ret_regular)
		*ret_regular = json_flag(done, "regular", false);
	return json_flag(done, "there", false);
}
