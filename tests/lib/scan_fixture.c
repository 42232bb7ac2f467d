/* scan_fixture.c - see scan_fixture.h. */
#include "lib/scan_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "jobs/worker.h"
#include "jobs/worker_name.h"
#include "library/hash_jobs.h"
#include "library/junk_job.h"
#include "library/walk_job.h"
#include "media/hash.h"
#include "media/probe.h"

static bool is_sick(const char *path)
{
	CLEANUP(cleanup_free) char *beside = malloc(strlen(path) + 8);

	strcpy(beside, path);
	strcpy(strrchr(beside, '/'), "/.sick");
	return access(beside, F_OK) == 0;
}

static int fake_probe(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(cleanup_free) char *path = json_path(request, "path");
	CLEANUP(buf_free) struct buf b = { 0 };
	struct probe probe = { .duration_ms = 1800000,
			       .duration_flicks = INT64_C(1800000) * 705600,
			       .container = "fake",
			       .has_video = true,
			       .video_codec = "h264",
			       .width = 640,
			       .height = 480,
			       .fps_num = 25,
			       .fps_den = 1,
			       .sar_num = 1,
			       .sar_den = 1,
			       .pixel_format = "yuv420p",
			       .bit_depth = 8,
			       .color = "",
			       .audio_codec = "aac",
			       .audio_channels = 2,
			       .audio_rate = 48000,
			       .audio_tracks = 1,
			       .chapters = "[]",
			       .streams = "[]",
			       .people = "[]" };
	const char *people;

	char sample[HASH_TEXT_SIZE];
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	(void)job;
	if (fd < 0 || fstat(fd, &st) < 0 || hash_sample(fd, st.st_size, sample, err) < 0)
		return err_set(err, ERR_IO, "sample %s", path);
	probe.sample_hash = sample;
	if (buf_read_file(&b, path, err) < 0)
		return -(int)err->code;
	if (is_sick(path))
		return err_set(err, ERR_IO, "the disk failed");
	if (strncmp(buf_text(&b), "crash", 5) == 0) {
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
	}
	if (strncmp(buf_text(&b), "chapters", 8) == 0)
		probe.chapters = "[{\"start_ms\":0,\"end_ms\":300000,\"title\":\"One\"},"
				 "{\"start_ms\":300000,\"end_ms\":400000,\"title\":\"Two\"},"
				 "{\"start_ms\":400000,\"end_ms\":900000,\"title\":\"Three\"},"
				 "{\"start_ms\":900000,\"end_ms\":1750000,\"title\":\"\"},"
				 "{\"start_ms\":1750000,\"end_ms\":1800000,\"title\":\"Credits\"}]";
	else if (strncmp(buf_text(&b), "ok", 2) != 0)
		return err_set(err, ERR_MEDIA, "it is not media");
	people = strstr(buf_text(&b), "people ");
	probe.people = people ? people + strlen("people ") : "[]";
	*ret_done = probe_to_json(&probe);
	return 0;
}

static void hang_there(const json_t *request)
{
	CLEANUP(cleanup_free) char *root = json_path(request, "root");
	CLEANUP(cleanup_free) char *hang = fs_join(root, ".hang");

	if (access(hang, F_OK) == 0)
		kill(getpid(), SIGSTOP);
}

static int hanging_junk(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	hang_there(request);
	return junk_job(job, request, ret_done, err);
}

static int hanging_walk(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	hang_there(request);
	return walk_job(job, request, ret_done, err);
}

/* Holds a file open, until it is told to stop; "airs": as one that makes segments of it. */
static int hold(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(cleanup_free) char *path = json_path(request, "path");
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

	(void)ret_done;
	if (fd < 0)
		return err_errno(err, "open '%s'", path);
	if (json_flag(request, "airs", false))
		worker_name_set(WORKER_NAME_AIRS);
	worker_report(job, json_pack("{s:s}", "event", "open"));
	while (!worker_cancelled(job))
		usleep(10000);
	return 0;
}

static const struct worker_handler handlers[] = {
	{ "hold", hold, NULL },
	{ "junk", hanging_junk, NULL },
	{ "probe", fake_probe, NULL }, { "hash", hash_job, NULL }, { "essence", essence_job, NULL },
	{ "walk", hanging_walk, NULL },	 { "stat", stat_job, NULL }, { 0 }
};

/* A scan starts this program again as its worker: without fixture_main() that would run the tests, which scan. */
static bool in_fixture_main;

int fixture_main(int argc, char **argv, const struct CMUnitTest *tests, size_t count)
{
	in_fixture_main = true;
	if (argc > 1 && strcmp(argv[1], "worker") == 0)
		return worker_main(3, handlers);
	log_set_level(LOG_CRITICAL);
	return _cmocka_run_group_tests("tests", tests, count, NULL, NULL);
}

