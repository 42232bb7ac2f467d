/* loudness.h - how loud a file is, by EBU R128, in the stereo form that a channel sends. Worker only.
 *
 * What gain follows from it is a pure function here too, for the builder. */
#pragma once

#include <stdbool.h>

#include "jobs/worker.h"

#define LOUDNESS_TARGET (-2300)	   /* hundredths of LUFS */
#define LOUDNESS_BOOST_MAX 1200	   /* hundredths of dB: what is quieter stays below the target */
#define LOUDNESS_CUT_MAX (-4000)
#define LOUDNESS_GAIN_STEP 50	   /* so that a figure that is a little off makes no other clip */

struct loudness {
	bool silent;	/* nothing above the gate of -70 LUFS */
	int integrated; /* hundredths of LUFS; 0 when silent */
	int true_peak;	/* hundredths of dBTP; only of a full measurement */
	int range;	/* hundredths of LU; only of a full measurement */
};

/* Hundredths of dB (millibel) that bring it to `target`; 0 for silence. */
int loudness_gain(const struct loudness *loudness, int target);

/* `quick`: ten windows of 5 s (all of a file under 100 s), no peak, no range. ERR_MEDIA without sound. Reports
 * {"event": "progress", "part": 0..1} every second to `job`, which may be NULL; ERR_BUSY when that was cancelled. */
int loudness_measure(const char *path, bool quick, struct worker_job *job, struct loudness *ret, struct err *err);

/* {"job": "loudness", "path": ..., "quick": bool}; done: loudness_to_json(). */
int loudness_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err);

/* {"silent", "integrated", "true_peak", "range"}; ERR_INVALID for what no measurement gives. */
json_t *loudness_to_json(const struct loudness *loudness);
int loudness_from_json(const json_t *json, struct loudness *ret, struct err *err);
