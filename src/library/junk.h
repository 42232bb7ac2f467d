/* junk.h - what lies in the roots and is of no use: by globs, samples, empty folders; and what no rule knows.
 *
 * Names only, read by workers: a disk that hangs costs what is known of its root, not the others. Never junk, whatever a glob says: media, subtitles, NFO files, pictures, and the
 * extensions that settings name (samples are media and have a reason of their own). Nothing is removed here. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "store/moves.h"
#include "store/scan_rows.h"

/* Partial downloads, archives and their checksums, what systems leave behind. */
#define JUNK_GLOBS \
	"*.part *.partial *.crdownload *.download *.!ut *.!qb *.aria2 *.bc! *.tmp *.temp *.r[0-9][0-9] *.s[0-9][0-9] *.rar *.par2 " \
	"*.sfv *.nzb *.torrent *.url *.lnk *.website thumbs.db ehthumbs.db desktop.ini .ds_store ._* *.bak *~"

struct junk_request {
	const char *globs; /* more of them, with spaces between; "" none */
	const char *never; /* more extensions that are no junk, "iso zip" */
	int64_t root_id;   /* 0: all */
	int64_t settle_ms; /* what changed since then is left: a download may be on its way */
	int64_t silent_ms; /* after which a root is given up that says nothing; 0: 10 s */
	volatile bool *cancelled;
};

struct junk_entry {
	int64_t id;	 /* of root and path; the same from one look to the next */
	int64_t root_id, file_id; /* file_id 0: without a row */
	const char *root_path, *path;
	struct file_identity identity;
	bool folder;
	const char *reason; /* "partial download or archive (*.part)" */
};

struct junk_list {
	struct junk_entry *entries;
	size_t count, cap;
	int64_t bytes;
};

struct junk_unread { /* a root that is away or does not answer */
	int64_t root_id;
	const char *root_path, *why;
};

struct junk {
	struct junk_list junk, unknown; /* by root; folders after what lies in them */
	struct junk_unread *unread;
	size_t unread_count, unread_cap;
};

/* `db` is a reader, or the writer (not locked). Blocks for as long as the disks do, but no longer than silent_ms for one
 * that says nothing. A root that could not be read is in `unread`, and nothing of it in the lists. */
int junk_find(struct db *db, const struct junk_request *request, struct arena *arena, struct junk *ret, struct err *err);

/* Steps for journal_write(): files to the trash, empty folders removed. ids NULL: all. */
int junk_moves(const struct junk *junk, const int64_t *ids, size_t id_count, struct arena *arena, struct move **ret,
	       size_t *ret_count, struct err *err);

/* {"total", "bytes", "suggestions": [{reason, count, bytes}], "items": [{id, file_id, path, size, folder, reason}]}; of one
 * root, 0 of all. limit 0: all. */
json_t *junk_json(const struct junk_list *list, int64_t root_id, size_t limit, size_t offset);
json_t *junk_unread_json(const struct junk *junk); /* [{root, path, why}] */
