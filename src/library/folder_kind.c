/* folder_kind.c - see folder_kind.h. One row is one name. */
#include "library/folder_kind.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

static const struct row {
	const char *name;
	enum folder_kind kind;
	const char *item_kind;
} folders[] = {
	{ "commercials", FOLDER_SPOTS, "commercial" },
	{ "commercial", FOLDER_SPOTS, "commercial" },
	{ "adverts", FOLDER_SPOTS, "commercial" },
	{ "ads", FOLDER_SPOTS, "commercial" },
	{ "spots", FOLDER_SPOTS, "commercial" },
	{ "werbung", FOLDER_SPOTS, "commercial" },
	{ "bumpers", FOLDER_SPOTS, "bumper" },
	{ "bumper", FOLDER_SPOTS, "bumper" },
	{ "idents", FOLDER_SPOTS, "ident" },
	{ "ident", FOLDER_SPOTS, "ident" },
	{ "station ids", FOLDER_SPOTS, "ident" },
	{ "promos", FOLDER_SPOTS, "promo" },
	{ "promo", FOLDER_SPOTS, "promo" },
	{ "filler", FOLDER_SPOTS, "filler" },
	{ "fillers", FOLDER_SPOTS, "filler" },
	{ "interstitials", FOLDER_SPOTS, "interstitial" },
	{ "movies", FOLDER_MOVIES, NULL },
	{ "films", FOLDER_MOVIES, NULL },
	{ "shows", FOLDER_SHOWS, NULL },
	{ "tv", FOLDER_SHOWS, NULL },
	{ "tv shows", FOLDER_SHOWS, NULL },
	{ "series", FOLDER_SHOWS, NULL },
	{ "music", FOLDER_MUSIC, NULL },
};

static const char *const extra_folders[] = { "extras",	   "extra",	   "featurettes",    "behind the scenes",
					     "deleted scenes", "interviews", "trailers",       "trailer",
					     "samples",	   "sample",	   "bonus",	     "scenes",
					     "shorts",	   "other" };

/* Endings of a name (Plex, Kodi, Jellyfin), after any of "-._ ". */
static const char *const extra_endings[] = { "trailer",	    "sample",  "featurette", "behindthescenes", "deleted",
					     "deletedscene", "interview" };

static bool is(const char *text, size_t len, const char *name)
{
	return strlen(name) == len && strncasecmp(text, name, len) == 0;
}

static const struct row *find_folder(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		if (is(name, len, folders[i].name))
			return &folders[i];
	return NULL;
}

static enum folder_kind by_root(const char *root_kind, const char **ret_item_kind)
{
	const struct row *row = find_folder(root_kind, strlen(root_kind));

	if (!row)
		return FOLDER_AUTO;
	*ret_item_kind = row->item_kind;
	return row->kind;
}

enum folder_kind folder_kind_of(const char *root_kind, const char *path, const char **ret_item_kind)
{
	bool by_name_of_root = false;
	const char *start = path;
	enum folder_kind kind;

	*ret_item_kind = NULL;
	kind = by_root(root_kind, ret_item_kind);
	if (kind != FOLDER_AUTO)
		return kind;
	for (const char *slash; (slash = strchr(path, '/')); path = slash + 1) {
		const struct row *row = find_folder(path, (size_t)(slash - path));

		if (row && row->kind == FOLDER_SPOTS) {
			*ret_item_kind = row->item_kind;
			return row->kind;
		}
		if (row && (kind == FOLDER_AUTO || by_name_of_root)) {
			kind = row->kind;
			by_name_of_root = path == start;
		}
	}
	return kind;
}

static bool is_extra_name(const char *name)
{
	const char *dot = strrchr(name, '.');
	size_t len = dot && dot > name ? (size_t)(dot - name) : strlen(name);

	for (size_t i = 0; i < ARRAY_LEN(extra_endings); i++) {
		size_t n = strlen(extra_endings[i]);

		if (len < n || strncasecmp(name + len - n, extra_endings[i], n) != 0)
			continue;
		/* Alone it is a sample; after a space it may belong to a title ("The Interview"). */
		if (len == n ? i < 2 : strchr("-._", name[len - n - 1]) != NULL)
			return true;
	}
	return false;
}

bool folder_says_extra(const char *path)
{
	const char *name = path;
	bool first = true;

	for (const char *slash; (slash = strchr(name, '/')); name = slash + 1, first = false)
		for (size_t i = 0; i < ARRAY_LEN(extra_folders); i++)
			if (!first && is(name, (size_t)(slash - name), extra_folders[i]))
				return true;
	return is_extra_name(name);
}
