/* folder_kind.h - what a root and the folders of a path say about their contents. */
#pragma once

#include <stdbool.h>

enum folder_kind {
	FOLDER_AUTO, /* nothing: the name decides */
	FOLDER_MOVIES,
	FOLDER_SHOWS,
	FOLDER_MUSIC,
	FOLDER_SPOTS, /* commercials and the like; *ret_item_kind says which */
};

/* `path` begins with the root's own name. A root kind other than "auto" is the answer itself; else a folder of spots
 * anywhere decides, else the outermost folder below the root that is named for films, shows or music, else the root's own name ("/srv/films" may
 * have "Shows" in it). *ret_item_kind is the kind of the items in a folder of spots ("commercial"), else NULL. */
enum folder_kind folder_kind_of(const char *root_kind, const char *path, const char **ret_item_kind);

/* The file is no programme of its own: a sample, trailer or extra, by its folder or the end of its name. `path` is
 * relative to the root; the root and a folder straight below it are somebody's choice and no extra. */
bool folder_says_extra(const char *path);
