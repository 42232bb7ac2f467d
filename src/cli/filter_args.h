/* filter_args.h - a filter (store/filter.h) from the words of a command line. */
#pragma once

#include "base/buf.h"

/* The arguments joined by spaces, then `more` unless NULL. An argument in which the shell has left spaces is one text:
 * `tag:"old west"` arrives as tag:old west and is quoted again, where the field takes texts. */
struct buf filter_arguments(int argc, char *const *argv, const char *more);
