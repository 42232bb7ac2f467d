/* station_args.h - what the station's commands share: a channel by number or name, local times, a change that takes
 * effect. */
#pragma once

#include "cli/command.h"
#include "station/station_time.h"
#include "store/channels.h"

void station_args_free_time(struct station_time **time); /* for CLEANUP */

/* The station's clock for a command that reads or writes. NULL with err. */
struct station_time *station_args_time(struct command_context *ctx, struct err *err);

/* By number, or by name (capitals do not matter). ERR_NOT_FOUND; ERR_USAGE when two have that name. */
int station_args_channel(struct command_context *ctx, const char *text, struct arena *arena, struct channel *ret,
			 struct err *err);

/* A changed or new channel: a running server is told, otherwise the log is built here, beyond the lock. */
int station_args_apply(struct command_context *ctx, const struct station_time *time, int64_t channel_id,
		       struct err *err);

/* Local time by strftime's format; at least 64 bytes. Returns to. */
char *station_args_local(char *to, size_t size, const char *format, int64_t wall_ms);
