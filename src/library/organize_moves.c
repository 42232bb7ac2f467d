/* organize_moves.c - a plan as the steps of a batch, and as JSON.
 *
 * Title and time are set where the file is, before it moves: its new place then gets it as it is to be, and undoing ends
 * with the file as it was. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "library/organize_plan.h"

static int by_order(const void *a, const void *b)
{
	const struct organize_file *const *x = a, *const *y = b;

	if ((*x)->order != (*y)->order)
		return (*x)->order < (*y)->order ? -1 : 1;
	return (*x > *y) - (*x < *y);
}

struct steps {
	struct arena *arena;
	struct move *moves;
	size_t count, cap;
};

static struct move *next(struct steps *s, const struct move *move)
{
	ARENA_GROW(s->arena, s->moves, s->count, s->cap);
	s->moves[s->count] = *move;
	return &s->moves[s->count++];
}

static void add_file(struct steps *s, const struct organize_file *file, const char *action, int64_t team)
{
	const struct organize_row *row = file->row;
	struct move move = { .team = team,
			     .file_id = row->file_id,
			     .from_base = row->root_path,
			     .from_path = row->path,
			     .dev = row->identity.dev,
			     .inode = row->identity.inode,
			     .size = row->identity.size,
			     .mtime_ns = row->identity.mtime_ns,
			     .strict = true };

	if (file->new_title) {
		move.action = "title";
		move.new_value = file->new_title;
		next(s, &move);
		move.strict = false;
	}
	if (file->new_mtime_ns) {
		move.action = "mtime";
		move.old_value = arena_printf(s->arena, "%lld", (long long)row->identity.mtime_ns);
		move.new_value = arena_printf(s->arena, "%lld", (long long)file->new_mtime_ns);
		next(s, &move);
		move.strict = false;
		move.mtime_ns = file->new_mtime_ns;
	}
	if (file->state != ORGANIZE_OK)
		return;
	move.action = action;
	move.old_value = move.new_value = NULL;
	move.to_base = file->base;
	move.to_path = file->to;
	move.to_dev = file->to_dev;
	next(s, &move);
}

static void add_sidecar(struct steps *s, const struct organize_file *file, const struct organize_sidecar *sidecar,
			const char *action, int64_t team)
{
	const struct move move = { .team = team,
				   .file_id = sidecar->file_id,
				   .action = action,
				   .from_base = file->row->root_path,
				   .from_path = sidecar->from,
				   .to_base = file->base,
				   .to_path = sidecar->to,
				   .to_dev = file->to_dev,
				   .dev = sidecar->identity.dev,
				   .inode = sidecar->identity.inode,
				   .size = sidecar->identity.size,
				   .mtime_ns = sidecar->identity.mtime_ns,
				   .strict = true };

	next(s, &move);
}

void organize_plan_moves(const struct organize_plan *plan, const struct organize_request *request,
			 struct arena *arena, struct move **ret, size_t *ret_count)
{
	const struct organize_file **order = arena_alloc(arena, (plan->count + 1) * sizeof(struct organize_file *));
	struct steps s = { .arena = arena };

	for (size_t i = 0; i < plan->count; i++)
		order[i] = &plan->files[i];
	if (plan->count)
		qsort(order, plan->count, sizeof(struct organize_file *), by_order);
	for (size_t i = 0; i < plan->count; i++) {
		if (order[i]->state == ORGANIZE_CONFLICT)
			continue;
		add_file(&s, order[i], request->action, (int64_t)i + 1);
		for (size_t k = 0; order[i]->state == ORGANIZE_OK && k < order[i]->sidecar_count; k++)
			add_sidecar(&s, order[i], &order[i]->sidecars[k], request->action, (int64_t)i + 1);
	}
	*ret = s.moves;
	*ret_count = s.count;
}

/* ---- JSON ---- */

static json_t *path_json(const char *base, const char *path)
{
	char whole[PATH_MAX * 2], clean[PATH_MAX * 6];

	if (!path)
		return json_null();
	snprintf(whole, sizeof(whole), "%s/%s", strcmp(base, "/") == 0 ? "" : base, path);
	return json_string(utf8_clean(clean, sizeof(clean), whole));
}

static json_t *why_json(const char *why)
{
	char clean[2048];

	return why ? json_string(utf8_clean(clean, sizeof(clean), why)) : json_null();
}

static json_t *file_json(const struct organize_file *file)
{
	static const char *const states[] = { "ok", "same", "conflict" };
	json_t *sidecars = json_array();
	json_t *json;

	for (size_t i = 0; i < file->sidecar_count; i++)
		json_array_append_new(sidecars,
				      json_pack("{s:o, s:o}", "from",
						path_json(file->row->root_path, file->sidecars[i].from), "to",
						path_json(file->base, file->sidecars[i].to)));
	json = json_pack("{s:I, s:I, s:o, s:o, s:s, s:o, s:I, s:o}", "file_id", (json_int_t)file->row->file_id, "item_id",
			 (json_int_t)file->row->item_id, "from", path_json(file->row->root_path, file->row->path), "to",
			 path_json(file->base, file->to), "state", states[file->state], "why", why_json(file->why), "size",
			 (json_int_t)file->row->identity.size, "sidecars", sidecars);
	if (file->new_title)
		json_object_set_new(json, "new_title", why_json(file->new_title));
	if (file->new_mtime_ns)
		json_object_set_new(json, "new_time_ms", json_integer(file->new_mtime_ns / 1000000));
	return json;
}

json_t *organize_plan_json(const struct organize_plan *plan)
{
	json_t *moves = json_array();

	for (size_t i = 0; i < plan->count; i++)
		json_array_append_new(moves, file_json(&plan->files[i]));
	return json_pack("{s:o, s:{s:I, s:I, s:I, s:I, s:I}}", "moves", moves, "counts", "ok", (json_int_t)plan->ok, "same",
			 (json_int_t)plan->same, "conflict", (json_int_t)plan->conflicts, "skipped",
			 (json_int_t)plan->skipped, "bytes", (json_int_t)plan->bytes);
}
