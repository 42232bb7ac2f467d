/* encode.h - from a file to the exact frames of a plan. Worker only (libav).
 *
 * Output frame n of the clip shows the source picture that is on at `in + n / fps` (the last one whose PTS is not
 * later, within half an output frame's tolerance): never the state of a filter that began elsewhere. Each segment is encoded by an encoder of its
 * own, so that a segment is a pure function of (clip, k) and a run that starts at it delivers the same bytes as a
 * whole-clip run. Source too short: hold the last picture up to 2 s, then slate; sound: silence. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "jobs/worker.h"
#include "stream/clip.h"

struct encode_result {
	int64_t segments;	     /* delivered */
	int64_t true_duration_flicks; /* of the file, when it ended before its probe said; else 0 */
	double speed;		     /* seconds of programme a second of wall time */
	double decode_speed;	     /* the same of decoding and scaling alone, in the best of the segments; 0: no file */
	char found[CLIP_KEY_SIZE];   /* ERR_CONFLICT: sample hash of what lies in the place of the clip's file; "" unknown */
};

struct encode_sink {
	void *context;
	bool (*wanted)(void *context, int64_t k); /* false: stop before this segment (exists, or no longer needed) */
	int (*segment)(void *context, int64_t k, const void *data, size_t len, struct err *err); /* TS, clip time */
};

/* Segments k_from <= k < k_to. Blocks. ERR_MEDIA when the file gives no picture at all, ERR_CONFLICT when it is
 * another file than the clip was made of, or was changed under what is copied (stream/clip_same.h). */
int encode_clip(const struct clip *clip, int64_t k_from, int64_t k_to, const struct encode_sink *sink,
		struct encode_result *ret, struct err *err);

/* Worker handlers. Request {"job":"encode","clip":{...},"from":k,"to":k,"cache":dir}; reports
 * {"event":"segment","k":k,"bytes":n}; stops before a segment that exists in the cache. Done: encode_result. */
int encode_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err);

/* Request {"job":"encoder_probe","profile":"720p+vaapi","fps_num":n,"fps_den":n}: whether the profile's encoder works here.
 * Done: {"ms": n}; else the error says why not. */
int encoder_probe_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err);
