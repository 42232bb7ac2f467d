/* duplicates_keep.c - which copy to keep, with its reason; and the rest as steps to the trash. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/by_id.h"
#include "base/utf8.h"
#include "library/duplicates.h"
#include "library/trash.h"

/* ---- comparing two ---- */

/* How much picture a bit of each codec carries, roughly: HEVC does with 60 % of what H.264 needs. */
static double codec_worth(const char *codec)
{
	static const struct {
		const char *name;
		double worth;
	} rows[] = { { "av1", 2.0 },	    { "hevc", 1.6 },	 { "vp9", 1.5 }, { "h264", 1.0 }, { "vc1", 0.9 },
		     { "mpeg4", 0.6 },	    { "msmpeg4v3", 0.5 }, { "vp8", 0.8 }, { "wmv3", 0.7 }, { "mpeg2video", 0.45 },
		     { "mpeg1video", 0.35 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, codec) == 0)
			return rows[i].worth;
	return 0.8;
}

struct verdict {
	int order; /* < 0: the first is better */
	const char *why;
};

static struct verdict more(int64_t a, int64_t b, const char *why)
{
	return (struct verdict){ (a < b) - (a > b), why };
}

/* A tenth more is no difference that anybody sees. */
static struct verdict clearly_more(double a, double b, const char *why)
{
	return (struct verdict){ a > b * 1.1 ? -1 : b > a * 1.1 ? 1 : 0, why };
}

/* The better encode of one item. */
static struct verdict better(const struct duplicate_row *a, const struct duplicate_row *b)
{
	struct verdict v = clearly_more((double)a->height * a->width, (double)b->height * b->width, "higher resolution");

	if (!v.order)
		v = clearly_more((double)a->bit_rate * codec_worth(a->video_codec),
				 (double)b->bit_rate * codec_worth(b->video_codec),
				 strcmp(a->video_codec, b->video_codec) == 0 ? "higher bit rate" :
									       "more picture by codec and bit rate");
	if (!v.order)
		v = more(a->audio_channels, b->audio_channels, "more sound channels");
	if (!v.order)
		v = more(a->audio_tracks, b->audio_tracks, "more sound tracks");
	if (!v.order)
		v = more(a->subtitle_tracks, b->subtitle_tracks, "more subtitles");
	if (!v.order)
		v = more(a->identity.size, b->identity.size, "larger");
	return v;
}

static size_t path_len(const struct duplicate_row *row)
{
	return strlen(row->root_path) + strlen(row->path);
}

/* Between copies with the same content. */
static struct verdict handier(const struct duplicate_file *a, const struct duplicate_file *b)
{
	struct verdict v = more(a->links, b->links, "it has more names (hard links)");

	if (!v.order)
		v = more(a->row->subtitle_tracks + a->row->audio_tracks, b->row->subtitle_tracks + b->row->audio_tracks,
			 "more tracks");
	if (!v.order)
		v = more(-a->row->added_ms, -b->row->added_ms, "known for longest");
	if (!v.order)
		v = more(-(int64_t)path_len(a->row), -(int64_t)path_len(b->row), "shortest path");
	if (!v.order)
		v = more(-a->row->file_id, -b->row->file_id, "known for longest");
	return v;
}

static struct verdict judge(const struct duplicate_group *group, const struct duplicate_file *a,
			    const struct duplicate_file *b, enum duplicate_keep keep)
{
	struct verdict v = { 0, NULL };

	if (keep == KEEP_OLDEST)
		v = more(-a->row->identity.mtime_ns, -b->row->identity.mtime_ns, "oldest");
	else if (keep == KEEP_NEWEST)
		v = more(a->row->identity.mtime_ns, b->row->identity.mtime_ns, "newest");
	else if (keep == KEEP_SHORTEST)
		v = more(-(int64_t)path_len(a->row), -(int64_t)path_len(b->row), "shortest path");
	else if (group->kind == DUPLICATE_NEAR)
		v = better(a->row, b->row);
	return v.order ? v : handier(a, b);
}

