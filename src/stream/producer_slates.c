/* producer_slates.c - the slates of the profiles and the cards of texts: loaded once, made by a worker where they are
 * not there. A slate is borrowed for ever; cards come and go with their texts, so they are only read from in here. Files
 * of cards are the producer's own: they go with the card, or, when a crash left them, at a later start. */
#include "stream/producer_private.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/waker.h"

#define LOAD_WAIT_MS 200 /* for one that lies there; a disk that hangs is waited for no longer */
#define CARD_FILE_SECONDS (24 * 3600) /* a card's file that is older is nobody's */

void producer_tidy_cards(struct producer *producer)
{
	CLEANUP(cleanup_free) char *folder = fs_join(clip_cache_dir(producer->config.cache), "card");
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	struct stat st;

	while (dir && (entry = readdir(dir)))
		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
		    time(NULL) - st.st_mtime > CARD_FILE_SECONDS)
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

void producer_free_slates(struct producer *producer)
{
	while (producer->slates) {
		struct known_slate *known = producer->slates;

		producer->slates = known->next;
		slate_free(known->slate);
		free(known->text);
		free(known);
	}
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void forget_card(struct producer *producer, struct known_slate **at)
{
	struct known_slate *known = *at;
	char *path = slate_path(clip_cache_dir(producer->config.cache), &known->profile, known->text);

	*at = known->next;
	producer_remove(producer, path);
	slate_free(known->slate);
	free(known->text);
	free(known);
}

/* Locked. The card that was used the longest ago goes when there are too many. */
static void make_room_for_card(struct producer *producer)
{
	struct known_slate **oldest = NULL;
	unsigned count = 0;

	for (struct known_slate **at = &producer->slates; *at; at = &(*at)->next) {
		if (!(*at)->text)
			continue;
		count++;
		if (!(*at)->making && !(*at)->load && !(*at)->readers && (!oldest || (*at)->used_ms < (*oldest)->used_ms))
			oldest = at;
	}
	if (count >= CARDS_MAX && oldest)
		forget_card(producer, oldest);
}

/* Locked. text NULL: the slate itself. */
static struct known_slate *slate_of(struct producer *producer, const struct profile *profile, const char *text)
{
	struct known_slate *known = producer->slates;

	while (known && (known->profile.hash != profile->hash || !same_text(known->text, text)))
		known = known->next;
	if (known)
		return known;
	if (text)
		make_room_for_card(producer);
	known = calloc(1, sizeof(*known));
	if (!known || (text && !(known->text = strdup(text))))
		abort();
	known->profile = *profile;
	known->next = producer->slates;
	producer->slates = known;
	producer_slate_load(producer, known, false);
	return known;
}

/* Locked. Asks for it if need be. */
static struct known_slate *card_of(struct producer *producer, const struct profile *profile, const char *text)
{
	struct known_slate *known = slate_of(producer, profile, text);
	int64_t now_ms = producer_now_ms();

	known->used_ms = now_ms;
	if (!known->slate && !known->making && !known->load && (!known->failed || now_ms - known->failed_ms > SLATE_AGAIN_MS)) {
		known->failed = false;
		producer_wake(producer);
	}
	return known;
}

void producer_card_want(struct producer *producer, const struct profile *profile, const char *text)
{
	pthread_mutex_lock(&producer->lock);
	card_of(producer, profile, text);
	pthread_mutex_unlock(&producer->lock);
}

int producer_card_write(struct producer *producer, const struct profile *clip, const char *text, const struct plan_segment *segment,
			struct buf *to, struct err *err)
{
	struct profile profile = profile_stand_in(clip);
	int64_t until_ns = clock_boot_ns() + LOAD_WAIT_MS * CLOCK_MS, left;
	struct known_slate *known;
	int rc = 0;

	pthread_mutex_lock(&producer->lock);
	known = card_of(producer, &profile, text);
	known->readers++; /* it stays */
	while (!known->slate && known->load && !producer->stopping && (left = until_ns - clock_boot_ns()) > 0)
		waker_wait(&producer->changed, &producer->lock, left);
	if (!known->slate && known->failed)
		rc = err_set(err, known->err.code, "%s", known->err.text);
	else if (!known->slate)
		rc = err_set(err, ERR_TIMEOUT, "the %s of profile %s is not made yet", text ? "card" : "slate",
			     profile.name);
	known->readers -= rc < 0;
	pthread_mutex_unlock(&producer->lock);
	if (rc < 0)
		return rc;
	rc = slate_write_at(to, known->slate, (struct plan_rate){ clip->fps_num, clip->fps_den }, segment, err);
	pthread_mutex_lock(&producer->lock);
	known->readers--;
	pthread_mutex_unlock(&producer->lock);
	return rc;
}

const struct slate *producer_slate(struct producer *producer, const struct profile *profile, int64_t timeout_ms,
				   struct err *err)
{
	int64_t until_ns = clock_boot_ns() + timeout_ms * CLOCK_MS, left;
	struct known_slate *known;
	const struct slate *slate;

	pthread_mutex_lock(&producer->lock);
	known = card_of(producer, profile, NULL);
	while (!known->slate && !known->failed && !producer->stopping && (left = until_ns - clock_boot_ns()) > 0)
		waker_wait(&producer->changed, &producer->lock, left);
	slate = known->slate;
	if (!slate && known->failed && err)
		*err = known->err;
	else if (!slate)
		err_set(err, ERR_TIMEOUT, "the slate of profile %s is not made yet", profile->name);
	pthread_mutex_unlock(&producer->lock);
	return slate;
}
