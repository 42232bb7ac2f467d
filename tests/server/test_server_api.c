/* The API of a real server: answers, changes, events, and who may change what. */
#include "lib/server_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json.h"

static json_t *get_json(const struct house *h, int status, const char *path)
{
	struct answer answer = http_ask(h, "GET", "", "%s", path);
	struct err err = { 0 };
	json_t *json;

	if (answer.status != status)
		fail_msg("%s: %d %s", path, answer.status, answer.body);
	json = json_parse(answer.body, answer.body_len, &err);
	if (!json)
		fail_msg("%s: %s", path, err.text);
	answer_free(&answer);
	return json;
}

static void the_api_answers(void **state)
{
	struct house *h = *state;
	json_t *json = get_json(h, 200, "/api/status");

	assert_int_equal(json_int(json_object_get(json, "channels"), "total", 0), 1);
	assert_int_equal(json_int(json_object_get(json, "library"), "items", 0), 1);
	assert_non_null(json_object_get(json_object_get(json, "scan"), "running"));
	assert_true(json_is_integer(json_object_get(json, "utc_offset_s")));
	assert_in_range(json_int(json, "utc_offset_s", -100000) + 14 * 3600, 0, 28 * 3600);
	for (size_t i = 0; i < 3; i++) /* of 1, 5 and 15 minutes */
		assert_true(json_number_value(json_array_get(json_object_get(json, "load"), i)) >= 0);
	assert_int_equal(json_array_size(json_object_get(json, "load")), 3);
	json_decref(json);
	json = get_json(h, 200, "/api/channels");
	assert_string_equal(json_text(json_array_get(json_object_get(json, "items"), 0), "state", ""),
			    "ready");
	assert_string_equal(json_text(json_array_get(json_object_get(json, "items"), 0), "stream", ""),
			    "/channel/7.m3u8");
	json_decref(json);
	json = get_json(h, 200, "/api/guide");
	assert_int_equal(json_array_size(json_object_get(json, "channels")), 1);
	json_decref(json);
	json = get_json(h, 200, "/api/guide?limit=1&offset=1");
	assert_int_equal(json_array_size(json_object_get(json, "channels")), 0);
	json_decref(json);
	json = get_json(h, 200, "/api/items?q=Long&limit=5");
	json_decref(json);
	json = get_json(h, 200, "/api/items/1");
	assert_true(json_array_size(json_object_get(json, "airings")) > 0);
	json_decref(json);
	json = get_json(h, 200, "/api/channels/1/timeline");
	assert_true(json_int(json, "total", 0) > 0);
	json_decref(json);
	json = get_json(h, 200, "/api/channels/1/schedule");
	json_decref(json);
	json = get_json(h, 200, "/api/log?lines=3");
	assert_true(json_is_array(json_object_get(json, "lines")));
	json_decref(json);
	json = get_json(h, 200, "/api/openapi.json");
	assert_non_null(json_object_get(json_object_get(json_object_get(json, "paths"), "/api/channels/{id}"),
					"patch"));
	json_decref(json);
	json = get_json(h, 400, "/api/items?limit=-1");
	assert_string_equal(json_text(json_object_get(json, "error"), "code", ""), "usage");
	json_decref(json);
	json = get_json(h, 400, "/api/guide?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z");
	json_decref(json);
	json = get_json(h, 404, "/api/items/99999");
	json_decref(json);
	json = get_json(h, 404, "/api/nothing");
	json_decref(json);
}

static struct answer send_json(const struct house *h, const char *method, const char *path,
			       const char *headers, const char *body)
{
	CLEANUP(buf_free) struct buf request = { 0 };

	buf_addf(
		&request,
		"%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n"
		"Content-Length: %zu\r\n%s\r\n%s",
		method, path, strlen(body), headers, body);
	return talk(h, request.data, request.len);
}

