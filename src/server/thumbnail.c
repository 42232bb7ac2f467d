/* thumbnail.c - see thumbnail.h, and /media/ID/thumbnail.jpg.
 *
 * The name in the folder holds item, file, size and time, so that a changed file gets a new picture. One job
 * per picture whoever asks; those who ask are kept in the job and leave it when they end. A file without a
 * picture is not tried again for an hour. */
#include "server/thumbnail.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "server/handlers.h"
#include "server/media_file.h"
#include "server/parts.h"
#include "store/items.h"

#define WIDTH 480
#define WAIT_MS 15000
#define RUNNING_MAX 256 /* pictures asked of the workers at a time */
#define FAILED_MAX 4096
#define FAILED_NS (3600 * CLOCK_SECOND)
#define PICTURE_MAX ((size_t)4 << 20)

struct asker { /* a request that waits */
	struct asker *next;
	struct thumbnails *thumbnails;
	struct http_request *req;
	char *path;
};

struct picture {
	struct picture *next;
	struct thumbnails *thumbnails;
	struct asker *askers;
	int64_t failed_ns; /* boot clock; 0: being made */
	char path[];
};

struct thumbnails {
	struct server *server;
	pthread_mutex_t lock;
	struct picture *pictures;
	unsigned running, failed;
	char *dir;
};

struct thumbnails *thumbnails_new(struct server *server)
{
	struct thumbnails *thumbnails = calloc(1, sizeof(*thumbnails));

	if (!thumbnails)
		abort();
	thumbnails->server = server;
	thumbnails->dir = fs_join(store_dir(server->store), "thumbs");
	pthread_mutex_init(&thumbnails->lock, NULL);
	fs_mkdirs(thumbnails->dir, NULL); /* the worker says it when the folder cannot be written */
	return thumbnails;
}

void thumbnails_free(struct thumbnails *thumbnails)
{
	if (!thumbnails)
		return;
	while (thumbnails->pictures) {
		struct picture *picture = thumbnails->pictures;

		thumbnails->pictures = picture->next;
		free(picture);
	}
	pthread_mutex_destroy(&thumbnails->lock);
	free(thumbnails->dir);
	free(thumbnails);
}

static void asker_free(void *state)
{
	struct asker *asker = state;

	pthread_mutex_lock(&asker->thumbnails->lock);
	for (struct picture *picture = asker->thumbnails->pictures; picture; picture = picture->next) {
		for (struct asker **slot = &picture->askers; *slot; slot = &(*slot)->next) {
			if (*slot != asker)
				continue;
			*slot = asker->next;
			break;
		}
	}
	pthread_mutex_unlock(&asker->thumbnails->lock);
	free(asker->path);
	free(asker);
}

/* Locked. */
static void drop(struct thumbnails *thumbnails, struct picture *picture)
{
	struct picture **slot = &thumbnails->pictures;

	while (*slot != picture)
		slot = &(*slot)->next;
	*slot = picture->next;
	free(picture);
}

/* On the producer's thread. */
static void made(void *context, const json_t *done, const struct err *err)
{
	struct picture *picture = context;
	struct thumbnails *thumbnails = picture->thumbnails;

	(void)err;
	pthread_mutex_lock(&thumbnails->lock);
	thumbnails->running--;
	for (struct asker *asker = picture->askers; asker; asker = asker->next)
		http_resume(asker->req);
	picture->askers = NULL;
	if (done || thumbnails->failed >= FAILED_MAX) {
		drop(thumbnails, picture);
	} else {
		picture->failed_ns = clock_boot_ns();
		thumbnails->failed++;
	}
	pthread_mutex_unlock(&thumbnails->lock);
}

/* Locked. What is known of a picture; failures that are old are forgotten. */
static struct picture *find(struct thumbnails *thumbnails, const char *path)
{
	struct picture *picture = thumbnails->pictures;

	while (picture && strcmp(picture->path, path) != 0)
		picture = picture->next;
	if (picture && picture->failed_ns && clock_boot_ns() - picture->failed_ns > FAILED_NS) {
		thumbnails->failed--;
		drop(thumbnails, picture);
		return NULL;
	}
	return picture;
}

