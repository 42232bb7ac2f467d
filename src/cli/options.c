/* options.c - see options.h. Reading YAML is config_file.c; this file is the table and the order of sources. */
#include "cli/options.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/number.h"
#include "cli/config_file.h"

#define GB (INT64_C(1) << 30)

const struct option_row option_rows[] = {
	{ "data", OPTION_PATH, "", 0, 0, NULL, "",
	  "Folder of the database, the cache and the control socket; default $XDG_DATA_HOME/matinee." },
	{ "log.level", OPTION_CHOICE, "INFO", 0, 0, "DEBUG|INFO|WARNING|ERROR|CRITICAL", "", "What is logged." },
	{ "log.file", OPTION_PATH, "", 0, 0, NULL, "", "Log file, rotated at 10 MB; empty: standard error." },
	{ "server.listen", OPTION_TEXT, "127.0.0.1:8080", 0, 0, NULL, "",
	  "Address and port of the server. Wider than 127.0.0.1 needs server.allow_network." },
	{ "server.allow_network", OPTION_BOOL, "no", 0, 0, NULL, "",
	  "Let other machines in: streams, guide and page are open to whoever reaches the address." },
	{ "server.base_url", OPTION_TEXT, "", 0, 0, NULL, "",
	  "What lineup and guide call this server, like https://tv.example.org, when a proxy stands before it; empty: what clients call it." },
	{ "server.mode", OPTION_CHOICE, "full", 0, 0, "full|server|monitor", "",
	  "full: all; server: streams and page without watching folders; monitor: folders without streams." },
	{ "server.threads", OPTION_INT, "2", 1, 64, NULL, "", "HTTP threads." },
	{ "server.tuners", OPTION_INT, "4", 1, 255, NULL, "",
	  "Channels at a time that programs which take this for an HDHomeRun tuner may play." },
	{ "server.announce", OPTION_CHOICE, "auto", 0, 0, "auto|yes|no", "",
	  "Let programs find the tuner by HDHomeRun discovery and SSDP. auto: when other machines are let in." },
	{ "cache.size", OPTION_SIZE, "20G", 100 << 20, INT64_MAX, NULL, "bytes", "Disk space for prepared segments." },
	{ "encode.workers", OPTION_INT, "0", 0, 64, NULL, "", "Encoders at a time, 16 at most; 0: one for two cores, at most 4." },
	{ "encode.memory", OPTION_SIZE, "4G", 512 << 20, 1024 * GB, NULL, "bytes", "Memory limit of a worker process." },
	{ "library.probe_workers", OPTION_INT, "2", 1, 64, NULL, "", "Files probed at a time." },
	{ "library.scan_every", OPTION_DURATION, "1h", 60000, INT64_C(31536000000), NULL, "duration",
	  "How often the folders are walked while the server runs." },
	{ "library.missing_share", OPTION_INT, "20", 1, 100, NULL, "per cent",
	  "When more than this share of a root's files (and at least 10) is gone at once, none is marked missing." },
	{ "library.full_hash", OPTION_TEXT, "02:00-06:00", 0, 0, NULL, "",
	  "When all bytes of new files are hashed, for duplicates: local time from-to, always or off." },
	{ "library.find_breaks", OPTION_TEXT, "02:00-06:00", 0, 0, NULL, "",
	  "When new films and episodes without breaks are looked through for them, black and silent: local time from-to, always or off." },
	{ "library.validate", OPTION_CHOICE, "auto", 0, 0, "auto|ask", "",
	  "When it is checked that files can be played: auto: before they air, while nothing is encoded; ask: when asked to." },
	{ "library.watch", OPTION_CHOICE, "auto", 0, 0, "auto|poll|off", "",
	  "How changes are heard of: auto: by inotify, and by polling on network mounts; poll: by polling only." },
	{ "library.poll_every", OPTION_DURATION, "5m", 1000, INT64_C(86400000), NULL, "duration",
	  "How often folders that cannot be watched are looked at." },
	{ "library.settle", OPTION_DURATION, "5s", 100, INT64_C(3600000), NULL, "duration",
	  "A new file is touched when it has not grown for this long." },
	{ "library.stall_after", OPTION_DURATION, "10s", 1000, INT64_C(3600000), NULL, "duration",
	  "A disk that is silent for this long is given up for now; the others go on." },
	{ "organize.preset", OPTION_CHOICE, "plex", 0, 0, "perpetual|plex|jellyfin|kodi", "",
	  "Layout of names that 'matinee organize' files by." },
	{ "organize.template", OPTION_TEXT, "", 0, 0, NULL, "", "Layout of your own instead of the preset." },
	{ "organize.garbage_words", OPTION_PATH, "", 0, 0, NULL, "",
	  "File of words that are taken out of titles, one to a line." },
	{ "organize.junk", OPTION_TEXT, "", 0, 0, NULL, "", "More globs of junk, with spaces between." },
	{ "organize.never_junk", OPTION_TEXT, "", 0, 0, NULL, "",
	  "Extensions that are never junk besides media, subtitles, NFO files and pictures, with spaces between." },
	{ "organize.settle", OPTION_DURATION, "10s", 0, 86400000, NULL, "duration",
	  "Files that changed so short a time ago may still be written and are left." },
	{ "station.profile", OPTION_CHOICE, "720p", 0, 0, "480p|720p|1080p|720p-hevc|1080p-hevc|source|source-hevc", "",
	  "Profile of new channels." },
	{ "station.loudness", OPTION_CHOICE, "-23", 0, 0, "-23|off", "LUFS",
	  "Bring what airs to one loudness by a fixed gain a file (EBU R128), peaks of what is sent at or below -1 dBTP; off: as it is." },
	{ "stream.encoder", OPTION_CHOICE, "auto", 0, 0, "auto|libx264|h264_nvenc|h264_qsv|h264_vaapi", "",
	  "Who encodes pictures. auto: a graphics chip where one works, else libx264. One that fails is replaced by libx264." },
	{ "station.catchup_hours", OPTION_INT, "48", 6, 8760, NULL, "hours",
	  "How far back every channel can be watched; of what was sent before, a log is kept for 30 days." },
	{ NULL, OPTION_TEXT, NULL, 0, 0, NULL, NULL, NULL },
};

