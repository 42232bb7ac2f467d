/* hash_files.c - see hash_files.h.
 *
 * The list is sorted by device and inode: names of one file stand together and one of them is read; the store
 * gives the hash to all. Answers are kept for up to a second and stored in one transaction. */
#include "library/hash_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "jobs/worker.h"
#include "library/disk.h"
#include "library/essence_return.h"
#include "library/hash_jobs.h"
#include "media/libav.h"

#define SILENT_MS 120000 /* a worker says something every second */
#define SAMPLE_SILENT_MS 20000
#define KEEP 500
#define FILES_AHEAD 8 /* of which the disk is told */
#define KEEP_MS 1000
#define TELL_MS 1000

static const struct worker_handler handlers[] = { { "hash", hash_job, NULL }, { "essence", essence_job, libav_load }, { 0 } };

/* The files of one device. */
struct disk {
	size_t next, end; /* of the list */
	size_t told;	  /* the first that it has not been told of */
	int64_t whole;	  /* disk_of() */
	size_t first;	  /* of those on the same disk: for all of them its are the next two */
	unsigned reading, most;
};

struct answer {
	struct file_identity identity;
	char hash[40]; /* "": failed */
	char *why;
};

struct task {
	const struct unhashed_file *file;
	struct disk *disk;
	int64_t told; /* bytes of it that are counted already */
};

struct state {
	const struct hash_files *hash;
	struct hash_progress *totals;
	struct db *db;
	struct arena arena;
	struct unhashed_list list;
	struct disk *disks;
	size_t disk_count, disk_cap;
	struct answer answers[KEEP];
	size_t answer_count;
	int64_t kept_since_ms, told_ms;
	bool broken; /* the store failed; err holds it */
	struct err err;
};

static int64_t now_ms(void)
{
	return clock_boot_ns() / CLOCK_MS;
}

static void tell(struct state *s, bool now)
{
	if (!s->hash->progress || (!now && now_ms() - s->told_ms < TELL_MS))
		return;
	s->told_ms = now_ms();
	s->hash->progress(s->hash->context, s->totals);
}

/* ---- storing ---- */

static int store_one(struct state *s, const struct answer *a, struct err *err)
{
	if (a->hash[0])
		return file_hashes_put(s->db, s->hash->hash, &a->identity, a->hash, err);
	return file_hashes_fail(s->db, s->hash->hash, &a->identity, a->why, err);
}

static void store_answers(struct state *s)
{
	int rc = 0;

	if (s->answer_count && !s->broken) {
		rc = db_begin(s->db, &s->err);
		for (size_t i = 0; i < s->answer_count && rc >= 0; i++) {
			rc = store_one(s, &s->answers[i], &s->err);
			if (rc < 0)
				db_rollback(s->db);
		}
		if (rc >= 0)
			rc = db_commit(s->db, &s->err);
		s->broken = rc < 0;
	}
	for (size_t i = 0; i < s->answer_count; i++)
		free(s->answers[i].why);
	s->answer_count = 0;
}

static void keep(struct state *s, struct answer answer)
{
	if (!s->answer_count)
		s->kept_since_ms = now_ms();
	s->answers[s->answer_count++] = answer;
	if (s->answer_count == KEEP)
		store_answers(s);
}

/* ---- the batch ---- */

/* Files from the next one on that the disk shall know of and does not yet. */
static json_t *ahead_of(const struct state *s, struct disk *disk)
{
	json_t *list = json_array();

	for (; disk->told < disk->end && disk->told <= disk->next + FILES_AHEAD; disk->told++)
		json_array_append_new(list, json_pack("{s:o}", "path", json_from_path(s->list.files[disk->told].path)));
	return list;
}

static json_t *request_of(const struct state *s, struct disk *disk)
{
	json_t *path = json_from_path(s->list.files[disk->next].path);

	if (s->hash->hash == FILE_HASH_ESSENCE)
		return json_pack("{s:s, s:o}", "job", "essence", "path", path);
	if (s->hash->hash == FILE_HASH_FULL)
		return json_pack("{s:s, s:o, s:s}", "job", "hash", "path", path, "what", "full");
	return json_pack("{s:s, s:o, s:s, s:o}", "job", "hash", "path", path, "what", "sample", "ahead", ahead_of(s, disk));
}

static json_t *next(void *context, void **ret_tag)
{
	struct state *s = context;

	if (s->answer_count && now_ms() - s->kept_since_ms > KEEP_MS)
		store_answers(s);
	for (size_t i = 0; i < s->disk_count && !s->broken; i++) {
		struct disk *disk = &s->disks[i], *first = &s->disks[disk->first];
		struct task *task;
		json_t *request;

		if (disk->next == disk->end || first->reading == first->most)
			continue;
		task = calloc(1, sizeof(*task));
		if (!task)
			abort();
		first->reading++;
		request = request_of(s, disk);
		*task = (struct task) { .file = &s->list.files[disk->next++], .disk = disk };
		*ret_tag = task;
		return request;
	}
	return NULL;
}

static bool more(void *context)
{
	const struct state *s = context;

	for (size_t i = 0; i < s->disk_count && !s->broken; i++)
		if (s->disks[i].next < s->disks[i].end)
			return true;
	return false;
}

static void count_bytes(struct state *s, struct task *task, int64_t done)
{
	if (done <= task->told || done > task->file->identity.size)
		return;
	s->totals->bytes_done += done - task->told;
	task->told = done;
}

static void report(void *context, void *tag, const json_t *report)
{
	struct state *s = context;

	count_bytes(s, tag, json_int(report, "done", 0));
	tell(s, false);
}