int64_t fixture_add_root(struct fixture *f, const char *name, const char *kind)
{
	CLEANUP(cleanup_free) char *path = fs_join(f->dir, name);
	struct err err = { 0 };
	int64_t id;

	test_ok(fs_mkdirs(path, &err), &err);
	test_ok(roots_add(f->db, path, kind, &id, &err), &err);
	return id;
}

struct fixture *fixture_new(const char *kind)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = { 0 };
	CLEANUP(cleanup_free) char *data = NULL;

	if (!in_fixture_main) {
		fprintf(stderr, "fixture_new() needs fixture_main()\n");
		abort();
	}
	if (!f)
		abort();
	f->dir = test_dir();
	data = fs_join(f->dir, "data");
	f->media = fs_join(f->dir, "media");
	f->store = store_open(data, true, &err);
	if (!f->store)
		fail_msg("%s", err.text);
	f->db = store_writer(f->store);
	f->root_id = fixture_add_root(f, "media", kind);
	return f;
}

void fixture_free(struct fixture *f)
{
	store_close(f->store);
	free(f->media);
	free(f->dir);
	free(f);
}

static void make_folder_of(const char *path)
{
	char *copy = strdup(path);
	struct err err = { 0 };

	*strrchr(copy, '/') = '\0';
	test_ok(fs_mkdirs(copy, &err), &err);
	free(copy);
}

void put_file(struct fixture *f, const char *path, const char *content)
{
	CLEANUP(cleanup_free) char *whole = fs_join(f->dir, path);
	FILE *file;

	make_folder_of(whole);
	file = fopen(whole, "we");
	if (!file || fputs(content, file) < 0 || fclose(file) != 0)
		fail_msg("write %s: %s", whole, strerror(errno));
}

void move_file(struct fixture *f, const char *from, const char *to)
{
	CLEANUP(cleanup_free) char *a = fs_join(f->dir, from);
	CLEANUP(cleanup_free) char *b = fs_join(f->dir, to);

	make_folder_of(b);
	if (rename(a, b) < 0)
		fail_msg("move %s: %s", a, strerror(errno));
}

void remove_file(struct fixture *f, const char *path)
{
	CLEANUP(cleanup_free) char *whole = fs_join(f->dir, path);

	if (remove(whole) < 0)
		fail_msg("remove %s: %s", whole, strerror(errno));
}

static void on_progress(void *context, const struct library_progress *p)
{
	struct fixture *f = context;

	if (f->cancel_after && p->added >= f->cancel_after)
		f->cancelled = true;
}

static void on_change(void *context, const char *kind, const char *path)
{
	struct fixture *f = context;
	size_t used = strlen(f->told), dir = strlen(f->dir) + 1;

	snprintf(f->told + used, sizeof(f->told) - used, "%s %s\n", kind, path + dir);
}

static void note_unread(void *context, const char *folder)
{
	struct fixture *f = context;

	snprintf(f->unread, sizeof(f->unread), "%s", folder);
}

int try_scan(struct fixture *f, struct err *err)
{
	struct library_scan options = { .store = f->store,
					.paths = f->paths,
					.full = f->full,
					.dry_run = f->dry_run,
					.accept_missing = f->accept_missing,
					.silent_ms = f->silent_ms,
					.context = f,
					.unread = note_unread,
					.progress = on_progress,
					.change = on_change,
					.cancelled = &f->cancelled };

	f->told[0] = '\0';
	return library_scan(&options, &f->totals, err);
}

void scan(struct fixture *f)
{
	struct err err = { 0 };

	test_ok(try_scan(f, &err), &err);
}

int64_t ask(struct fixture *f, const char *sql)
{
	struct err err = { 0 };
	sqlite3_stmt *stmt = db_query_text(f->db, sql, &err);
	int64_t n = -1;

	if (!stmt)
		fail_msg("%s", err.text);
	if (db_step(f->db, stmt, &err) > 0)
		n = sqlite3_column_int64(stmt, 0);
	db_done(f->db, stmt);
	return n;
}

char *ask_text(struct fixture *f, const char *sql)
{
	struct err err = { 0 };
	sqlite3_stmt *stmt = db_query_text(f->db, sql, &err);
	const char *text = NULL;
	char *copy;

	if (!stmt)
		fail_msg("%s", err.text);
	if (db_step(f->db, stmt, &err) > 0)
		text = (const char *)sqlite3_column_text(stmt, 0);
	copy = strdup(text ? text : "");
	db_done(f->db, stmt);
	return copy;
}