#define ROWS (sizeof(option_rows) / sizeof(option_rows[0]) - 1)

struct options {
	char *file;
	struct {
		char *text;
		int64_t number;
		enum option_source source;
	} values[ROWS];
};

static size_t row_index(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(option_rows[i].name, name) == 0)
			return i;
	return ROWS;
}

static size_t known_index(const char *name)
{
	size_t i = row_index(name);

	if (i == ROWS)
		abort();
	return i;
}

static int parse_size(const char *text, int64_t *ret)
{
	char *end;
	double value = strtod(text, &end);
	int64_t unit = 1;

	switch (toupper((unsigned char)*end)) {
	case 'K':
		unit = 1 << 10;
		break;
	case 'M':
		unit = 1 << 20;
		break;
	case 'G':
		unit = GB;
		break;
	case 'T':
		unit = 1024 * GB;
		break;
	default:
		break;
	}
	if (unit > 1)
		end++;
	if (toupper((unsigned char)*end) == 'B')
		end++;
	if (end == text || *end || !(value >= 0) || value * (double)unit > 9e18)
		return -1;
	*ret = (int64_t)(value * (double)unit);
	return 0;
}

static int parse_bool(const char *text, int64_t *ret)
{
	static const char *const words[] = { "no", "yes", "false", "true", "off", "on", "0", "1" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcasecmp(text, words[i]) == 0) {
			*ret = (int64_t)(i % 2);
			return 0;
		}
	}
	return -1;
}

bool option_is_choice(const char *choices, const char *text)
{
	size_t n = strlen(text);

	for (const char *at = choices; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
		if (strncasecmp(at, text, n) == 0 && (at[n] == '|' || at[n] == '\0'))
			return true;
	return false;
}

int option_parse(const struct option_row *row, const char *text, int64_t *ret_number, struct err *err)
{
	int64_t n = 0;
	int rc = 0;

	switch (row->type) {
	case OPTION_TEXT:
	case OPTION_PATH:
		break;
	case OPTION_INT:
		rc = number_parse(text, &n);
		break;
	case OPTION_SIZE:
		rc = parse_size(text, &n);
		break;
	case OPTION_DURATION:
		rc = clock_parse_duration(text, &n, NULL);
		break;
	case OPTION_BOOL:
		rc = parse_bool(text, &n);
		if (rc < 0)
			return err_set(err, ERR_USAGE, "%s: '%.60s' is neither yes nor no", row->name, text);
		break;
	case OPTION_CHOICE:
		if (!option_is_choice(row->choices, text))
			return err_set(err, ERR_USAGE, "%s: '%.60s' is none of %s", row->name, text, row->choices);
		break;
	}
	if (rc < 0)
		return err_set(err, ERR_USAGE, "%s: '%.60s' is not a %s", row->name, text,
			       row->type == OPTION_SIZE	      ? "size like 500M or 20G" :
			       row->type == OPTION_DURATION ? "duration like 90, 45m or 2h" :
							      "whole number");
	if ((row->min || row->max) && (n < row->min || n > row->max))
		return err_set(err, ERR_USAGE, "%s: %s is outside %lld to %lld", row->name, text,
			       (long long)row->min, (long long)row->max);
	*ret_number = n;
	return 0;
}

static int set_value(struct options *options, size_t i, const char *text, enum option_source source,
		     struct err *err)
{
	int64_t number = 0;

	if (*text || option_rows[i].type != OPTION_PATH)
		if (option_parse(&option_rows[i], text, &number, err) < 0)
			return -(int)ERR_USAGE;
	free(options->values[i].text);
	options->values[i].text = strdup(text);
	options->values[i].number = number;
	options->values[i].source = source;
	return 0;
}

static int from_file(void *context, const struct config_value *value, struct err *err)
{
	struct options *options = context;
	size_t i = row_index(value->name);

	if (i == ROWS)
		return err_set(err, ERR_USAGE, "there is no setting '%s'; `matinee config show` lists them",
			       value->name);
	return set_value(options, i, value->text, value->profile ? OPTION_PROFILE : OPTION_FILE, err);
}

static char *environment_name(const char *name)
{
	char *text, *c;

	if (asprintf(&text, "MATINEE_%s", name) < 0)
		abort();
	for (c = text; *c; c++)
		*c = *c == '.' ? '_' : (char)toupper((unsigned char)*c);
	return text;
}

static int from_environment(struct options *options, struct err *err)
{
	for (size_t i = 0; i < ROWS; i++) {
		CLEANUP(cleanup_free) char *name = environment_name(option_rows[i].name);
		const char *text = getenv(name);

		if (text && set_value(options, i, text, OPTION_ENVIRONMENT, err) < 0)
			return err_under(err, "environment %s", name);
	}
	return 0;
}

static char *home_file(const char *variable, const char *fallback, const char *name)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	char *path;

	if (base && *base == '/') {
		if (asprintf(&path, "%s/%s", base, name) < 0)
			abort();
	} else if (asprintf(&path, "%s/%s/%s", home && *home ? home : "/root", fallback, name) < 0) {
		abort();
	}
	return path;
}

