/* faults.h - what the producer finds out about files while they are on the air, and what follows from it. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "stream/clip.h"

struct server;

/* For producer_config; context is the server. On the producer's thread. */
void faults_clip_failed(void *context, const struct clip *clip, const struct err *err);
void faults_clip_decoded(void *context, const struct clip *clip, double speed);
/* The library has changed: files that failed may be there again. */
void faults_look_again(struct server *server);

void faults_clip_shorter(void *context, const struct clip *clip, int64_t true_duration_flicks);
