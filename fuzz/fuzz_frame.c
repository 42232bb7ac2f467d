/* fuzz_frame.c - what a worker that was taken over may send: frames in pieces of any size, of any length and content. They
 * come out one by one, each an object within the limit, or the connection is refused for good.
 * Input: the first byte says how the bytes are cut; the rest are the bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "jobs/worker.h"
#include "jobs/worker_frame.h"
#include "station/schedule.h"
#include "stream/clip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the supervisor and the worker make of a message. */
static void use(const json_t *message)
{
	struct arena arena = { 0 };
	struct schedule_rules rules;
	struct clip clip;
	char *text = json_dumps(message, 0), *path = json_path(message, "path");

	clip_from_json(message, &arena, &clip, NULL);
	clip_from_json(json_object_get(message, "clip"), &arena, &clip, NULL);
	if (text && schedule_parse(text, &arena, &rules, NULL) >= 0) {
		json_t *again = schedule_json(&rules);
		char *written = json_dumps(again, 0);

		if (!written || schedule_parse(written, &arena, &rules, NULL) < 0)
			abort(); /* what we write we read */
		free(written);
		json_decref(again);
	}
	free(text);
	free(path);
	arena_free(&arena);
}

static bool take_all(struct frame_reader *reader)
{
	const char *text;
	size_t len;
	int rc;

	for (;;) {
		json_t *message = NULL;

		rc = frame_take_text(reader, &text, &len, NULL);
		if (rc > 0 && len && memchr(text, 0, len) == text + len)
			abort(); /* reads every byte */
		if (rc == 0 && (rc = frame_take(reader, &message, NULL)) > 0 && !json_is_object(message))
			abort();
		if (message)
			use(message);
		json_decref(message);
		if (rc <= 0)
			return rc == 0;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame_reader reader;
	int fds[2];
	bool sound = true;

	if (size < 2 || size > 65536 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return 0;
	frame_reader_init(&reader);
	for (size_t at = 1, step = data[0] + 1u; sound && at < size; at += step) {
		size_t n = size - at < step ? size - at : step;

		if (write(fds[0], data + at, n) != (ssize_t)n || frame_fill(&reader, fds[1], false) != (ssize_t)n)
			abort();
		sound = take_all(&reader);
	}
	if (sound && reader.in.len - reader.taken > WORKER_MESSAGE_MAX + 4)
		abort();
	frame_reader_free(&reader);
	close(fds[0]);
	close(fds[1]);
	return 0;
}
