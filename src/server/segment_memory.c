/* segment_memory.c - see segment_memory.h.
 *
 * An answer is complete before it is in the table and never changed afterwards; libmicrohttpd counts its users. The
 * bytes die with the last of them, which tells us through release(). Invariant: `alive` is the sum of all bodies
 * that are not freed yet, `kept` of those in the table. */
#include "server/segment_memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/clock.h"
#include "server/http_answer.h"

#define PLACES 64
#define ONE_MAX (INT64_C(4) << 20)
#define KEPT_MAX (INT64_C(16) << 20)
#define ALIVE_MAX (INT64_C(64) << 20)
#define KEEP_NS (10 * CLOCK_SECOND)

struct body {
	struct segment_memory *memory;
	int64_t length;
	char bytes[];
};

struct place {
	struct MHD_Response *response; /* NULL: free */
	uint64_t hash;
	char tag[SEGMENT_TAG_SIZE];
	int64_t length, used_ns; /* boot clock */
};

struct segment_memory {
	pthread_mutex_t lock;
	struct place places[PLACES];
	int64_t kept;
	_Atomic int64_t alive; /* not under the lock: an answer may be destroyed while it is held */
};

struct segment_memory *segment_memory_new(void)
{
	struct segment_memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		abort();
	pthread_mutex_init(&memory->lock, NULL);
	return memory;
}

/* Under the lock. */
static void let_go(struct segment_memory *memory, struct place *place)
{
	memory->kept -= place->length;
	MHD_destroy_response(place->response);
	*place = (struct place) { 0 };
}

void segment_memory_free(struct segment_memory *memory)
{
	if (!memory)
		return;
	for (size_t i = 0; i < PLACES; i++)
		if (memory->places[i].response)
			let_go(memory, &memory->places[i]);
	pthread_mutex_destroy(&memory->lock);
	free(memory);
}

void segment_memory_tidy(struct segment_memory *memory)
{
	int64_t now = clock_boot_ns();

	pthread_mutex_lock(&memory->lock);
	for (size_t i = 0; i < PLACES; i++)
		if (memory->places[i].response && now - memory->places[i].used_ns > KEEP_NS)
			let_go(memory, &memory->places[i]);
	pthread_mutex_unlock(&memory->lock);
}

static struct place *find(struct segment_memory *memory, const char *tag, uint64_t hash)
{
	for (size_t i = 0; i < PLACES; i++) {
		struct place *place = &memory->places[i];

		if (place->response && place->hash == hash && strcmp(place->tag, tag) == 0)
			return place;
	}
	return NULL;
}

bool segment_memory_answer(struct segment_memory *memory, struct http_request *req, const char *tag)
{
	uint64_t hash = XXH3_64bits(tag, strlen(tag));
	struct place *place;

	pthread_mutex_lock(&memory->lock);
	place = find(memory, tag, hash);
	if (place) {
		place->used_ns = clock_boot_ns();
		/* Handed over under the lock: from here on the connection keeps it alive. */
		http_answer_shared(req, 200, place->response, (size_t)place->length);
	}
	pthread_mutex_unlock(&memory->lock);
	return place != NULL;
}

/* A free place with room for so many bytes; the oldest go. Under the lock. */
static struct place *make_room(struct segment_memory *memory, int64_t length)
{
	for (;;) {
		struct place *oldest = NULL, *empty = NULL;

		for (size_t i = 0; i < PLACES; i++) {
			struct place *place = &memory->places[i];

			if (!place->response)
				empty = place;
			else if (!oldest || place->used_ns < oldest->used_ns)
				oldest = place;
		}
		if (empty && (!oldest || memory->kept + length <= KEPT_MAX))
			return empty;
		let_go(memory, oldest);
	}
}

static void release(void *context)
{
	struct body *body = context;

	body->memory->alive -= body->length;
	free(body);
}

static struct body *read_whole(struct segment_memory *memory, struct segment_source *source)
{
	struct body *body = malloc(sizeof(*body) + (size_t)source->length);
	int64_t have = 0;

	if (!body)
		return NULL;
	*body = (struct body) { .memory = memory, .length = source->length };
	while (have < source->length) {
		ssize_t n = segment_source_read(source, have, body->bytes + have, (size_t)(source->length - have));

		if (n <= 0) {
			free(body);
			return NULL;
		}
		have += n;
	}
	return body;
}

static struct MHD_Response *make_response(struct http_request *req, struct body *body, const char *tag,
					  const char *cache_control)
{
	struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback_cls(
		(size_t)body->length, body->bytes, release, body);

	if (!response) {
		free(body);
		return NULL;
	}
	body->memory->alive += body->length;
	MHD_add_response_header(response, "Content-Type", "video/mp2t");
	MHD_add_response_header(response, "Cache-Control", cache_control);
	MHD_add_response_header(response, "ETag", tag);
	MHD_add_response_header(response, "Accept-Ranges", "bytes");
	http_answer_complete(req, response);
	return response;
}

bool segment_memory_take(struct segment_memory *memory, struct http_request *req, const char *tag,
			 struct segment_source *source, const char *cache_control)
{
	uint64_t hash = XXH3_64bits(tag, strlen(tag));
	struct MHD_Response *response;
	struct body *body;

	if (source->length <= 0 || source->length > ONE_MAX || memory->alive + source->length > ALIVE_MAX)
		return false;
	body = read_whole(memory, source);
	response = body ? make_response(req, body, tag, cache_control) : NULL;
	if (!response)
		return false;
	pthread_mutex_lock(&memory->lock);
	http_answer_shared(req, 200, response, (size_t)body->length);
	if (find(memory, tag, hash)) { /* another thread was faster */
		MHD_destroy_response(response);
	} else {
		struct place *place = make_room(memory, source->length);

		*place = (struct place) { .response = response, .hash = hash, .length = source->length,
					  .used_ns = clock_boot_ns() };
		strcpy(place->tag, tag);
		memory->kept += source->length;
	}
	pthread_mutex_unlock(&memory->lock);
	return true;
}
