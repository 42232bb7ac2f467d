/* json_clean.h - a text that may hold any bytes (names of files end up in titles) as a JSON string. */
#pragma once

#include "base/json.h"

/* Bytes that are not UTF-8 become U+FFFD; at most 4 KiB of it. New reference, never NULL. */
json_t *json_clean(const char *text);
