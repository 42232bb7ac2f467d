/* control.h - commands sent to the server that holds the store, over data/control.sock.
 *
 * The client sends one frame (argv, folder, terminal); the server runs the same command table on a thread and streams
 * standard output and error back, then the exit code. Only the same user (or root) is served. A client that
 * leaves cancels its command. */
#pragma once

#include "base/err.h"
#include "cli/run.h"

struct control;

/* Listens; one thread accepts, one more per command. `house` is borrowed until control_stop(). */
struct control *control_start(const struct run_house *house, struct err *err);
void control_stop(struct control *control); /* waits for running commands, cancelled; NULL is fine */

/* The client. ERR_BUSY with a sentence when nothing answers there. */
int control_send(const char *data_dir, int argc, char **argv, const struct run_terminal *terminal, int *ret_exit_code,
		 struct err *err);
