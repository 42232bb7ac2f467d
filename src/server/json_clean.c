/* json_clean.c - see json_clean.h. */
#include "server/json_clean.h"

#include "base/utf8.h"

json_t *json_clean(const char *text)
{
	char clean[4096];

	return json_string(utf8_clean(clean, sizeof(clean), text ? text : ""));
}
