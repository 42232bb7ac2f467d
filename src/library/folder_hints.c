/* folder_hints.c - see folder_hints.h. One pass over the folders of a path, from the outside in. */
#include "library/folder_hints.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "library/folder_kind.h"
#include "library/title.h"

static const char *const categories[] = { "food", "automotive", "retail" };

/* A folder of this name holds one folder for each value. */
static const struct {
	const char *name;
	enum { DAYPART, AIR_SEASON, RATING, COMPANY, CATEGORY, NOTHING } what;
} lists[] = {
	{ "dayparts", DAYPART },    { "daypart", DAYPART }, { "air seasons", AIR_SEASON },
	{ "seasonal", AIR_SEASON }, { "ratings", RATING },  { "companies", COMPANY },
	{ "categories", CATEGORY },
};

/* "30s", "30 sec", ":30", "15 seconds" */
static const char *length_class(const char *name, struct arena *arena)
{
	const char *at = name + (*name == ':');
	int seconds = 0, digits = 0;

	for (; isdigit((unsigned char)*at) && digits < 4; at++, digits++)
		seconds = seconds * 10 + (*at - '0');
	if (!digits || seconds < 5 || seconds > 600)
		return NULL;
	at += strspn(at, " _-");
	if (*at ? strcasecmp(at, "s") != 0 && strcasecmp(at, "sec") != 0 && strcasecmp(at, "secs") != 0 &&
			    strcasecmp(at, "second") != 0 && strcasecmp(at, "seconds") != 0
		: *name != ':')
		return NULL;
	return arena_printf(arena, "%ds", seconds);
}

/* "Late Night" is late_night. */
static const char *value_of(const char *name, bool small, struct arena *arena)
{
	char *text = arena_strdup(arena, title_clean(name, NULL, arena));

	for (char *c = text; small && *c; c++)
		*c = strchr(" -", *c) ? '_' : (char)tolower((unsigned char)*c);
	return text;
}

static void set_list_value(struct metadata_hints *h, int what, const char *name, struct arena *arena)
{
	const char *value = value_of(name, what == DAYPART || what == AIR_SEASON || what == CATEGORY, arena);

	if (what == DAYPART)
		h->daypart = value;
	else if (what == AIR_SEASON)
		h->air_season = value;
	else if (what == RATING)
		h->rating = value;
	else if (what == COMPANY)
		h->company = value;
	else
		h->category = value;
}

static int list_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (strcasecmp(lists[i].name, name) == 0)
			return (int)lists[i].what;
	return NOTHING;
}

/* Below a folder of commercials: a length, a category, else the company. */
static void take_spot_folder(struct metadata_hints *h, const char *name, struct arena *arena)
{
	const char *length = length_class(name, arena);

	if (length) {
		h->tag = length;
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(categories); i++)
		if (strcasecmp(categories[i], name) == 0) {
			h->category = categories[i];
			return;
		}
	if (!h->company)
		h->company = value_of(name, false, arena);
}

bool folder_hints_of(const char *root_kind, const char *path, struct arena *arena, struct metadata_hints *ret)
{
	struct metadata_hints h = { 0 };
	const char *kind, *begin = path;
	bool spots = false, first = true;
	int list = NOTHING;

	folder_kind_of(root_kind, path, &kind);
	for (const char *slash; (slash = strchr(begin, '/')); begin = slash + 1) {
		const char *name = arena_strndup(arena, begin, (size_t)(slash - begin));
		const char *up_to_here = arena_strndup(arena, path, (size_t)(slash - path) + 1), *kind_here;
		int next = list_of(name);

		if (list != NOTHING)
			set_list_value(&h, list, name, arena);
		else if (next == NOTHING && spots && !first)
			take_spot_folder(&h, name, arena);
		list = next;
		folder_kind_of(root_kind, up_to_here, &kind_here);
		spots = kind && strcmp(kind, "commercial") == 0 && kind_here && strcmp(kind_here, kind) == 0;
		first = false;
	}
	*ret = h;
	return h.company || h.category || h.daypart || h.air_season || h.rating || h.tag;
}
