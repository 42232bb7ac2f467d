/* folder_hints.h - scheduling metadata that folders say: Commercials/Acme/30s/..., Dayparts/Evening/... docs/metadata.md. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "store/metadata.h"

/* `path` begins with the root's own name. False: the folders say nothing. Texts are in the arena. */
bool folder_hints_of(const char *root_kind, const char *path, struct arena *arena, struct metadata_hints *ret);
