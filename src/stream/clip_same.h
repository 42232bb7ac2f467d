/* clip_same.h - whether what lies at a clip's path is the file that the clip was made of. Worker only.
 *
 * A clip's key says which content it is: what another file gives must not stand under it, or it would air in the place of the
 * first when that comes back. As long as size and time are those that the library knows, nothing is read; else the sample hash
 * says it. What is copied is cut by a plan of the whole file: there no other size or time will do, also while it is read. */
#pragma once

#include <sys/stat.h>

#include "base/err.h"
#include "stream/clip.h"

struct clip_same {
	int fd; /* -1 none */
	struct stat at; /* when it was opened */
	char found[CLIP_KEY_SIZE]; /* after ERR_CONFLICT: the sample hash of what is there; "" unknown */
};

#define CLIP_SAME_NONE ((struct clip_same) { .fd = -1 })

/* Before the clip's file is opened to be read; may be called again. What cannot be opened is left to who reads it. */
int clip_same_open(const struct clip *clip, struct clip_same *same, struct err *err);
/* After that: ERR_CONFLICT when it is another file, or becomes one just now. */
int clip_same_check(const struct clip *clip, struct clip_same *same, struct err *err);
/* ERR_CONFLICT when it was written to since it was opened. */
int clip_same_still(const struct clip_same *same, struct err *err);
void clip_same_close(struct clip_same *same);
