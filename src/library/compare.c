/* compare.c - see compare.h. The rows go into an open hash by path; a file that is as its row says costs one
 * lookup. */
#include "library/compare.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

#include "base/clock.h"

#define MANY 10		 /* files whose sudden absence, with everything else, is no deletion */
#define MAX_DEVICES 64	 /* of one root */
#define MAX_BLIND 100000 /* folders remembered; past it nothing is called gone */
#define PROGRESS_EVERY 1000

struct slot {
	uint32_t tag;	/* upper half of the hash */
	uint32_t index; /* of the row, from 1; 0: empty */
};

struct state {
	struct compare *compare;
	const struct compare_watch *watch;
	struct arena *arena;
	struct walker *walker;
	int64_t now_ns; /* wall clock, really: never shifted */
	struct known_list known;
	bool *matched; /* by row */
	size_t matched_count;
	struct slot *slots;
	size_t mask;
	int64_t devices[MAX_DEVICES]; /* that were met, or whose files were found under another number */
	int device_count;
	const char **blind;
	size_t blind_count, blind_cap;
};

static void build_table(struct state *s)
{
	size_t size = 16;

	while (size < s->known.count * 2)
		size *= 2;
	s->slots = calloc(size, sizeof(*s->slots));
	s->matched = calloc(s->known.count + 1, sizeof(*s->matched));
	if (!s->slots || !s->matched)
		abort();
	s->mask = size - 1;
	for (size_t i = 0; i < s->known.count; i++) {
		const char *path = s->known.files[i].path;
		uint64_t hash = XXH3_64bits(path, strlen(path));
		size_t at = hash & s->mask;

		while (s->slots[at].index)
			at = (at + 1) & s->mask;
		s->slots[at] = (struct slot) { (uint32_t)(hash >> 32), (uint32_t)i + 1 };
	}
}

/* Index of the row with this path, or -1. */
static ssize_t find(const struct state *s, const char *path, size_t len)
{
	uint64_t hash = XXH3_64bits(path, len);

	for (size_t at = hash & s->mask; s->slots[at].index; at = (at + 1) & s->mask) {
		const struct slot *slot = &s->slots[at];

		if (slot->tag == (uint32_t)(hash >> 32) &&
		    strcmp(s->known.files[slot->index - 1].path, path) == 0)
			return (ssize_t)slot->index - 1;
	}
	return -1;
}

static bool device_is_here(const struct state *s, int64_t dev)
{
	for (int i = 0; i < s->device_count; i++)
		if (s->devices[i] == dev)
			return true;
	return s->device_count == MAX_DEVICES;
}

static void add_device(void *context, int64_t dev)
{
	struct state *s = context;

	if (!device_is_here(s, dev))
		s->devices[s->device_count++] = dev;
}

static void add_seen(struct state *s, struct seen_list *list, const char *path,
		     const struct file_identity *identity, int64_t links, const struct known_file *known)
{
	ARENA_GROW(s->arena, list->files, list->count, list->cap);
	list->files[list->count++] = (struct seen_file) {
		.path = known ? known->path : arena_strdup(s->arena, path),
		.identity = *identity,
		.links = links,
		.known = known,
	};
}

/* Written to just now, by a clock that may differ a little from ours. */
static bool is_settled(const struct state *s, const struct file_identity *now)
{
	int64_t age_ms = (s->now_ns - now->mtime_ns) / CLOCK_MS;

	return !s->watch->settle_ms || age_ms >= s->watch->settle_ms || age_ms <= -s->watch->settle_ms;
}

static void on_file(void *context, const char *path, size_t len, const struct file_identity *now,
		    int64_t links)
{
	struct state *s = context;
	ssize_t at = find(s, path, len);
	const struct known_file *known;

	if (++s->compare->seen % PROGRESS_EVERY == 0 && s->watch->progress)
		s->watch->progress(s->watch->context, s->compare->seen);
	if (at < 0) {
		add_seen(s, is_settled(s, now) ? &s->compare->fresh : &s->compare->unsettled, path, now, links, NULL);
		return;
	}
	known = &s->known.files[at];
	s->matched_count += !s->matched[at];
	s->matched[at] = true;
	if ((known->identity.size != now->size || known->identity.mtime_ns != now->mtime_ns) && !is_settled(s, now))
		add_seen(s, &s->compare->unsettled, path, now, links, known);
	else if (known->identity.size != now->size || known->identity.mtime_ns != now->mtime_ns)
		add_seen(s, &s->compare->changed, path, now, links, known);
	else if (known->missing || known->identity.inode != now->inode || known->identity.dev != now->dev ||
		 known->links != links)
		add_seen(s, &s->compare->touched, path, now, links, known);
	if (known->identity.dev != now->dev)
		add_device(s, known->identity.dev); /* the same disk under another number */
}

static void on_blind(void *context, const char *folder, int error)
{
	struct state *s = context;

	(void)error;
	s->compare->blind++;
	if (s->blind_count == MAX_BLIND)
		return;
	ARENA_GROW(s->arena, s->blind, s->blind_count, s->blind_cap);
	s->blind[s->blind_count++] = arena_strdup(s->arena, folder);
}

/* Other roots inside this one, by their paths relative to it; NULL at the end. */
static const char *const *roots_inside(const struct state *s)
{
	const struct root_list *roots = s->watch->roots;
	const char *base = s->compare->root.path;
	size_t len = strcmp(base, "/") == 0 ? 0 : strlen(base), count = 0;
	const char **inside = arena_alloc(s->arena, (roots->count + 1) * sizeof(*inside));

	for (size_t i = 0; i < roots->count; i++) {
		const char *path = roots->roots[i].path;

		if (strncmp(path, base, len) == 0 && path[len] == '/' && path[len + 1])
			inside[count++] = path + len + 1;
	}
	return inside;
}

