/* fuzz_walk_text.c - lines of a child that walks a disk, any bytes: no crash, paths stay relative, and what
 * was understood is written and understood as the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "library/walk_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct twice {
	struct buf text;
	int files;
};

static void on_file(void *context, const char *path, size_t len, const struct file_identity *identity,
		    int64_t links)
{
	struct twice *t = context;

	if (*path == '/' || strlen(path) != len)
		abort();
	walk_text_file(&t->text, path, identity, links);
	t->files++;
}

static void on_blind(void *context, const char *folder, int error)
{
	struct twice *t = context;

	walk_text_blind(&t->text, folder, error);
}

static void on_device(void *context, int64_t dev)
{
	struct twice *t = context;

	walk_text_device(&t->text, dev);
}

static void on_folder(void *context, const char *folder, int64_t mtime_ns)
{
	struct twice *t = context;

	walk_text_folder(&t->text, folder, mtime_ns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct twice a = { 0 }, b = { 0 };
	struct walk_text_sink sink = { &a, on_file, on_blind, on_device, on_folder };

	memcpy(text, data, size);
	text[size] = '\0';
	walk_text_parse(text, &sink, NULL);
	sink.context = &b;
	if (walk_text_parse(buf_text(&a.text), &sink, NULL) < 0 || a.files != b.files ||
	    strcmp(buf_text(&a.text), buf_text(&b.text)) != 0)
		abort();
	buf_free(&a.text);
	buf_free(&b.text);
	free(text);
	return 0;
}
