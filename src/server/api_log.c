/* api_log.c - GET /api/log: {"lines": [...]}, oldest first. */
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "server/handlers.h"

int api_log_get(struct http_request *req, struct err *err)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	CLEANUP(buf_free) struct buf json = { 0 };
	const char *line;
	int64_t lines;
	int rc = http_param_int(req, "lines", 1, 500, 200, &lines, err);

	if (rc < 0)
		return rc;
	log_recent(&text, (unsigned)lines);
	buf_adds(&json, "{\"lines\":[");
	line = buf_text(&text);
	while (*line) {
		size_t len = strcspn(line, "\n");

		if (line != text.data)
			buf_addc(&json, ',');
		buf_add_json(&json, arena_strndup(&req->arena, line, len)); /* lines may hold any bytes */
		line += len + (line[len] != '\0');
	}
	buf_adds(&json, "]}\n");
	http_answer_buf(req, 200, "application/json", &json);
	http_header(req, "Cache-Control", "no-store");
	return 0;
}
