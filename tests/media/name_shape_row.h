/* name_shape_row.h - a name and what it says, as test_name_shapes.c reads it. */
#pragma once

struct name_shape {
	const char *path, *says; /* "title: Copper Valley; episode: 1..3; language: en+it; year: -" */
};
