/* encoders.h - which encoder the station uses: each is tried by a worker when the server starts, and again after one failed
 * on the air. What was asked for and does not work is said aloud, and libx264 is used. What is chosen goes into the store
 * (timeline_builder.h): clips that are built from then on are made by it. */
#pragma once

#include "base/json.h"

struct encoders;
struct server;

/* `wanted`: "auto" or the encoder's name in libavcodec; NULL: auto. After producer and builder. */
struct encoders *encoders_start(struct server *server, const char *wanted);
void encoders_doubt(struct encoders *encoders); /* one failed: all are tried again. NULL is fine */
void encoders_stop(struct encoders *encoders);	/* before the builder's; NULL is fine */
void encoders_free(struct encoders *encoders);	/* after the producer has stopped; NULL is fine */

/* For /api/status: "encoder" (the name in use) and "encoders" [{name, state: works, failed, unknown, why}] are set; a
 * fallback is added to the array `faults`. */
void encoders_status(struct encoders *encoders, json_t *status, json_t *faults);
