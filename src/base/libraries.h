/* libraries.h - shared libraries that are loaded when they are first wanted instead of at each start.
 *
 * The program calls their functions as any others: in their place it holds jumps through a table, generated with the
 * list of libraries by tools/trampolines.py. Until they are loaded each place leads to libraries_missing(). */
#pragma once

#include <stddef.h>

#include "base/err.h"

struct library {
	const char *soname;	  /* NULL: end of a list */
	const char *const *names; /* of its functions, `count` */
	void **places;		  /* where each one's address goes */
	size_t count;
};

/* Loads all of a list and fills their places; at once when that is done already. ERR_UNSUPPORTED when one is not there
 * or is not the one that the program was built for: then none of the list's places is filled. Not for two threads at
 * the same time; what was loaded stays. */
int libraries_load(const struct library *list, struct err *err);

/* What a place holds until then: says so on stderr and ends the process. A fault of the program. */
_Noreturn void libraries_missing(void);
