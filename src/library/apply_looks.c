/* apply_looks.c - see apply_looks.h. What was asked is kept by the path: a row that has another path since then is asked anew. */
#include "library/apply_looks.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"

struct apply_look {
	const char *path;
	int rc; /* as looker_stat() */
	int64_t dev, inode;
};

static const struct apply_look *find(const struct apply_state *s, const char *path)
{
	for (size_t i = s->look_count; i-- > 0;)
		if (strcmp(s->looks[i].path, path) == 0)
			return &s->looks[i];
	return NULL;
}

static const struct apply_look *ask(struct apply_state *s, const char *path)
{
	const struct apply_look *known = find(s, path);
	struct file_identity there = { 0 };
	int rc;

	if (known)
		return known;
	rc = looker_stat(s->apply->looker, path, &there, NULL, NULL);
	ARENA_GROW(&s->look_arena, s->looks, s->look_count, s->look_cap);
	s->looks[s->look_count] = (struct apply_look){ arena_strdup(&s->look_arena, path), rc, there.dev, there.inode };
	return &s->looks[s->look_count++];
}

static void forget(struct apply_state *s)
{
	arena_free(&s->look_arena);
	s->looks = NULL;
	s->look_count = s->look_cap = 0;
}

/* The row's own path no longer leads to this file. What cannot be known has not left: then it is a file of its own. */
static bool has_left(const struct apply_look *look, const struct file_identity *identity)
{
	return look->rc == 0 || (look->rc > 0 && (look->inode != identity->inode || look->dev != identity->dev));
}

static int rows_of(struct apply_state *s, const struct seen_file *file, struct arena *arena, struct place_list *ret,
		   struct err *err)
{
	int rc;

	db_lock(s->apply->db);
	rc = scan_rows_same(s->apply->db, &file->identity, arena, ret, err);
	db_unlock(s->apply->db);
	return rc;
}

/* By what is known; *ret_unasked: of that path it must be asked first. A row of this very path is one under another root. */
static int pick(struct apply_state *s, const struct compare *c, const struct seen_file *file, struct arena *arena,
		int64_t *ret_id, const char **ret_unasked, struct err *err)
{
	CLEANUP(cleanup_free) char *whole = fs_join(c->root.path, file->path);
	struct place_list list;

	*ret_id = 0;
	*ret_unasked = NULL;
	if (rows_of(s, file, arena, &list, err) < 0)
		return -(int)ERR_STORE;
	for (size_t i = 0; i < list.count && !*ret_id && !*ret_unasked; i++) {
		const char *path = list.places[i].path;
		const struct apply_look *look = find(s, path);

		if (strcmp(path, whole) == 0 || (look && has_left(look, &file->identity)))
			*ret_id = list.places[i].id;
		else if (!look)
			*ret_unasked = path;
	}
	return 0;
}

/* `in_row`: the answer holds in the transaction that is open then. */
static int find_source(struct apply_state *s, const struct compare *c, const struct seen_file *file, bool in_row,
		       int64_t *ret_id, struct err *err)
{
	for (;;) {
		CLEANUP(arena_free) struct arena arena = { 0 };
		const char *unasked;

		if ((in_row && apply_next_row(s, err) < 0) || pick(s, c, file, &arena, ret_id, &unasked, err) < 0)
			return -(int)ERR_STORE;
		if (!unasked)
			return 0;
		if (apply_end_batch(s, err) < 0)
			return -(int)ERR_STORE;
		ask(s, unasked);
	}
}

int apply_looks_next(struct apply_state *s, const struct compare *c, const struct seen_file *file, int64_t *ret_id,
		     struct err *err)
{
	return find_source(s, c, file, true, ret_id, err);
}

int apply_looks_source(struct apply_state *s, const struct compare *c, const struct seen_file *file, int64_t *ret_id,
		       struct err *err)
{
	forget(s);
	return find_source(s, c, file, false, ret_id, err);
}

int apply_looks_ahead(struct apply_state *s, const struct compare *c, const struct seen_file *const *files, size_t count,
		      struct err *err)
{
	const struct library_scan *scan = s->apply->scan;

	forget(s);
	if (apply_end_batch(s, err) < 0)
		return -(int)ERR_STORE;
	for (size_t i = 0; i < count && !(scan->cancelled && *scan->cancelled); i++) {
		int64_t id;

		if (find_source(s, c, files[i], false, &id, err) < 0)
			return -(int)ERR_STORE;
	}
	return 0;
}
