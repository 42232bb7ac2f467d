/* walk_text.h - how a child tells of what it met on a disk: lines of text, the same both ways. Pure.
 *
 *	f DEV INODE SIZE MTIME_NS LINKS PATH	a file (numbers in hex)
 *	b ERRNO PATH				a folder that cannot be read
 *	d DEV					a device that was met
 *	t MTIME_NS PATH				a folder and its time
 * with %XX for bytes of paths that are not plain ASCII. Paths are relative and hold no NUL; the reader trusts
 *no more. */
#pragma once

#include "base/buf.h"
#include "store/scan_rows.h"

void walk_text_file(struct buf *to, const char *path, const struct file_identity *identity, int64_t links);
void walk_text_blind(struct buf *to, const char *folder, int error);
void walk_text_device(struct buf *to, int64_t dev);
void walk_text_folder(struct buf *to, const char *folder, int64_t mtime_ns);

struct walk_text_sink { /* NULL: such a line makes no sense */
	void *context;
	void (*file)(void *context, const char *path, size_t len, const struct file_identity *identity,
		     int64_t links);
	void (*blind)(void *context, const char *folder, int error);
	void (*device)(void *context, int64_t dev);
	void (*folder)(void *context, const char *folder, int64_t mtime_ns);
};

/* Whole lines. ERR_WORKER at the first that makes no sense; those before it were told. */
int walk_text_parse(const char *text, const struct walk_text_sink *sink, struct err *err);
