/* cleanup.h - handles that close themselves, and handing them over.
 *
 *	CLEANUP(buf_free) struct buf b = BUF_MAX(4096);
 *	*ret = TAKE(b);		// b is zero now, buf_free(&b) is harmless
 *
 * Every function named in CLEANUP takes a pointer to the variable and accepts a zeroed one. */
#pragma once

#include <stdlib.h>
#include <string.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

#define TAKE(var)                                                                                 \
	__extension__({                                                                           \
		__typeof__(var) take_value_ = (var);                                              \
		memset(&(var), 0, sizeof(var));                                                   \
		take_value_;                                                                      \
	})

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* free() for a char * or any other pointer variable. */
static inline void cleanup_free(void *pointer_to_pointer)
{
	void **p = pointer_to_pointer;

	free(*p);
	*p = NULL;
}

/* close() for an int that is -1 when it holds nothing. */
void cleanup_fd(int *fd);