/* ---- choosing ---- */

/* Other encodes of one item last as long as each other; else one of them is cut, or something else. */
static bool lengths_agree(const struct duplicate_group *group)
{
	int64_t shortest = INT64_MAX, longest = 0;

	for (size_t i = 0; i < group->count; i++) {
		int64_t ms = group->files[i].row->duration_ms;

		shortest = ms < shortest ? ms : shortest;
		longest = ms > longest ? ms : longest;
	}
	return shortest > 0 && longest - shortest <= longest / 50 + 1000;
}

static void sum(struct duplicate_group *group)
{
	group->reclaim = 0;
	for (size_t i = 0; i < group->count; i++) {
		const struct duplicate_file *file = &group->files[i];

		/* names outside of the library keep the bytes */
		if (!file->keep && file->links <= (int64_t)file->name_count)
			group->reclaim += file->row->identity.size;
	}
}

static void choose(struct duplicate_group *group, enum duplicate_keep keep, struct arena *arena)
{
	size_t best = 0;

	while (best + 1 < group->count && group->files[best].changed)
		best++;
	for (size_t i = best + 1; i < group->count; i++)
		if (!group->files[i].changed && judge(group, &group->files[best], &group->files[i], keep).order > 0)
			best = i;
	for (size_t i = 0; i < group->count; i++) {
		struct duplicate_file *file = &group->files[i];
		const char *why = i == best ? NULL : judge(group, &group->files[best], file, keep).why;

		file->keep = i == best;
		file->why = why ? arena_printf(arena, "the other: %s", why) : NULL;
		if (i == best)
			file->why = judge(group, file, &group->files[i ? 0 : 1], keep).why;
		if (!file->changed)
			continue;
		file->keep = true;
		file->why = "it has changed since it was scanned";
	}
}

static int by_path(const void *a, const void *b)
{
	const struct duplicate_row *x = ((const struct duplicate_file *)a)->row;
	const struct duplicate_row *y = ((const struct duplicate_file *)b)->row;
	int order = strcmp(x->root_path, y->root_path);

	return order ? order : strcmp(x->path, y->path);
}

static int by_gain(const void *a, const void *b)
{
	const struct duplicate_group *x = a, *y = b;

	if (x->kind != y->kind)
		return (int)x->kind - (int)y->kind;
	if (x->reclaim != y->reclaim)
		return x->reclaim < y->reclaim ? 1 : -1;
	return strcmp(x->id, y->id);
}

void duplicates_choose(struct duplicates *all, enum duplicate_keep keep, struct arena *arena)
{
	all->files = all->reclaim = 0;
	for (size_t i = 0; i < all->count; i++) {
		struct duplicate_group *group = &all->groups[i];

		qsort(group->files, group->count, sizeof(*group->files), by_path);
		if (group->kind == DUPLICATE_NEAR && !lengths_agree(group))
			for (size_t k = 0; k < group->count; k++) {
				group->files[k].keep = true;
				group->files[k].why = "their lengths differ or are unknown; look at them";
			}
		else
			choose(group, keep, arena);
		sum(group);
		all->files += (int64_t)group->count;
		all->reclaim += group->reclaim;
	}
	if (all->count)
		qsort(all->groups, all->count, sizeof(*all->groups), by_gain);
}

int duplicates_keep(struct duplicate_group *group, const int64_t *file_ids, size_t count, struct err *err)
{
	bool any = false;

	for (size_t i = 0; i < group->count; i++) {
		struct duplicate_file *file = &group->files[i];

		file->keep = false;
		for (size_t n = 0; n < file->name_count; n++)
			for (size_t k = 0; k < count; k++)
				file->keep |= file->names[n]->file_id == file_ids[k];
		any |= file->keep;
	}
	sum(group);
	return any ? 0 : err_set(err, ERR_INVALID, "group '%s': at least one of its files must be kept", group->id);
}

