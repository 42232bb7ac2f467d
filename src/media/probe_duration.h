/* probe_duration.h - how long a file really plays, as well as can be told without reading all of it. */
#pragma once

#include <libavformat/avformat.h>

/* Flicks from the first picture of stream `video` to the end of its last one (of `audio`, when video < 0);
 * 0 unknown. Checks the container's word against the index or the last packets of the file. Moves the read
 * position. */
int64_t probe_duration(AVFormatContext *file, int video, int audio);
