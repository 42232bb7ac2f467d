/* organize_plan.c - see organize_plan.h. Here: which files, and where to. */
#include "library/organize_plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "library/folder_kind.h"
#include "library/mkv_title.h"
#include "library/organize_parts.h"
#include "library/spot.h"
#include "library/template.h"
#include "media/name.h"
#include "store/files.h"

#define SIDECAR_RESERVE 24 /* bytes: ".zh-Hans.forced.sdh.srt" */
#define MAX_KINDS 32

struct kind_template {
	const char *kind;
	const struct template *template; /* NULL: not filed */
};

struct target {
	const char *base, *prefix; /* the folder that --to names */
};

struct namer {
	struct planning *p;
	struct garbage_words garbage;
	const struct template *one; /* of every kind */
	struct kind_template kinds[MAX_KINDS];
	size_t kind_count;
	struct target to;
	const char *rules_of; /* base that was looked at last */
	enum name_rules rules;
};

void organize_conflict(struct organize_file *file, const char *why)
{
	if (file->state == ORGANIZE_OK)
		file->why = why;
	file->state = ORGANIZE_CONFLICT;
}

/* ---- rows ---- */

static int compare_row(const struct organize_row *row, int64_t root_id, const char *path)
{
	if (row->root_id != root_id)
		return row->root_id < root_id ? -1 : 1;
	return strcmp(row->path, path);
}

