/* api_junk.c - junk and what no rule knows, for review; and putting some into the trash. See library/junk.h. */
#include "base/cleanup.h"
#include "library/junk.h"
#include "server/batch_job.h"
#include "server/handlers.h"
#include "server/parts.h"

#define MAX_LIST 10000
#define MAX_IDS 100000
#define SETTLE_MS (INT64_C(24) * 3600 * 1000)

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static int find(struct http_request *req, int64_t root, struct junk *ret, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	const struct junk_request request = { .globs = or_empty(req->server->organize.junk),
					      .never = or_empty(req->server->organize.never_junk),
					      .root_id = root,
					      .settle_ms = SETTLE_MS };

	return db ? junk_find(db, &request, &req->arena, ret, err) : -(int)err->code;
}

static int answer(struct http_request *req, bool unknown, struct err *err)
{
	struct junk junk;
	int64_t root, limit, offset;

	if (http_param_int(req, "root", 0, INT64_MAX, 0, &root, err) < 0 ||
	    http_param_int(req, "limit", 1, MAX_LIST, 1000, &limit, err) < 0 ||
	    http_param_int(req, "offset", 0, INT64_C(1) << 40, 0, &offset, err) < 0 || find(req, root, &junk, err) < 0)
		return -(int)err->code;
	return http_answer_json(req, 200,
				junk_json(unknown ? &junk.unknown : &junk.junk, (size_t)limit, (size_t)offset));
}

int api_junk_get(struct http_request *req, struct err *err)
{
	return answer(req, false, err);
}

int api_unknown_get(struct http_request *req, struct err *err)
{
	return answer(req, true, err);
}

int api_junk_apply_post(struct http_request *req, struct err *err)
{
	CLEANUP(json_cleanup) json_t *body = json_parse(buf_text(&req->body), req->body.len, err);
	const json_t *list = json_object_get(body, "ids");
	size_t count = json_array_size(list), move_count;
	struct junk junk;
	struct move *moves;
	int64_t *ids;

	if (!body)
		return err_under(err, "the body of the request");
	if (!json_is_array(list) || count > MAX_IDS)
		return err_set(err, ERR_INVALID, "'ids' must be a list of at most %d ids of GET /api/junk", MAX_IDS);
	ids = arena_alloc(&req->arena, (count + 1) * sizeof(*ids));
	for (size_t i = 0; i < count; i++)
		ids[i] = json_integer_value(json_array_get(list, i));
	if (find(req, 0, &junk, err) < 0 || junk_moves(&junk, ids, count, &req->arena, &moves, &move_count, err) < 0)
		return -(int)err->code;
	return batch_job_answer(req, "junk", "", moves, move_count, json_flag(body, "dry_run", false), err);
}
