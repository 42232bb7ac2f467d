/* duplicates.c - see duplicates.h: finding. Rows are sorted so that what is equal stands together; there is no hash
 * table and no comparison of all with all. */
#include "library/duplicates.h"

#include <stdlib.h>
#include <string.h>

#include "library/spot.h"

#define REMUX_MS 2000 /* how far the lengths of one film in two containers may be apart */
#define READERS 4	    /* they wait for the disk, not for the processor; of a disk that turns there is one */
#define SAMPLE_IS_ALL (INT64_C(3) * 64 * 1024) /* shorter files are hashed whole by the sample (media/hash.h) */

struct find {
	struct db *db;
	const struct duplicates_request *request;
	struct arena *arena;
	struct duplicates *to;
	size_t group_cap;
	struct duplicate_file *files; /* one an inode */
	size_t count;
};

const char *duplicate_kind_name(enum duplicate_kind kind)
{
	static const char *const names[] = { "full", "sample", "essence", "near" };

	return names[kind];
}

static bool wants(const struct find *f, enum duplicate_kind kind)
{
	return f->request->kinds & (1u << kind);
}

/* ---- one entry an inode ---- */

static int by_inode(const void *a, const void *b)
{
	const struct duplicate_row *x = *(const struct duplicate_row *const *)a;
	const struct duplicate_row *y = *(const struct duplicate_row *const *)b;

	if (x->identity.dev != y->identity.dev)
		return x->identity.dev < y->identity.dev ? -1 : 1;
	if (x->identity.inode != y->identity.inode)
		return x->identity.inode < y->identity.inode ? -1 : 1;
	return (x->file_id > y->file_id) - (x->file_id < y->file_id);
}

static void collapse(struct find *f, const struct duplicate_rows *rows)
{
	const struct duplicate_row **sorted =
		arena_alloc(f->arena, (rows->count + 1) * sizeof(const struct duplicate_row *));

	for (size_t i = 0; i < rows->count; i++)
		sorted[i] = &rows->rows[i];
	if (rows->count)
		qsort(sorted, rows->count, sizeof(const struct duplicate_row *), by_inode);
	f->files = arena_alloc(f->arena, (rows->count + 1) * sizeof(*f->files));
	f->count = 0;
	for (size_t i = 0; i < rows->count; i++) {
		struct duplicate_file *last = f->count ? &f->files[f->count - 1] : NULL;

		if (last && last->row->identity.dev == sorted[i]->identity.dev &&
		    last->row->identity.inode == sorted[i]->identity.inode)
			last->name_count++;
		else
			f->files[f->count++] = (struct duplicate_file){
				.row = sorted[i], .names = &sorted[i], .name_count = 1, .links = sorted[i]->links, .keep = true
			};
	}
}

/* ---- orders and what is equal in them ---- */

typedef int compare(const void *a, const void *b);

static int by_size(const void *a, const void *b)
{
	const struct duplicate_row *x = ((const struct duplicate_file *)a)->row;
	const struct duplicate_row *y = ((const struct duplicate_file *)b)->row;

	return (x->identity.size < y->identity.size) - (x->identity.size > y->identity.size);
}

static int by_sample(const void *a, const void *b)
{
	int order = by_size(a, b);

	return order ? order :
		       strcmp(((const struct duplicate_file *)a)->row->sample_hash,
			      ((const struct duplicate_file *)b)->row->sample_hash);
}

/* Of short files the sample is all: whether one of them was hashed whole besides says nothing. */
static int by_full(const void *a, const void *b)
{
	int order = by_sample(a, b);

	return order || ((const struct duplicate_file *)a)->row->identity.size < SAMPLE_IS_ALL ? order :
		       strcmp(((const struct duplicate_file *)a)->row->full_hash,
			      ((const struct duplicate_file *)b)->row->full_hash);
}

static int by_essence(const void *a, const void *b)
{
	return strcmp(((const struct duplicate_file *)a)->row->essence_hash,
		      ((const struct duplicate_file *)b)->row->essence_hash);
}

/* What two containers of the same pictures and sound agree in, and last how long they are. */
static int by_shape(const void *a, const void *b)
{
	const struct duplicate_row *x = ((const struct duplicate_file *)a)->row;
	const struct duplicate_row *y = ((const struct duplicate_file *)b)->row;
	int order = strcmp(x->video_codec, y->video_codec);

	order = order ? order : strcmp(x->audio_codec, y->audio_codec);
	order = order ? order : x->width - y->width;
	order = order ? order : x->height - y->height;
	return order ? order : (x->duration_ms > y->duration_ms) - (x->duration_ms < y->duration_ms);
}

