/* router.c - see router.h. */
#include "server/router.h"

#include <ctype.h>
#include <string.h>

#include "server/handlers.h"

const struct route routes[] = {
	{ "GET", "/channels.m3u", lineup_m3u_get, ROUTE_CORS, "", "The lineup as an M3U playlist." },
	{ "GET", "/xmltv.xml", lineup_xmltv_get, ROUTE_CORS, "", "The guide as XMLTV." },
	{ "GET", "/xmltv.xml.gz", lineup_xmltv_gz_get, ROUTE_CORS, "", "The guide as XMLTV, compressed." },
	{ "GET", "/channel/{number}.m3u8", channel_playlist_get, ROUTE_INLINE | ROUTE_CORS, "",
	  "A channel's live HLS media playlist." },
	{ "GET", "/channel/{number}/from/{epoch}/to/{end}.m3u8", channel_from_to_get, ROUTE_CORS, "",
	  "A channel's catch-up playlist from one second to another." },
	{ "GET", "/channel/{number}/from/{epoch}.m3u8", channel_from_get, ROUTE_CORS, "",
	  "Catch-up: a channel from that second (since 1970) on, at most 6 hours; start-over when it is a programme's start." },
	{ "GET", "/channel/{number}/shift/{seconds}.m3u8", channel_shift_get, ROUTE_INLINE | ROUTE_CORS, "",
	  "A channel's live playlist, that many seconds late." },
	{ "GET", "/channel/{number}/master.m3u8", channel_master_get, ROUTE_INLINE | ROUTE_CORS, "",
	  "A channel's multivariant playlist." },
	{ "GET", "/channel/{number}/s/{generation}/{sequence}.ts", channel_segment_get,
	  ROUTE_INLINE | ROUTE_CORS, "", "A segment of a channel." },
	{ "GET", "/channel/{number}.ts", channel_ts_get, ROUTE_INLINE | ROUTE_CORS, "",
	  "A channel as continuous MPEG-TS." },
	{ "GET", "/channel/{number}/logo.png", channel_logo_get, ROUTE_CORS, "", "A channel's logo." },
	{ "GET", "/media/{item}/file", media_file_get, ROUTE_FILES, "", "An item's file, with ranges." },
	{ "GET", "/media/{item}/thumbnail.jpg", media_thumbnail_get, ROUTE_FILES, "",
	  "A picture of an item." },
	{ "GET", "/discover.json", tuner_discover_get, ROUTE_INLINE, "",
	  "Who this is, to programs that know the HDHomeRun." },
	{ "GET", "/lineup.json", tuner_lineup_get, 0, "", "The lineup as an HDHomeRun gives it." },
	{ "GET", "/tuner/empty.ts", tuner_empty_get, ROUTE_INLINE, "",
	  "What the lineup has while there is no channel: a card that says so." },
	{ "GET", "/lineup_status.json", tuner_lineup_status_get, ROUTE_INLINE, "",
	  "The state of an HDHomeRun's channel scan: always over." },
	{ "GET", "/lineup.post", tuner_lineup_post, ROUTE_INLINE, "",
	  "Begins a channel scan, which is over at once." },
	{ "POST", "/lineup.post", tuner_lineup_post, ROUTE_INLINE, "",
	  "Begins a channel scan, which is over at once." },
	{ "GET", "/device.xml", tuner_device_xml_get, ROUTE_INLINE, "", "The UPnP description of the tuner." },
	{ "GET", "/metrics", metrics_get, 0, "", "Figures in the text format of Prometheus." },
	{ "GET", "/api/status", api_status_get, 0, "",
	  "How the house is: library, channels, workers, cache." },
	{ "GET", "/api/channels", api_channels_get, 0, "ids:text q:text sort:text limit:int offset:int",
	  "All channels, or those of ids=1,2,3, with what is on now and next, by number; sort: number or name, with - before it from the last to the first." },
	{ "POST", "/api/channels", api_channels_post, ROUTE_CHANGES, "", "Adds a channel." },
	{ "GET", "/api/channels/{id}", api_channel_get, 0, "", "One channel." },
	{ "PATCH", "/api/channels/{id}", api_channel_patch, ROUTE_CHANGES, "",
	  "Changes a channel or its schedule." },
	{ "DELETE", "/api/channels/{id}", api_channel_delete, ROUTE_CHANGES, "", "Removes a channel." },
	{ "GET", "/api/channels/{id}/schedule", api_schedule_get, 0, "", "The rules of a channel." },
	{ "GET", "/api/channels/{id}/timeline", api_timeline_get, 0, "from:time to:time q:text sort:text limit:int offset:int",
	  "The fine log of a channel: every clip, to the frame." },
	{ "GET", "/api/as-run", api_as_run_get, 0, "channel:int from:time to:time q:text sort:text limit:int offset:int",
	  "What was really sent, of one channel or of all; the last 24 hours unless told." },
	{ "GET", "/api/alerts", api_alerts_get, 0, "q:text sort:text limit:int offset:int", "Alerts, the newest first." },
	{ "POST", "/api/alerts", api_alerts_post, ROUTE_CHANGES, "",
	  "Breaks in with a text: {text, channels: [ids] or null for all, priority 1-100, for_ms, resume}." },
	{ "DELETE", "/api/alerts/{id}", api_alert_delete, ROUTE_CHANGES, "", "Ends an alert with the next segment." },
	{ "GET", "/api/roots", api_roots_get, 0, "q:text sort:text limit:int offset:int",
	  "The folders of the library: state, files, what waits, how changes are heard of. path: as POST takes it." },
	{ "POST", "/api/roots", api_roots_post, ROUTE_CHANGES | ROUTE_FILES, "",
	  "Makes a folder known: {path, kind}; it is read at once. path: %XX is a byte, as of a name that is not UTF-8; a % that "
	  "two hexadecimal digits follow is %25." },
	{ "DELETE", "/api/roots/{id}", api_root_delete, ROUTE_CHANGES, "",
	  "Forgets a folder and what is known of its files; the files stay." },
	{ "GET", "/api/folders", api_folders_get, ROUTE_INLINE | ROUTE_OWN, "path:text start:text hidden:int",
	  "The folders in a place, at most 1000, for choosing one; places to begin at. start: only names that begin so." },
	{ "POST", "/api/organize/preview", api_organize_preview_post, ROUTE_FILES | ROUTE_CHANGES, "",
	  "What filing would do: {preset or template, action, to, root, q or ids, titles, times}. Changes nothing." },
	{ "POST", "/api/organize/apply", api_organize_apply_post, ROUTE_CHANGES, "", "Does a plan: {plan}." },
	{ "GET", "/api/batches", api_batches_get, 0, "kind:text q:text sort:text limit:int offset:int",
	  "What moved files, the newest first." },
	{ "GET", "/api/batches/{id}", api_batch_get, 0, "limit:int offset:int", "One batch with its steps." },
	{ "POST", "/api/batches/{id}/undo", api_batch_undo_post, ROUTE_CHANGES, "", "Takes a batch back." },
	{ "GET", "/api/trash", api_trash_get, 0, "q:text sort:text limit:int offset:int",
	  "What is in the trash; bytes: of all of it." },
	{ "POST", "/api/trash/empty", api_trash_empty_post, ROUTE_CHANGES, "",
	  "Deletes for good what was put there before: {older_than_ms}." },
	{ "GET", "/api/duplicates", api_duplicates_get, 0, "kind:text q:text sort:text limit:int offset:int",
	  "What is there twice, by the hashes that are known." },
	{ "POST", "/api/duplicates/apply", api_duplicates_apply_post, ROUTE_FILES | ROUTE_CHANGES, "",
	  "Puts copies into the trash: {groups: [{id, keep: [file ids]}], dry_run}." },
	{ "GET", "/api/junk", api_junk_get, ROUTE_FILES, "root:int again:int q:text sort:text limit:int offset:int",
	  "Partial downloads, archives, samples, empty folders, as of looked_at; again=1 looks anew." },
	{ "POST", "/api/junk/apply", api_junk_apply_post, ROUTE_FILES | ROUTE_CHANGES, "",
	  "Puts junk into the trash: {ids, dry_run}." },
	{ "GET", "/api/unknown", api_unknown_get, ROUTE_FILES, "root:int again:int q:text sort:text limit:int offset:int",
	  "Files that no rule knows, as of looked_at; again=1 looks anew." },
	{ "GET", "/api/jobs", api_jobs_get, 0, "state:text q:text sort:text limit:int offset:int",
	  "Long work, the newest first; state: open, queued, running, done, failed, cancelled." },
	{ "POST", "/api/jobs", api_jobs_post, ROUTE_CHANGES, "",
	  "Asks for long work: {kind: hash, what: sample, full or essence, root: id or absent}." },
	{ "POST", "/api/prepare", api_prepare_post, ROUTE_CHANGES, "",
	  "Encodes ahead what a channel airs: {channel: id or null for all, hours: 1-72} -> {job}." },
	{ "GET", "/api/jobs/{id}", api_job_get, 0, "", "One piece of long work." },
	{ "DELETE", "/api/jobs/{id}", api_job_delete, ROUTE_CHANGES, "", "Cancels it." },
	{ "GET", "/api/guide", api_guide_get, 0, "from:time to:time limit:int offset:int",
	  "Programmes of all channels, by number, or of limit of them; 6 hours from now unless told, at most 7 days." },
	{ "GET", "/api/items", api_items_get, 0, "q:text kind:text show:text sort:text fields:text limit:int offset:int",
	  "The library. fields=metadata: rows with daypart, rating, company, tags and what else can be changed of an item." },
	{ "GET", "/api/items/{id}", api_item_get, 0, "",
	  "One item with its files, markers and next airings." },
	{ "PATCH", "/api/items/{id}", api_item_patch, ROUTE_CHANGES, "",
	  "Changes an item: {title, year, season, episode, daypart, air_season, rating, company, category, audience, warnings, notes, "
	  "expires, tags, people}." },
	{ "POST", "/api/items", api_items_post, ROUTE_CHANGES, "", "Adds an item by hand: {title, kind, ...} as PATCH has them." },
	{ "GET", "/api/items/{id}/history", api_item_history_get, 0, "limit:int offset:int",
	  "What was changed on an item, the newest first." },
	{ "GET", "/api/items/{id}/markers", api_markers_get, 0, "", "Break points and chapters of an item." },
	{ "POST", "/api/items/{id}/markers", api_markers_post, ROUTE_CHANGES, "",
	  "Adds a marker: {kind, start_ms, end_ms, title}; a break unless told." },
	{ "PATCH", "/api/items/{id}/markers/{marker}", api_marker_patch, ROUTE_CHANGES, "",
	  "Changes a marker: {kind, start_ms, end_ms, title}." },
	{ "DELETE", "/api/items/{id}/markers/{marker}", api_marker_delete, ROUTE_CHANGES, "", "Removes a marker." },
	{ "POST", "/api/items/{id}/markers/generate", api_markers_generate_post, ROUTE_CHANGES, "",
	  "Looks for break points in pictures and sound: {apply}. A job; what it found is its result." },
	{ "POST", "/api/items/{id}/validate", api_item_validate_post, ROUTE_CHANGES, "",
	  "Checks whether the item's files can be played. A job." },
	{ "POST", "/api/items/bulk", api_items_bulk_post, ROUTE_CHANGES, "",
	  "Changes many items: {q or ids, set: {...}, add_tags, remove_tags, dry_run}." },
	{ "GET", "/api/items/bulk", api_items_bulk_get, 0, "limit:int offset:int", "Changes of many items, the newest first." },
	{ "POST", "/api/items/bulk/{id}/undo", api_items_undo_post, ROUTE_CHANGES, "", "Takes a change of many items back." },
	{ "GET", "/api/collections", api_collections_get, 0, "limit:int offset:int",
	  "Collections by name: {id, name, smart, filter, notes, items: how many}. collection:NAME in a filter asks for one." },
	{ "POST", "/api/collections", api_collections_post, ROUTE_CHANGES, "",
	  "Makes a collection: {name, filter: of a smart one, or null, notes}." },
	{ "GET", "/api/collections/{id}", api_collection_get, 0, "", "One collection." },
	{ "PATCH", "/api/collections/{id}", api_collection_patch, ROUTE_CHANGES, "", "Changes {name, filter, notes} of a collection." },
	{ "DELETE", "/api/collections/{id}", api_collection_delete, ROUTE_CHANGES, "", "Removes a collection; its items stay." },
	{ "GET", "/api/collections/{id}/items", api_collection_items_get, 0, "limit:int offset:int", "What is in it, in its order." },
	{ "POST", "/api/collections/{id}/items", api_collection_items_post, ROUTE_CHANGES, "",
	  "Changes what is in one by hand: {add: [ids], q: a filter whose items are added, remove: [ids], move: {item, to: place from 1}}." },
	{ "GET", "/api/metadata/values", api_metadata_values_get, 0, "", "The usual values of the fields, and those in use." },
	{ "POST", "/api/metadata/values", api_metadata_values_post, ROUTE_CHANGES, "",
	  "Adds a value to the list of a field: {field, value}." },
	{ "POST", "/api/scan", api_scan_post, ROUTE_CHANGES, "", "Looks for changes in the library now." },
	{ "GET", "/api/log", api_log_get, 0, "lines:int", "The newest lines of the log." },
	{ "GET", "/api/events", api_events_get, ROUTE_INLINE, "",
	  "Server-sent events; resumes by Last-Event-ID." },
	{ "GET", "/api/openapi.json", api_openapi_get, 0, "", "This description." },
	{ "GET", "/*", page_get, ROUTE_INLINE, "", "The page and its files." },
	{ NULL, NULL, NULL, 0, NULL, NULL },
};

