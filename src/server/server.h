/* server.h - the house while it runs: HTTP, the encode workers, the timeline builder and the library thread
 * over one store. Knows no command line (cli/serve.c) and no control socket (cli/control.c). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "store/store.h"

enum server_mode {
	SERVER_FULL,	/* everything */
	SERVER_SERVE,	/* answers, but does not look for new files */
	SERVER_MONITOR, /* looks for new files and builds, but listens nowhere */
};

enum server_announce {
	SERVER_ANNOUNCE_AUTO, /* when it listens wider than this machine */
	SERVER_ANNOUNCE_NO,
	SERVER_ANNOUNCE_YES,  /* to this machine alone, when it listens there only */
};

/* How the library is kept up to date; zeroed: as the configuration has it by default, but without watching. */
struct server_library {
	unsigned probe_workers;	   /* 0: 2 */
	int64_t scan_every_ms;	   /* 0: an hour */
	int64_t settle_ms;	   /* files that changed so short a time ago are left; 0: none */
	int64_t poll_ms;	   /* 0: 5 minutes */
	int64_t stall_ms;	   /* a silent disk is given up after; 0: 10 s */
	int missing_share;	   /* per cent; 0: 20 */
	bool watch, poll_only;	   /* hear of changes; by polling alone */
	const char *full_hash;	   /* part of the day, library/window.h; NULL: off */
	const char *find_breaks;   /* the same */
};

/* How files are filed and what is junk; texts outlive the server. NULL and 0: defaults. */
struct server_organize {
	const char *preset, *garbage_words, *junk, *never_junk;
	int64_t settle_ms;
};

struct server_config {
	struct store *store; /* opened for writing; outlives the server */
	enum server_mode mode;
	const char *address;	    /* "127.0.0.1", "::1", "0.0.0.0"; NULL: loopback */
	const char *base_url;	    /* "https://tv.example.org", as it is called from outside; NULL or "": as clients say */
	int port;		    /* 0: any free one */
	bool allow_network;	    /* an address other than loopback is meant */
	int64_t cache_bytes;	    /* 0: the cache's own default */
	unsigned workers;	    /* for encoding; 0: by cores */
	const char *worker_program; /* NULL: this program */
	uint64_t worker_memory;	    /* bytes each; 0: the worker's own default */
	unsigned connections;	    /* at most; 0: by the limit of open files */
	unsigned threads;	    /* for HTTP; 0: 2 */
	struct server_library library;
	bool loudness;		    /* sound is brought to -23 LUFS */
	const char *encoder;	    /* "auto" or its name in libavcodec; NULL: auto */
	bool validate;		    /* files are checked before they air */
	unsigned catchup_hours;	    /* how far back a channel can be watched; 0: 48 */
	unsigned tuners;	    /* that clients of the HDHomeRun emulation may use; 0: 4 */
	enum server_announce announce; /* that emulation on the network */
	struct server_organize organize;
};

struct server;

/* Returns once it listens. ERR_DENIED for a wide address without allow_network, ERR_BUSY for a port in use.
 */
struct server *server_start(const struct server_config *config, struct err *err);
void server_stop(struct server *server); /* NULL is fine */

/* "http://127.0.0.1:8080"; "" in SERVER_MONITOR. */
const char *server_url(const struct server *server);
int server_port(const struct server *server);

/* How the house is, as GET /api/status answers. Any thread. New reference; NULL with err. */
json_t *server_status_json(struct server *server, struct err *err);

/* For commands that came over the control socket; from any thread, at once. */
void server_library_changed(struct server *server);
void server_station_changed(struct server *server, int64_t channel_id); /* 0: all */
void server_alert_changed(struct server *server, int64_t alert_id); /* it runs, or has been cancelled */
void server_jobs_changed(struct server *server);		    /* rows were added: run them */
int server_job_cancel(struct server *server, int64_t job_id, struct err *err);
