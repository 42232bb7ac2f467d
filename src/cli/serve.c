/* serve.c - `matinee serve`: the server until it is told to end. What it is made of is server/server.h. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "cli/command.h"
#include "library/window.h"
#include "cli/control.h"
#include "cli/options.h"
#include "server/origin.h"
#include "server/server.h"
#include "stream/producer.h"

#define END_SECONDS 20 /* that an end takes at most */

/* "127.0.0.1:8080", "[::1]:8080", "127.0.0.1" (the port stays), ":8080" (the address stays). */
static int split_listen(const char *text, char *address, size_t size, int *port, struct err *err)
{
	const char *colon = strrchr(text, ':'), *start = text;
	size_t len = colon ? (size_t)(colon - text) : strlen(text);
	char *end;
	long number;

	if (*text == '[') {
		const char *close = strchr(text, ']');

		if (!close || (close[1] && close[1] != ':'))
			goto bad;
		start = text + 1;
		len = (size_t)(close - start);
		colon = close[1] ? close + 1 : NULL;
	} else if (colon && strchr(text, ':') != colon) { /* a bare IPv6 address */
		colon = NULL;
		len = strlen(text);
	}
	if (len >= size)
		goto bad;
	if (len) {
		memcpy(address, start, len);
		address[len] = '\0';
	}
	if (!colon)
		return 0;
	number = strtol(colon + 1, &end, 10);
	if (end == colon + 1 || *end || number < 0 || number > 65535)
		goto bad;
	*port = (int)number;
	return 0;
bad:
	return err_set(err, ERR_USAGE, "'%.100s' is no address to listen on; write it like 127.0.0.1:8080",
		       text);
}

static enum server_mode mode_of(const char *text)
{
	return strcmp(text, "server") == 0    ? SERVER_SERVE
	       : strcmp(text, "monitor") == 0 ? SERVER_MONITOR
					      : SERVER_FULL;
}

static enum server_announce announce_of(const char *text)
{
	return strcasecmp(text, "yes") == 0 ? SERVER_ANNOUNCE_YES :
	       strcasecmp(text, "no") == 0  ? SERVER_ANNOUNCE_NO :
					      SERVER_ANNOUNCE_AUTO;
}

/* A size flag is read like the option of the same meaning: "20G". */
static int size_flag(const struct command_context *ctx, const char *flag, const char *option, int64_t *ret,
		     struct err *err)
{
	const char *text = command_text(ctx, flag, NULL);
	const struct option_row *row = option_rows;

	*ret = options_int(ctx->options, option);
	while (row->name && strcmp(row->name, option) != 0)
		row++;
	if (!text || !row->name)
		return 0;
	return option_parse(row, text, ret, err) < 0 ? err_under(err, "--%s", flag) : 0;
}

/* Without the slash at its end. */
static int read_base_url(const struct options *options, char *to, size_t size, struct err *err)
{
	const char *text = options_text(options, "server.base_url");
	size_t n = strlen(text);

	snprintf(to, size, "%s", text);
	if (n && n < size && to[n - 1] == '/')
		to[n - 1] = '\0';
	if (n < size && (!n || origin_url_ok(to)))
		return 0;
	return err_set(err, ERR_USAGE, "server.base_url: '%.100s' is no address like https://tv.example.org (no path can follow)", text);
}

static int configure(const struct command_context *ctx, struct server_config *config, char *address,
		     size_t size, struct err *err)
{
	const struct options *options = ctx->options;
	struct window window;
	int64_t port, workers;
	int rc;

	config->store = ctx->store;
	config->address = address;
	if ((rc = split_listen(options_text(options, "server.listen"), address, size, &config->port, err)) <
		    0 ||
	    (rc = split_listen(command_text(ctx, "listen", ""), address, size, &config->port, err)) < 0 ||
	    (rc = command_int(ctx, "port", 0, 65535, config->port, &port, err)) < 0 ||
	    (rc = command_int(ctx, "workers", 0, PRODUCER_WORKERS_MAX, options_int(options, "encode.workers"), &workers, err)) <
		    0 ||
	    (rc = size_flag(ctx, "cache-size", "cache.size", &config->cache_bytes, err)) < 0)
		return rc;
	config->port = (int)port;
	config->workers = (unsigned)workers;
	config->worker_memory = (uint64_t)options_int(options, "encode.memory");
	config->threads = (unsigned)options_int(options, "server.threads");
	config->library = (struct server_library){
		.probe_workers = (unsigned)options_int(options, "library.probe_workers"),
		.scan_every_ms = options_int(options, "library.scan_every"),
		.settle_ms = options_int(options, "library.settle"),
		.poll_ms = options_int(options, "library.poll_every"),
		.stall_ms = options_int(options, "library.stall_after"),
		.missing_share = (int)options_int(options, "library.missing_share"),
		.watch = strcmp(options_text(options, "library.watch"), "off") != 0,
		.poll_only = strcmp(options_text(options, "library.watch"), "poll") == 0,
		.full_hash = options_text(options, "library.full_hash"),
		.find_breaks = options_text(options, "library.find_breaks"),
	};
	if (window_parse(config->library.full_hash, &window, err) < 0)
		return err_under(err, "library.full_hash");
	if (window_parse(config->library.find_breaks, &window, err) < 0)
		return err_under(err, "library.find_breaks");
	config->validate = strcmp(options_text(options, "library.validate"), "ask") != 0;
	config->loudness = strcmp(options_text(options, "station.loudness"), "off") != 0;
	config->encoder = options_text(options, "stream.encoder");
	config->catchup_hours = (unsigned)options_int(options, "station.catchup_hours");
	config->tuners = (unsigned)options_int(options, "server.tuners");
	config->organize = (struct server_organize){ options_text(options, "organize.preset"),
						     options_text(options, "organize.garbage_words"),
						     options_text(options, "organize.junk"),
						     options_text(options, "organize.never_junk"),
						     options_int(options, "organize.settle") };
	config->announce = announce_of(options_text(options, "server.announce"));
	config->mode = mode_of(command_text(ctx, "mode", options_text(options, "server.mode")));
	config->allow_network =
		command_switch(ctx, "allow-network") || options_flag(options, "server.allow_network");
	return 0;
}

