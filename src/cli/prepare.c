/* prepare.c - `matinee prepare`: encode ahead, now. By the server when one runs, else by workers of its own; what is done
 * when it is stopped stays. How: server/prepare.h. */
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/station_args.h"
#include "cli/table.h"
#include "server/prepare.h"
#include "station/gain.h"
#include "station/timeline_builder.h"
#include "store/jobs.h"

#define LOOK_NS (200 * CLOCK_MS)
#define AIRINGS_A_TURN 96

static const struct command_option prepare_options[] = {
	{ "hours", 'H', "H", NULL, "How far ahead, 1 to 72; 2 unless told." },
	{ NULL, 0, NULL, NULL, NULL },
};

static void report(struct command_context *ctx, const json_t *totals)
{
	if (ctx->json)
		table_print_json(ctx, totals);
	else if (!ctx->quiet)
		fprintf(ctx->out, "%lld of %lld segments are prepared, %lld cannot be made\n",
			(long long)json_int(totals, "done", 0), (long long)json_int(totals, "segments", 0),
			(long long)json_int(totals, "failed", 0));
}

/* ---- by the server ---- */

static int get_job(struct command_context *ctx, int64_t id, struct arena *arena, struct job *ret, struct err *err)
{
	int rc;

	db_lock(ctx->db);
	rc = jobs_get(ctx->db, id, arena, ret, err);
	db_unlock(ctx->db);
	return rc;
}

/* 0 while it goes on, 1 when it has ended. */
static int look_at_job(struct progress *line, int64_t id, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(json_cleanup) json_t *result = NULL;
	struct job job;
	int rc = get_job(line->ctx, id, &arena, &job, err);

	if (rc < 0)
		return rc;
	if (strcmp(job.state, "queued") == 0 || strcmp(job.state, "running") == 0) {
		progress_show(line, 0, 0, "preparing: %s", job.message);
		return 0;
	}
	progress_wipe(line);
	if (strcmp(job.state, "cancelled") == 0)
		return err_set(err, ERR_BUSY, "it was cancelled; what is prepared stays");
	if (strcmp(job.state, "done") != 0)
		return err_set(err, ERR_IO, "%s", job.message);
	result = json_parse(job.result ? job.result : "{}", strlen(job.result ? job.result : "{}"), NULL);
	report(line->ctx, result);
	return 1;
}

static int by_server(struct command_context *ctx, int64_t channel_id, int64_t hours, struct err *err)
{
	CLEANUP(json_cleanup) json_t *payload = json_pack("{s:I}", "hours", (json_int_t)hours);
	const struct timespec pause = { .tv_nsec = LOOK_NS };
	struct progress line = progress_new(ctx);
	int64_t id;
	int rc;

	if (channel_id)
		json_object_set_new(payload, "channel", json_integer(channel_id));
	rc = jobs_add(ctx->db, "prepare", payload, &id, err);
	if (rc < 0)
		return rc;
	ctx->server->jobs_changed(ctx->server->server);
	while ((rc = look_at_job(&line, id, err)) == 0) {
		if (*ctx->cancelled) {
			ctx->server->job_cancel(ctx->server->server, id, NULL);
			return err_set(err, ERR_BUSY, "stopped; what is prepared stays");
		}
		nanosleep(&pause, NULL);
	}
	return rc < 0 ? rc : 0;
}

/* ---- by itself ---- */

static void on_progress(void *context, const struct prepare_totals *t)
{
	if (!t->segments) {
		progress_show(context, 0, 0, "hearing how loud files are: %lld so far", (long long)t->heard);
		return;
	}
	progress_show(context, (double)t->done, (double)t->segments, "preparing: %lld of %lld segments, %.1f x real time",
		      (long long)t->done, (long long)t->segments, t->speed);
}

