/* chapters.c - see chapters.h. */
#include "library/chapters.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "library/title.h"
#include "store/filing.h"

#define EDGE_MS INT64_C(120000)	 /* no break in the first and last two minutes */
#define APART_MS INT64_C(240000) /* nor closer than this to the one before */
#define MAX_CHAPTERS 2000

static void add(struct marker_list *list, size_t *cap, struct arena *arena, const struct marker *marker)
{
	ARENA_GROW(arena, list->markers, list->count, *cap);
	list->markers[list->count++] = *marker;
}

void chapters_to_markers(const struct probe *probe, struct arena *arena, struct marker_list *ret)
{
	CLEANUP(json_cleanup) json_t *chapters = NULL;
	int64_t last_break = 0, last_start = -1;
	size_t cap = 0;

	*ret = (struct marker_list){ 0 };
	if (probe->chapters)
		chapters = json_parse(probe->chapters, strlen(probe->chapters), NULL);
	for (size_t i = 0; i < json_array_size(chapters) && i < MAX_CHAPTERS; i++) {
		const json_t *chapter = json_array_get(chapters, i);
		const char *title = json_text(chapter, "title", "");
		int64_t start = json_int(chapter, "start_ms", -1), end = json_int(chapter, "end_ms", 0);
		struct marker marker = { .start_ms = start,
					 .end_ms = end > start ? end : 0,
					 .kind = "chapter",
					 .title = *title ? title_clean(title, NULL, arena) : "" };

		if (start <= last_start || start < 0 || (probe->duration_ms && start >= probe->duration_ms))
			continue;
		last_start = start;
		add(ret, &cap, arena, &marker);
		if (start < EDGE_MS || start > probe->duration_ms - EDGE_MS ||
		    (last_break && start - last_break < APART_MS))
			continue;
		last_break = start;
		add(ret, &cap, arena, &(struct marker){ .start_ms = start, .kind = "break", .title = "" });
	}
}

int chapters_put(struct db *db, int64_t file_id, const struct probe *probe, struct err *err)
{
	struct arena arena = { 0 };
	struct marker_list list;
	int64_t item;
	int rc = filing_item_for_chapters(db, file_id, &item, err);

	if (rc == 0 && item) {
		chapters_to_markers(probe, &arena, &list);
		rc = filing_replace_markers(db, item, "chapter", list.markers, list.count, err);
	}
	arena_free(&arena);
	return rc;
}