static void library_changed(void *server)
{
	server_library_changed(server);
}

static void station_changed(void *server, int64_t channel_id)
{
	server_station_changed(server, channel_id);
}

static void alert_changed(void *server, int64_t alert_id)
{
	server_alert_changed(server, alert_id);
}

static void jobs_changed(void *server)
{
	server_jobs_changed(server);
}

static json_t *status(void *server, struct err *err)
{
	return server_status_json(server, err);
}

static int job_cancel(void *server, int64_t job_id, struct err *err)
{
	return server_job_cancel(server, job_id, err);
}

static void say_where(const struct command_context *ctx, const struct server *server)
{
	const char *url = server_url(server);

	if (!*url)
		fputs("Watching the library; nothing is served (--mode monitor).\n", ctx->out);
	else
		fprintf(ctx->out, "Page      %s/\nChannels  %s/channels.m3u\nGuide     %s/xmltv.xml\n", url,
			url, url);
	fflush(ctx->out);
}

static void *run_out(void *nothing)
{
	const struct timespec patience = { .tv_sec = END_SECONDS };

	(void)nothing;
	nanosleep(&patience, NULL);
	log_warning("server", "something does not answer, as a disk that hangs; it is left behind");
	_exit(0);
}

/* A thread that asks a disk which hangs cannot be ended. Nothing is lost by going all the same: whatever was acknowledged is
 * on disk, as after a crash. */
static void end_in_time(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run_out, NULL) == 0)
		pthread_detach(thread);
}

static int serve_run(struct command_context *ctx, struct err *err)
{
	struct server_config config = { 0 };
	struct command_server hooks = { .library_changed = library_changed,
					.station_changed = station_changed,
					.alert_changed = alert_changed,
					.jobs_changed = jobs_changed,
					.job_cancel = job_cancel,
					.status = status };
	struct run_house house = { .store = ctx->store, .options = ctx->options, .server = &hooks };
	const struct timespec pause = { .tv_sec = 1 }; /* a signal ends it: the kernel hands it to the first thread */
	char address[256] = "127.0.0.1", base_url[280];
	struct control *control;
	struct server *server;
	int rc = configure(ctx, &config, address, sizeof(address), err);

	if (rc == 0)
		rc = read_base_url(ctx->options, base_url, sizeof(base_url), err);
	config.base_url = base_url;
	if (rc < 0)
		return rc;
	memory_frugal();
	server = server_start(&config, err);
	if (!server)
		return -(int)err->code;
	hooks.server = server;
	control = control_start(&house, err);
	if (control) {
		say_where(ctx, server);
		log_info("server", "matinee " MATINEE_VERSION " is on the air at %s", server_url(server));
		while (!*ctx->cancelled)
			nanosleep(&pause, NULL);
		log_info("server", "stopping");
	} else {
		rc = -(int)err->code;
	}
	control_stop(control);
	end_in_time();
	server_stop(server);
	return rc;
}

static const struct command_option serve_options[] = {
	{ "listen", 0, "ADDR:PORT", NULL, "Where to listen; wider than 127.0.0.1 needs --allow-network." },
	{ "port", 'p', "N", NULL, "Port alone; 0 takes any free one." },
	{ "mode", 0, "MODE", "full|server|monitor",
	  "full: all; server: without watching folders; monitor: folders without streams." },
	{ "cache-size", 0, "SIZE", NULL, "Disk space for prepared segments, like 20G." },
	{ "workers", 0, "N", NULL, "Encoders at a time; 0: one for two cores, at most 4." },
	{ "allow-network", 0, NULL, NULL, "Let other machines in." },
	{ NULL, 0, NULL, NULL, NULL },
};

const struct command serve_command = {
	.name = "serve",
	.args = "",
	.help = "Run the station: channels, guide, page and API, until Ctrl-C.\n"
		"Prints the addresses of the page, the lineup and the guide once it answers.",
	.needs = NEEDS_SERVER_LOCK,
	.options = serve_options,
	.run = serve_run,
};
