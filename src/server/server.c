/* server.c - see server.h. Starts the parts in the order in which they lean on each other and ends them the
 * other way. */
#include "server/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/memory.h"
#include "jobs/queue.h"
#include "server/announce.h"
#include "server/builder.h"
#include "server/encoders.h"
#include "server/events.h"
#include "server/faults.h"
#include "server/hdhomerun.h"
#include "server/hearing.h"
#include "server/http.h"
#include "server/job_kinds.h"
#include "server/junk_walks.h"
#include "server/library_thread.h"
#include "server/listen.h"
#include "server/measurer.h"
#include "server/on_demand.h"
#include "server/parts.h"
#include "server/past_watch.h"
#include "server/pool.h"
#include "server/segment_memory.h"
#include "server/ssdp.h"
#include "server/sleep_watch.h"
#include "server/thumbnail.h"
#include "station/alert.h"
#include "station/past.h"
#include "store/batches.h"
#include "store/channels.h"

#define CONNECTIONS_MAX 8192u
#define FILES_MAX 65536u
#define FILES_RESERVED 256u /* for the store, the workers, the library */

/* As many files as we may open; how many connections they are enough for (each may hold a segment open). */
static unsigned raise_limits(unsigned wanted)
{
	struct rlimit limit;
	unsigned room;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return wanted ? wanted : 256;
	if (limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max < FILES_MAX ? limit.rlim_max : FILES_MAX;
		setrlimit(RLIMIT_NOFILE, &limit);
		getrlimit(RLIMIT_NOFILE, &limit);
	}
	room = limit.rlim_cur > FILES_MAX ? FILES_MAX : (unsigned)limit.rlim_cur;
	room = room > 2 * FILES_RESERVED ? (room - FILES_RESERVED) / 2 : room / 4;
	if (room > CONNECTIONS_MAX)
		room = CONNECTIONS_MAX;
	return wanted && wanted < room ? wanted : room;
}

/* ---- parts ---- */

/* The slates of all channels in use: asked for now, so that none has to wait for one. */
static void warm_slates(struct server *server)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct db *db = store_reader(server->store, NULL);
	struct channel_list list;
	struct profile profile;

	if (!db || channels_list(db, &arena, &list, NULL) < 0)
		return;
	for (size_t i = 0; i < list.count; i++) {
		const struct channel *channel = &list.channels[i];

		if (channel->enabled && channel->fps_num &&
		    profile_get(channel->profile, channel->fps_num, channel->fps_den, &profile, NULL) >= 0)
			producer_slate(server->producer, &profile, 0, NULL);
	}
}

static int start_station(struct server *server, const struct server_config *config, struct err *err)
{
	CLEANUP(cleanup_free) char *dir = fs_join(store_dir(server->store), "cache");
	struct producer_config producer = {
		.workers = config->workers,
		.limits = { .memory_bytes = config->worker_memory, .program = config->worker_program },
		.context = server,
		.failed = faults_clip_failed,
		.shorter = faults_clip_shorter,
		.decoded = faults_clip_decoded,
	};

	server->time = station_time_open(store_writer(server->store), err);
	if (!server->time || fs_mkdirs(dir, err) < 0)
		return -(int)err->code;
	server->cache = producer.cache = clip_cache_open(dir, config->cache_bytes, err);
	if (!server->cache)
		return -(int)err->code;
	server->producer = producer_start(&producer, err);
	return server->producer ? 0 : -(int)err->code;
}

/* What is told of the time before: only by one that listens, and so was to be watched. */
static void tell_downtime(struct server *server)
{
	struct err err = { 0 };

	if (downtime_begin(store_writer(server->store), server->time, &server->downtime, &err) < 0)
		log_error("station", "look since when nobody served: %s", err.text);
	if (server->downtime.on_purpose && *server->downtime.reason)
		log_info("station", "%s", server->downtime.reason);
	else if (*server->downtime.reason)
		log_warning("station", "%s; the channels are where they would be", server->downtime.reason);
}

static int listen_to(struct server *server, const struct server_config *config, struct err *err)
{
	return listen_open(config->address ? config->address : "127.0.0.1", config->port,
			   config->allow_network, server->url, sizeof(server->url), &server->port, err);
}

static int start_http(struct server *server, const struct server_config *config, int fd, struct err *err)
{
	struct http_config http = { .server = server,
				    .listen_fd = fd,
				    .threads = config->threads ? config->threads : 2,
				    .connections = raise_limits(config->connections) };

	server->http = http_start(&http, err);
	return server->http ? 0 : -(int)err->code;
}

/* The tuner's own face: who it is, and that it is there. */
static void announce(struct server *server, const struct server_config *config)
{
	enum listen_reach reach = listen_reach(config->address ? config->address : "127.0.0.1");
	struct announce_config announce = { .tuner = &server->tuner,
					    .url = reach == LISTEN_ONE ? server->url : NULL,
					    .http_port = server->port,
					    .loopback = reach == LISTEN_LOOPBACK,
					    .discover_port = HDHOMERUN_PORT,
					    .ssdp_port = SSDP_PORT };

	if (config->announce == SERVER_ANNOUNCE_YES ||
	    (config->announce == SERVER_ANNOUNCE_AUTO && reach != LISTEN_LOOPBACK))
		server->announce = announce_start(&announce);
}

static int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

static void on_job(void *context, json_t *job)
{
	struct server *server = context;

	events_publish(server->events, "job", job);
}

static void start_queue(struct server *server)
{
	const struct queue_config config = {
		.store = server->store, .kinds = job_kinds, .context = server, .changed = on_job
	};

	server->queue = queue_start(&config);
}