/* ---- steps ---- */

static const char *keeper_text(const struct duplicate_file *keeper, bool compare, struct arena *arena)
{
	const struct file_identity *id = &keeper->row->identity;

	return arena_printf(arena, "%lld:%lld:%lld:%lld:%s", (long long)id->dev, (long long)id->inode,
			    (long long)id->size, (long long)id->mtime_ns, compare ? "compare" : "known");
}

static const struct duplicate_file *keeper_of(const struct duplicate_group *group)
{
	for (size_t i = 0; i < group->count; i++)
		if (group->files[i].keep && !group->files[i].changed)
			return &group->files[i];
	return NULL;
}

static int fill_move(struct move *move, const struct duplicate_group *group, const struct duplicate_file *keeper,
		     const struct duplicate_row *row, struct arena *arena, struct err *err)
{
	*move = (struct move){ .file_id = row->file_id,
			       .action = "trash",
			       .from_base = row->root_path,
			       .from_path = row->path,
			       .dev = row->identity.dev,
			       .inode = row->identity.inode,
			       .size = row->identity.size,
			       .mtime_ns = row->identity.mtime_ns,
			       .strict = true };
	move->old_value = arena_printf(arena, "%s/%s", strcmp(keeper->row->root_path, "/") == 0 ? "" : keeper->row->root_path,
				       keeper->row->path);
	move->new_value = keeper_text(keeper, group->kind == DUPLICATE_SAMPLE, arena);
	return trash_place(move, arena, err);
}

struct ids {
	int64_t *ids;
	size_t count;
};

/* Files that some group keeps: others go because these stay, so no other group may put them away. Sorted. */
static struct ids kept_anywhere(const struct duplicates *all, struct arena *arena)
{
	struct ids kept = { 0 };
	size_t cap = 0;

	for (size_t i = 0; i < all->count; i++)
		for (size_t k = 0; k < all->groups[i].count; k++) {
			const struct duplicate_file *file = &all->groups[i].files[k];

			for (size_t n = 0; file->keep && n < file->name_count; n++) {
				ARENA_GROW(arena, kept.ids, kept.count, cap);
				kept.ids[kept.count++] = file->names[n]->file_id;
			}
		}
	if (kept.count)
		qsort(kept.ids, kept.count, sizeof(*kept.ids), by_id_compare);
	return kept;
}

static bool is_kept(const struct ids *kept, int64_t file_id)
{
	return kept->count && bsearch(&file_id, kept->ids, kept->count, sizeof(*kept->ids), by_id_compare);
}

struct candidate {
	int64_t file_id;
	size_t at; /* among all */
	const struct duplicate_group *group;
	const struct duplicate_file *keeper;
	const struct duplicate_row *row; /* NULL: an earlier group puts it away */
};