static void channels_are_added_changed_and_removed(void **state)
{
	struct house *h = *state;
	struct answer answer = send_json(h, "POST", "/api/channels", "", "{\"name\":\"Nine\",\"number\":9}");
	char path[100];
	int64_t id;

	assert_int_equal(answer.status, 201);
	header_of(&answer, "Location", path, sizeof(path));
	id = strtoll(path + strlen("/api/channels/"), NULL, 10);
	assert_true(id > 1);
	answer_free(&answer);
	answer = send_json(h, "POST", "/api/channels", "", "{\"name\":\"Again\",\"number\":9}");
	assert_int_equal(answer.status, 409);
	answer_free(&answer);
	answer = send_json(h, "PATCH", path, "", "{\"name\":\"New\",\"hue\":12}");
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "\"New\""));
	answer_free(&answer);
	answer = send_json(h, "PATCH", path, "", "{\"nonsense\":1}");
	assert_int_equal(answer.status, 422);
	answer_free(&answer);
	answer = send_json(h, "PATCH", path, "", "{\"schedule\":{\"order\":\"sideways\"}}");
	assert_int_equal(answer.status, 422);
	answer_free(&answer);
	answer = send_json(h, "PATCH", path, "", "{");
	assert_int_equal(answer.status, 400);
	answer_free(&answer);
	answer = send_json(h, "DELETE", path, "", "");
	assert_int_equal(answer.status, 204);
	answer_free(&answer);
	answer = send_json(h, "DELETE", path, "", "");
	assert_int_equal(answer.status, 404);
	answer_free(&answer);
}

static void asked(const struct house *h, int status, const char *method, const char *path, const char *body, const char *words)
{
	struct answer answer = send_json(h, method, path, "", body);

	if (answer.status != status || !strstr(answer.body, words))
		fail_msg("%s %s %s: %d %s", method, path, body, answer.status, answer.body);
	answer_free(&answer);
}

static void collections_hold_items(void **state)
{
	struct house *h = *state;
	json_t *json;

	asked(h, 201, "POST", "/api/collections", "{\"name\":\"Night\",\"notes\":\"late\"}", "\"smart\":false");
	asked(h, 201, "POST", "/api/collections", "{\"name\":\"All\",\"filter\":\"kind:any\"}", "\"smart\":true");
	asked(h, 409, "POST", "/api/collections", "{\"name\":\"night\"}", "already");
	asked(h, 400, "POST", "/api/collections", "{\"name\":\"X\",\"filter\":\"yeer:1\"}", "did you mean");
	asked(h, 409, "POST", "/api/collections", "{\"name\":\"X\",\"filter\":\"collection:x\"}", "asks for itself");
	asked(h, 200, "POST", "/api/collections/1/items", "{\"add\":[1,1],\"move\":{\"item\":1,\"to\":1}}", "\"added\":1");
	asked(h, 200, "POST", "/api/collections/1/items", "{\"q\":\"id:1\"}", "\"added\":0");
	asked(h, 422, "POST", "/api/collections/1/items", "{\"q\":\" \"}", "every item");
	asked(h, 404, "POST", "/api/collections/1/items", "{\"remove\":[1],\"add\":[4711]}", "no item 4711");
	asked(h, 409, "POST", "/api/collections/2/items", "{\"add\":[1]}", "smart");
	asked(h, 422, "POST", "/api/collections/1/items", "{\"add\":[\"1\"]}", "numbers");
	asked(h, 422, "POST", "/api/collections/1/items", "{\"nonsense\":1}", "nonsense");
	json = get_json(h, 200, "/api/collections?limit=1&offset=1");
	assert_int_equal(json_int(json, "total", 0), 2);
	assert_string_equal(json_text(json_array_get(json_object_get(json, "items"), 0), "name", ""), "Night");
	json_decref(json);
	json = get_json(h, 200, "/api/collections/1/items");
	assert_int_equal(json_int(json, "total", 0), 1);
	json_decref(json);
	json = get_json(h, 200, "/api/items?q=collection%3Anight");
	assert_int_equal(json_int(json, "total", 0), 1);
	json_decref(json);
	asked(h, 200, "PATCH", "/api/collections/1", "{\"name\":\"Nights\"}", "Nights");
	asked(h, 204, "DELETE", "/api/collections/1", "", "");
	asked(h, 404, "GET", "/api/collections/1", "", "no collection");
}

static void changes_from_elsewhere_are_refused(void **state)
{
	struct house *h = *state;
	static const char body[] = "{\"name\":\"Evil\"}";
	static const char rebound[] =
		"POST /api/channels HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n"
		"Content-Length: 15\r\n\r\n{\"name\":\"Evil\"}";
	struct answer answer = send_json(h, "POST", "/api/channels", "Origin: http://evil.example\r\n", body);

	assert_int_equal(answer.status, 403);
	answer_free(&answer);
	answer = send_json(h, "POST", "/api/channels", "Sec-Fetch-Site: cross-site\r\n", body);
	assert_int_equal(answer.status, 403);
	answer_free(&answer);
	answer = talk(h, rebound, strlen(rebound));
	assert_int_equal(answer.status, 403);
	answer_free(&answer);
	answer = http_ask(h, "GET", "", "/api/channels");
	assert_null(strstr(answer.body, "Evil"));
	answer_free(&answer);
}

