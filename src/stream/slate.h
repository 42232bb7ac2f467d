/* slate.h - the picture that is on when nothing else can be: made once per profile by a worker, kept in memory,
 * cut to any length without an encoder.
 *
 * The file <cache>/slate/<profile hash>.slate holds up to 3 s: one IDR, then P pictures that repeat it (no B, so that
 * any prefix is whole), and one AAC frame of silence. SPS and PPS are the profile's own. Reading needs no libav.
 *
 * A card is a slate with a text on it instead, in <cache>/card/<profile hash>-<text hash>.slate. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "jobs/worker.h"
#include "stream/plan.h"
#include "stream/profile.h"

struct slate;

/* NULL with ERR_NOT_FOUND when it has not been made (run the job), ERR_INVALID when it is damaged. */
struct slate *slate_load(const char *cache_dir, const struct profile *profile, struct err *err);
/* The same with the card's text; NULL text: the slate. */
struct slate *slate_load_card(const char *cache_dir, const struct profile *profile, const char *text, struct err *err);
void slate_free(struct slate *slate);

/* A segment of slate that stands in for `segment` of any clip: same frames, same PTS, same audio grid. */
int slate_write(struct buf *to, const struct slate *slate, const struct plan_segment *segment, struct err *err);
/* The same for a clip of another rate, a copied one: as many pictures as the slate's rate gives it, from its first frame evenly to its
 * end. */
int slate_write_at(struct buf *to, const struct slate *slate, struct plan_rate rate, const struct plan_segment *segment, struct err *err);

/* Where it lies; a new string. The name of the text: the same for the same text. */
char *slate_path(const char *cache_dir, const struct profile *profile, const char *text);
uint64_t slate_text_hash(const char *text);

#define SLATE_TEXT_MAX 4096 /* bytes */

/* Worker: {"job":"slate","profile":"720p","fps_num":25,"fps_den":1,"cache":dir}, with "text" a card. */
int slate_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err);
