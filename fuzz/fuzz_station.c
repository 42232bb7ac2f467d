/* fuzz_station.c - a channel on the air, asked for any number and any time, and its guide with any title.
 *
 * M3U and XMLTV must stay what they are whatever a title holds: one line for each thing, tags in pairs, UTF-8, no control
 * characters. Input: the first byte chooses; then numbers of 8 bytes, or a title. */
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "station/guide.h"
#include "station/lineup.h"
#include "station/on_air.h"
#include "station/timeline_builder.h"
#include "store/store.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct house {
	char dir[64];
	struct store *store;
	struct db *db;
	struct station_time *time;
	int64_t channel_id;
} house;

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static void close_house(void)
{
	station_time_free(house.time);
	store_close(house.store);
	nftw(house.dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void must(int rc, const struct err *err)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "%s\n", err->text);
	abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct channel channel = { .number = 7, .name = "Seven", .hue = -1, .enabled = true };
	struct err err = { 0 };
	int rc;

	(void)argc;
	(void)argv;
	snprintf(house.dir, sizeof(house.dir), "%s", "/tmp/matinee-fuzz.XXXXXX");
	if (!mkdtemp(house.dir) || !(house.store = store_open(house.dir, true, &err)))
		must(-1, &err);
	atexit(close_house);
	house.db = store_writer(house.store);
	must((house.time = station_time_open(house.db, &err)) ? 0 : -1, &err);
	db_lock(house.db);
	rc = sqlite3_exec(db_sqlite(house.db),
		     "PRAGMA synchronous=OFF;"
		     "INSERT INTO roots (id, path, kind, state, added_ms) VALUES (1, CAST('/videos' AS BLOB), 'auto', 'ok', 0);"
		     "INSERT INTO items (id, kind, title, sort_title, season, episode, episode_title, year, duration_ms, added_ms, "
		     "changed_ms) VALUES (1, 'episode', 'A', 'a', 1, 2, 'B', 2001, 60000, 0, 0);"
		     "INSERT INTO files (id, root_id, path, dev, inode, size, mtime_ns, sample_hash, media_state, added_ms, seen_ms) "
		     "VALUES (1, 1, CAST('1.mkv' AS BLOB), 1, 1, 1, 1, '00000000000000000000000000000001', 'ok', 0, 0);"
		     "INSERT INTO item_files (item_id, file_id, part) VALUES (1, 1, 1);"
		     "INSERT INTO probes (file_id, duration_ms, duration_flicks, container, has_video, fps_num, fps_den, audio_codec, "
		     "probed_ms) VALUES (1, 61234, 43206710400, 'matroska', 1, 25, 1, 'aac', 0);",
		     NULL, NULL, NULL);
	db_unlock(house.db);
	if (rc != SQLITE_OK)
		must(-1, &(struct err){ .text = "the library cannot be made up" });
	must(lineup_add(house.db, house.time, &channel, "{}", &house.channel_id, &err), &err);
	while ((rc = timeline_build(house.db, house.time, house.channel_id,
				    station_now_ns(house.time) + 600 * CLOCK_SECOND, 100, &err)) > 0)
		;
	must(rc, &err);
	return 0;
}

/* ---- any number, any time ---- */

static int64_t number(const uint8_t **data, size_t *size)
{
	int64_t value = 0;
	size_t n = *size < 8 ? *size : 8;

	memcpy(&value, *data, n);
	*data += n;
	*size -= n;
	return value;
}

static void check_segments(const struct on_air_segments *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct on_air_segment *s = &list->segments[i];

		if (s->duration_flicks <= 0 || s->duration_flicks > PLAN_TARGET_SECONDS * PLAN_FLICKS || s->k < 0 ||
		    (i && (s->seq != s[-1].seq + 1 || s->start_flicks != s[-1].start_flicks + s[-1].duration_flicks)))
			abort();
	}
}