char *options_default_file(void)
{
	return home_file("XDG_CONFIG_HOME", ".config", "matinee/matinee.yaml");
}

char *options_default_data(void)
{
	return home_file("XDG_DATA_HOME", ".local/share", "matinee");
}

static int load_file(struct options *options, const char *file, const char *profile, struct err *err)
{
	CLEANUP(cleanup_free) char *standard = options_default_file();

	if (!file && access(standard, F_OK) < 0) {
		if (profile)
			return err_set(err, ERR_NOT_FOUND, "profile '%s': there is no %s", profile, standard);
		return 0;
	}
	options->file = strdup(file ? file : standard);
	return config_file_read(options->file, profile, from_file, options, err);
}

struct options *options_load(const char *file, const char *profile, struct err *err)
{
	struct options *options = calloc(1, sizeof(*options));
	CLEANUP(cleanup_free) char *data = options_default_data();

	if (!options)
		abort();
	for (size_t i = 0; i < ROWS; i++)
		if (set_value(options, i, option_rows[i].fallback, OPTION_DEFAULT, err) < 0)
			abort();
	set_value(options, known_index("data"), data, OPTION_DEFAULT, NULL);
	if (load_file(options, file, profile, err) < 0 || from_environment(options, err) < 0) {
		options_free(options);
		return NULL;
	}
	return options;
}

void options_free(struct options *options)
{
	if (!options)
		return;
	for (size_t i = 0; i < ROWS; i++)
		free(options->values[i].text);
	free(options->file);
	free(options);
}

int options_set(struct options *options, const char *name, const char *value, struct err *err)
{
	return set_value(options, known_index(name), value, OPTION_FLAG, err);
}

const char *options_text(const struct options *options, const char *name)
{
	return options->values[known_index(name)].text;
}

int64_t options_int(const struct options *options, const char *name)
{
	return options->values[known_index(name)].number;
}

bool options_flag(const struct options *options, const char *name)
{
	return options_int(options, name) != 0;
}

enum option_source options_source(const struct options *options, const char *name)
{
	return options->values[known_index(name)].source;
}

const char *options_file(const struct options *options)
{
	return options->file ? options->file : "";
}

void options_sample(struct buf *to)
{
	char section[64] = "";

	buf_adds(to, "# Matinee. Every line that is commented out shows the default.\n"
		     "# ${NAME} and ${NAME:-default} are filled from the environment and from a .env file beside this one.\n"
		     "# Sections under `profiles: NAME:` are laid over the rest by --profile NAME.\n");
	for (const struct option_row *row = option_rows; row->name; row++) {
		const char *dot = strchr(row->name, '.');
		const char *key = dot ? dot + 1 : row->name;
		const char *indent = dot ? "  " : "";

		if (dot && (strncmp(section, row->name, (size_t)(dot - row->name)) != 0 ||
			    section[dot - row->name])) {
			snprintf(section, sizeof(section), "%.*s", (int)(dot - row->name), row->name);
			buf_addf(to, "\n%s:\n", section);
		} else {
			buf_addc(to, '\n');
		}
		buf_addf(to, "%s# %s", indent, row->help);
		if (row->choices)
			buf_addf(to, " One of %s.", row->choices);
		buf_addf(to, "\n%s# %s: %s\n", indent, key, *row->fallback ? row->fallback : "\"\"");
	}
}