static void events_arrive_and_resume(void **state)
{
	struct house *h = *state;
	static const char request[] = "GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n";
	CLEANUP(buf_free) struct buf text = { 0 };
	CLEANUP(buf_free) struct buf again = { 0 };
	char resume[200], id[40] = "";
	int fd = dial(h);

	say(fd, request, strlen(request));
	hear(fd, &text, 200);
	server_library_changed(h->server);
	while (!strstr(buf_text(&text), "event: library_updated"))
		hear(fd, &text, text.len + 1);
	close(fd);
	assert_int_equal(sscanf(strstr(text.data, "id: "), "id: %30s", id), 1);
	snprintf(resume, sizeof(resume), "GET /api/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: %lld\r\n\r\n",
		 strtoll(id, NULL, 10) - 1);
	fd = dial(h);
	say(fd, resume, strlen(resume));
	while (!strstr(buf_text(&again), id))
		hear(fd, &again, again.len + 1);
	close(fd);
}

static void folders_are_shown_to_who_may_add_roots(void **state)
{
	struct house *h = *state;
	static const struct {
		const char *headers, *path;
		int status;
		const char *says;
	} rows[] = {
		{ "", "/api/folders", 200, "\"places\":[{" },
		{ "", "/api/folders?path=/", 200, "\"parent\":null" },
		{ "", "/api/folders?path=/&start=no-such-name", 200, "\"items\":[]" },
		{ "", "/api/folders?path=etc", 422, "must begin with '/'" },
		{ "", "/api/folders?path=/etc/passwd", 422, "not a folder" },
		{ "", "/api/folders?path=/%00", 400, "" },
		{ "", "/api/folders?path=/%FF", 400, "" },
		{ "", "/api/folders?path=/%25FF", 404, "No such file" },
		{ "", "/api/folders?hidden=2", 400, "hidden" },
		{ "Origin: http://evil.example\r\n", "/api/folders", 403, "own page only" },
		{ "Sec-Fetch-Site: cross-site\r\n", "/api/folders?path=/", 403, "own page only" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct answer answer = http_ask(h, "GET", rows[i].headers, "%s", rows[i].path);

		if (answer.status != rows[i].status || !strstr(answer.body, rows[i].says))
			fail_msg("%s: %d %s", rows[i].path, answer.status, answer.body);
		answer_free(&answer);
	}
}

static void says(const struct house *h, const char *path, int64_t total, const char *names)
{
	CLEANUP(json_cleanup) json_t *json = get_json(h, 200, path);
	CLEANUP(buf_free) struct buf text = { 0 };
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(json, "items"), i, item)
		buf_addf(&text, "%s%s", i ? " " : "", json_text(item, "name", json_text(item, "text", json_text(item, "kind", "?"))));
	if (json_int(json, "total", -1) != total || strcmp(buf_text(&text), names) != 0)
		fail_msg("%s: %lld, '%s'", path, (long long)json_int(json, "total", -1), buf_text(&text));
}