/* Locked. */
static struct picture *begin(struct thumbnails *thumbnails, const char *path)
{
	struct picture *picture = calloc(1, sizeof(*picture) + strlen(path) + 1);

	if (!picture)
		abort();
	strcpy(picture->path, path);
	picture->thumbnails = thumbnails;
	picture->next = thumbnails->pictures;
	thumbnails->pictures = picture;
	thumbnails->running++;
	return picture;
}

static int answer_none(struct http_request *req, int seconds)
{
	struct err err = { 0 };

	err_set(&err, ERR_NOT_FOUND, "there is no picture of item %lld", (long long)req->param[0]);
	http_answer_error(req, 0, &err);
	http_header(req, "Cache-Control", "max-age=%d", seconds);
	return 0;
}

/* The picture when it is in the folder; false otherwise. */
static bool answer_kept(struct http_request *req, const char *path)
{
	CLEANUP(buf_free) struct buf picture = BUF_MAX(PICTURE_MAX);

	if (buf_read_file(&picture, path, NULL) < 0 || picture.failed || !picture.len)
		return false;
	http_answer_buf(req, 200, "image/jpeg", &picture);
	http_header(req, "Cache-Control", "private, max-age=86400");
	return true;
}

static int look_again(struct http_request *req, struct err *err)
{
	struct asker *asker = req->state;

	(void)err;
	return answer_kept(req, asker->path) ? 0 : answer_none(req, 30);
}

/* Asks for the picture and leaves the request asleep. Already suspended: this runs in the pool. */
static int ask(struct http_request *req, const char *path, const char *source, int64_t at_ms)
{
	struct thumbnails *thumbnails = req->server->thumbnails;
	struct asker *asker = calloc(1, sizeof(*asker));
	struct picture *picture, *fresh = NULL;
	json_t *request = NULL;
	int rc = HTTP_LATER;

	if (!asker || !(asker->path = strdup(path)))
		abort();
	asker->thumbnails = thumbnails;
	asker->req = req;
	req->state = asker;
	req->state_free = asker_free;
	pthread_mutex_lock(&thumbnails->lock);
	picture = find(thumbnails, path);
	if (!picture && thumbnails->running < RUNNING_MAX)
		picture = fresh = begin(thumbnails, path);
	if (!picture || picture->failed_ns) {
		rc = answer_none(req, picture ? 600 : 5);
	} else {
		asker->next = picture->askers;
		picture->askers = asker;
		req->again = look_again;
		waits_wake_in(req->server->waits, &req->wait, WAIT_MS);
		if (fresh)
			request = json_pack("{s:s, s:o, s:I, s:i, s:o}", "job", "thumbnail", "path",
					    json_from_path(source), "at_ms", (json_int_t)at_ms, "width",
					    WIDTH, "to", json_from_path(path));
	}
	pthread_mutex_unlock(&thumbnails->lock); /* from here on the request may have ended */
	if (fresh)
		producer_run(thumbnails->server->producer, request, made, fresh);
	return rc;
}

int media_thumbnail_get(struct http_request *req, struct err *err)
{
	struct thumbnails *thumbnails = req->server->thumbnails;
	CLEANUP(cleanup_fd) int fd = -1;
	const char *path, *source;
	struct item item;
	struct file file;
	struct db *db;
	int rc = media_open(req, req->param[0], &file, &fd, err);

	if (rc < 0)
		return rc;
	db = store_reader(req->server->store, err);
	if (!db || items_get(db, req->param[0], &req->arena, &item, err) < 0 ||
	    files_path(db, file.id, &req->arena, &source, err) < 0)
		return -(int)err->code;
	path = arena_printf(&req->arena, "%s/%lld-%lld-%llx-%llx.jpg", thumbnails->dir, (long long)item.id,
			    (long long)file.id, (unsigned long long)file.size,
			    (unsigned long long)file.mtime_ns);
	if (answer_kept(req, path))
		return 0;
	/* A fifth into it: past the titles, before the end gives something away. */
	return ask(req, path, source, item.duration_ms / 5);
}
