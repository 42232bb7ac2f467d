/* roots.c - see roots.h. */
#include "library/roots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/utf8.h"
#include "library/volume.h"
#include "store/scan_rows.h"

#define LOOK_AT 200 /* files of a root that is to move */

char *root_real_folder(const char *path, const char *what, struct err *err)
{
	char *real = realpath(path, NULL);
	struct stat st;

	if (!real || stat(real, &st) < 0) {
		err_errno(err, "%s '%s'", what, path);
		free(real);
		return NULL;
	}
	if (!S_ISDIR(st.st_mode)) {
		err_set(err, ERR_INVALID, "%s '%s': it is not a folder", what, path);
		free(real);
		return NULL;
	}
	return real;
}

bool root_kind_known(const char *kind)
{
	size_t len = strlen(kind);

	for (const char *at = ROOT_KINDS; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
		if (strncmp(at, kind, len) == 0 && (at[len] == '|' || !at[len]))
			return true;
	return false;
}

int root_add(struct db *db, const char *path, const char *kind, int64_t *ret_id, struct err *err)
{
	struct err why = { 0 };
	CLEANUP(cleanup_free) char *real = NULL;
	int rc;

	if (!root_kind_known(kind))
		return err_set(err, ERR_INVALID, "a root has no kind '%.40s'; there are " ROOT_KINDS, kind);
	real = root_real_folder(path, "add root", &why);
	if (!real)
		return err_set(err, why.code, "%s", why.text);
	db_lock(db);
	rc = roots_add(db, real, kind, ret_id, err);
	db_unlock(db);
	return rc;
}

/* Some of the files that were there last are at the new place. */
static int check_files(struct db *db, const struct root *root, const char *path, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct known_list known;
	size_t looked = 0;

	db_lock(db);
	if (scan_rows_known(db, root->id, "", &arena, &known, err) < 0) {
		db_unlock(db);
		return -(int)ERR_STORE;
	}
	db_unlock(db);
	for (size_t i = 0; i < known.count && looked < LOOK_AT; i++) {
		CLEANUP(cleanup_free) char *whole = fs_join(path, known.files[i].path);
		struct stat st;

		if (known.files[i].missing)
			continue;
		looked++;
		if (lstat(whole, &st) == 0)
			return 0;
	}
	if (!looked)
		return 0;
	return err_set(
		err, ERR_CONFLICT,
		"move root %lld to '%s': none of %zu of its files is there; --force moves it all the same",
		(long long)root->id, path, looked);
}

/* Renamed or mounted elsewhere, not copied: its trash went with it. */
static bool is_same_folder(const struct root *root, const char *path)
{
	struct volume volume;

	return root->volume && *root->volume && root->sentinel && volume_of(path, &volume, NULL) == 0 &&
	       volume.inode == root->sentinel && strcmp(volume.id, root->volume) == 0;
}

int root_move(struct db *db, const struct root *root, const char *path, bool force, struct err *err)
{
	struct err why = { 0 };
	CLEANUP(cleanup_free) char *real = root_real_folder(path, "move root to", &why);
	int rc = 0;

	if (!real)
		return err_set(err, why.code, "%s", why.text);
	if (strcmp(real, root->path) == 0)
		return err_set(err, ERR_EXISTS, "root %lld is at '%s' already", (long long)root->id, real);
	if (!force)
		rc = check_files(db, root, real, err);
	if (rc < 0)
		return rc;
	return roots_set_path(db, root->id, real, is_same_folder(root, real), err);
}

json_t *root_json(struct db *db, const struct root *root, struct err *err)
{
	struct root_counts n = { 0 };
	char text[40];
	json_t *json;

	if (roots_counts(db, root->id, &n, err) < 0)
		return NULL;
	json = json_pack(
		"{s:I, s:o, s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:s, s:s, s:o, s:{s:I, s:I, s:I, s:I}}",
		"id", (json_int_t)root->id, "path", json_from_path(root->path), "kind",
		root->kind, "state", root->state, "scanned",
		root->scanned_ms ? json_string(clock_format(text, sizeof(text), root->scanned_ms))
				 : json_null(),
		"files", (json_int_t)n.files, "present", (json_int_t)n.present, "bytes", (json_int_t)n.bytes,
		"failed", (json_int_t)n.failed, "vanished", (json_int_t)root->vanished, "volume",
		root->volume, "watch", root->watch, "stalled_s",
		root->stalled_ms ? json_integer((clock_wall_ms() - root->stalled_ms) / 1000) : json_null(),
		"waiting", "samples", (json_int_t)n.unsampled, "probes", (json_int_t)n.to_probe,
		"full_hashes", (json_int_t)n.unhashed, "full_hash_bytes", (json_int_t)n.unhashed_bytes);
	return json ? json : json_object();
}

json_t *roots_json(struct db *db, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct root_list list;
	json_t *items;

	if (roots_list(db, &arena, &list, err) < 0)
		return NULL;
	items = json_array();
	for (size_t i = 0; i < list.count; i++) {
		json_t *one = root_json(db, &list.roots[i], err);

		if (!one) {
			json_decref(items);
			return NULL;
		}
		json_array_append_new(items, one);
	}
	return json_pack("{s:I, s:o}", "total", (json_int_t)list.count, "items", items);
}