/* Batches whose process died: their disk may hang, so the queue asks it, and the station is on the air meanwhile. */
static void recover_batches(struct server *server)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct batch_roots roots = { 0 };
	struct db *db = store_writer(server->store);
	int64_t job;
	int rc;

	db_lock(db);
	rc = batches_interrupted_roots(db, &arena, &roots, NULL);
	db_unlock(db);
	if (rc < 0 || !roots.cut)
		return;
	if (server->library)
		library_thread_hold(server->library, roots.ids, roots.count);
	if (queue_add(server->queue, "recover", NULL, &job, NULL) < 0 && server->library)
		library_thread_release(server->library);
}

/* The socket is had first, so that an address that is taken ends it before anything is built; requests are
 * answered last, when all that handlers reach stands. */
static int start_parts(struct server *server, const struct server_config *config, struct err *err)
{
	CLEANUP(cleanup_fd) int fd = -1;
	int rc;

	server->waits = waits_start();
	server->memory = segment_memory_new();
	server->past_watch = past_watch_new();
	server->events = events_new(server->waits);
	if (config->mode != SERVER_MONITOR && (fd = listen_to(server, config, err)) < 0)
		return -(int)err->code;
	rc = start_station(server, config, err);
	if (rc < 0)
		return rc;
	if (config->mode != SERVER_MONITOR)
		tell_downtime(server);
	events_begin(server->events, station_now_ns(server->time) / CLOCK_MS);
	server->organize = config->organize;
	server->tuner.tuners = config->tuners ? config->tuners : TUNER_COUNT;
	if ((rc = tuner_load(store_writer(server->store), &server->tuner, err)) < 0)
		return rc;
	server->pool = pool_start("pool", 3, 3, 1000);
	server->files = pool_start("files", 3, 64, 2000);
	server->folders = pool_start("folders", 2, 2, 16);
	server->on_demand = on_demand_start(server);
	server->thumbnails = thumbnails_new(server);
	server->junk = junk_walks_new();
	if (config->mode != SERVER_SERVE)
		server->library = library_thread_new(server, &config->library);
	server->hearing = config->loudness ? hearing_start(server) : NULL;
	server->builder = builder_start(server);
	server->sleep_watch = sleep_watch_start(server);
	server->measurer = measurer_start(server, config->loudness, config->validate);
	server->encoders = encoders_start(server, config->encoder);
	start_queue(server);
	recover_batches(server);
	if (server->library)
		library_thread_start(server->library);
	return config->mode == SERVER_MONITOR ? 0 : start_http(server, config, take_fd(&fd), err);
}

struct server *server_start(const struct server_config *config, struct err *err)
{
	struct server *server = calloc(1, sizeof(*server));
	struct err cause = { 0 };

	if (!server)
		abort();
	server->store = config->store;
	server->catchup_ns = config->catchup_hours ? config->catchup_hours * 3600 * CLOCK_SECOND : PAST_KEEP_NS;
	server->started_ms = clock_wall_ms();
	server->started_boot_ns = clock_boot_ns();
	snprintf(server->base_url, sizeof(server->base_url), "%s", config->base_url ? config->base_url : "");
	gethostname(server->machine, sizeof(server->machine) - 1);
	if (start_parts(server, config, &cause) < 0) {
		server_stop(server);
		err_set(err, cause.code, "%s", cause.text);
		return NULL;
	}
	warm_slates(server);
	memory_settle();
	if (server->http)
		announce(server, config);
	return server;
}

void server_stop(struct server *server)
{
	if (!server)
		return;
	server->stopping = true;
	if (server->http)
		sleep_watch_mark(server); /* first of all: a disk that hangs may hold up the rest */
	announce_stop(server->announce);
	if (server->http)
		http_quiesce(server->http);
	pool_stop(server->folders);
	pool_stop(server->files);
	pool_stop(server->pool);
	if (server->waits)
		waits_end(server->waits);
	http_stop(server->http);
	library_thread_stop(server->library);
	queue_stop(server->queue);
	encoders_stop(server->encoders);
	measurer_stop(server->measurer);
	hearing_stop(server->hearing);
	builder_stop(server->builder);
	sleep_watch_stop(server->sleep_watch);
	library_thread_free(server->library);
	on_demand_stop(server->on_demand);
	segment_memory_free(server->memory);
	past_watch_free(server->past_watch);
	producer_stop(server->producer);
	encoders_free(server->encoders);
	measurer_free(server->measurer);
	hearing_free(server->hearing);
	thumbnails_free(server->thumbnails);
	junk_walks_free(server->junk);
	clip_cache_close(server->cache);
	station_time_free(server->time);
	events_free(server->events);
	waits_free(server->waits);
	free(server);
}

const char *server_url(const struct server *server)
{
	return server->url;
}

int server_port(const struct server *server)
{
	return server->port;
}

void server_library_changed(struct server *server)
{
	junk_walks_stale(server->junk);
	events_publish(server->events, "library_updated", json_object());
	if (server->library)
		library_thread_poke(server->library);
	else
		builder_library_changed(server->builder);
}

void server_station_changed(struct server *server, int64_t channel_id)
{
	builder_changed(server->builder, channel_id);
}

void server_alert_changed(struct server *server, int64_t alert_id)
{
	struct db *db = store_reader(server->store, NULL);
	json_t *alert = db ? alert_json(db, server->time, alert_id, NULL) : NULL;

	if (alert && json_flag(alert, "resume", false))
		builder_changed(server->builder, 0); /* what lies beyond the lock has moved */
	if (alert)
		events_publish(server->events, "alert", alert);
}

void server_jobs_changed(struct server *server)
{
	queue_poke(server->queue);
}

int server_job_cancel(struct server *server, int64_t job_id, struct err *err)
{
	return queue_cancel(server->queue, job_id, err);
}
