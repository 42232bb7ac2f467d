/* soundness.h - whether a file can be played from end to end, without playing all of it. Worker only. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct soundness {
	const char **problems; /* sentences; none: it is sound */
	size_t count;
	struct err unread; /* its disk failed meanwhile: what else is said is worth nothing */
	const char **remarks; /* of what is wrong and does not matter on the air: a length that is misstated */
	size_t remark_count;
};

/* Opens it, decodes some seconds at the start, the middle and the end, looks for a decoder of each stream that would be
 * shown, and compares where picture and sound end with each other and with what the file says. */
void soundness_check(const char *path, struct arena *arena, struct soundness *ret);
