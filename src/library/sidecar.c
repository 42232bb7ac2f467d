/* sidecar.c - see sidecar.h. */
#include "library/sidecar.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

bool sidecar_is(const char *name)
{
	static const char *const endings[] = { "srt", "ass", "ssa", "sub", "idx", "sup", "vtt", "smi", "usf", "lrc",
					       "nfo", "xml", "json", "jpg", "jpeg", "png", "webp", "tbn", "gif", "bmp",
					       "bif", "cue", "edl", "log", "txt", "mp3", "flac", "md5" };
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < ARRAY_LEN(endings); i++)
		if (strcasecmp(dot + 1, endings[i]) == 0)
			return true;
	return false;
}
