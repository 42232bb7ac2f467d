/* library_pace.h - when a change of the library is taken up by the builder: at once; while one before it is still worked on,
 * all that came meanwhile together right after it, and so that at most half of the time goes into changes. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define LIBRARY_PACE_MAX_NS (INT64_C(60) * 1000000000) /* no change waits longer, whatever else there is to do */

struct library_pace {
	bool noted, working;
	int64_t begun_ns, next_ns; /* boot clock: when the last one was taken up; before this none is */
};

void library_pace_note(struct library_pace *pace);
/* Whether what was noted is taken up now: from then on it is worked on. */
bool library_pace_take(struct library_pace *pace, int64_t now_ns);
/* Every channel has been looked at since. */
void library_pace_done(struct library_pace *pace, int64_t now_ns);
/* When library_pace_take() would be true; INT64_MAX when nothing is noted. */
int64_t library_pace_due(const struct library_pace *pace);
