/* log.c - see log.h. The one mutable state of the process that is not handed around: where lines go. */
#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define KEEP_LINES 500
#define LINE_MAX_BYTES 1024
#define ROTATE_BYTES (10 * 1024 * 1024)
#define ROTATE_KEEP 5

static struct {
	pthread_mutex_t lock;
	enum log_level level;
	FILE *file;	 /* NULL: stderr */
	char path[4096]; /* of file */
	long written;
	char ring[KEEP_LINES][LINE_MAX_BYTES];
	unsigned next, count;
} log_state = { .lock = PTHREAD_MUTEX_INITIALIZER, .level = LOG_INFO };

static const char *const level_names[] = { "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL" };

int log_level_parse(const char *text)
{
	for (int i = 0; i <= LOG_CRITICAL; i++)
		if (strcasecmp(text, level_names[i]) == 0)
			return i;
	return -1;
}

void log_set_level(enum log_level level)
{
	log_state.level = level;
}

static void rotate(void)
{
	char from[4110], to[4110];

	fclose(log_state.file);
	for (int i = ROTATE_KEEP - 1; i >= 0; i--) {
		if (i)
			snprintf(from, sizeof(from), "%s.%d", log_state.path, i);
		else
			snprintf(from, sizeof(from), "%s", log_state.path);
		snprintf(to, sizeof(to), "%s.%d", log_state.path, i + 1);
		rename(from, to);
	}
	log_state.file = fopen(log_state.path, "ae");
	log_state.written = 0;
}

int log_set_file(const char *path, struct err *err)
{
	FILE *file = NULL;
	struct stat st;

	if (path) {
		file = fopen(path, "ae");
		if (!file)
			return err_errno(err, "open log file '%s'", path);
	}
	pthread_mutex_lock(&log_state.lock);
	if (log_state.file)
		fclose(log_state.file);
	log_state.file = file;
	snprintf(log_state.path, sizeof(log_state.path), "%s", path ? path : "");
	log_state.written = path && stat(path, &st) == 0 ? (long)st.st_size : 0;
	pthread_mutex_unlock(&log_state.lock);
	return 0;
}

/* Control characters in what we are told to log (names of files) must not forge lines. */
static void defuse(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7F)
			*text = '?';
}

/* Where standard error is the journal of systemd (sd-daemon(3)), a line begins with how grave it is, for `journalctl -p`. */
static const char *journal_mark(enum log_level level)
{
	static const char *const marks[] = { "<7>", "<6>", "<4>", "<3>", "<2>" };
	const char *told = getenv("JOURNAL_STREAM");
	char here[64];
	struct stat st;

	if (!told || fstat(STDERR_FILENO, &st) < 0)
		return "";
	snprintf(here, sizeof(here), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(here, told) == 0 ? marks[level] : "";
}

void log_write(enum log_level level, const char *area, const char *format, ...)
{
	char line[LINE_MAX_BYTES], text[LINE_MAX_BYTES - 100];
	int64_t now = clock_wall_ns();
	time_t seconds = (time_t)(now / CLOCK_SECOND);
	struct tm tm;
	va_list args;

	if (level < log_state.level)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	defuse(text);
	localtime_r(&seconds, &tm);
	snprintf(line, sizeof(line), "%04d-%02d-%02d %02d:%02d:%02d.%03d %-7s %s: %s",
		 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		 (int)(now % CLOCK_SECOND / 1000000), level_names[level], area, text);
	pthread_mutex_lock(&log_state.lock);
	memcpy(log_state.ring[log_state.next], line, sizeof(line));
	log_state.next = (log_state.next + 1) % KEEP_LINES;
	if (log_state.count < KEEP_LINES)
		log_state.count++;
	if (log_state.file) {
		log_state.written += fprintf(log_state.file, "%s\n", line);
		fflush(log_state.file);
		if (log_state.written > ROTATE_BYTES)
			rotate();
	} else {
		fprintf(stderr, "%s%s\n", journal_mark(level), line);
	}
	pthread_mutex_unlock(&log_state.lock);
}

void log_recent(struct buf *to, unsigned lines)
{
	pthread_mutex_lock(&log_state.lock);
	if (lines > log_state.count)
		lines = log_state.count;
	for (unsigned i = lines; i > 0; i--) {
		buf_adds(to, log_state.ring[(log_state.next + KEEP_LINES - i) % KEEP_LINES]);
		buf_addc(to, '\n');
	}
	pthread_mutex_unlock(&log_state.lock);
}