static bool may_be_remux(const struct duplicate_file *a, const struct duplicate_file *b)
{
	struct duplicate_row as_long = *a->row;
	const struct duplicate_file other = { .row = &as_long };

	if (!a->row->duration_ms || llabs(a->row->duration_ms - b->row->duration_ms) > REMUX_MS)
		return false;
	as_long.duration_ms = b->row->duration_ms;
	return by_shape(&other, b) == 0;
}

static int by_item(const void *a, const void *b)
{
	const struct duplicate_row *x = ((const struct duplicate_file *)a)->row;
	const struct duplicate_row *y = ((const struct duplicate_file *)b)->row;

	if (x->item_id != y->item_id)
		return x->item_id < y->item_id ? -1 : 1;
	return x->part - y->part;
}

/* qsort is not stable: within what is equal, by id, so that two runs say the same. */
static void sort(struct find *f, compare *order)
{
	if (f->count)
		qsort(f->files, f->count, sizeof(*f->files), order);
}

static size_t equal_from(const struct find *f, size_t first, compare *order)
{
	size_t end = first + 1;

	while (end < f->count && order(&f->files[first], &f->files[end]) == 0)
		end++;
	return end;
}

/* ---- hashing what may be equal ---- */

static bool has_hash(const struct duplicate_row *row, enum file_hash hash)
{
	return *(hash == FILE_HASH_FULL ? row->full_hash : row->sample_hash);
}

static bool is_candidate(const struct duplicate_row *row, enum file_hash hash)
{
	if (row->identity.size == 0)
		return false;
	return hash == FILE_HASH_SAMPLE || (*row->sample_hash && row->identity.size >= SAMPLE_IS_ALL);
}

static int read_again(struct find *f, struct err *err)
{
	struct duplicate_rows rows;
	int rc;

	db_lock(f->db);
	rc = duplicate_rows_list(f->db, &f->request->query, f->arena, &rows, err);
	db_unlock(f->db);
	if (rc == 0)
		collapse(f, &rows);
	return rc;
}

static int hash_ids(struct find *f, enum file_hash hash, const int64_t *ids, size_t count, struct err *err)
{
	const struct hash_files work = { .store = f->request->store,
					 .hash = hash,
					 .ids = ids,
					 .count = count,
					 .workers = f->request->workers > READERS ? f->request->workers : READERS,
					 .waited_for = true,
					 .context = f->request->context,
					 .progress = f->request->progress,
					 .cancelled = f->request->cancelled };
	struct hash_progress progress = { 0 };

	if (!count || !f->request->store)
		return 0;
	if (hash_files_run(&work, &progress, err) < 0)
		return -(int)(err ? err->code : ERR_BUSY);
	f->to->read_bytes += hash == FILE_HASH_SAMPLE ? (int64_t)count * SAMPLE_IS_ALL : progress.bytes_done;
	return read_again(f, err);
}

/* Of those that are alike but for their container: reads them whole, so only when it is asked for. */
static int hash_remuxes(struct find *f, struct err *err)
{
	int64_t *ids = arena_alloc(f->arena, (f->count + 1) * sizeof(*ids));
	size_t count = 0;

	sort(f, by_shape);
	for (size_t i = 0; i < f->count; i++) {
		const struct duplicate_file *file = &f->files[i];

		if (!*file->row->essence_hash && ((i && may_be_remux(file, file - 1)) ||
						  (i + 1 < f->count && may_be_remux(file, file + 1))))
			ids[count++] = file->row->file_id;
	}
	return hash_ids(f, FILE_HASH_ESSENCE, ids, count, err);
}

/* Hashes those that stand in groups by `order` and have no hash yet. */
static int hash_groups(struct find *f, enum file_hash hash, compare *order, struct err *err)
{
	int64_t *ids = arena_alloc(f->arena, (f->count + 1) * sizeof(*ids));
	size_t count = 0;

	sort(f, order);
	for (size_t i = 0, end; i < f->count; i = end) {
		end = equal_from(f, i, order);
		for (size_t k = i; end - i > 1 && k < end; k++)
			if (is_candidate(f->files[k].row, hash) && !has_hash(f->files[k].row, hash))
				ids[count++] = f->files[k].row->file_id;
	}
	return hash_ids(f, hash, ids, count, err);
}

/* ---- groups ---- */

static void add_group(struct find *f, enum duplicate_kind kind, size_t first, size_t end, const char *id,
		      const char *evidence)
{
	struct duplicates *to = f->to;
	struct duplicate_group *group;

	ARENA_GROW(f->arena, to->groups, to->count, f->group_cap);
	group = &to->groups[to->count++];
	*group = (struct duplicate_group){ .kind = kind, .id = id, .evidence = evidence, .count = end - first };
	group->files = arena_alloc(f->arena, group->count * sizeof(*group->files));
	memcpy(group->files, f->files + first, group->count * sizeof(*group->files));
}

