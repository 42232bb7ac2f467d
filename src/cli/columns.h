/* columns.h - how wide a text is on a terminal: East Asian characters take two columns, accents of their own none. Not here:
 * whole tables (table.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

size_t columns_of(const char *text);

/* Writes the text in at most `width` columns, cut with an ellipsis at its end, or at its front where the end says more
 * (paths). What could break a line or drive a terminal becomes a space. Returns the columns that were written. */
size_t columns_put(FILE *out, const char *text, size_t width, bool cut_front);

/* Writes a text in lines of at most `width` columns, broken at spaces and behind '|', those after the first indented by `indent`. */
void columns_wrap(FILE *out, const char *text, size_t width, size_t indent);
