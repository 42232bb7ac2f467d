/* api_organize.c - filing from the page: a preview that is kept as a batch which has not begun, and doing it. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "library/journal.h"
#include "library/organize_plan.h"
#include "server/batch_job.h"
#include "server/handlers.h"
#include "server/parts.h"
#include "store/batches.h"
#include "store/files.h"

#define MAX_IDS 100000
#define MAX_MOVES 5000 /* shown of a plan; all of it is kept */
#define SETTLE_MS 10000
#define KEEP_PLANS_MS (INT64_C(24) * 3600 * 1000)

/* Nothing, null and "" are the same. */
static int take_word(const json_t *body, const char *key, const char **ret, struct err *err)
{
	const char *text = NULL;

	if (!json_is_null(json_object_get(body, key)) && json_take_text(body, key, 0, &text, err) < 0)
		return -(int)err->code;
	if (text && *text)
		*ret = text;
	return 0;
}

static int take_ids(struct http_request *req, const json_t *body, struct organize_request *to, struct err *err)
{
	const json_t *list = json_object_get(body, "ids");
	size_t count = json_array_size(list);
	int64_t *ids;

	if (!list || json_is_null(list))
		return 0;
	if (!json_is_array(list) || count > MAX_IDS)
		return err_set(err, ERR_INVALID, "'ids' must be a list of at most %d items", MAX_IDS);
	ids = arena_alloc(&req->arena, (count + 1) * sizeof(*ids));
	for (size_t i = 0; i < count; i++)
		ids[i] = json_integer_value(json_array_get(list, i));
	to->ids = ids;
	to->id_count = count;
	return 0;
}

static int take_action(const json_t *body, struct organize_request *to, struct err *err)
{
	static const char *const actions[] = { "move", "copy", "hardlink", "reflink" };
	const char *action = "move";

	if (take_word(body, "action", &action, err) < 0)
		return -(int)err->code;
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (strcmp(actions[i], action) == 0) {
			to->action = actions[i];
			return 0;
		}
	return err_set(err, ERR_INVALID, "'action' must be move, copy, hardlink or reflink");
}

static bool flag(const json_t *body, const char *key, bool fallback)
{
	const json_t *value = json_object_get(body, key);

	return json_is_boolean(value) ? json_is_true(value) : fallback;
}

/* --to of the command line, which knows folders; here it must lie in a root, so that nobody writes elsewhere. */
static int take_folder(struct http_request *req, struct db *db, const json_t *body, struct organize_request *to,
		       struct err *err)
{
	const char *text = NULL;
	CLEANUP(cleanup_free) char *path = NULL, *real = NULL;
	struct root_list roots;

	if (take_word(body, "to", &text, err) < 0)
		return -(int)err->code;
	if (!text)
		return 0;
	path = json_path_parse(text);
	real = *path == '/' ? realpath(path, NULL) : NULL;
	if (roots_list(db, &req->arena, &roots, err) < 0)
		return -(int)err->code;
	for (size_t i = 0; real && i < roots.count; i++) {
		size_t len = strlen(roots.roots[i].path);

		if (strncmp(real, roots.roots[i].path, len) == 0 && (!real[len] || real[len] == '/')) {
			to->to = arena_strdup(&req->arena, real);
			return 0;
		}
	}
	return err_set(err, ERR_INVALID, "'to' must be a folder in one of the roots");
}

static int read_request(struct http_request *req, struct db *db, const json_t *body, struct organize_request *to,
			struct err *err)
{
	const struct server_organize *defaults = &req->server->organize;
	bool perpetual;

	*to = (struct organize_request){ .garbage = defaults->garbage_words && *defaults->garbage_words ?
							    defaults->garbage_words :
							    NULL,
					 .settle_ms = defaults->settle_ms ? defaults->settle_ms : SETTLE_MS,
					 .station_now_ns = station_now_ns(req->server->time) };
	if (take_word(body, "preset", &to->preset, err) < 0 || take_word(body, "template", &to->template, err) < 0 ||
	    take_word(body, "q", &to->query.search, err) < 0 || take_ids(req, body, to, err) < 0 ||
	    take_action(body, to, err) < 0 || take_folder(req, db, body, to, err) < 0)
		return -(int)err->code;
	to->query.root_id = json_int(body, "root", 0);
	if (!to->preset)
		to->preset = defaults->preset ? defaults->preset : "plex";
	perpetual = !to->template && strcmp(to->preset, "perpetual") == 0;
	to->titles = flag(body, "titles", perpetual);
	to->times = flag(body, "times", perpetual);
	return 0;
}

/* The first of a long plan; counts are of all. */
static json_t *shown(const struct organize_plan *plan)
{
	struct organize_plan part = *plan;

	if (part.count > MAX_MOVES)
		part.count = MAX_MOVES;
	return organize_plan_json(&part);
}

static int keep_plan(struct http_request *req, const struct organize_request *request, const struct organize_plan *plan,
		     int64_t *ret, struct err *err)
{
	struct db *writer = store_writer(req->server->store);
	struct move *moves;
	size_t count;
	int rc;

	*ret = 0;
	organize_plan_moves(plan, request, &req->arena, &moves, &count);
	if (!count)
		return 0;
	if (db_begin(writer, err) < 0)
		return -(int)err->code;
	rc = batches_drop_plans(writer, clock_wall_ms() - KEEP_PLANS_MS, err);
	if (rc < 0) {
		db_rollback(writer);
		return rc;
	}
	if (db_commit(writer, err) < 0)
		return -(int)err->code;
	return journal_write(req->server->store, "organize", request->template ? request->template : request->preset, 0,
			     moves, count, ret, err);
}

int api_organize_preview_post(struct http_request *req, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	CLEANUP(json_cleanup) json_t *body = http_body_object(req, err);
	struct organize_request request;
	struct organize_plan plan;
	int64_t id;
	json_t *json;

	if (!body)
		return -(int)err->code;
	if (!db || read_request(req, db, body, &request, err) < 0 ||
	    organize_plan(db, &request, &req->arena, &plan, err) < 0 || keep_plan(req, &request, &plan, &id, err) < 0)
		return -(int)err->code;
	json = shown(&plan);
	json_object_set_new(json, "plan", id ? json_integer(id) : json_null());
	return http_answer_json(req, 200, json);
}

int api_organize_apply_post(struct http_request *req, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	CLEANUP(json_cleanup) json_t *body = http_body_object(req, err);
	int64_t plan = json_int(body, "plan", 0);
	struct batch batch;

	if (!body)
		return -(int)err->code;
	if (plan <= 0)
		return err_set(err, ERR_INVALID, "'plan' must be the number that a preview gave");
	if (!db || batches_get(db, plan, &req->arena, &batch, err) < 0)
		return -(int)err->code;
	if (strcmp(batch.kind, "organize") != 0 || strcmp(batch.state, "planned") != 0)
		return err_set(err, ERR_CONFLICT, "plan %lld was done already", (long long)plan);
	return batch_job_start(req, plan, err);
}
