/* fault.h - a source or an encoder that fails on the air: what stands over it, by rows, the same for all viewers and after a
 * restart. */
#pragma once

#include <stdbool.h>

#include "station/station_time.h"
#include "store/db.h"
#include "stream/clip.h"

/* What has been encoded already is shown still. */
typedef bool fault_has(void *context, const char *key, int64_t k); /* (key, k) of a clip is in the cache */

/* Slate stands over the rest of what airs the clip now or within the lock, rows and fallbacks, from the first segment that
 * neither is published nor `has` says is there. for_ns > 0: over so much of it at most, since it may come back. The number
 * of channels where that was, or <0. */
int fault_put(struct db *writer, const struct station_time *time, const struct clip *clip, int64_t for_ns,
	      const char *why, fault_has *has, void *context, struct err *err);

/* The same, but what lies in the place of its file by now stands over it, from where the clip would be: a file of that sample
 * hash. Not for what is copied. */
int fault_exchange(struct db *writer, const struct station_time *time, const struct clip *clip, const char *sample_hash,
		   const char *why, fault_has *has, void *context, struct err *err);

/* Slate goes from over files that are there again since it was put: from the first segment that is not published. `lifted` is told of
 * each clip by its key. How many there were, or <0. Takes the writer for each of them. */
typedef void fault_lifted(void *context, const char *key);
int fault_lift(struct db *writer, const struct station_time *time, fault_lifted *lifted, void *context, struct err *err);

/* The same for a clip that is decoded too slowly to be encoded while it is on (kind "slow"). */
int fault_too_slow(struct db *writer, const struct station_time *time, const struct clip *clip, const char *why,
		   fault_has *has, void *context, struct err *err);

/* The same, but the clip's own frames in another profile of the same rate stand over it: the encoder failed, not the file.
 * ERR_INVALID for another rate. */
int fault_fall_back(struct db *writer, const struct station_time *time, const struct clip *clip,
		    const struct profile *profile, const char *why, fault_has *has, void *context, struct err *err);
