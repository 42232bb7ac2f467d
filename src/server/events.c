/* events.c - see events.h. */
#include "server/events.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "server/waits.h"

#define READ_BYTES ((size_t)64 << 10)

struct events {
	pthread_mutex_t lock;
	struct waits *waits;
	int64_t first, next;	 /* ids kept: first <= id < next */
	char *text[EVENTS_KEPT]; /* id % EVENTS_KEPT: the event as it is sent */
};

struct events *events_new(struct waits *waits)
{
	struct events *events = calloc(1, sizeof(*events));

	if (!events)
		abort();
	pthread_mutex_init(&events->lock, NULL);
	events->waits = waits;
	return events;
}

void events_begin(struct events *events, int64_t now_ms)
{
	pthread_mutex_lock(&events->lock);
	events->first = events->next = now_ms * 1000;
	pthread_mutex_unlock(&events->lock);
}

void events_free(struct events *events)
{
	if (!events)
		return;
	for (size_t i = 0; i < EVENTS_KEPT; i++)
		free(events->text[i]);
	pthread_mutex_destroy(&events->lock);
	free(events);
}

void events_publish(struct events *events, const char *name, json_t *data)
{
	struct buf text = { 0 };
	char **slot;

	pthread_mutex_lock(&events->lock);
	buf_addf(&text, "id: %lld\nevent: %s\ndata: ", (long long)events->next, name);
	json_write(&text, data);
	buf_adds(&text, "\n\n");
	json_decref(data);
	slot = &events->text[events->next % EVENTS_KEPT];
	free(*slot);
	*slot = text.data;
	events->next++;
	if (events->next - events->first > EVENTS_KEPT)
		events->first++;
	pthread_mutex_unlock(&events->lock);
	waits_resume_class(events->waits, WAIT_EVENTS);
}

int64_t events_read(struct events *events, int64_t id, struct buf *to)
{
	pthread_mutex_lock(&events->lock);
	if (id + 1 < events->first)
		id = events->first - 1;
	while (id + 1 < events->next && to->len < READ_BYTES) {
		id++;
		buf_adds(to, events->text[id % EVENTS_KEPT]);
	}
	pthread_mutex_unlock(&events->lock);
	return id;
}

int64_t events_last(struct events *events)
{
	int64_t last;

	pthread_mutex_lock(&events->lock);
	last = events->next - 1;
	pthread_mutex_unlock(&events->lock);
	return last;
}
