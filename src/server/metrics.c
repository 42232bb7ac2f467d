/* metrics.c - GET /metrics: the figures of api_status.c and the counters, in Prometheus' text format 0.0.4.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "server/handlers.h"
#include "server/library_thread.h"
#include "server/on_demand.h"
#include "server/parts.h"
#include "store/channels.h"
#include "store/items.h"

static void head(struct buf *to, const char *name, const char *type, const char *help)
{
	buf_addf(to, "# HELP matinee_%s %s\n# TYPE matinee_%s %s\n", name, help, name, type);
}

/* A label's value: backslash, quote and newline are written with a backslash. */
static void labelled(struct buf *to, const char *name, const char *label, const char *value, int64_t number)
{
	buf_addf(to, "matinee_%s{%s=\"", name, label);
	for (; *value; value++) {
		if (strchr("\\\"\n", *value))
			buf_addc(to, '\\');
		buf_addc(to, *value == '\n' ? 'n' : *value);
	}
	buf_addf(to, "\"} %lld\n", (long long)number);
}

static void gauge(struct buf *to, const char *name, const char *help, double value)
{
	head(to, name, "gauge", help);
	buf_addf(to, "matinee_%s %.15g\n", name, value);
}

static void counter(struct buf *to, const char *name, const char *help, double value)
{
	head(to, name, "counter", help);
	buf_addf(to, "matinee_%s %.15g\n", name, value);
}

static void add_house(struct buf *to, struct server *server)
{
	int64_t station_ms = station_to_wall_ms(server->time, station_now_ns(server->time));

	head(to, "build_info", "gauge", "The version that runs.");
	labelled(to, "build_info", "version", MATINEE_VERSION, 1);
	gauge(to, "uptime_seconds", "Since the server started.",
	      (double)(clock_boot_ns() - server->started_boot_ns) / (double)CLOCK_SECOND);
	gauge(to, "station_time_offset_seconds", "The station's clock less the clock of this machine.",
	      (double)(station_ms - clock_wall_ms()) / 1000.0);
}

static void add_channels(struct buf *to, struct server *server, const struct channel_list *list)
{
	size_t enabled = 0;

	for (size_t i = 0; i < list->count; i++)
		enabled += list->channels[i].enabled;
	head(to, "channels", "gauge", "Channels by whether they are on the air.");
	labelled(to, "channels", "state", "enabled", (int64_t)enabled);
	labelled(to, "channels", "state", "disabled", (int64_t)(list->count - enabled));
	gauge(to, "channels_watched", "Channels that were asked for in the last 30 seconds.",
	      on_demand_channels(server->on_demand));
	gauge(to, "viewers", "Players that asked for something in the last 15 seconds.",
	      on_demand_viewers(server->on_demand, 0));
}

static void add_workers(struct buf *to, struct producer *producer)
{
	CLEANUP(json_cleanup) json_t *workers = producer_workers(producer);
	CLEANUP(json_cleanup)
	json_t *jobs = json_pack("{s:i, s:i, s:i, s:i}", "idle", 0, "encode", 0, "prepare", 0, "slate", 0);
	const char *job;
	json_t *value;
	size_t i;

	json_array_foreach(workers, i, value)
	{
		job = json_text(value, "job", "idle");
		json_object_set_new(jobs, job, json_integer(json_int(jobs, job, 0) + 1));
	}
	head(to, "workers", "gauge", "Worker processes by what they do.");
	json_object_foreach(jobs, job, value) labelled(to, "workers", "job", job, json_integer_value(value));
	gauge(to, "encode_speed_ratio",
	      "Recent speed of encoding, times real time; 0 when nothing was encoded yet.",
	      producer_speed(producer));
	gauge(to, "encode_effort_off", "Effort that is left off: 0 none, 1 less analysis, 2 a smaller picture too.",
	      producer_effort(producer));
}