/* limit, offset, sort and q, of every list. */
static void lists_are_cut_sorted_and_searched(void **state)
{
	static const char *const lists[] = { "/api/channels", "/api/alerts", "/api/jobs", "/api/roots", "/api/as-run?channel=1",
					     "/api/channels/1/timeline" };
	static const char *const wrong[] = { "limit=-1", "limit=x", "offset=-1", "sort=nonsense" };
	struct house *h = *state;

	asked(h, 201, "POST", "/api/channels", "{\"name\":\"alpha\",\"number\":42,\"enabled\":false}", "alpha");
	asked(h, 201, "POST", "/api/channels", "{\"name\":\"Beta\",\"number\":41,\"enabled\":false,\"description\":\"of Alphas\"}", "Beta");
	asked(h, 201, "POST", "/api/alerts", "{\"text\":\"first\",\"priority\":3}", "first");
	asked(h, 201, "POST", "/api/alerts", "{\"text\":\"second\",\"priority\":9}", "second");
	says(h, "/api/channels", 3, "Seven Beta alpha");
	says(h, "/api/channels?limit=1&offset=1", 3, "Beta");
	says(h, "/api/channels?offset=5", 3, "");
	says(h, "/api/channels?sort=name", 3, "alpha Beta Seven");
	says(h, "/api/channels?sort=-number&limit=2", 3, "alpha Beta");
	says(h, "/api/channels?q=ALPHA", 2, "Beta alpha");
	says(h, "/api/channels?q=41", 1, "Beta");
	says(h, "/api/channels?q=nobody", 0, "");
	says(h, "/api/alerts", 2, "second first");
	says(h, "/api/alerts?limit=1&offset=1", 2, "first");
	says(h, "/api/alerts?sort=priority", 2, "first second");
	says(h, "/api/alerts?sort=-priority&limit=1", 2, "second");
	says(h, "/api/alerts?q=SEC", 1, "second");
	says(h, "/api/as-run?channel=1&limit=0", 1, "");
	says(h, "/api/as-run?channel=1&sort=-start&limit=1", 1, "programme");
	says(h, "/api/as-run?q=nothing", 0, "");
	says(h, "/api/roots?sort=kind", 1, "auto");
	says(h, "/api/channels/1/timeline?limit=1&sort=-start", 2, "programme");
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (size_t j = 0; j < ARRAY_LEN(wrong); j++) {
			struct answer answer = http_ask(h, "GET", "", "%s%c%s", lists[i], strchr(lists[i], '?') ? '&' : '?', wrong[j]);

			if (answer.status != 400 && !(j == 3 && strstr(answer.body, "\"total\":0")))
				fail_msg("%s %s: %d", lists[i], wrong[j], answer.status);
			answer_free(&answer);
		}
	asked(h, 204, "DELETE", "/api/channels/2", "", "");
	asked(h, 204, "DELETE", "/api/channels/3", "", "");
	asked(h, 204, "DELETE", "/api/alerts/1", "", "");
	asked(h, 204, "DELETE", "/api/alerts/2", "", "");
}

/* What is longer than a megabyte is sent as it is made, and is the same list. */
static void many_channels_are_sent_as_they_are_read(void **state)
{
	static const char request[] = "GET /api/channels HTTP/1.0\r\nHost: x\r\n\r\n";
	enum { MANY = 700 };
	struct house *h = *state;
	CLEANUP(buf_free) struct buf body = { 0 };
	CLEANUP(json_cleanup) json_t *json = NULL;
	struct err err = { 0 };
	struct answer answer;
	const json_t *items;
	char length[32] = "";
	int64_t before;

	json = get_json(h, 200, "/api/channels");
	before = json_int(json, "total", 0);
	json_decref(json);
	for (int i = 0; i < MANY; i++) {
		buf_reset(&body);
		buf_addf(&body, "{\"name\":\"Many %d\",\"number\":%d,\"enabled\":false,\"description\":\"%01900d\"}", i, 1000 + i, i);
		asked(h, 201, "POST", "/api/channels", buf_text(&body), "Many");
	}
	answer = talk(h, request, sizeof(request) - 1);
	assert_int_equal(answer.status, 200);
	header_of(&answer, "Content-Length", length, sizeof(length));
	assert_string_equal(length, "");
	json = json_parse(answer.body, answer.body_len, &err);
	test_ok(json ? 0 : -1, &err);
	items = json_object_get(json, "items");
	assert_int_equal(json_int(json, "total", 0), before + MANY);
	assert_int_equal(json_array_size(items), before + MANY);
	assert_string_equal(json_text(json_array_get(items, (size_t)before + MANY - 1), "name", ""), "Many 699");
	assert_string_equal(json_text(json_array_get(items, (size_t)before), "state", ""), "off");
	answer_free(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_api_answers),
		cmocka_unit_test(lists_are_cut_sorted_and_searched),
		cmocka_unit_test(channels_are_added_changed_and_removed),
		cmocka_unit_test(collections_hold_items),
		cmocka_unit_test(changes_from_elsewhere_are_refused),
		cmocka_unit_test(folders_are_shown_to_who_may_add_roots),
		cmocka_unit_test(events_arrive_and_resume),
		cmocka_unit_test(many_channels_are_sent_as_they_are_read),
	};

	return cmocka_run_group_tests(tests, open_house, close_house);
}
