/* library_thread.h - the thread that looks for changes in the library: at the start, every hour, when asked,
 * and where the watch (library/watch.h) heard of some. A root whose disk does not answer is asked again every
 * half minute. Hashes of all bytes, then of pictures and sound, are made in their part of the day, as a job. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"

struct library_thread;
struct server;
struct server_library;

/* Made first, started when the builder (which asks it, and which it tells) stands too. */
struct library_thread *library_thread_new(struct server *server, const struct server_library *settings);
void library_thread_start(struct library_thread *library);
void library_thread_stop(struct library_thread *library); /* NULL is fine */
void library_thread_free(
	struct library_thread *library); /* after it and the builder have stopped; NULL is fine */

/* These roots are not scanned until they are released, and then at once: what was being done in them is settled first. */
void library_thread_hold(struct library_thread *library, const int64_t *root_ids, size_t count);
void library_thread_release(struct library_thread *library);

/* Scans now, and has the timelines built again whatever it finds. */
void library_thread_poke(struct library_thread *library);

/* It has ended a scan since it was started or poked. */
bool library_thread_rested(struct library_thread *library);

/* What is done with one root now: {"phase", "seen", "silent_s"}, or null. Of no thread too. New reference. */
json_t *library_thread_root_json(struct library_thread *library, int64_t root_id);

/* {"running", "root", "seen", "probed", "to_probe"}; of no thread too. New reference. */
json_t *library_thread_json(struct library_thread *library);