static bool is_blind(const struct state *s, const char *path)
{
	if (s->blind_count == MAX_BLIND)
		return true;
	for (size_t i = 0; i < s->blind_count; i++) {
		const char *folder = s->blind[i], *at = path;

		if (!*folder)
			return true;
		while (*folder && *at == *folder) {
			at++;
			folder++;
		}
		if (!*folder && (*at == '/' || !*at))
			return true;
	}
	return false;
}

static void find_gone(struct state *s)
{
	struct compare *c = s->compare;

	for (size_t i = 0; i < s->known.count; i++) {
		const struct known_file *known = &s->known.files[i];

		if (s->matched[i] || known->missing || !device_is_here(s, known->identity.dev) ||
		    is_blind(s, known->path))
			continue;
		ARENA_GROW(s->arena, c->gone, c->gone_count, c->gone_cap);
		c->gone[c->gone_count++] = known;
	}
}

static size_t count_present(const struct state *s, bool *ret_device_here)
{
	size_t n = 0;

	*ret_device_here = false;
	for (size_t i = 0; i < s->known.count; i++)
		if (!s->known.files[i].missing) {
			n++;
			*ret_device_here |= device_is_here(s, s->known.files[i].identity.dev);
		}
	return n;
}

static void set_away(struct compare *c)
{
	c->away = true;
	c->fresh.count = c->changed.count = c->touched.count = c->unsettled.count = 0;
	c->gone_count = 0;
}

/* Nothing of what was there is there: a disk that is not mounted looks like this. */
static void judge_root(struct state *s, int64_t entries)
{
	struct compare *c = s->compare;
	bool device_here;
	size_t present = count_present(s, &device_here);

	if (*c->under || s->matched_count || !present)
		return;
	if (!device_here) {
		err_set(&c->why, ERR_NOT_FOUND, "'%s' is on another disk than its %zu files; is it mounted?",
			c->root.path, present);
		set_away(c);
	} else if (*c->root.volume && *c->facts.volume && strcmp(c->root.volume, c->facts.volume) != 0) {
		err_set(&c->why, ERR_NOT_FOUND,
			"'%s' is on another disk (%s) than its %zu files (%s); is it mounted?", c->root.path,
			c->facts.volume, present, c->root.volume);
		set_away(c);
	} else if (entries == 0 && present >= MANY) {
		err_set(&c->why, ERR_NOT_FOUND, "'%s' is empty where %zu files were; is it mounted?",
			c->root.path, present);
		set_away(c);
		c->emptied = true;
	}
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(((const struct seen_file *)a)->path, ((const struct seen_file *)b)->path);
}

static void on_silent(void *context, int64_t ms)
{
	const struct state *s = context;

	if (s->watch->silent)
		s->watch->silent(s->watch->context, ms);
}

static int judge(struct state *s, struct err *err)
{
	struct compare *c = s->compare;
	struct err why = { 0 };

	if (walk_child_run(s->walker, s->arena, &c->facts, &why) < 0) {
		if (why.code == ERR_BUSY || why.code == ERR_WORKER)
			return err_set(err, why.code, "%s", why.text);
		c->why = why;
		c->stalled = why.code == ERR_TIMEOUT;
		set_away(c);
		return 0;
	}
	if (c->facts.elsewhere) {
		err_set(&c->why, ERR_NOT_FOUND, "'%s' is at '%s' now", c->root.path, c->facts.elsewhere);
		set_away(c);
		return 0;
	}
	judge_root(s, c->facts.entries);
	if (c->emptied)
		find_gone(s);
	if (c->away)
		return 0;
	if (is_blind(s, "")) {
		err_set(&c->why, ERR_IO, "'%s' cannot be read", c->root.path);
		set_away(c);
		return 0;
	}
	find_gone(s);
	if (c->fresh.count)
		qsort(c->fresh.files, c->fresh.count, sizeof(*c->fresh.files), compare_paths);
	return 0;
}

/* The rows are read while the child walks ahead. */
int compare_run(struct compare *compare, struct db *db, const struct compare_watch *watch,
		struct arena *arena, struct err *err)
{
	struct timespec now;
	struct state s = { .compare = compare, .watch = watch, .arena = arena };
	const struct walk_child options = { .root = compare->root.path,
					    .under = compare->under,
					    .skip = roots_inside(&s),
					    .volume = compare->root.volume,
					    .mount_point = compare->root.mount_point,
					    .inode = compare->root.sentinel,
					    .silent_ms = watch->silent_ms,
					    .foreground = watch->foreground,
					    .context = &s,
					    .file = on_file,
					    .blind = on_blind,
					    .device = add_device,
					    .silent = on_silent,
					    .cancelled = watch->cancelled };
	int rc;

	clock_gettime(CLOCK_REALTIME, &now);
	s.now_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	s.walker = walk_child_begin(&options, err);
	if (!s.walker)
		return -(int)ERR_WORKER;
	rc = scan_rows_known(db, compare->root.id, compare->under, arena, &s.known, err);
	if (rc == 0) {
		build_table(&s);
		rc = judge(&s, err);
	}
	walk_child_end(s.walker);
	free(s.slots);
	free(s.matched);
	return rc;
}
