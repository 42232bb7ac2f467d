/* producer.h - gets segments made: who wants which, once each, by a few encode workers.
 *
 * One thread with a loop owns the workers. Single flight: a (clip, k) is encoded once whoever asks; a job runs on
 * over the following segments until one exists or is nobody's wish. Order: live requests, then edges of watched
 * channels, then viewers of the past, then preparation; of equals what is needed first. While any of the first three is
 * made, preparation stands still. When the speed that was measured cannot carry what is needed in the next 30 s, segments
 * are made with less effort (profile.h) until it can; viewers of the past never cost a live channel its effort. Knows clips; no schedule, no HTTP. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "jobs/worker.h"
#include "stream/clip.h"
#include "stream/clip_cache.h"
#include "stream/slate.h"

enum producer_rank {
	PRODUCER_LIVE,	  /* somebody waits for it now */
	PRODUCER_EDGE,	  /* a watched channel's next 30 s */
	PRODUCER_CATCH_UP, /* somebody who watches the past waits for it now */
	PRODUCER_PAST,	  /* what a viewer of the past will ask for next */
	PRODUCER_PREPARE, /* ahead of air */
};

#define PRODUCER_WORKERS_MAX 16

struct producer;

struct producer_config {
	struct clip_cache *cache;
	unsigned workers; /* 0: one for two cores, at least 1, at most 4; never more than PRODUCER_WORKERS_MAX */
	struct worker_limits limits;
	unsigned segments; /* that one worker makes, about, before another takes its place; 0: 500 */
	/* Facts found while encoding; called on the producer's thread. */
	void *context;
	void (*failed)(void *context, const struct clip *clip, const struct err *err);
	void (*shorter)(void *context, const struct clip *clip, int64_t true_duration_flicks);
	void (*decoded)(void *context, const struct clip *clip, double speed); /* x real time; NULL: nobody asks */
};

struct producer *producer_start(const struct producer_config *config, struct err *err);
void producer_stop(struct producer *producer);

/* Wishes for segments k_from <= k < k_to. Copies the clip. Those that exist are left out. Never blocks.
 * Wishes lapse 30 s (PREPARE: 60 min) after they were last repeated. */
void producer_want(struct producer *producer, const struct clip *clip, int64_t k_from, int64_t k_to,
		   enum producer_rank rank);
/* The same; k_from is needed at due_ms (boot clock), those after it 2 s later each. */
void producer_want_by(struct producer *producer, const struct clip *clip, int64_t k_from, int64_t k_to,
		      enum producer_rank rank, int64_t due_ms);

/* Calls ready(context, rc) once, on the producer's thread (or at once, on the caller's, when it stands already): 0 when
 * the segment is in the cache, <0 when it failed or timeout_ms passed. Counts as a live wish. Returns an id for
 * producer_forget(), or 0 when ready() was called at once. */
uint64_t producer_wait(struct producer *producer, const struct clip *clip, int64_t k, int64_t timeout_ms,
		       void (*ready)(void *context, int rc), void *context);
/* The same for somebody who watches the past: every live edge goes before him. */
uint64_t producer_wait_past(struct producer *producer, const struct clip *clip, int64_t k, int64_t timeout_ms,
			    void (*ready)(void *context, int rc), void *context);
void producer_forget(struct producer *producer, uint64_t id); /* after it returns, ready() will not be called */

/* The slate of a profile: loaded, or made by a worker first. Blocks up to timeout_ms. Borrowed for ever. NULL with err. */
const struct slate *producer_slate(struct producer *producer, const struct profile *profile, int64_t timeout_ms,
				   struct err *err);

/* A card's segment in the place of `segment` of a clip of that profile, like slate_write_at(); text NULL: the slate's. Blocks for
 * 0.2 s at most, for the disk when it is first asked for: ERR_TIMEOUT while it is being made, which this asks for; another error when it could not be. */
int producer_card_write(struct producer *producer, const struct profile *clip, const char *text, const struct plan_segment *segment,
			struct buf *to, struct err *err);
/* Has it made, if it is not there. */
void producer_card_want(struct producer *producer, const struct profile *profile, const char *text);

/* Another worker job at the lowest rank ("thumbnail"): done(context, json or NULL, err) on the producer's thread. */
void producer_run(struct producer *producer, json_t *request /* stolen */,
		  void (*done)(void *context, const json_t *done, const struct err *err), void *context);

/* Before all others, whatever else is done at the lowest rank, and less nice: one at a time, and short. */
void producer_run_soon(struct producer *producer, json_t *request /* stolen */,
		       void (*done)(void *context, const json_t *done, const struct err *err), void *context);

/* JSON array for /api/status: [{"pid", "job", "detail", "since"}]. */
json_t *producer_workers(struct producer *producer);
/* It could not be made and is not tried again for the moment. */
bool producer_gave_up(struct producer *producer, const char *key);
/* What it failed by is mended: it is tried again at once. */
void producer_try_again(struct producer *producer, const char *key);
double producer_speed(struct producer *producer); /* recent encode speed, x real time; 0 unknown */
int producer_effort(struct producer *producer);	  /* that live edges are made with at the moment: 0, or a PROFILE_EFFORT */
