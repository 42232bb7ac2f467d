/* file_items.c - see file_items.h.
 *
 * describe() is pure: name in, rows wanted out. put() brings the store to it.
 * Not here: what names mean (media/name.h), what folders mean (folder_kind.c), SQL (store/filing.c). */
#include "library/file_items.h"

#include <stdlib.h>
#include <string.h>

#include "library/folder_hints.h"
#include "library/folder_kind.h"
#include "library/media_type.h"
#include "library/title.h"
#include "media/name.h"
#include "store/filing.h"

static const struct item unknown = { .kind = "movie",
				     .title = "",
				     .sort_title = "",
				     .year = -1,
				     .season = -1,
				     .episode = -1,
				     .episode_last = -1,
				     .absolute_episode = -1,
				     .part = -1,
				     .air_date = "",
				     .episode_title = "" };

struct wanted {
	struct item item;
	struct item show; /* title NULL: none */
	int file_part;	  /* of the item's files, from 1 */
	bool in_parts;
};

static void set_title(struct item *item, const char *title, struct arena *arena)
{
	item->title = title;
	item->sort_title = title_sort(title, arena);
}

/* A file that is one item by itself. */
static void describe_single(struct wanted *w, const char *kind, const char *path, struct arena *arena)
{
	w->item.kind = kind;
	set_title(&w->item, title_pretty(title_from_path(path, arena), NULL, arena), arena);
}

static void describe_movie(struct wanted *w, const struct name *name, const char *path, struct arena *arena)
{
	w->item.kind = "movie";
	w->item.year = name->year > 0 ? name->year : -1;
	w->in_parts = name->part > 0;
	w->file_part = name->part > 0 ? name->part : 1;
	set_title(&w->item, title_pretty(name->title, title_from_path(path, arena), arena), arena);
}

/* The show of an episode whose name has no number: the folder straight below the root. */
static void show_from_folder(struct wanted *w, const struct name *name, const char *path, struct arena *arena)
{
	const char *slash = strchr(path, '/');
	const char *folder = arena_strndup(arena, path, (size_t)(slash - path));
	struct name said;

	name_parse(folder, NAME_AUTO, arena, &said);
	set_title(&w->show, title_pretty(said.title, folder, arena), arena);
	w->show.year = said.year > 0 ? said.year : -1;
	w->item.episode_title = title_pretty(name->episode_title, title_from_path(path, arena), arena);
}

/* The year of the show, not one in the title of the episode: it stands before the number. -1: not said. */
static int show_year(const struct name *name)
{
	const struct name_value *year = name_value(name, NAME_YEAR, 0);
	const struct name_value *number = name_value(name, NAME_EPISODE, 0);

	if (name->year <= 0 || name->date || (year && number && year->len && number->len && year->at > number->at))
		return -1;
	return name->year;
}

static bool has_number(const struct name *name)
{
	return name->episode >= 0 || name->absolute_episode >= 0 || name->date;
}

static void describe_episode(struct wanted *w, const struct name *name, const char *root_name, const char *path,
			     struct arena *arena)
{
	struct item *item = &w->item;

	item->kind = "episode";
	w->show = unknown;
	w->show.kind = "show";
	item->season = name->season;
	item->episode = name->episode;
	item->episode_last = name->episode_last > name->episode ? name->episode_last : -1;
	item->absolute_episode = name->absolute_episode;
	item->part = name->part > 0 ? name->part : -1;
	if (name->date) {
		item->air_date = name->date;
		item->year = (int)strtol(name->date, NULL, 10);
	}
	if (name->episode_title)
		item->episode_title = title_pretty(name->episode_title, NULL, arena);
	if (name->special) { /* "OVA 2" and "12.5" are no versions of episodes 2 and 12 */
		item->season = name->season >= 0 ? name->season : 0;
		item->episode = item->episode_last = item->absolute_episode = -1;
		item->episode_title = name->episode_title ? arena_printf(arena, "%s - %s", name->special, item->episode_title) :
							    name->special;
	}
	if (!has_number(name) && strchr(path, '/')) {
		show_from_folder(w, name, path, arena);
	} else {
		set_title(&w->show, title_pretty(name->title, root_name, arena), arena);
		w->show.year = show_year(name);
	}
	item->title = w->show.title; /* an episode is listed under its show */
	item->sort_title = w->show.sort_title;
}

