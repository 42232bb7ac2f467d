/* apply_swaps.c - names that were exchanged between two scans, and names that were given to another file: the
 * row goes with its file, not with its name; see apply.c. Who can go when is swaps.c. */
#include "library/apply_looks.h"

#include <string.h>

#include "base/cleanup.h"
#include "library/swaps.h"
#include "store/filing.h"

/* FAT and FUSE number their files anew with each mount, shares may: there an inode alone says nothing. */
static bool keeps_inodes(const struct compare *c)
{
	static const char *const types[] = { "vfat", "msdos", "exfat", "fuse", "cifs", "smb" };

	for (size_t i = 0; c->facts.volume && i < ARRAY_LEN(types); i++)
		if (strncmp(c->facts.volume, types[i], strlen(types[i])) == 0)
			return false;
	return true;
}

static int find_swaps(struct apply_state *s, struct compare *compares, size_t count, bool **done,
		      struct swap **ret, size_t *ret_count, struct err *err)
{
	size_t cap = 0;

	*ret = NULL;
	*ret_count = 0;
	for (size_t n = 0; n < count; n++) {
		const struct compare *c = &compares[n];
		size_t end = c->changed.count + (keeps_inodes(c) ? c->touched.count : 0);

		for (size_t i = 0; i < end; i++) {
			const struct seen_file *file = apply_file_at(c, i);
			int64_t id;

			if (done[n][i] || file->known->identity.inode == file->identity.inode ||
			    apply_has_moved(s, file->known->id))
				continue;
			if (apply_looks_source(s, c, file, &id, err) < 0)
				return -(int)ERR_STORE;
			if (!id || id == file->known->id || apply_has_moved(s, id))
				continue;
			ARENA_GROW(&s->arena, *ret, *ret_count, cap);
			(*ret)[(*ret_count)++] = (struct swap) {
				.known = file->known->id, .source = id, .compare = n, .file = i
			};
		}
	}
	return 0;
}

/* Its path is another's now. In a ring it gets one again at once, and its item waits where no other finds it.
 */
static int displace(struct apply_state *s, const struct compare *c, const struct known_file *known, bool ring,
		    int64_t *ret_item, struct err *err)
{
	const char *slash = strrchr(known->path, '/'), *name = slash ? slash + 1 : known->path;
	const char *aside = arena_printf(&s->arena, "%.*s.matinee-gone-%lld-%s", (int)(name - known->path),
					 known->path, (long long)known->id, name);

	*ret_item = 0;
	if (!s->apply->scan->dry_run && scan_rows_set_aside(s->apply->db, known->id, aside, err) < 0)
		return -(int)ERR_STORE;
	if (ring)
		return s->apply->scan->dry_run ? 0 : filing_set_aside(s->apply->db, known->id, ret_item, err);
	return known->missing ? 0 : apply_put_gone(s, c, known, err);
}

/* A ring is put in one transaction: there is no moment at which a row or an item is aside. */
int apply_swaps(struct apply_state *s, struct compare *compares, size_t count, bool **done, struct err *err)
{
	struct swap *swaps;
	int64_t aside = 0;
	size_t n;

	if (apply_end_batch(s, err) < 0 || find_swaps(s, compares, count, done, &swaps, &n, err) < 0)
		return -(int)ERR_STORE;
	n = swaps_order(swaps, n);
	for (size_t i = 0; i < n; i++) {
		struct compare *c = &compares[swaps[i].compare];
		const struct seen_file *file = apply_file_at(c, swaps[i].file);

		if ((swaps[i].first || !swaps[i].ring) && apply_next_row(s, err) < 0)
			return -(int)ERR_STORE;
		if (swaps[i].first && displace(s, c, file->known, swaps[i].ring, &aside, err) < 0)
			return -(int)ERR_STORE;
		done[swaps[i].compare][swaps[i].file] = true;
		if (apply_put_moved(s, c, file, swaps[i].source, err) < 0)
			return -(int)ERR_STORE;
		if (swaps[i].last && aside && filing_bring_back(s->apply->db, aside, err) < 0)
			return -(int)ERR_STORE;
	}
	apply_sort_moved(s);
	return 0;
}
