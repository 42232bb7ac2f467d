/* jobs.c - `matinee jobs`, `jobs cancel`: the long work of the server. What a job is: store/jobs.h. */

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/command.h"
#include "cli/table.h"
#include "store/jobs.h"

#define LISTED 100

static const struct command_option jobs_options[] = {
	{ "state", 's', "STATE", "open|queued|running|done|failed|cancelled", "Only these; open: queued and running." },
	{ NULL, 0, NULL, NULL, NULL },
};

static void add_row(struct table *table, const struct job *job)
{
	char text[40];

	table_add_int(table, job->id);
	table_add(table, job->kind);
	table_add(table, job->state);
	if (job->progress < 0)
		table_add(table, NULL);
	else
		table_addf(table, "%.0f %%", job->progress * 100);
	table_add(table, clock_format(text, sizeof(text), job->created_ms));
	table_add(table, job->message);
}

static int jobs_run(struct command_context *ctx, struct err *err)
{
	static const struct table_column columns[] = {
		{ "ID", "id", TABLE_NUMBER },	      { "Kind", "kind", TABLE_TEXT },
		{ "State", "state", TABLE_TEXT },     { "Progress", "progress", TABLE_TEXT },
		{ "Since", "created", TABLE_TIME },   { "Message", "message", TABLE_TEXT },
		{ NULL, NULL, TABLE_TEXT },
	};
	const char *state = command_text(ctx, "state", NULL);
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct job_list list;
	struct table *table;
	int64_t total;

	if (ctx->json) {
		CLEANUP(json_cleanup) json_t *json = jobs_list_json(ctx->db, state, LISTED, 0, err);

		if (!json)
			return -(int)err->code;
		table_print_json(ctx, json);
		return 0;
	}
	if (jobs_list(ctx->db, state, LISTED, 0, &arena, &list, &total, err) < 0)
		return -(int)err->code;
	table = table_new(columns);
	for (size_t i = 0; i < list.count; i++)
		add_row(table, &list.jobs[i]);
	table_print(table, ctx, total);
	table_free(table);
	return 0;
}

/* Without a server nothing runs: what says so is of one that died. */
static int cancel_here(struct command_context *ctx, int64_t id, struct err *err)
{
	int rc = jobs_cancel(ctx->db, id, err);

	if (rc == 0)
		rc = jobs_end(ctx->db, id, "cancelled", "", NULL, err);
	return rc < 0 ? rc : 0;
}

static int cancel_run(struct command_context *ctx, struct err *err)
{
	int64_t id;
	int rc;

	if (command_id(ctx->argv[0], "job", "jobs", &id, err) < 0)
		return -(int)ERR_USAGE;
	if (ctx->server && ctx->server->job_cancel)
		rc = ctx->server->job_cancel(ctx->server->server, id, err);
	else
		rc = cancel_here(ctx, id, err);
	if (rc == 0 && !ctx->quiet && !ctx->json)
		fprintf(ctx->out, "job %lld is cancelled\n", (long long)id);
	return rc;
}

const struct command jobs_command = {
	.name = "jobs",
	.args = "",
	.help = "List the long work of the server, the newest first.\n"
		"What ran when a server ended is begun again by the next one where that is safe, else it has failed.",
	.needs = NEEDS_READ,
	.options = jobs_options,
	.run = jobs_run,
};

const struct command jobs_cancel_command = {
	.name = "jobs cancel",
	.args = "ID",
	.help = "Cancel a job; one that runs ends at the next good place.",
	.needs = NEEDS_WRITE,
	.min_args = 1,
	.max_args = 1,
	.run = cancel_run,
};
