/* libav_words.c - see libav_words.h. libav has one callback for the process, without a context: who listens is known by thread. */
#include "stream/libav_words.h"

#include <stdio.h>
#include <string.h>

#include <libavutil/log.h>

static _Thread_local struct libav_words *listener;

/* What goes on with the last (" -> ...") is no sentence of its own. A line that ends inside of a sentence (h264_qsv says
 * "handle\n: device failed") goes on. */
static void add(struct libav_words *words, char *text)
{
	size_t len = strlen(words->text), end;

	while (*text == ' ')
		text++;
	for (char *at = text; (at = strstr(at, "\n:"));)
		memmove(at, at + 1, strlen(at));
	for (end = strlen(text); end > 0 && strchr("\n .", text[end - 1]); end--)
		text[end - 1] = '\0';
	if (text[0])
		snprintf(words->text + len, sizeof(words->text) - len, "%s%s", !len ? "" : text[0] == '-' ? " " : "; ", text);
}

static void hear(void *from, int level, const char *format, va_list args)
{
	char text[sizeof(listener->text)];

	if (!listener) {
		av_log_default_callback(from, level, format, args);
	} else if (level <= AV_LOG_ERROR) {
		vsnprintf(text, sizeof(text), format, args);
		add(listener, text);
	}
}

void libav_words_listen(struct libav_words *words)
{
	if (words)
		words->text[0] = '\0';
	listener = words;
	av_log_set_callback(hear);
}
