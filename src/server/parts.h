/* parts.h - the parts of a running server, for the handlers. Set up before the first request and unchanged
 * until the last one has ended: no lock is needed to reach them. */
#pragma once

#include "server/counters.h"
#include "server/server.h"
#include "server/tuner.h"
#include "station/downtime.h"
#include "station/station_time.h"
#include "stream/clip_cache.h"
#include "stream/producer.h"

struct announce;
struct builder;
struct encoders;
struct events;
struct hearing;
struct http;
struct junk_walks;
struct library_thread;
struct measurer;
struct on_demand;
struct past_watch;
struct pool;
struct queue;
struct segment_memory;
struct sleep_watch;
struct thumbnails;
struct waits;

struct server {
	_Atomic bool stopping; /* what still waits in a pool is answered with an error at once */
	_Atomic bool files_changed; /* found on the air: the builder builds again beyond the lock, within seconds */
	struct store *store;
	struct station_time *time;
	struct downtime downtime; /* before this start; the builder's, once it runs */
	struct clip_cache *cache;
	struct producer *producer;
	struct waits *waits;
	struct pool *pool;  /* for handlers that may block a little: the store, large answers */
	struct pool *files; /* for media files, which may hang for long */
	struct pool *folders; /* for folders that a person looks into: a disk that hangs holds up these alone */
	struct events *events;
	struct on_demand *on_demand;
	struct segment_memory *memory;
	struct past_watch *past_watch;
	struct builder *builder;
	struct measurer *measurer;
	struct sleep_watch *sleep_watch;
	struct hearing *hearing; /* NULL: sound is left as it is */
	struct encoders *encoders;
	struct library_thread *library; /* NULL in SERVER_SERVE */
	struct thumbnails *thumbnails;
	struct junk_walks *junk;
	struct queue *queue; /* long work, by rows */
	struct http *http; /* NULL in SERVER_MONITOR */
	struct announce *announce; /* NULL when nobody is to find us */
	int64_t catchup_ns; /* what ended longer ago is collapsed (station/past.h) */
	struct tuner tuner;
	struct server_organize organize;
	struct counters counters;
	char machine[256]; /* the host's name */
	char url[300];
	char base_url[300]; /* what it is called from outside, without a slash at its end; "": as clients say */
	int port;
	int64_t started_ms, started_boot_ns;
};