static void ask_for_numbers(const uint8_t *data, size_t size)
{
	int64_t a = number(&data, &size), b = number(&data, &size), c = number(&data, &size), seq;
	int64_t now = station_now_ns(house.time);
	struct on_air_segments list = { 0 };
	struct on_air_segment segment;
	struct arena arena = { 0 };
	struct buf text = { 0 };
	struct channel channel;

	if (channels_get(house.db, house.channel_id, &arena, &channel, NULL) < 0)
		abort();
	if (on_air_segment(house.db, &channel, a, &arena, &segment, NULL) >= 0 && segment.seq != a)
		abort();
	on_air_segment(house.db, &channel, channel.generation + a % 1000, &arena, &segment, NULL);
	/* What requests can bring about: seconds of 18 digits (router.c), and what is left of them. */
	b = station_from_wall_ms(house.time, b % INT64_C(1000000000000000000));
	if (b < INT64_MAX / 4 && b > INT64_MIN / 4) {
		on_air_past(house.db, &channel, house.time, b, INT64_MAX, now, NULL, NULL, &arena, &text, NULL);
		on_air_past(house.db, &channel, house.time, b, b + c % (24 * 3600 * CLOCK_SECOND), now, NULL, NULL, &arena, &text, NULL);
		on_air_playlist(house.db, &channel, house.time, now - c % (now + 1), &arena, &text, NULL);
	}
	if (on_air_window(house.db, &channel, now - llabs(c % (600 * CLOCK_SECOND)), now, &arena, &list, NULL) >= 0)
		check_segments(&list);
	on_air_edge(house.db, &channel, now, &arena, &seq, NULL);
	buf_free(&text);
	arena_free(&arena);
}

/* ---- any title ---- */

static void check_text(const struct buf *text)
{
	for (size_t i = 0; i < text->len; i++)
		if (((unsigned char)text->data[i] < 0x20 && !strchr("\n\t", text->data[i])) || !text->data[i])
			abort();
	if (!utf8_valid(text->data, text->len) || strstr(text->data, "\xEF\xBF\xBE") || strstr(text->data, "\xEF\xBF\xBF"))
		abort(); /* U+FFFE and U+FFFF are no characters of XML */
}

/* Tags in pairs, no stray < or &. */
static void check_xml(const char *at)
{
	int depth = 0;

	for (; *at; at++) {
		if (*at == '&') {
			size_t n = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz0123456789#");

			if (!n || n > 7 || at[1 + n] != ';')
				abort();
		}
		if (*at != '<')
			continue;
		if (at[1] == '?' || at[1] == '!') {
			at = strchr(at, '>');
		} else {
			const char *end = strpbrk(at + 1, "<>");

			if (!end || *end == '<')
				abort();
			depth += at[1] == '/' ? -1 : end[-1] == '/' ? 0 : 1;
			at = end;
		}
		if (!at || depth < 0)
			abort();
	}
	if (depth)
		abort();
}

static void check_m3u(const char *text)
{
	int lines = 0;

	for (const char *at = text; *at; at += strcspn(at, "\n") + 1) {
		size_t len = strcspn(at, "\n");
		bool address = strncmp(at, "http://", 7) == 0;

		if (*at != '#' && !address)
			abort();
		if (address && (memchr(at, '?', len) || memchr(at, ' ', len)))
			abort();
		lines++;
		if (!at[len])
			abort();
	}
	if (lines != 3)
		abort();
}

static void ask_for_titles(const char *title, size_t len)
{
	struct buf xml = { 0 }, m3u = { 0 };
	struct err err = { 0 };
	json_t *json;

	db_lock(house.db);
	must(db_run(house.db, &err, "UPDATE items SET title = CAST(?1 AS TEXT), episode_title = CAST(?1 AS TEXT)", "b", title,
		    (int64_t)len),
	     &err);
	must(db_run(house.db, &err, "UPDATE airings SET title = CAST(?1 AS TEXT)", "b", title, (int64_t)len), &err);
	must(db_run(house.db, &err, "UPDATE channels SET name = CAST(?1 AS TEXT), description = CAST(?1 AS TEXT)", "b", title,
		    (int64_t)len),
	     &err);
	db_unlock(house.db);
	must(guide_xmltv(house.db, house.time, "http://127.0.0.1:8080", &xml, &err), &err);
	check_text(&xml);
	check_xml(buf_text(&xml));
	must(guide_m3u(house.db, house.time, "http://127.0.0.1:8080", 7, &m3u, &err), &err);
	check_text(&m3u);
	check_m3u(buf_text(&m3u));
	json = guide_json(house.db, house.time, clock_wall_ms() - 60000, clock_wall_ms() + 60000, NULL, NULL, &err);
	must(json ? 0 : -1, &err);
	json_decref(json);
	buf_free(&xml);
	buf_free(&m3u);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2 || size > 4096)
		return 0;
	if (data[0] & 1)
		ask_for_numbers(data + 1, size - 1);
	else
		ask_for_titles((const char *)data + 1, size - 1);
	return 0;
}
