/* media_file.c - /media/ID/file: the original, with ranges (RFC 9110, 14). The file may lie on a file system
 * that hangs: opening and reading happen in a pool, block by block, and the connection's thread only copies.
 */
#include "server/media_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "server/handlers.h"
#include "server/parts.h"
#include "server/pool.h"
#include "server/range.h"
#include "store/items.h"

#define READ_BLOCK ((size_t)256 << 10)
#define STALL_SECONDS 300u /* a paused player holds its connection */

struct transfer {
	struct http_request *req;
	int fd;
	int64_t pos, end; /* of the file: next to be read, end of the range */
	char *block;
	ssize_t len; /* in block; <0: reading failed */
	size_t sent;
};

static void transfer_free(void *state)
{
	struct transfer *transfer = state;

	cleanup_fd(&transfer->fd);
	free(transfer->block);
	free(transfer);
}

/* ---- finding the file ---- */

/* The first file of the item that is not missing, else its first. 0: none. */
static int64_t file_of(const json_t *item)
{
	const json_t *files = json_object_get(item, "files"), *file;
	size_t i;

	json_array_foreach(files, i, file) if (strcmp(json_text(file, "state", ""), "missing") !=
					       0) return json_int(file, "id", 0);
	return json_int(json_array_get(files, 0), "id", 0);
}

int media_open(struct http_request *req, int64_t item_id, struct file *ret_file, int *ret_fd, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	CLEANUP(json_cleanup) json_t *item = db ? items_json(db, item_id, err) : NULL;
	CLEANUP(cleanup_fd) int root_fd = -1;
	struct root root;
	int64_t id;
	int rc;

	if (!item)
		return -(int)err->code;
	id = file_of(item);
	if (!id)
		return err_set(err, ERR_NOT_FOUND, "item %lld has no file", (long long)item_id);
	if ((rc = files_get(db, id, &req->arena, ret_file, err)) < 0 ||
	    (rc = roots_get(db, ret_file->root_id, &req->arena, &root, err)) < 0)
		return rc;
	root_fd = open(root.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		return err_errno(err, "open the folder '%s'", root.path);
	*ret_fd = fs_open_beneath(root_fd, ret_file->path, err);
	return *ret_fd < 0 ? -(int)err->code : 0;
}

static const char *type_of(const char *path)
{
	static const struct {
		const char *ending, *type;
	} types[] = {
		{ ".mp4", "video/mp4" },	{ ".m4v", "video/mp4" },   { ".mov", "video/quicktime" },
		{ ".mkv", "video/x-matroska" }, { ".webm", "video/webm" }, { ".avi", "video/x-msvideo" },
		{ ".ts", "video/mp2t" },	{ ".m2ts", "video/mp2t" }, { ".mts", "video/mp2t" },
		{ ".mpg", "video/mpeg" },	{ ".mpeg", "video/mpeg" }, { ".vob", "video/mpeg" },
		{ ".wmv", "video/x-ms-wmv" },	{ ".flv", "video/x-flv" }, { ".ogv", "video/ogg" },
		{ ".mp3", "audio/mpeg" },	{ ".m4a", "audio/mp4" },   { ".flac", "audio/flac" },
		{ ".ogg", "audio/ogg" },	{ ".opus", "audio/ogg" },  { ".wav", "audio/wav" },
	};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < ARRAY_LEN(types); i++)
		if (strcasecmp(dot, types[i].ending) == 0)
			return types[i].type;
	return "application/octet-stream";
}

/* ---- sending it ---- */

static void read_block(void *context)
{
	struct transfer *transfer = context;
	size_t want = READ_BLOCK;

	if ((int64_t)want > transfer->end - transfer->pos)
		want = (size_t)(transfer->end - transfer->pos);
	do
		transfer->len = pread(transfer->fd, transfer->block, want, transfer->pos);
	while (transfer->len < 0 && errno == EINTR);
	if (transfer->len == 0)
		transfer->len = -1; /* shorter than it was */
	else if (transfer->len > 0)
		transfer->pos += transfer->len;
	transfer->sent = 0;
	http_resume(transfer->req);
}

static ssize_t send_file(struct http_request *req, uint64_t pos, char *to, size_t max)
{
	struct transfer *transfer = req->state;
	size_t n;

	(void)pos;
	if (transfer->len < 0)
		return HTTP_READ_FAILED;
	if (transfer->sent == (size_t)transfer->len) {
		if (!waits_suspend(req->server->waits, &req->wait, WAIT_ANY, -1))
			return HTTP_READ_FAILED;
		transfer->len = 0;
		transfer->sent = 0;
		if (pool_submit(req->server->files, read_block, transfer))
			return 0;
		transfer->len = -1;
		http_resume(req);
		return 0;
	}
	n = (size_t)transfer->len - transfer->sent;
	if (n > max)
		n = max;
	memcpy(to, transfer->block + transfer->sent, n);
	transfer->sent += n;
	return (ssize_t)n;
}

/* Strong: the same file unchanged. */
static void tag_of(const struct stat *st, char *to, size_t size)
{
	snprintf(to, size, "\"%llx-%llx-%llx-%llx\"", (unsigned long long)st->st_dev,
		 (unsigned long long)st->st_ino, (unsigned long long)st->st_size,
		 (unsigned long long)st->st_mtim.tv_sec * 1000000000ull +
			 (unsigned long long)st->st_mtim.tv_nsec);
}

static void describe(struct http_request *req, const char *tag)
{
	http_header(req, "ETag", "%s", tag);
	http_header(req, "Accept-Ranges", "bytes");
	http_header(req, "Cache-Control", "private, no-cache");
}

static int answer_range(struct http_request *req, const struct file *file, int fd, const struct stat *st,
			struct range range)
{
	struct transfer *transfer = calloc(1, sizeof(*transfer));

	if (!transfer || !(transfer->block = malloc(READ_BLOCK)))
		abort();
	transfer->req = req;
	transfer->fd = fd;
	transfer->pos = range.first;
	transfer->end = range.first + range.length;
	req->state = transfer;
	req->state_free = transfer_free;
	http_set_timeout(req, STALL_SECONDS);
	http_answer_reader(req, range.kind == RANGE_PART ? 206 : 200, type_of(file->path), range.length,
			   (size_t)64 << 10, send_file);
	if (range.kind == RANGE_PART)
		http_header(req, "Content-Range", "bytes %lld-%lld/%lld", (long long)range.first,
			    (long long)(range.first + range.length - 1), (long long)st->st_size);
	return 0;
}

int media_file_get(struct http_request *req, struct err *err)
{
	const char *condition = http_in_header(req, "If-Range"), *header = http_in_header(req, "Range");
	CLEANUP(cleanup_fd) int fd = -1;
	struct range range;
	struct file file;
	struct stat st;
	char tag[96];
	int rc = media_open(req, req->param[0], &file, &fd, err);

	if (rc < 0)
		return rc;
	if (fstat(fd, &st) < 0)
		return err_errno(err, "look at the file of item %lld", (long long)req->param[0]);
	tag_of(&st, tag, sizeof(tag));
	if (condition && strcmp(condition, tag) != 0)
		header = NULL;
	range = range_parse(header, st.st_size);
	if (http_not_modified(req, tag)) {
		http_answer_empty(req, 304);
	} else if (range.kind == RANGE_UNSATISFIABLE) {
		http_answer_empty(req, 416);
		http_header(req, "Content-Range", "bytes */%lld", (long long)st.st_size);
	} else {
		answer_range(req, &file, fd, &st, range);
		fd = -1;
	}
	describe(req, tag);
	return 0;
}
