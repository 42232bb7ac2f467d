/* libav.h - libav, loaded by the worker that is about to open media and by nobody else.
 *
 * It brings some 150 libraries along, which cost each start of a program 40 ms and some megabytes: walking, hashing and
 * all of the server do without. Calling it where it is not loaded ends the process (base/libraries.h), so that no
 * media file is opened but in a worker. Programs that link libav themselves (tests, benchmarks) load nothing here. */
#pragma once

#include "base/err.h"

/* Before the first call of libav; at once when it is loaded. ERR_UNSUPPORTED with a sentence when it is not there. */
int libav_load(struct err *err);
