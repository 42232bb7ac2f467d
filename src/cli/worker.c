/* worker.c - `matinee worker`: the child side of jobs/worker.h. Started by matinee itself, never by hand. */
#include "jobs/worker.h"

#include "base/memory.h"
#include "cli/command.h"
#include "library/hash_jobs.h"
#include "library/junk_job.h"
#include "library/media_jobs.h"
#include "library/walk_job.h"
#include "library/watch_poll.h"
#include "media/libav.h"
#include "stream/copy_plan.h"
#include "stream/encode.h"
#include "stream/loudness.h"
#include "stream/slate.h"

#define WORKER_FD 3

static const struct worker_handler handlers[] = {
	{ "probe", probe_job, libav_load },
	{ "thumbnail", thumbnail_job, libav_load },
	{ "frames", frames_job, libav_load },
	{ "validate", validate_job, libav_load },
	{ "walk", walk_job, NULL },
	{ "stat", stat_job, NULL },
	{ "junk", junk_job, NULL },
	{ "folders", folders_job, NULL },
	{ "hash", hash_job, NULL },
	{ "essence", essence_job, libav_load },
	{ "encode", encode_job, libav_load },
	{ "encoder_probe", encoder_probe_job, libav_load },
	{ "slate", slate_job, libav_load },
	{ "loudness", loudness_job, libav_load },
	{ "copy_plan", copy_plan_job, libav_load },
	{ 0 },
};

static int worker_run(struct command_context *ctx, struct err *err)
{
	(void)ctx;
	memory_busy();
	if (worker_main(WORKER_FD, handlers) == 0)
		return 0;
	return err_set(err, ERR_USAGE, "'matinee worker' is started by matinee itself; there is nothing to do by hand");
}

const struct command worker_command = {
	.name = "worker",
	.args = "",
	.help = "Do one job at a time for the server.",
	.needs = NEEDS_NOTHING,
	.flags = COMMAND_HIDDEN | COMMAND_RAW,
	.max_args = -1,
	.run = worker_run,
};
