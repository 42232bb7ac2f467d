/* batch_run.c - see batch_run.h. */
#include "cli/batch_run.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "cli/progress.h"
#include "station/station_time.h"


const char *batch_path_text(char to[PATH_TEXT_SIZE], const char *path)
{
	return utf8_line(to, PATH_TEXT_SIZE, path);
}

int batch_agreed(struct command_context *ctx, const char *question, struct err *err)
{
	char answer[16] = "";

	if (command_switch(ctx, "yes"))
		return 0;
	if (ctx->in && !ctx->json) {
		fprintf(ctx->err, "%s [y/N] ", question);
		fflush(ctx->err);
		if (fgets(answer, sizeof(answer), ctx->in) && strcasecmp(answer, "y\n") == 0)
			return 0;
	}
	return err_set(err, ERR_USAGE, "nothing was done; answer y, or give --yes");
}

int64_t batch_station_now(struct command_context *ctx)
{
	struct station_time *time;
	int64_t now;

	if (!ctx->server)
		return 0;
	db_lock(ctx->db);
	time = station_time_read(ctx->db, NULL);
	db_unlock(ctx->db);
	now = time ? station_now_ns(time) : 0;
	station_time_free(time);
	return now;
}

static void on_progress(void *context, const struct journal_progress *p)
{
	progress_show(context, (double)p->bytes_done, (double)p->bytes, "%lld of %lld files, %lld of %lld MB",
		      (long long)p->files_done, (long long)p->files, (long long)(p->bytes_done >> 20),
		      (long long)(p->bytes >> 20));
}

static void on_failed(void *context, const struct move *move, const char *why)
{
	struct progress *line = context;
	char text[PATH_TEXT_SIZE];

	(void)move;
	progress_wipe(line);
	fprintf(line->ctx->err, "left: %s\n", batch_path_text(text, why));
}

int batch_run(struct command_context *ctx, int64_t batch_id, const char *done, struct err *err)
{
	struct progress line = progress_new(ctx);
	const struct journal journal = { .store = ctx->store,
					 .station_now_ns = batch_station_now(ctx),
					 .context = &line,
					 .progress = on_progress,
					 .failed = on_failed,
					 .cancelled = ctx->cancelled };
	struct journal_progress totals = { 0 };
	int rc = journal_run(&journal, batch_id, &totals, err);

	progress_wipe(&line);
	if (totals.batch_id && ctx->json)
		fprintf(ctx->out, "{\"batch\":%lld,\"files\":%lld,\"failed\":%lld,\"bytes\":%lld}\n", (long long)batch_id,
			(long long)totals.files_done, (long long)totals.failed, (long long)totals.bytes_done);
	else if (totals.batch_id && !ctx->quiet)
		fprintf(ctx->err, "%s: %lld steps done, %lld left as they were; 'matinee undo %lld' takes it back\n", done,
			(long long)totals.files_done, (long long)(totals.files - totals.files_done), (long long)batch_id);
	if (totals.files_done && ctx->server && ctx->server->library_changed)
		ctx->server->library_changed(ctx->server->server);
	if (rc == 0 && totals.failed)
		return err_set(err, ERR_CONFLICT, "%lld of %lld steps were not done; their reasons stand above",
			       (long long)totals.failed, (long long)totals.files);
	return rc;
}

int batch_ask_and_run(struct command_context *ctx, const struct batch_plan *plan, struct err *err)
{
	int64_t batch;

	if (!plan->count) {
		if (ctx->json)
			fputs("{\"batch\":null,\"files\":0,\"failed\":0,\"bytes\":0}\n", ctx->out);
		return 0;
	}
	if (batch_agreed(ctx, plan->question, err) < 0 ||
	    journal_write(ctx->store, plan->kind, plan->title, 0, plan->moves, plan->count, &batch, err) < 0)
		return -(int)err->code;
	return batch_run(ctx, batch, plan->done, err);
}