static size_t lower_bound(const struct planning *p, int64_t root_id, const char *path)
{
	size_t low = 0, high = p->all.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_row(&p->all.rows[middle], root_id, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void organize_rows_below(const struct planning *p, int64_t root_id, const char *folder, size_t *ret_first,
			 size_t *ret_end)
{
	*ret_first = lower_bound(p, root_id, *folder ? arena_printf(p->arena, "%s/", folder) : "");
	*ret_end = *folder ? lower_bound(p, root_id, arena_printf(p->arena, "%s0", folder)) :
			     lower_bound(p, root_id + 1, "");
}

/* ---- values ---- */

static const char *said(const struct name *name, enum name_property property)
{
	const struct name_value *value = name_value(name, property, 0);

	return value ? value->text : NULL;
}

static const char *resolution_of(int height, struct arena *arena)
{
	static const int steps[] = { 480, 576, 720, 1080, 1440, 2160, 4320 };

	if (height <= 0)
		return NULL;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (height <= steps[i])
			return arena_printf(arena, "%dp", steps[i]);
	return arena_printf(arena, "%dp", height);
}

static void split_name(const char *path, struct arena *arena, const char **ret_name, const char **ret_ext)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	if (!dot || dot == name)
		dot = name + strlen(name);
	*ret_name = arena_strndup(arena, name, (size_t)(dot - name));
	*ret_ext = dot;
}

static void fill_values(const struct namer *n, const struct organize_row *row, struct template_values *v)
{
	struct arena *arena = n->p->arena;
	bool episode = strcmp(row->kind, "episode") == 0;
	struct name name;

	name_parse(row->path, NAME_AUTO, arena, &name);
	template_values_init(v);
	split_name(row->path, arena, &v->text[TEMPLATE_NAME], &v->text[TEMPLATE_EXT]);
	v->text[TEMPLATE_SHOW] =
		garbage_words_clean(&n->garbage, *row->show ? row->show : episode ? row->title : NULL, arena);
	v->text[TEMPLATE_TITLE] = garbage_words_clean(&n->garbage, episode ? row->episode_title : row->title, arena);
	v->text[TEMPLATE_KIND] = row->kind;
	v->text[TEMPLATE_AIR_DATE] = row->air_date;
	v->text[TEMPLATE_COMPANY] = row->company;
	v->text[TEMPLATE_EDITION] = said(&name, NAME_EDITION);
	v->text[TEMPLATE_SOURCE] = said(&name, NAME_SOURCE);
	v->text[TEMPLATE_GROUP] = said(&name, NAME_RELEASE_GROUP);
	v->text[TEMPLATE_RESOLUTION] = resolution_of(row->height, arena);
	v->text[TEMPLATE_VIDEO_CODEC] = row->video_codec;
	v->text[TEMPLATE_AUDIO_CODEC] = row->audio_codec;
	v->text[TEMPLATE_IMDB] = row->imdb;
	v->text[TEMPLATE_TMDB] = row->tmdb;
	v->text[TEMPLATE_TVDB] = row->tvdb;
	v->number[TEMPLATE_YEAR] = row->year;
	v->number[TEMPLATE_SHOW_YEAR] = row->show_year;
	v->number[TEMPLATE_SEASON] = row->season;
	v->number[TEMPLATE_EPISODE] = row->episode;
	v->number[TEMPLATE_EPISODE_LAST] = row->episode_last;
	v->number[TEMPLATE_ABSOLUTE] = row->absolute;
	v->number[TEMPLATE_PART] = row->parts > 1 ? row->part : -1;
}

/* ---- templates and folders ---- */

static int template_of(struct namer *n, const char *kind, const struct template **ret, struct err *err)
{
	const char *text;
	bool known;

	*ret = n->one;
	if (n->one)
		return 0;
	for (size_t i = 0; i < n->kind_count; i++)
		if (strcmp(n->kinds[i].kind, kind) == 0) {
			*ret = n->kinds[i].template;
			return 0;
		}
	text = template_preset(n->p->request->preset, kind, &known);
	if (!known)
		return err_set(err, ERR_USAGE, "there is no preset '%.60s'; there are " TEMPLATE_PRESETS,
			       n->p->request->preset);
	if (text) {
		*ret = template_parse(text, n->p->arena, err);
		if (!*ret)
			return -(int)ERR_USAGE;
	}
	if (n->kind_count < MAX_KINDS)
		n->kinds[n->kind_count++] = (struct kind_template){ kind, *ret };
	return 0;
}

/* `folder` is `base` or lies below it: the rest, else NULL. */
static const char *below(const char *folder, const char *base)
{
	size_t len = strcmp(base, "/") == 0 ? 0 : strlen(base);

	if (strncmp(folder, base, len) != 0 || (folder[len] && folder[len] != '/'))
		return NULL;
	return folder[len] ? folder + len + 1 : folder + len;
}

/* --to must be known, so that no file is lost from sight; what is copied may go anywhere. */
static int find_target(struct namer *n, struct err *err)
{
	const struct organize_request *request = n->p->request;
	struct root_list roots;
	size_t best = 0;

	if (!request->to)
		return 0;
	if (roots_list(n->p->db, n->p->arena, &roots, err) < 0)
		return -(int)ERR_STORE;
	for (size_t i = 0; i < roots.count; i++) {
		const char *rest = below(request->to, roots.roots[i].path);

		if (rest && strlen(roots.roots[i].path) > best) {
			best = strlen(roots.roots[i].path);
			n->to = (struct target){ roots.roots[i].path, rest };
		}
	}
	if (n->to.base)
		return 0;
	if (strcmp(request->action, "move") == 0)
		return err_set(err, ERR_USAGE,
			       "'%s' lies in no root, and what is moved there would be lost from sight; add it with "
			       "'matinee root add' first",
			       request->to);
	n->to = (struct target){ request->to, "" };
	return 0;
}

/* Where a file is filed: below --to, or in its own root, in the folder for films or shows that it is in. */
static void choose_folder(struct namer *n, const struct organize_row *row, const char **ret_base,
			  const char **ret_prefix)
{
	size_t len = strcspn(row->path, "/");
	const char *kind;

	*ret_base = n->to.base ? n->to.base : row->root_path;
	*ret_prefix = n->to.base ? n->to.prefix : "";
	if (n->to.base || !row->path[len])
		return;
	if (folder_kind_of("auto", arena_printf(n->p->arena, "%.*s/x", (int)len, row->path), &kind) != FOLDER_AUTO)
		*ret_prefix = arena_strndup(n->p->arena, row->path, len);
}

static enum name_rules rules_of(struct namer *n, const char *base)
{
	if (!n->rules_of || strcmp(n->rules_of, base) != 0) {
		n->rules_of = base;
		n->rules = safe_name_rules(base);
	}
	return n->rules;
}

static const char *title_for(const struct organize_row *row, const struct template_values *v, struct arena *arena)
{
	const char *title = v->text[TEMPLATE_TITLE];
	bool has_title = title && *title;

	if (strcmp(row->kind, "episode") != 0 || row->season < 0 || row->episode < 0 || !mkv_title_can(row->path))
		return NULL;
	return arena_printf(arena, "%s - S%02dE%02d%s%s", v->text[TEMPLATE_SHOW], row->season, row->episode,
			    has_title ? " - " : "", has_title ? title : "");
}

static void name_file(struct namer *n, struct organize_file *file, const struct template *t)
{
	const struct organize_request *request = n->p->request;
	struct template_limits limits = { .reserve = SIDECAR_RESERVE };
	struct template_values values;
	struct err why = { 0 };
	const char *prefix, *path;

	choose_folder(n, file->row, &file->base, &prefix);
	file->rules = limits.rules = rules_of(n, file->base);
	fill_values(n, file->row, &values);
	if (template_render(t, &values, &limits, n->p->arena, &path, &why) < 0) {
		organize_conflict(file, arena_strdup(n->p->arena, why.text));
		return;
	}
	file->to = *prefix ? arena_printf(n->p->arena, "%s/%s", prefix, path) : path;
	if (strcmp(file->base, file->row->root_path) == 0 && strcmp(file->to, file->row->path) == 0)
		file->state = ORGANIZE_SAME;
	else if (spot_device(file->base, file->to, &file->to_dev, &why) < 0)
		organize_conflict(file, arena_strdup(n->p->arena, why.text));
	if (request->titles && strcmp(request->action, "move") == 0 && file->state == ORGANIZE_OK)
		file->new_title = title_for(file->row, &values, n->p->arena);
}

/* ---- which ---- */

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Files that the query means, as ascending ids; NULL when it means all. */
static int find_chosen(struct planning *p, int64_t **ret, size_t *ret_count, struct err *err)
{
	const struct item_query *query = &p->request->query;
	struct organize_rows rows;

	*ret = NULL;
	*ret_count = 0;
	if (!query->kind && !query->show && !query->search && !query->root_id && !query->root_path)
		return 0;
	if (organize_rows_list(p->db, query, p->arena, &rows, err) < 0)
		return -(int)(err ? err->code : ERR_STORE);
	*ret = arena_alloc(p->arena, (rows.count + 1) * sizeof(**ret));
	for (size_t i = 0; i < rows.count; i++)
		(*ret)[(*ret_count)++] = rows.rows[i].file_id;
	if (*ret_count)
		qsort(*ret, *ret_count, sizeof(**ret), by_number);
	return 0;
}

static bool has_id(const int64_t *ids, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static bool is_asked(const struct planning *p, const struct organize_row *row, const int64_t *chosen, size_t count)
{
	const struct organize_request *request = p->request;
	const char *whole;

	if (row->hidden || (chosen && !bsearch(&row->file_id, chosen, count, sizeof(*chosen), by_number)))
		return false;
	if (request->ids)
		return has_id(request->ids, request->id_count, row->item_id);
	if (!request->paths)
		return true;
	whole = arena_printf(p->arena, "%s/%s", strcmp(row->root_path, "/") == 0 ? "" : row->root_path, row->path);
	for (size_t i = 0; request->paths[i]; i++)
		if (below(whole, request->paths[i]))
			return true;
	return false;
}

static int add_files(struct namer *n, struct err *err)
{
	struct planning *p = n->p;
	size_t count, cap = 0;
	int64_t *chosen;

	if (find_chosen(p, &chosen, &count, err) < 0)
		return -(int)(err ? err->code : ERR_STORE);
	for (size_t i = 0; i < p->all.count; i++) {
		const struct organize_row *row = &p->all.rows[i];
		const struct template *t;

		if (!is_asked(p, row, chosen, count))
			continue;
		if (template_of(n, row->kind, &t, err) < 0)
			return -(int)ERR_USAGE;
		if (!t) {
			p->plan->skipped++;
			continue;
		}
		ARENA_GROW(p->arena, p->plan->files, p->plan->count, cap);
		p->plan->files[p->plan->count] = (struct organize_file){ .row = row };
		name_file(n, &p->plan->files[p->plan->count++], t);
	}
	/* the array has stopped moving */
	p->of_row = arena_alloc(p->arena, (p->all.count + 1) * sizeof(struct organize_file *));
	for (size_t i = 0; i < p->plan->count; i++)
		p->of_row[p->plan->files[i].row - p->all.rows] = &p->plan->files[i];
	return 0;
}

static void count(struct organize_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct organize_file *file = &plan->files[i];

		plan->ok += file->state == ORGANIZE_OK;
		plan->same += file->state == ORGANIZE_SAME;
		plan->conflicts += file->state == ORGANIZE_CONFLICT;
		if (file->state == ORGANIZE_OK)
			plan->bytes += file->row->identity.size;
	}
}

int organize_plan(struct db *db, const struct organize_request *request, struct arena *arena,
		  struct organize_plan *ret, struct err *err)
{
	struct planning p = { .db = db, .request = request, .arena = arena, .plan = ret, .now_ns = clock_wall_ns() };
	struct namer n = { .p = &p };

	*ret = (struct organize_plan){ 0 };
	if (request->template) {
		n.one = template_parse(request->template, arena, err);
		if (!n.one)
			return -(int)ERR_USAGE;
	}
	if (request->garbage && garbage_words_load(request->garbage, arena, &n.garbage, err) < 0)
		return -(int)(err ? err->code : ERR_IO);
	if (find_target(&n, err) < 0)
		return -(int)(err ? err->code : ERR_USAGE);
	if (organize_rows_list(db, NULL, arena, &p.all, err) < 0)
		return -(int)ERR_STORE;
	if (add_files(&n, err) < 0)
		return -(int)(err ? err->code : ERR_USAGE);
	organize_sidecars(&p);
	organize_leftovers(&p);
	if (organize_conflicts(&p, err) < 0)
		return -(int)(err ? err->code : ERR_STORE);
	if (request->times)
		organize_times(&p);
	count(ret);
	return 0;
}
