/* probe_people.h - who took part, as the tags of a container say it. */
#pragma once

#include <libavformat/avformat.h>

#include "base/arena.h"

/* JSON: [{"name", "role"}], at most 64, in the order of the roles. `stream`: whose tags count too, -1: none.
 */
const char *probe_people(const AVFormatContext *file, int stream, struct arena *arena);