/* Digits as a number; false without a digit or past 18 of them. */
static bool number(const char **at, int64_t *ret)
{
	const char *start = *at;
	int64_t value = 0;

	for (; isdigit((unsigned char)**at); (*at)++) {
		if (*at - start >= 18)
			return false;
		value = value * 10 + (**at - '0');
	}
	*ret = value;
	return *at > start;
}

bool route_match(const char *pattern, const char *path, int64_t params[HTTP_PARAMS])
{
	size_t count = 0;

	while (*pattern) {
		if (*pattern == '*' && !pattern[1])
			return true;
		if (*pattern == '{') {
			if (count == HTTP_PARAMS || !number(&path, &params[count++]))
				return false;
			pattern = strchr(pattern, '}') + 1;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return !*path;
}

/* The page takes what nothing else has, but not below the machine's own prefixes: a wrong address there is an
 * error and not the page. */
static bool below_prefix(const char *path)
{
	static const char *const prefixes[] = { "/api/", "/channel/", "/media/" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(path, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

const struct route *route_find(const char *method, const char *path, int64_t params[HTTP_PARAMS],
			       struct arena *arena, const char **ret_allow)
{
	*ret_allow = "";
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	for (const struct route *route = routes; route->method; route++) {
		if (strchr(route->pattern, '*') && (below_prefix(path) || **ret_allow))
			continue;
		if (!route_match(route->pattern, path, params))
			continue;
		if (strcmp(route->method, method) == 0)
			return route;
		*ret_allow = arena_printf(arena, "%s%s%s%s", *ret_allow, **ret_allow ? ", " : "",
					  route->method, strcmp(route->method, "GET") == 0 ? ", HEAD" : "");
	}
	return NULL;
}
