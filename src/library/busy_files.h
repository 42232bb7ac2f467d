/* busy_files.h - whether somebody uses a file now: it is on the air, or a program of this machine has it open.
 *
 * Open files are read from /proc: players, downloads, those of our own workers that make segments. A worker that only
 * looks (probe, hash, loudness) is in nobody's way, unless what is in the file is to change. Of programs of other users
 * one sees what the system lets one see. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"

struct busy_files;

/* `station_now_ns` 0: nothing is on the air (no server runs). `db` may be NULL then; else it is used by the calling
 * thread, under db_lock. */
struct busy_files *busy_files_new(struct db *db, int64_t station_now_ns);
void busy_files_free(struct busy_files *busy); /* NULL is fine */

/* NULL, or why: "it is on the air", "mpv (1234) has it open". Lives until the next call. file_id 0: a file without row.
 * `contents`: it is to be written into, not only renamed or removed; then a worker that looks counts, too. */
const char *busy_files_why(struct busy_files *busy, const char *base, const char *path, int64_t file_id, bool contents);
