/* faults.h - what is found out about files and the cache while channels are on the air, and what follows from it. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "stream/clip.h"
#include "stream/clip_cache.h"

struct server;

struct faults_cache { /* begins as zeros */
	int64_t from_ns, last_ns; /* station time since when the cache cannot be written, and when that was so at last; 0: never */
	int64_t at_ms;
	int64_t refusals; /* clip_cache_refusals(), when it was last looked at */
	char why[CLIP_CACHE_WHY_SIZE];
};

/* For producer_config; context is the server. On the producer's thread. */
void faults_clip_failed(void *context, const struct clip *clip, const struct err *err);
void faults_clip_decoded(void *context, const struct clip *clip, double speed);
/* The library has changed: files that failed may be there again. */
void faults_look_again(struct server *server);

void faults_clip_shorter(void *context, const struct clip *clip, int64_t true_duration_flicks);

/* Every few seconds: while the cache cannot be written, or when it could not be since the last look, an event of the house says so, one
 * for what comes again within a minute. */
void faults_look_at_cache(struct server *server, struct faults_cache *cache);
