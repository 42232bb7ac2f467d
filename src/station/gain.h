/* gain.h - by how much a file's sound is turned up or down on the air: one figure for all of a clip.
 *
 * What is measured later changes only what lies beyond the lock, and all of a channel that nobody has watched yet: rows there get
 * the clip with the new gain, and nothing else of them moves. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "station/station_time.h"
#include "store/db.h"

#define GAIN_SETTING "station.loudness" /* of the store: "off", or absent */

/* Whether sound is brought to the target. 1 when that is another answer than before, 0 when it is the same. */
int gain_set(struct db *writer, bool on, struct err *err);

int gain_is_on(struct db *db, bool *ret, struct err *err);

/* Millibel for a file as it is known now; 0 when nothing is known, or it is off. */
int gain_of(struct db *db, int64_t file_id, int *ret_mb, struct err *err);

/* The file's rows that may change get the gain that is known now; with 0 all files'. The number of clips that
 * were exchanged, or <0. Transactions of one file each. */
int gain_apply(struct db *writer, const struct station_time *time, int64_t file_id, struct err *err);
