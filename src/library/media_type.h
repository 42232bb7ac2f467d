/* media_type.h - whether a file name's extension promises pictures, sound, or neither. */
#pragma once

#include <stddef.h>

enum media_type { MEDIA_NONE, MEDIA_VIDEO, MEDIA_AUDIO };

/* By the text after the last dot of `name` (`len` bytes), in any case. */
enum media_type media_type_of(const char *name, size_t len);