static void add_cache(struct buf *to, struct clip_cache *cache)
{
	struct clip_cache_totals totals = clip_cache_totals(cache);

	gauge(to, "cache_bytes", "Prepared segments on disk.", (double)totals.bytes);
	gauge(to, "cache_limit_bytes", "How much of them is kept.", (double)totals.limit);
	gauge(to, "cache_segments", "Prepared segments on disk.", (double)totals.segments);
	counter(to, "cache_hits_total", "Segments that were asked of the cache and there.",
		(double)totals.hits);
	counter(to, "cache_misses_total", "Segments that were asked of the cache and not there.",
		(double)totals.misses);
	counter(to, "cache_evicted_total", "Segments that were removed to make room.", (double)totals.evicted);
	counter(to, "cache_write_errors_total", "Segments that the disk would not take.", (double)totals.write_errors);
	gauge(to, "cache_memory_bytes", "Segments that are held in memory, since the disk would not take them.",
	      (double)totals.memory_bytes);
}

static void add_counters(struct buf *to, struct counters *counters)
{
	static const char *const classes[] = { "", "1xx", "2xx", "3xx", "4xx", "5xx" };

	head(to, "http_requests_total", "counter", "Requests answered, by the class of the status.");
	for (size_t i = 1; i < ARRAY_LEN(classes); i++)
		labelled(to, "http_requests_total", "code", classes[i], (int64_t)counters->requests[i]);
	counter(to, "http_body_bytes_total", "Bytes of answers, headers not counted.",
		(double)counters->body_bytes);
	counter(to, "playlists_total", "Live HLS playlists served.", (double)counters->playlists);
	counter(to, "playlist_seconds_total", "Time it took to make them.",
		(double)counters->playlist_ns / (double)CLOCK_SECOND);
	head(to, "segments_total", "counter",
	     "Segments served: clips, slate by the schedule, slate that stands in for a clip that was not "
	     "ready.");
	labelled(to, "segments_total", "kind", "clip", (int64_t)counters->clips);
	labelled(to, "segments_total", "kind", "slate", (int64_t)counters->slates);
	labelled(to, "segments_total", "kind", "stand_in", (int64_t)counters->stand_ins);
	counter(to, "segments_waited_total", "Segments that were not ready when they were asked for.",
		(double)counters->waited);
	counter(to, "segments_late_total", "Segments that were not ready when the wait for them ended.",
		(double)counters->late);
}

static void add_library(struct buf *to, const json_t *counts)
{
	json_t *kinds = json_object_get(counts, "kinds"), *value;
	const char *kind;

	head(to, "library_items", "gauge", "Items of the library by kind.");
	json_object_foreach(kinds, kind, value)
		labelled(to, "library_items", "kind", kind, json_integer_value(value));
	gauge(to, "library_files", "Files of the library.", json_number(counts, "files", 0));
	gauge(to, "library_files_missing", "Files that cannot be seen now.",
	      json_number(counts, "missing", 0));
	gauge(to, "library_files_failed", "Files that cannot be used.", json_number(counts, "failed", 0));
	gauge(to, "library_files_unprobed", "Files that were not looked into yet.",
	      json_number(counts, "unprobed", 0));
	gauge(to, "library_roots", "Folders that are known.", json_number(counts, "roots", 0));
}

static void add_scan(struct buf *to, struct library_thread *library)
{
	CLEANUP(json_cleanup) json_t *scan = library_thread_json(library);

	gauge(to, "scan_running", "1 while the folders are walked.", json_flag(scan, "running", false));
	gauge(to, "scan_files_seen", "Files seen by the scan.", json_number(scan, "seen", 0));
	gauge(to, "scan_files_probed", "Files looked into by the scan.", json_number(scan, "probed", 0));
	gauge(to, "scan_files_to_probe", "Files that the scan has to look into.",
	      json_number(scan, "to_probe", 0));
}

int metrics_get(struct http_request *req, struct err *err)
{
	struct server *server = req->server;
	struct db *db = store_reader(server->store, err);
	CLEANUP(json_cleanup) json_t *counts = db ? items_counts_json(db, err) : NULL;
	CLEANUP(buf_free) struct buf text = { 0 };
	struct channel_list channels;

	if (!counts || channels_list(db, &req->arena, &channels, err) < 0)
		return -(int)err->code;
	add_house(&text, server);
	add_channels(&text, server, &channels);
	add_workers(&text, server->producer);
	add_cache(&text, server->cache);
	add_counters(&text, &server->counters);
	add_library(&text, counts);
	add_scan(&text, server->library);
	http_answer_buf(req, 200, "text/plain; version=0.0.4; charset=utf-8", &text);
	http_header(req, "Cache-Control", "no-store");
	return 0;
}
