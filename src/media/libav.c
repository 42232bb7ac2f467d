/* libav.c - see libav.h. */
#include "media/libav.h"

#include "base/libraries.h"

/* Generated from what this program calls; not there in programs that link libav. */
extern const struct library libav_libraries[] __attribute__((weak));

int libav_load(struct err *err)
{
	const struct library *list = libav_libraries;

	return list ? libraries_load(list, err) : 0;
}
