/* copy_plan.h - where a file may be cut when its pictures are sent as they are. Worker only, but for the parsing.
 *
 * Made by reading all packets, since key flags lie: a cut is where decoding can begin (media/coded.h), at the time at which the
 * first picture behind it is shown: of an open group of HEVC that lies before the key picture itself. A file can be copied when
 * it is H.264, 8 bit 4:2:0, or HEVC, 8 or 10 bit 4:2:0, progressive, with one SPS and the same parameter sets to its end, shows
 * its pictures in a lawful order without an edit list, reorders them no farther than copy_plan_times() can follow, and has a
 * cut at least every COPY_PLAN_LONGEST s. */
#pragma once

#include "jobs/worker.h"
#include "base/lengths.h"

#define COPY_PLAN_LONGEST 12 /* seconds: EXT-X-TARGETDURATION of such channels, for ever */

/* 1/90,000 s from the decoding of a segment's first picture to its time: two pictures at 23.976, as far as x264 reorders. All sound of a segment is sent before the next one's first picture is, so the last of it waits that much longer for its
 * time; the 3,584 bytes of its buffer (ISO 13818-1, T-STD) hold no more. Who changes it raises COPY_PLAN_VERSION
 * (store/copy_plans.h). */
#define COPY_PLAN_DELAY 7600

struct copy_plan {
	struct lengths lengths;	 /* segments of 2 to 12 s from the file's first picture */
	int width, height;
};

/* ERR_UNSUPPORTED with the reason when the file cannot be copied; ERR_MEDIA when it cannot be read; ERR_BUSY when
 * cancelled. Reports {"event": "progress", "part"} every second. */
int copy_plan_make(const char *path, bool hevc, struct worker_job *job /* NULL is fine */, struct arena *arena,
		   struct copy_plan *ret, struct err *err);

/* {"job": "copy_plan", "path", "codec": "h264" or "hevc"}; done: {"width", "height", "lengths": [...]} or {"error": sentence}. */
int copy_plan_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err);
int copy_plan_from_json(const json_t *done, struct arena *arena, struct copy_plan *ret, struct err *err);

/* Pure: when pictures are decoded, in decode order, by the times at which they are shown: at those in the order in which they are
 * shown, COPY_PLAN_DELAY before. Where one is reordered farther it is decoded when it is shown, and as many before it as must
 * follow each other in half the time. False: not even that is enough. `sorted` gets the times in order. Of a row of groups it gives
 * what it gives of each. */
bool copy_plan_times(const int64_t *shown, size_t count, int64_t *sorted, int64_t *decoded);

/* Pure: segments from the times (1/90,000 s, ascending, the first is 0) of the cuts and of the end. False: two cuts are
 * farther apart than may be. */
bool copy_plan_cut(const int64_t *cuts, size_t count, int64_t end, struct arena *arena, struct lengths *ret);
