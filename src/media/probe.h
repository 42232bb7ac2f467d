/* probe.h - opens one media file and says what it is. Runs in a worker only; libav may crash or hang. */
#pragma once

#include "base/json.h"
#include "store/probes.h"

/* Never writes, never follows a playlist or a URL out of the file (format and protocol white lists).
 * ERR_MEDIA with a sentence when it is not media. Texts live in the arena. */
int probe_file(const char *path, struct arena *arena, struct probe *ret, struct err *err);

/* Between worker and supervisor. probe_from_json() trusts nothing: ERR_INVALID. */
json_t *probe_to_json(const struct probe *probe);
int probe_from_json(const json_t *json, struct arena *arena, struct probe *ret, struct err *err);
