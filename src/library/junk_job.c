/* junk_job.c - see junk_job.h. */
#include "library/junk_job.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "library/media_type.h"
#include "library/sidecar.h"
#include "media/name.h"

#define MAX_DEPTH 64
#define MAX_ENTRIES 5000000
#define SAMPLE_MAX ((int64_t)200 << 20) /* a sample is short */
#define SEND_AT 200			/* findings */
#define SEND_MS 500			/* and a sign of life at least so often */

struct survey {
	struct worker_job *job;
	struct arena arena;
	const char *never;
	const char **globs, **skip;
	size_t glob_count, glob_cap, skip_count, skip_cap;
	json_t *findings; /* not yet sent */
	int64_t entries, now_ns, settle_ms, sent_ms;
	bool cancelled;
};

/* ---- rules ---- */

static void add_globs(struct survey *s, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, " ,\t");

		if (len) {
			ARENA_GROW(&s->arena, s->globs, s->glob_count, s->glob_cap);
			s->globs[s->glob_count++] = arena_strndup(&s->arena, text, len);
		}
		text += len + (text[len] != '\0');
	}
}

static bool is_word_of(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words; *at; at += strspn(at, " ,\t.")) {
		size_t n = strcspn(at, " ,\t");

		if (n == len && strncasecmp(at, word, len) == 0)
			return true;
		at += n;
	}
	return false;
}

static bool is_never(const struct survey *s, const char *name)
{
	const char *dot = strrchr(name, '.');

	/* "._film.mkv" is what macOS leaves, and no film */
	if (strncmp(name, "._", 2) == 0)
		return false;
	return media_type_of(name, strlen(name)) != MEDIA_NONE || sidecar_is(name) ||
	       (dot && is_word_of(s->never, dot + 1));
}

static const char *matching_glob(const struct survey *s, const char *name)
{
	for (size_t i = 0; i < s->glob_count; i++)
		if (fnmatch(s->globs[i], name, FNM_CASEFOLD) == 0)
			return s->globs[i];
	return NULL;
}

static bool is_sample(const char *path, const char *name, int64_t size)
{
	struct arena arena = { 0 };
	struct name said;
	bool sample = false;

	if (media_type_of(name, strlen(name)) != MEDIA_VIDEO || size > SAMPLE_MAX)
		return false;
	name_parse(path, NAME_AUTO, &arena, &said);
	sample = said.is_sample;
	arena_free(&arena);
	return sample;
}

/* ---- what is found ---- */

static void send(struct survey *s)
{
	worker_report(s->job, json_pack("{s:s, s:o}", "event", "junk", "found", s->findings));
	s->findings = json_array();
	s->sent_ms = clock_boot_ns() / CLOCK_MS;
}

static void say_so(struct survey *s)
{
	if (clock_boot_ns() / CLOCK_MS - s->sent_ms < SEND_MS)
		return;
	send(s);
	s->cancelled |= worker_cancelled(s->job);
}

static void found(struct survey *s, bool unknown, const char *path, const struct stat *st, const char *reason)
{
	bool folder = S_ISDIR(st->st_mode);
	json_t *one = json_pack("{s:o, s:I, s:I, s:I, s:I, s:b, s:b}", "path", json_from_path(path), "dev", (json_int_t)st->st_dev,
				"inode", (json_int_t)st->st_ino, "size", folder ? (json_int_t)0 : (json_int_t)st->st_size, "mtime_ns",
				(json_int_t)fs_mtime_ns(st), "folder", folder, "unknown",
				unknown);

	json_object_set_new(one, "reason", json_from_path(reason)); /* a glob may be of any bytes */
	json_array_append_new(s->findings, one);
	if (json_array_size(s->findings) >= SEND_AT)
		send(s);
}

static bool is_fresh(const struct survey *s, const struct stat *st)
{
	int64_t age = s->now_ns - fs_mtime_ns(st);

	return age >= 0 && age < s->settle_ms * CLOCK_MS;
}

