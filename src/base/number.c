/* number.c - see number.h. */
#include "base/number.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

int number_parse(const char *text, int64_t *ret)
{
	long long value;
	char *end;

	if (isspace((unsigned char)*text))
		return -1;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || *end || errno)
		return -1;
	*ret = value;
	return 0;
}