static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->file_id != y->file_id)
		return x->file_id < y->file_id ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static int compare_places(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* Groups of several kinds may share a file: the first puts it away. */
static void leave_out_twice(struct candidate *candidates, size_t count)
{
	if (!count)
		return;
	qsort(candidates, count, sizeof(*candidates), compare_candidates);
	for (size_t i = 1; i < count; i++)
		if (candidates[i].file_id == candidates[i - 1].file_id)
			candidates[i].row = NULL;
	qsort(candidates, count, sizeof(*candidates), compare_places);
}

static void find_candidates(const struct duplicates *all, struct arena *arena, struct candidate **ret, size_t *ret_count)
{
	const struct ids kept = kept_anywhere(all, arena);
	size_t cap = 0;

	*ret = NULL;
	*ret_count = 0;
	for (size_t i = 0; i < all->count; i++) {
		const struct duplicate_group *group = &all->groups[i];
		const struct duplicate_file *keeper = keeper_of(group);

		for (size_t k = 0; keeper && k < group->count; k++)
			for (size_t n = 0; !group->files[k].keep && n < group->files[k].name_count; n++) {
				const struct duplicate_row *row = group->files[k].names[n];

				if (is_kept(&kept, row->file_id))
					continue;
				ARENA_GROW(arena, *ret, *ret_count, cap);
				(*ret)[*ret_count] = (struct candidate){ row->file_id, *ret_count, group, keeper, row };
				++*ret_count;
			}
	}
	leave_out_twice(*ret, *ret_count);
}

int duplicates_moves(const struct duplicates *all, struct arena *arena, struct move **ret, size_t *ret_count,
		     struct err *err)
{
	struct candidate *candidates;
	size_t count, n = 0;

	find_candidates(all, arena, &candidates, &count);
	*ret = arena_alloc(arena, (count + 1) * sizeof(**ret));
	for (size_t i = 0; i < count; i++) {
		const struct candidate *c = &candidates[i];

		if (c->row && fill_move(&(*ret)[n++], c->group, c->keeper, c->row, arena, err) < 0)
			return -(int)(err ? err->code : ERR_IO);
	}
	*ret_count = n;
	return 0;
}

/* ---- JSON ---- */

static json_t *path_json(const struct duplicate_row *row)
{
	char whole[PATH_MAX * 2], clean[PATH_MAX * 6];

	snprintf(whole, sizeof(whole), "%s/%s", strcmp(row->root_path, "/") == 0 ? "" : row->root_path, row->path);
	return json_string(utf8_clean(clean, sizeof(clean), whole));
}

static json_t *text_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

static json_t *file_json(const struct duplicate_file *file)
{
	const struct duplicate_row *row = file->row;
	json_t *names = json_array();
	char resolution[32] = "", codecs[80];

	for (size_t i = 1; i < file->name_count; i++)
		json_array_append_new(names, path_json(file->names[i]));
	if (row->height > 0)
		snprintf(resolution, sizeof(resolution), "%dx%d", row->width, row->height);
	snprintf(codecs, sizeof(codecs), "%.30s%s%.30s", row->video_codec, *row->video_codec && *row->audio_codec ? "/" : "",
		 row->audio_codec);
	return json_pack("{s:I, s:I, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:I, s:I, s:b, s:o}", "id",
			 (json_int_t)row->file_id, "item_id", (json_int_t)row->item_id, "path", path_json(row), "size",
			 (json_int_t)row->identity.size, "hard_links", (json_int_t)file->links, "other_names", names,
			 "resolution", text_or_null(resolution), "codecs", text_or_null(codecs), "bit_rate",
			 row->bit_rate > 0 ? json_integer(row->bit_rate) : json_null(), "audio_tracks",
			 (json_int_t)row->audio_tracks, "subtitle_tracks", (json_int_t)row->subtitle_tracks, "keep", file->keep,
			 "why", text_or_null(file->why));
}

json_t *duplicates_json(const struct duplicates *all, size_t limit, size_t offset)
{
	json_t *items = json_array();

	for (size_t i = offset; i < all->count && (!limit || i < offset + limit); i++) {
		const struct duplicate_group *group = &all->groups[i];
		json_t *files = json_array();

		for (size_t k = 0; k < group->count; k++)
			json_array_append_new(files, file_json(&group->files[k]));
		json_array_append_new(items,
				      json_pack("{s:s, s:s, s:{s:s}, s:I, s:o}", "id", group->id, "kind",
						duplicate_kind_name(group->kind), "evidence", "text", group->evidence,
						"reclaim_bytes", (json_int_t)group->reclaim, "files", files));
	}
	return json_pack("{s:I, s:I, s:I, s:I, s:o}", "total", (json_int_t)all->count, "files", (json_int_t)all->files,
			 "reclaim_bytes", (json_int_t)all->reclaim, "read_bytes", (json_int_t)all->read_bytes, "items",
			 items);
}