static void judge_file(struct survey *s, const char *path, const char *name, const struct stat *st)
{
	const char *glob;
	char reason[JUNK_REASON_MAX];

	if (is_fresh(s, st))
		return;
	if (is_sample(path, name, (int64_t)st->st_size)) {
		found(s, false, path, st, "sample");
		return;
	}
	if (is_never(s, name))
		return;
	glob = matching_glob(s, name);
	if (glob) {
		snprintf(reason, sizeof(reason), "name like %s", glob);
		found(s, false, path, st, reason);
	} else if (name[0] != '.')
		found(s, true, path, st, "no rule knows it");
}

/* ---- the walk ---- */

static bool is_other_root(const struct survey *s, const char *path)
{
	for (size_t i = 0; i < s->skip_count; i++)
		if (strcmp(s->skip[i], path) == 0)
			return true;
	return false;
}

static bool is_system_folder(const char *name)
{
	static const char *const names[] = { "@eaDir", "lost+found", "#recycle", "$RECYCLE.BIN",
					     "System Volume Information" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return name[0] == '.';
}

static bool walk(struct survey *s, int fd, const char *path, int depth);

/* True when nothing is left of it once its empty folders are gone. */
static bool walk_folder(struct survey *s, int dir_fd, const char *path, const char *name, const struct stat *st,
			int depth)
{
	int fd;

	if (is_system_folder(name) || is_other_root(s, path) || depth >= MAX_DEPTH)
		return false;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || !walk(s, fd, path, depth + 1))
		return false;
	if (is_fresh(s, st))
		return false;
	found(s, false, path, st, "empty folder");
	return true;
}

/* Takes fd. */
static bool walk(struct survey *s, int fd, const char *path, int depth)
{
	const struct dirent *entry;
	DIR *dir = fdopendir(fd);
	bool empty = true;

	if (!dir) {
		close(fd);
		return false;
	}
	for (;;) {
		errno = 0; /* of readdir: EIO is no end */
		entry = s->cancelled || s->entries >= MAX_ENTRIES ? NULL : readdir(dir);
		if (!entry)
			break;
		const char *name = entry->d_name;
		char whole[PATH_MAX];
		struct stat st;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		s->entries++;
		say_so(s);
		if (snprintf(whole, sizeof(whole), "%s%s%s", path, *path ? "/" : "", name) >= (int)sizeof(whole) ||
		    fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
			empty = false;
			continue;
		}
		if (S_ISREG(st.st_mode))
			judge_file(s, whole, name, &st);
		if (!S_ISDIR(st.st_mode) || !walk_folder(s, dirfd(dir), whole, name, &st, depth))
			empty = false;
	}
	empty = empty && !errno && !s->cancelled && s->entries < MAX_ENTRIES;
	closedir(dir);
	return empty;
}

/* ---- the job ---- */

static void take_skip(struct survey *s, const json_t *list)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		CLEANUP(cleanup_free) char *path = json_is_string(one) ? json_path_parse(json_string_value(one)) : NULL;

		if (!path)
			continue;
		ARENA_GROW(&s->arena, s->skip, s->skip_count, s->skip_cap);
		s->skip[s->skip_count++] = arena_strdup(&s->arena, path);
	}
}

int junk_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(cleanup_free) char *root = json_path(request, "root"), *globs = json_path(request, "globs"),
				   *never = json_path(request, "never");
	struct survey s = { .job = job,
			    .never = never ? never : "",
			    .now_ns = clock_wall_ns(),
			    .settle_ms = json_int(request, "settle_ms", 0),
			    .sent_ms = clock_boot_ns() / CLOCK_MS };
	int fd;

	if (!root || *root != '/' || !globs)
		return err_set(err, ERR_INVALID, "a junk job needs an absolute \"root\" and \"globs\"");
	fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "open '%s'", root);
	s.findings = json_array();
	add_globs(&s, globs);
	take_skip(&s, json_object_get(request, "skip"));
	walk(&s, fd, "", 0);
	send(&s);
	json_decref(s.findings);
	arena_free(&s.arena);
	*ret_done = json_pack("{s:I}", "entries", (json_int_t)s.entries);
	return s.cancelled ? err_set(err, ERR_BUSY, "it was stopped") : 0;
}
