/* tuner.h - who this installation is to programs that look for an HDHomeRun. Made once, kept in the settings:
 * programs know channels and recordings by it, and two houses on one network must differ. Not here: HTTP
 * (tuner_http.c), UDP (announce.c). */
#pragma once

#include <stdint.h>

#include "store/db.h"

#define TUNER_NAME "Matinee"
#define TUNER_COUNT 4 /* unless told */

struct tuner {
	uint32_t id;	 /* valid by hdhomerun_id_valid() */
	char uuid[37];	 /* lower case */
	char auth[25];	 /* as long as the real ones are; opens nothing */
	unsigned tuners; /* 1 to 255: what clients count down by themselves; nothing is limited here */
};

/* Reads it, or makes and keeps it. Sets everything but `tuners`. */
int tuner_load(struct db *writer, struct tuner *ret, struct err *err);
