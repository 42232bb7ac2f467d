/* junk_walks.c - see junk_walks.h. */
#include "server/junk_walks.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"

#define KEEP_MAX 200000 /* entries; about 40 MB */
#define UNREAD_NS (30 * CLOCK_SECOND) /* a look that missed a root is good for so long */

struct kept {
	struct junk_walk walk;
	struct arena arena;
	int64_t begun_ns; /* boot clock */
	int refs;
};

struct junk_walks {
	pthread_mutex_t lock; /* of what follows */
	pthread_mutex_t turn; /* held while one walks */
	struct kept *last;    /* NULL: none, or it is not true any more */
	uint64_t edition;     /* of the files, as far as we moved them */
};

struct junk_walks *junk_walks_new(void)
{
	struct junk_walks *walks = calloc(1, sizeof(*walks));

	if (!walks)
		abort();
	pthread_mutex_init(&walks->lock, NULL);
	pthread_mutex_init(&walks->turn, NULL);
	return walks;
}

static void drop(struct kept *kept)
{
	if (!kept || --kept->refs)
		return;
	arena_free(&kept->arena);
	free(kept);
}

void junk_walks_free(struct junk_walks *walks)
{
	if (!walks)
		return;
	drop(walks->last);
	pthread_mutex_destroy(&walks->lock);
	pthread_mutex_destroy(&walks->turn);
	free(walks);
}

/* The last one, if it began at or after that time. */
static struct kept *take_last(struct junk_walks *walks, int64_t since_ns, uint64_t *ret_edition)
{
	struct kept *kept;

	pthread_mutex_lock(&walks->lock);
	kept = walks->last && walks->last->begun_ns >= since_ns ? walks->last : NULL;
	if (kept && kept->walk.junk.unread_count && clock_boot_ns() - kept->begun_ns > UNREAD_NS)
		kept = NULL;
	if (kept)
		kept->refs++;
	*ret_edition = walks->edition;
	pthread_mutex_unlock(&walks->lock);
	return kept;
}

static void keep(struct junk_walks *walks, struct kept *kept, uint64_t edition)
{
	pthread_mutex_lock(&walks->lock);
	if (walks->edition == edition && kept->walk.junk.junk.count + kept->walk.junk.unknown.count <= KEEP_MAX) {
		drop(walks->last);
		walks->last = kept;
		kept->refs++;
	}
	pthread_mutex_unlock(&walks->lock);
}

static struct kept *walk(struct junk_walks *walks, struct db *db, const struct junk_request *request, uint64_t edition,
			 struct err *err)
{
	struct kept *kept = calloc(1, sizeof(*kept));

	if (!kept)
		abort();
	kept->refs = 1;
	kept->begun_ns = clock_boot_ns();
	kept->walk.at_ms = clock_wall_ms();
	if (junk_find(db, request, &kept->arena, &kept->walk.junk, err) < 0) {
		drop(kept);
		return NULL;
	}
	keep(walks, kept, edition);
	return kept;
}

const struct junk_walk *junk_walks_get(struct junk_walks *walks, struct db *db, const struct junk_request *request,
				       bool again, struct err *err)
{
	int64_t asked_ns = clock_boot_ns();
	uint64_t edition;
	struct kept *kept = take_last(walks, again ? asked_ns : 0, &edition);

	if (!kept) {
		pthread_mutex_lock(&walks->turn);
		kept = take_last(walks, again ? asked_ns : 0, &edition); /* whose turn it was before may have made it */
		if (!kept)
			kept = walk(walks, db, request, edition, err);
		pthread_mutex_unlock(&walks->turn);
	}
	return kept ? &kept->walk : NULL;
}

void junk_walks_put(struct junk_walks *walks, const struct junk_walk *walk)
{
	if (!walk)
		return;
	pthread_mutex_lock(&walks->lock);
	drop((struct kept *)(uintptr_t)walk); /* its first field */
	pthread_mutex_unlock(&walks->lock);
}

void junk_walks_stale(struct junk_walks *walks)
{
	pthread_mutex_lock(&walks->lock);
	drop(walks->last);
	walks->last = NULL;
	walks->edition++;
	pthread_mutex_unlock(&walks->lock);
}
