/* sidecar.h - what lies beside media and belongs to it: subtitles, NFO files, artwork, checksums. */
#pragma once

#include <stdbool.h>

bool sidecar_is(const char *name); /* by its extension, in any case */
