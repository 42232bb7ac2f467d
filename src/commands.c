/* commands.c - the map: every command there is, one row each, in the order that help shows them. */
#include <stddef.h>

#include "cli/command.h"

/* clang-format off */
#define COMMANDS(X) \
	X(root_add) \
	X(root_list) \
	X(root_move) \
	X(root_remove) \
	X(scan) \
	X(items) \
	X(items_edit) \
	X(items_add) \
	X(items_undo) \
	X(items_edits) \
	X(items_history) \
	X(items_values) \
	X(show) \
	X(collection_list) \
	X(collection_show) \
	X(collection_add) \
	X(collection_edit) \
	X(collection_put) \
	X(collection_take) \
	X(collection_move) \
	X(collection_remove) \
	X(markers_list) \
	X(markers_add) \
	X(markers_set) \
	X(markers_remove) \
	X(markers_generate) \
	X(validate) \
	X(organize) \
	X(undo) \
	X(duplicates) \
	X(junk) \
	X(trash_list) \
	X(trash_empty) \
	X(channel_add) \
	X(channel_list) \
	X(channel_show) \
	X(channel_edit) \
	X(channel_remove) \
	X(schedule_show) \
	X(schedule_build) \
	X(schedule_import) \
	X(schedule_export) \
	X(now) \
	X(guide) \
	X(as_run) \
	X(alert) \
	X(alert_list) \
	X(alert_cancel) \
	X(jobs) \
	X(jobs_cancel) \
	X(prepare) \
	X(status) \
	X(backup) \
	X(serve) \
	X(names) \
	X(config_init) \
	X(config_check) \
	X(config_show) \
	X(help) \
	X(completion) \
	X(man) \
	X(worker)
/* clang-format on */

#define X(name) extern const struct command name##_command;
COMMANDS(X)
#undef X

const struct command *const commands[] = {
#define X(name) &name##_command,
	COMMANDS(X)
#undef X
	NULL,
};
