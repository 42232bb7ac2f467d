/* openapi.c - GET /api/openapi.json (OpenAPI 3.0), made from the rows of router.c: what is served is what is
 * described. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "server/handlers.h"
#include "server/router.h"

static json_t *parameter(const char *where, const char *name, size_t len, const char *type,
			 const char *format)
{
	json_t *schema = json_pack("{s:s}", "type", type);

	if (format)
		json_object_set_new(schema, "format", json_string(format));
	return json_pack("{s:s%, s:s, s:b, s:o}", "name", name, len, "in", where, "required",
			 strcmp(where, "path") == 0, "schema", schema);
}

static json_t *parameters(const struct route *route)
{
	json_t *list = json_array();
	const char *at;

	for (at = strchr(route->pattern, '{'); at; at = strchr(at + 1, '{'))
		json_array_append_new(list,
				      parameter("path", at + 1, strcspn(at + 1, "}"), "integer", "int64"));
	for (at = route->query; *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, ":"), type = strcspn(at + len + 1, " ");
		const char *what = at + len + 1;
		bool number = strncmp(what, "int", 3) == 0, time = strncmp(what, "time", 4) == 0;

		json_array_append_new(list, parameter("query", at, len, number ? "integer" : "string",
						      time ? "date-time" : NULL));
		at = what + type;
	}
	return list;
}

/* "GET /api/channels/{id}" is getApiChannelsId: method and pattern, each letter after another sign in upper
 * case. The rows differ in method or pattern, so the names do (a test looks). */
static json_t *operation_id(const struct route *route)
{
	CLEANUP(buf_free) struct buf name = { 0 };
	bool upper = true;

	for (const char *c = route->method; *c; c++)
		buf_addc(&name, (char)tolower((unsigned char)*c));
	for (const char *c = route->pattern; *c; c++) {
		if (isalnum((unsigned char)*c))
			buf_addc(&name, upper ? (char)toupper((unsigned char)*c) : *c);
		upper = !isalnum((unsigned char)*c);
	}
	return json_string(buf_text(&name));
}

static json_t *operation(const struct route *route)
{
	json_t *error = json_pack("{s:{s:s}}", "schema", "$ref", "#/components/schemas/Error");
	json_t *json =
		json_pack("{s:o, s:s, s:o, s:{s:{s:s}, s:{s:s, s:{s:o}}}}", "operationId",
			  operation_id(route), "summary", route->help, "parameters", parameters(route),
			  "responses", "2XX", "description", "Done.", "default", "description",
			  "A sentence that says what went wrong.", "content", "application/json", error);

	if (strcmp(route->method, "POST") == 0 || strcmp(route->method, "PATCH") == 0)
		json_object_set_new(json, "requestBody",
				    json_pack("{s:{s:{s:{s:s}}}}", "content", "application/json", "schema",
					      "type", "object"));
	return json;
}

int api_openapi_get(struct http_request *req, struct err *err)
{
	json_t *paths = json_object(), *error_schema;

	(void)err;
	for (const struct route *route = routes; route->method; route++) {
		json_t *path = json_object_get(paths, route->pattern);
		char method[16];

		if (strchr(route->pattern, '*'))
			continue; /* the page */
		if (!path) {
			json_object_set_new(paths, route->pattern, json_object());
			path = json_object_get(paths, route->pattern);
		}
		snprintf(method, sizeof(method), "%s", route->method);
		for (char *c = method; *c; c++)
			*c = (char)(*c | 0x20);
		json_object_set_new(path, method, operation(route));
	}
	error_schema = json_pack("{s:s, s:{s:{s:s, s:{s:{s:s}, s:{s:s}}}}}", "type", "object", "properties",
				 "error", "type", "object", "properties", "code", "type", "string", "message",
				 "type", "string");
	return http_answer_json(req, 200,
				json_pack("{s:s, s:{s:s, s:s}, s:o, s:{s:{s:o}}}", "openapi", "3.0.3", "info",
					  "title", "Matinee", "version", MATINEE_VERSION, "paths", paths,
					  "components", "schemas", "Error", error_schema));
}
