/* page.c - the page: files embedded at build time (tools/embed.py). A path that is no file is the page itself
 * for a browser that navigates, so that its own addresses can be typed and reloaded. */
#include <string.h>

#include "page_files.h"
#include "server/handlers.h"
#include "server/http.h"

static const struct page_file *find_file(const char *path)
{
	for (const struct page_file *file = page_files; file->path; file++)
		if (strcmp(file->path, path) == 0)
			return file;
	return NULL;
}

/* "gzip" named in Accept-Encoding, and not with a weight of 0 (RFC 9110, 12.5.3). */
static bool takes_gzip(const char *accept)
{
	const char *at = accept ? strstr(accept, "gzip") : NULL;
	const char *weight;

	if (!at)
		return false;
	weight = at + 4 + strspn(at + 4, " \t");
	if (*weight != ';')
		return true;
	weight += 1 + strspn(weight + 1, " \t");
	if (strncmp(weight, "q=0", 3) != 0)
		return true;
	return weight[3] == '.' && strspn(weight + 4, "0") != strcspn(weight + 4, " \t,");
}

static int answer_file(struct http_request *req, const struct page_file *file)
{
	bool gzip = file->gzip && takes_gzip(http_in_header(req, "Accept-Encoding"));
	int tag_len = (int)strlen(file->etag) - 1; /* without the closing quote */
	char tag[64];

	snprintf(tag, sizeof(tag), "%.*s%s\"", tag_len, file->etag, gzip ? "-z" : "");
	if (http_not_modified(req, tag)) {
		http_answer_empty(req, 304);
	} else if (gzip) {
		http_answer_static(req, 200, file->type, file->gzip, file->gzip_len);
		http_header(req, "Content-Encoding", "gzip");
	} else {
		http_answer_static(req, 200, file->type, file->data, file->len);
	}
	http_header(req, "ETag", "%s", tag);
	http_header(req, "Vary", "Accept-Encoding");
	http_header(req, "Cache-Control", "%s",
		    strncmp(file->path, "/assets/", 8) == 0 ? "public, max-age=31536000, immutable"
							    : "no-cache");
	return 0;
}

int page_get(struct http_request *req, struct err *err)
{
	const char *accept = http_in_header(req, "Accept");
	const struct page_file *file = find_file(strcmp(req->path, "/") == 0 ? "/index.html" : req->path);

	if (!file && accept && strstr(accept, "text/html") && strncmp(req->path, "/assets/", 8) != 0)
		file = find_file("/index.html");
	if (file)
		return answer_file(req, file);
	if (!page_files[0].path)
		return err_set(err, ERR_NOT_FOUND,
			       "the page is not part of this build; build it with 'make'. The lineup is at "
			       "/channels.m3u");
	return err_set(err, ERR_NOT_FOUND, "there is nothing at '%.200s'", req->path);
}
