/* batch_job.c - see batch_job.h. What a batch does is library/journal.h. */
#include "server/batch_job.h"

#include "base/cleanup.h"
#include "library/journal.h"
#include "library/trash.h"
#include "server/library_thread.h"
#include "server/parts.h"

static void on_progress(void *context, const struct journal_progress *p)
{
	double part = p->bytes ? (double)p->bytes_done / (double)p->bytes :
		      p->files ? (double)p->files_done / (double)p->files :
				 -1;

	queue_job_progress(context, part, "%lld of %lld steps, %lld of %lld MB", (long long)p->files_done,
			   (long long)p->files, (long long)(p->bytes_done >> 20), (long long)(p->bytes >> 20));
}

int batch_job(struct queue_job *job, const json_t *payload, json_t **ret_result, struct err *err)
{
	struct server *server = queue_job_context(job);
	const struct journal journal = { .store = queue_job_store(job),
					 .station_now_ns = station_now_ns(server->time),
					 .context = job,
					 .progress = on_progress,
					 .cancelled = queue_job_cancelled(job) };
	struct journal_progress totals = { 0 };
	int rc = journal_run(&journal, json_int(payload, "batch", 0), &totals, err);

	if (totals.files_done)
		server_library_changed(server);
	if (rc == 0)
		*ret_result = json_pack("{s:I, s:I, s:I, s:I}", "batch", (json_int_t)totals.batch_id, "files",
					(json_int_t)totals.files_done, "failed", (json_int_t)totals.failed, "bytes",
					(json_int_t)totals.bytes_done);
	return rc;
}

int recover_job(struct queue_job *job, const json_t *payload, json_t **ret_result, struct err *err)
{
	struct server *server = queue_job_context(job);
	int settled = journal_recover(queue_job_store(job), err);

	(void)payload;
	if (server->library)
		library_thread_release(server->library);
	if (settled > 0)
		server_library_changed(server);
	if (settled >= 0)
		*ret_result = json_pack("{s:i}", "settled", settled);
	return settled < 0 ? settled : 0;
}

int empty_trash_job(struct queue_job *job, const json_t *payload, json_t **ret_result, struct err *err)
{
	struct trash_totals totals = { 0 };
	int rc = trash_empty(queue_job_store(job), json_int(payload, "before_ms", 0), queue_job_cancelled(job), &totals, err);

	if (totals.files) /* their titles went with them */
		server_library_changed(queue_job_context(job));
	if (rc == 0)
		*ret_result = json_pack("{s:I, s:I, s:I}", "files", (json_int_t)totals.files, "bytes",
					(json_int_t)totals.bytes, "failed", (json_int_t)totals.failed);
	return rc;
}

static int queue_batch(struct http_request *req, int64_t batch, int64_t *ret_job, struct err *err)
{
	CLEANUP(json_cleanup) json_t *payload = json_pack("{s:I}", "batch", (json_int_t)batch);

	return queue_add(req->server->queue, "batch", payload, ret_job, err);
}

int batch_job_start(struct http_request *req, int64_t batch, struct err *err)
{
	int64_t job;
	int rc = queue_batch(req, batch, &job, err);

	return rc < 0 ? rc :
			http_answer_json(req, 202,
					 json_pack("{s:I, s:I}", "batch", (json_int_t)batch, "job", (json_int_t)job));
}

int batch_job_answer(struct http_request *req, const char *kind, const char *title, struct move *moves, size_t count,
		     bool dry_run, struct err *err)
{
	int64_t bytes = 0, batch = 0, job = 0;
	int rc = 0;

	for (size_t i = 0; i < count; i++)
		bytes += moves[i].size;
	if (count && !dry_run) {
		rc = journal_write(req->server->store, kind, title, 0, moves, count, &batch, err);
		if (rc == 0)
			rc = queue_batch(req, batch, &job, err);
	}
	if (rc < 0)
		return rc;
	return http_answer_json(req, batch ? 202 : 200,
				json_pack("{s:o, s:o, s:I, s:I}", "batch", batch ? json_integer(batch) : json_null(), "job",
					  job ? json_integer(job) : json_null(), "files", (json_int_t)count, "bytes",
					  (json_int_t)bytes));
}
