/* copy_cuts.c - see copy_cuts.h. */
#include "station/copy_cuts.h"

#include "base/by_id.h"
#include "store/copy_plans.h"
#include "stream/plan.h"
#include "stream/profile.h"

struct copy_cuts {
	struct db *db;
	struct arena *arena;
	const char *codec;
	struct copy_cut *list; /* by file */
	size_t count, cap;
};

struct copy_cuts *copy_cuts_new(struct db *db, const char *profile, struct arena *arena)
{
	struct copy_cuts *cuts = arena_alloc(arena, sizeof(*cuts));

	*cuts = (struct copy_cuts){ .db = db, .arena = arena, .codec = profile_copied(profile) };
	return cuts;
}

static struct copy_cut load(struct copy_cuts *cuts, int64_t file_id)
{
	struct copy_cut cut = { .file_id = file_id };
	struct copy_plan_row row = { 0 };

	if (copy_plans_get(cuts->db, file_id, cuts->codec, cuts->arena, &row, NULL) < 0 || !row.lengths.count)
		return cut;
	cut.lengths = row.lengths;
	cut.at = arena_alloc(cuts->arena, (row.lengths.count + 1) * sizeof(*cut.at));
	cut.at[0] = 0;
	for (size_t i = 0; i < row.lengths.count; i++)
		cut.at[i + 1] = cut.at[i] + row.lengths.list[i] * PLAN_TICK;
	return cut;
}

const struct copy_cut *copy_cuts_find(struct copy_cuts *cuts, int64_t file_id)
{
	size_t i = by_id_place(cuts->list, cuts->count, sizeof(*cuts->list), file_id);

	if (i == cuts->count || cuts->list[i].file_id != file_id) {
		struct copy_cut cut = load(cuts, file_id);

		ARENA_GROW(cuts->arena, cuts->list, cuts->count, cuts->cap);
		for (size_t n = cuts->count++; n > i; n--)
			cuts->list[n] = cuts->list[n - 1];
		cuts->list[i] = cut;
	}
	return cuts->list[i].lengths.count ? &cuts->list[i] : NULL;
}

size_t copy_cut_nearest(const struct copy_cut *cut, int64_t flicks)
{
	size_t low = 0, high = cut->lengths.count;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (cut->at[middle] <= flicks)
			low = middle;
		else
			high = middle;
	}
	return flicks - cut->at[low] <= cut->at[high] - flicks ? low : high;
}