static void take(struct state *s, const json_t *done)
{
	struct answer a = { .identity = { json_int(done, "dev", 0), json_int(done, "inode", 0),
					  json_int(done, "size", -1), json_int(done, "mtime_ns", 0) } };
	const char *hash = json_text(done, "hash", "");

	if (strlen(hash) != 32 || strspn(hash, "0123456789abcdef") != 32)
		return; /* a worker that was taken over by its file */
	memcpy(a.hash, hash, 33);
	keep(s, a);
}

static bool is_the_files_fault(const struct err *err)
{
	return err->code != ERR_BUSY && err->code != ERR_CONFLICT && err->code != ERR_NOT_FOUND &&
	       err->code != ERR_TIMEOUT;
}

static void result(void *context, void *pointer, const json_t *done, const struct err *err)
{
	CLEANUP(cleanup_free) struct task *task = pointer;
	struct state *s = context;

	s->disks[task->disk->first].reading--;
	if (err && err->code == ERR_BUSY)
		return; /* stopped: it waits for the next run */
	count_bytes(s, task, task->file->identity.size);
	s->totals->files_done++;
	if (done) {
		take(s, done);
	} else {
		s->totals->failed++;
		if (err->code ==
		    ERR_TIMEOUT) /* its disk does not answer: what is left waits for the next run */
			task->disk->next = task->disk->end;
		if (is_the_files_fault(err))
			keep(s,
			     (struct answer) { .identity = task->file->identity, .why = strdup(err->text) });
	}
	tell(s, false);
}

/* ---- the list ---- */

static int compare_files(const void *a, const void *b)
{
	const struct file_identity *x = &((const struct unhashed_file *)a)->identity;
	const struct file_identity *y = &((const struct unhashed_file *)b)->identity;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return (x->inode > y->inode) - (x->inode < y->inode);
}

static bool is_same_file(const struct unhashed_file *a, const struct unhashed_file *b)
{
	return memcmp(&a->identity, &b->identity, sizeof(a->identity)) == 0;
}

/* The last device shares its readers with an earlier one on the same disk. */
static void share_disk(struct state *s)
{
	struct disk *last = &s->disks[s->disk_count - 1];

	while (s->disks[last->first].whole != last->whole)
		last->first++;
}

/* Sorts, leaves one name of each file, and cuts the list into disks. */
static void arrange(struct state *s)
{
	struct unhashed_file *files = s->list.files;
	unsigned workers = s->hash->workers ? s->hash->workers : 2;
	size_t count = 0;

	if (s->list.count)
		qsort(files, s->list.count, sizeof(*files), compare_files);
	for (size_t i = 0; i < s->list.count; i++) {
		if (count && is_same_file(&files[count - 1], &files[i]))
			continue;
		files[count] = files[i];
		if (!count || files[count].identity.dev != files[count - 1].identity.dev) {
			ARENA_GROW(&s->arena, s->disks, s->disk_count, s->disk_cap);
			s->disks[s->disk_count++] = (struct disk) { .next = count, .told = count,
								    .whole = disk_of(files[i].identity.dev),
								    .most = disk_turns(files[i].identity.dev) ? 1 : workers };
			share_disk(s);
		}
		s->disks[s->disk_count - 1].end = ++count;
		s->totals->files++;
		s->totals->bytes += files[i].identity.size;
	}
	s->list.count = count;
}

static int read_list(struct state *s, struct err *err)
{
	const struct hash_files *h = s->hash;
	struct db *reader = store_reader(h->store, err);

	if (!reader)
		return -(int)ERR_STORE;
	if (h->ids)
		return file_hashes_of(reader, h->hash, h->ids, h->count, &s->arena, &s->list, err);
	return file_hashes_waiting(reader, h->hash, h->root_id, 0, INT64_MAX, &s->arena, &s->list, err);
}

int hash_files_run(const struct hash_files *hash, struct hash_progress *ret, struct err *err)
{
	struct state *s = calloc(1, sizeof(*s));
	volatile bool never = false;
	struct worker_batch batch = { .count = hash->workers ? hash->workers : 2,
				      .timeout_ms =
					      hash->hash == FILE_HASH_SAMPLE ? SAMPLE_SILENT_MS : SILENT_MS,
				      .limits = { .nice = hash->waited_for ? 0 : 10,
						  .idle_io = hash->hash != FILE_HASH_SAMPLE && !hash->waited_for,
						  .handlers = handlers },
				      .context = s,
				      .next = next,
				      .result = result,
				      .report = report,
				      .more = more,
				      .cancelled = hash->cancelled ? hash->cancelled : &never };
	int rc;

	if (!s)
		abort();
	*ret = (struct hash_progress) { 0 };
	s->hash = hash;
	s->totals = ret;
	s->db = store_writer(hash->store);
	rc = read_list(s, err);
	if (rc == 0) {
		arrange(s);
		tell(s, true);
		rc = s->list.count ? worker_batch_run(&batch, err) : 0;
		store_answers(s);
		tell(s, true);
	}
	if (!s->broken && rc == 0 && hash->hash == FILE_HASH_ESSENCE && s->totals->files)
		rc = essence_return_run(s->db, NULL, err);
	if (s->broken)
		rc = err_set(err, s->err.code, "%s", s->err.text);
	else if (rc == 0 && *batch.cancelled)
		rc = err_set(err, ERR_BUSY, "hashing was stopped; it goes on where it was");
	arena_free(&s->arena);
	free(s);
	return rc;
}