static bool is_audio(const char *path)
{
	return media_type_of(path, strlen(path)) == MEDIA_AUDIO;
}

/* The root and the folders straight below it are somebody's choice, also when they are named "Deleted" or "Extras"; see
 * folder_says_extra(). */
static bool name_says_extra(const char *path, struct arena *arena)
{
	const char *slash = strchr(path, '/');
	struct name rest;

	name_parse(slash ? slash + 1 : path, NAME_AUTO, arena, &rest);
	return rest.extra || rest.is_sample;
}

static void describe(struct wanted *w, const struct root *root, const char *path, struct arena *arena)
{
	const char *slash = strrchr(root->path, '/');
	const char *root_name = slash && slash[1] ? slash + 1 : "Library";
	const char *whole = arena_printf(arena, "%s/%s", root_name, path);
	const char *item_kind;
	enum folder_kind folder = folder_kind_of(root->kind, whole, &item_kind);
	enum name_hint hint = folder == FOLDER_MOVIES ? NAME_AS_MOVIE :
			      folder == FOLDER_SHOWS  ? NAME_AS_SHOW :
							NAME_AUTO;
	struct name name;

	*w = (struct wanted){ .item = unknown, .show = { .title = NULL }, .file_part = 1 };
	if (folder == FOLDER_SPOTS || folder == FOLDER_MUSIC || is_audio(path)) {
		describe_single(w, folder == FOLDER_SPOTS ? item_kind : "track", path, arena);
		return;
	}
	name_parse(whole, hint, arena, &name);
	if (name_says_extra(path, arena) || folder_says_extra(path)) {
		describe_single(w, "other", path, arena);
		w->item.hidden = true;
	} else if (folder != FOLDER_MOVIES && name.type == NAME_IS_EPISODE &&
		   (has_number(&name) || strchr(path, '/'))) {
		describe_episode(w, &name, root_name, path, arena);
	} else {
		describe_movie(w, &name, path, arena);
	}
}

static int find_or_add_parent(struct db *db, const struct item *item, int64_t *ret_id, struct err *err)
{
	if (filing_find_parent(db, item, ret_id, err) < 0)
		return -(int)ERR_STORE;
	return *ret_id ? 0 : filing_add(db, item, ret_id, err);
}

/* Makes show and season; the item's parent is the innermost of them. */
static int put_parents(struct db *db, struct wanted *w, struct arena *arena, struct err *err)
{
	struct item season = unknown;
	int64_t show;

	if (!w->show.title)
		return 0;
	if (find_or_add_parent(db, &w->show, &show, err) < 0)
		return -(int)ERR_STORE;
	w->item.parent_id = show;
	if (w->item.season < 0)
		return 0;
	season.kind = "season";
	season.parent_id = show;
	season.season = w->item.season;
	set_title(&season, w->item.season ? arena_printf(arena, "Season %d", w->item.season) : "Specials", arena);
	return find_or_add_parent(db, &season, &w->item.parent_id, err);
}

/* A film in whose title or year people have a hand: by the name of a file that it has in the same folder, which is not the
 * root's own. */
static int find_by_sibling(struct db *db, const struct wanted *w, const struct root *root, const char *path, const char *folder,
			   struct arena *arena, int64_t *ret_id, struct err *err)
{
	struct filing_siblings siblings;
	int rc = *folder ? filing_find_siblings(db, root->id, folder, arena, &siblings, err) : 0;

