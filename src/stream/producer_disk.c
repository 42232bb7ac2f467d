/* producer_disk.c - what the producer asks of the cache's disk itself: slates and cards that lie there, and cards that are to go.
 *
 * A thread of its own does it, one thing after the other and without the lock: a disk that hangs holds up nobody but who wants
 * that very slate. What is to go goes before anything is loaded: a card that is wanted again is made anew. */
#include "stream/producer_private.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

void producer_slate_failed(struct producer *producer, struct known_slate *known, const struct err *why)
{
	known->err = *why;
	known->failed = true;
	known->failed_ms = producer_now_ms();
	log_error("producer", "the %s of %s: %s", known->text ? "card" : "slate", known->profile.name, known->err.text);
	pthread_cond_broadcast(&producer->changed);
}

void producer_slate_load(struct producer *producer, struct known_slate *known, bool made)
{
	known->made = made;
	known->load = LOAD_WANTED;
	pthread_cond_signal(&producer->disk_changed);
}

void producer_remove(struct producer *producer, char *path)
{
	struct old_file *file = malloc(sizeof(*file));

	if (!file)
		abort();
	*file = (struct old_file){ producer->old_files, path };
	producer->old_files = file;
	pthread_cond_signal(&producer->disk_changed);
}

/* It was never made, or lies there damaged: a worker makes it. */
static void load(struct producer *producer, struct known_slate *known)
{
	struct err err = { 0 };
	struct slate *slate;

	known->load = LOAD_RUNS;
	pthread_mutex_unlock(&producer->lock);
	slate = slate_load_card(clip_cache_dir(producer->config.cache), &known->profile, known->text, &err);
	pthread_mutex_lock(&producer->lock);
	known->load = LOAD_NONE;
	known->slate = slate;
	if (!slate && known->made)
		producer_slate_failed(producer, known, &err);
	pthread_cond_broadcast(&producer->changed);
	producer_wake(producer);
}

static void remove_next(struct producer *producer)
{
	struct old_file *file = producer->old_files;

	producer->old_files = file->next;
	pthread_mutex_unlock(&producer->lock);
	unlink(file->path);
	free(file->path);
	free(file);
	pthread_mutex_lock(&producer->lock);
}

static void *run(void *context)
{
	struct producer *producer = context;

	pthread_mutex_lock(&producer->lock);
	while (!producer->stopping || producer->old_files) {
		struct known_slate *known = producer->slates;

		while (known && known->load != LOAD_WANTED)
			known = known->next;
		if (producer->old_files)
			remove_next(producer);
		else if (known)
			load(producer, known);
		else
			pthread_cond_wait(&producer->disk_changed, &producer->lock);
	}
	pthread_mutex_unlock(&producer->lock);
	return NULL;
}

void producer_disk_start(struct producer *producer)
{
	pthread_cond_init(&producer->disk_changed, NULL);
	if (pthread_create(&producer->disk_thread, NULL, run, producer) != 0)
		abort();
}

void producer_disk_stop(struct producer *producer)
{
	pthread_mutex_lock(&producer->lock);
	pthread_cond_signal(&producer->disk_changed);
	pthread_mutex_unlock(&producer->lock);
	pthread_join(producer->disk_thread, NULL);
	pthread_cond_destroy(&producer->disk_changed);
}
