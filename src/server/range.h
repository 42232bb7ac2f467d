/* range.h - the Range header (RFC 9110 section 14). Pure. */
#pragma once

#include <stdint.h>

enum range_kind {
	RANGE_WHOLE,	     /* none, not understood, or several: the whole with 200, as the RFC allows */
	RANGE_PART,	     /* 206 */
	RANGE_UNSATISFIABLE, /* 416 */
};

struct range {
	enum range_kind kind;
	int64_t first, length; /* in bytes; the whole for RANGE_WHOLE, 0 for RANGE_UNSATISFIABLE */
};

/* `header` may be NULL; size >= 0. */
struct range range_parse(const char *header, int64_t size);