static void find_full(struct find *f)
{
	sort(f, by_full);
	for (size_t i = 0, end; i < f->count; i = end) {
		const struct duplicate_row *row = f->files[i].row;

		end = equal_from(f, i, by_full);
		if (end - i < 2 || !row->identity.size || !*row->sample_hash)
			continue;
		if (row->identity.size < SAMPLE_IS_ALL)
			add_group(f, DUPLICATE_FULL, i, end, arena_printf(f->arena, "full:%s", row->sample_hash),
				  "the same hash of all bytes");
		else if (*row->full_hash)
			add_group(f, DUPLICATE_FULL, i, end, arena_printf(f->arena, "full:%s", row->full_hash),
				  "the same hash of all bytes");
	}
}

/* Equal samples, and not all of them hashed whole: they may be equal. */
static void find_sample(struct find *f)
{
	sort(f, by_sample);
	for (size_t i = 0, end; i < f->count; i = end) {
		const struct duplicate_row *row = f->files[i].row;
		bool open = false;

		end = equal_from(f, i, by_sample);
		for (size_t k = i; k < end; k++)
			open |= !*f->files[k].row->full_hash;
		if (end - i < 2 || !*row->sample_hash || row->identity.size < SAMPLE_IS_ALL || !open)
			continue;
		add_group(f, DUPLICATE_SAMPLE, i, end,
			  arena_printf(f->arena, "sample:%s", row->sample_hash),
			  "the same size, head, middle and tail; not compared whole yet");
	}
}

/* Whether a group says more than equal bytes do: not all files have one full hash. */
static bool is_more(const struct find *f, size_t first, size_t end)
{
	for (size_t i = first + 1; i < end; i++)
		if (by_sample(&f->files[first], &f->files[i]) != 0 || !*f->files[i].row->sample_hash)
			return true;
	return false;
}

static void find_essence(struct find *f)
{
	sort(f, by_essence);
	for (size_t i = 0, end; i < f->count; i = end) {
		end = equal_from(f, i, by_essence);
		if (end - i > 1 && *f->files[i].row->essence_hash && is_more(f, i, end))
			add_group(f, DUPLICATE_ESSENCE, i, end,
				  arena_printf(f->arena, "essence:%s", f->files[i].row->essence_hash),
				  "the same pictures and sound; containers or tags differ");
	}
}

static void find_near(struct find *f)
{
	sort(f, by_item);
	for (size_t i = 0, end; i < f->count; i = end) {
		const struct duplicate_row *row = f->files[i].row;
		bool same = true;

		end = equal_from(f, i, by_item);
		for (size_t k = i + 1; k < end; k++)
			same &= *row->essence_hash && strcmp(row->essence_hash, f->files[k].row->essence_hash) == 0;
		if (end - i > 1 && row->item_id && !same && is_more(f, i, end))
			add_group(f, DUPLICATE_NEAR, i, end,
				  arena_printf(f->arena, "near:%lld:%d", (long long)row->item_id, row->part),
				  "other encodes of the same item");
	}
}

/* Names on the disk, and whether each is still what it was. */
static void look(struct find *f)
{
	for (size_t i = 0; i < f->to->count; i++)
		for (size_t k = 0; k < f->to->groups[i].count; k++) {
			struct duplicate_file *file = &f->to->groups[i].files[k];
			struct spot spot = { .dir_fd = -1 };
			struct file_identity now;

			file->changed = spot_open(&spot, file->row->root_path, file->row->path, NULL, NULL) < 0 ||
					spot_stat(&spot, &now, &file->links, NULL) < 0 ||
					!spot_same(&now, &file->row->identity, true);
			spot_close(&spot);
		}
}

int duplicates_find(struct db *db, const struct duplicates_request *request, struct arena *arena, struct duplicates *ret,
		    struct err *err)
{
	struct find f = { .db = db, .request = request, .arena = arena, .to = ret };
	int rc;

	*ret = (struct duplicates){ 0 };
	rc = read_again(&f, err);
	if (rc == 0 && (wants(&f, DUPLICATE_FULL) || wants(&f, DUPLICATE_SAMPLE)))
		rc = hash_groups(&f, FILE_HASH_SAMPLE, by_size, err);
	if (rc == 0 && wants(&f, DUPLICATE_FULL))
		rc = hash_groups(&f, FILE_HASH_FULL, by_sample, err);
	if (rc == 0 && request->kinds == 1u << DUPLICATE_ESSENCE)
		rc = hash_remuxes(&f, err);
	if (rc < 0)
		return rc;
	if (wants(&f, DUPLICATE_FULL))
		find_full(&f);
	if (wants(&f, DUPLICATE_SAMPLE))
		find_sample(&f);
	if (wants(&f, DUPLICATE_ESSENCE))
		find_essence(&f);
	if (wants(&f, DUPLICATE_NEAR))
		find_near(&f);
	if (request->store)
		look(&f);
	duplicates_choose(ret, request->keep, arena);
	return 0;
}
