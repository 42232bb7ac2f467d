/* number.h - whole numbers as people and protocols write them. */
#pragma once

#include <stdint.h>

/* All of the text, decimal, no space around it: 0, or -1 when it is none or does not fit (*ret is as it was). */
int number_parse(const char *text, int64_t *ret);