	for (size_t i = 0; rc == 0 && *folder && i < siblings.count && !*ret_id; i++) {
		struct wanted other;

		if (strcmp(siblings.files[i].path, path) == 0)
			continue;
		describe(&other, root, siblings.files[i].path, arena);
		if (strcmp(other.item.kind, "movie") == 0 && other.item.year == w->item.year &&
		    strcmp(other.item.sort_title, w->item.sort_title) == 0)
			*ret_id = siblings.files[i].item_id;
	}
	return rc;
}

/* An item that this file is a version or a part of; 0: none. */
static int find_item(struct db *db, const struct wanted *w, const struct root *root, const char *path,
		     struct arena *arena, int64_t *ret_id, struct err *err)
{
	const char *slash = strrchr(path, '/');
	const char *folder = arena_strndup(arena, path, slash ? (size_t)(slash - path) + 1 : 0);

	*ret_id = 0;
	if (w->item.hidden)
		return 0;
	if (strcmp(w->item.kind, "episode") == 0)
		return filing_find_episode(db, &w->item, ret_id, err);
	if (strcmp(w->item.kind, "movie") != 0 || (w->item.year < 0 && !w->in_parts))
		return 0;
	if (filing_find_movie(db, &w->item, root->id, folder, ret_id, err) < 0)
		return -(int)ERR_STORE;
	return *ret_id ? 0 : find_by_sibling(db, w, root, path, folder, arena, ret_id, err);
}

static int move_to(struct db *db, int64_t from, int64_t to, int64_t file_id, int part, struct err *err)
{
	if (from && from != to && filing_unlink(db, from, file_id, err) < 0)
		return -(int)ERR_STORE;
	if (filing_link(db, to, file_id, part, err) < 0)
		return -(int)ERR_STORE;
	return from && from != to ? filing_prune_for(db, from, to, false, err) : 0;
}

/* The item stays and is rewritten; a show or season that lost its last episode by that goes. */
static int rewrite(struct db *db, struct wanted *w, int64_t item_id, int64_t file_id, struct arena *arena,
		   struct err *err)
{
	struct item before;

	if (items_get(db, item_id, arena, &before, err) < 0)
		return -(int)ERR_STORE;
	w->item.id = item_id;
	if (filing_set(db, &w->item, err) < 0 || filing_link(db, item_id, file_id, w->file_part, err) < 0)
		return -(int)ERR_STORE;
	return before.parent_id && before.parent_id != w->item.parent_id ?
		       filing_prune_for(db, before.parent_id, w->item.parent_id, true, err) :
		       0;
}

/* What the folders say of company, daypart and so on fills what nobody has set. */
static int put_hints(struct db *db, const struct root *root, const char *path, int64_t item_id, struct arena *arena, struct err *err)
{
	const char *slash = strrchr(root->path, '/');
	const char *whole = arena_printf(arena, "%s/%s", slash && slash[1] ? slash + 1 : "Library", path);
	struct metadata_hints hints;

	return folder_hints_of(root->kind, whole, arena, &hints) ? metadata_fill(db, item_id, &hints, err) : 0;
}

int file_items_put(struct db *db, const struct root *root, int64_t file_id, const char *path, struct err *err)
{
	struct arena arena = { 0 };
	struct wanted w;
	int64_t current, current_files, target;
	int rc;

	describe(&w, root, path, &arena);
	rc = filing_of_file(db, file_id, &current, &current_files, err);
	if (rc == 0)
		rc = put_parents(db, &w, &arena, err);
	if (rc == 0)
		rc = find_item(db, &w, root, path, &arena, &target, err);
	if (rc == 0 && !target && current && current_files == 1) {
		target = current;
		rc = rewrite(db, &w, current, file_id, &arena, err);
	} else if (rc == 0) {
		if (!target)
			rc = filing_add(db, &w.item, &target, err);
		if (rc == 0)
			rc = move_to(db, current, target, file_id, w.file_part, err);
	}
	if (rc == 0)
		rc = put_hints(db, root, path, target, &arena, err);
	arena_free(&arena);
	return rc < 0 ? err_under(err, "file '%s'", path) : 0;
}