/* The log must reach so far; a server builds it by itself. */
static int build(struct command_context *ctx, const struct station_time *time, int64_t channel_id, int64_t hours,
		 struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	int64_t until_ns = station_now_ns(time) + hours * 3600 * CLOCK_SECOND;
	struct channel_list list;
	int rc;

	db_lock(ctx->db);
	rc = channels_list(ctx->db, &arena, &list, err);
	db_unlock(ctx->db);
	for (size_t i = 0; rc >= 0 && i < list.count; i++)
		if (list.channels[i].enabled && (!channel_id || list.channels[i].id == channel_id))
			do
				rc = timeline_build(ctx->db, time, list.channels[i].id, until_ns, AIRINGS_A_TURN, err);
			while (rc == 1 && !*ctx->cancelled);
	return rc < 0 ? rc : 0;
}

/* Whether sound is brought to the target is written down by who builds: here it may have been another when a server ran last. */
static int set_gain(struct command_context *ctx, const struct station_time *time, struct err *err)
{
	int rc = gain_set(ctx->db, strcmp(options_text(ctx->options, "station.loudness"), "off") != 0, err);

	return rc > 0 ? gain_apply(ctx->db, time, 0, err) : rc;
}

static void close_cache(struct clip_cache **cache)
{
	clip_cache_close(*cache);
}

static void stop_producer(struct producer **producer)
{
	producer_stop(*producer);
}

static int by_itself(struct command_context *ctx, int64_t channel_id, int64_t hours, struct err *err)
{
	CLEANUP(station_args_free_time) struct station_time *time = station_args_time(ctx, err);
	CLEANUP(cleanup_free) char *dir = fs_join(store_dir(ctx->store), "cache");
	CLEANUP(close_cache) struct clip_cache *cache = NULL;
	CLEANUP(stop_producer) struct producer *producer = NULL;
	CLEANUP(json_cleanup) json_t *json = NULL;
	struct progress line = progress_new(ctx);
	struct producer_config config = { .workers = (unsigned)options_int(ctx->options, "encode.workers"),
					  .limits = { .memory_bytes = (uint64_t)options_int(ctx->options, "encode.memory") } };
	struct prepare prepare = { .time = time, .channel_id = channel_id, .hours = hours, .cancelled = ctx->cancelled,
				   .context = &line, .progress = on_progress };
	struct prepare_totals totals;
	int rc;

	if (!time || set_gain(ctx, time, err) < 0 || build(ctx, time, channel_id, hours, err) < 0)
		return -(int)err->code;
	prepare.reader = store_reader(ctx->store, err);
	prepare.writer = ctx->db;
	prepare.cache = config.cache = cache = clip_cache_open(dir, options_int(ctx->options, "cache.size"), err);
	if (!prepare.reader || !cache || !(prepare.producer = producer = producer_start(&config, err)))
		return -(int)err->code;
	rc = prepare_run(&prepare, &totals, err);
	progress_wipe(&line);
	json = prepare_json(&totals);
	if (rc == 0)
		report(ctx, json);
	return rc;
}

static int prepare_run_command(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct channel channel = { 0 };
	int64_t hours;

	if (command_int(ctx, "hours", 1, PREPARE_HOURS_MAX, PREPARE_HOURS, &hours, err) < 0 ||
	    (ctx->argc && station_args_channel(ctx, ctx->argv[0], &arena, &channel, err) < 0))
		return -(int)err->code;
	if (ctx->server && ctx->server->jobs_changed && ctx->server->job_cancel)
		return by_server(ctx, channel.id, hours, err);
	return by_itself(ctx, channel.id, hours, err);
}

const struct command prepare_command = {
	.name = "prepare",
	.args = "[CHANNEL]",
	.help = "Encode ahead, now, what a channel (or all) will air, and end when it is in the cache.\n"
		"Files whose loudness is not known are heard first, ten short windows of each.\n"
		"What was prepared when it is stopped stays. Whoever watches goes first.",
	.needs = NEEDS_WRITE,
	.max_args = 1,
	.options = prepare_options,
	.run = prepare_run_command,
};
