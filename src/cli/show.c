/* show.c - `matinee show ID`: all that is known of one item. */

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "cli/command.h"
#include "store/items.h"

static void line(FILE *out, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	fprintf(out, "%-10s ", label);
	for (; *text; text++) /* a path may hold anything; the terminal gets none of it */
		fputc((unsigned char)*text < 0x20 || *text == 0x7F ? '?' : *text, out);
	fputc('\n', out);
}

static void number_line(FILE *out, const char *label, const json_t *object, const char *key)
{
	if (json_is_integer(json_object_get(object, key)))
		fprintf(out, "%-10s %lld\n", label, (long long)json_int(object, key, 0));
}

static void duration_line(FILE *out, const char *label, const json_t *object, const char *key)
{
	char text[32];

	if (json_int(object, key, 0) > 0)
		line(out, label, clock_format_duration(text, sizeof(text), json_int(object, key, 0)));
}

static void loudness_line(FILE *out, const json_t *loudness)
{
	if (!json_is_object(loudness))
		return;
	if (json_text(loudness, "error", NULL) || json_flag(loudness, "silent", false)) {
		line(out, "loudness", json_text(loudness, "error", "silence"));
		return;
	}
	fprintf(out, "%-10s %.1f LUFS", "loudness", json_number(loudness, "lufs", 0));
	if (json_flag(loudness, "complete", false))
		fprintf(out, ", peak %.1f dBTP, range %.1f LU\n", json_number(loudness, "true_peak", 0),
			json_number(loudness, "range", 0));
	else
		fputs(", heard in part\n", out);
}

static void print_problems(FILE *out, const json_t *problems)
{
	for (size_t i = 0; i < json_array_size(problems); i++)
		line(out, "problem", json_string_value(json_array_get(problems, i)));
}

static void print_file(FILE *out, const json_t *file)
{
	const json_t *copy = json_object_get(file, "copy");

	fputc('\n', out);
	line(out, "file", json_text(file, "path", ""));
	line(out, "state", json_text(file, "state", ""));
	line(out, "error", json_text(file, "error", ""));
	line(out, "checked", json_text(json_object_get(file, "validation"), "result", ""));
	print_problems(out, json_object_get(json_object_get(file, "validation"), "problems"));
	number_line(out, "size", file, "size");
	line(out, "container", json_text(file, "container", ""));
	duration_line(out, "length", file, "duration_ms");
	if (json_text(file, "video_codec", NULL))
		fprintf(out, "%-10s %s %lldx%lld%s %.3f/s\n", "picture", json_text(file, "video_codec", ""),
			(long long)json_int(file, "width", 0), (long long)json_int(file, "height", 0),
			json_flag(file, "interlaced", false) ? " interlaced" : "", json_number(file, "fps", 0));
	if (json_text(file, "audio_codec", NULL))
		fprintf(out, "%-10s %s, %lld channels\n", "sound", json_text(file, "audio_codec", ""),
			(long long)json_int(file, "audio_channels", 0));
	loudness_line(out, json_object_get(file, "loudness"));
	if (json_is_object(copy))
		fprintf(out, "%-10s %s%s\n", "copied", json_flag(copy, "possible", false) ? "on channels that copy" : "no: ",
			json_text(copy, "why", ""));
}

static void print_marker(FILE *out, const json_t *marker)
{
	char text[32];

	fprintf(out, "%-10s %s %s\n", json_text(marker, "kind", ""),
		clock_format_duration(text, sizeof(text), json_int(marker, "start_ms", 0)),
		json_text(marker, "title", ""));
}

static void print_episode(FILE *out, const json_t *episode)
{
	fprintf(out, "%-10lld S%02lldE%02lld %s\n", (long long)json_int(episode, "id", 0),
		(long long)json_int(episode, "season", 0), (long long)json_int(episode, "episode", 0),
		json_text(episode, "episode_title", ""));
}

static void print_all(FILE *out, const json_t *list, void (*print)(FILE *out, const json_t *one))
{
	for (size_t i = 0; i < json_array_size(list); i++)
		print(out, json_array_get(list, i));
}

static void list_line(FILE *out, const char *name, const json_t *list)
{
	CLEANUP(buf_free) struct buf text = { 0 };

	for (size_t i = 0; i < json_array_size(list); i++)
		buf_addf(&text, "%s%s", i ? ", " : "", json_string_value(json_array_get(list, i)));
	line(out, name, buf_text(&text));
}

static void print_metadata(FILE *out, const json_t *item)
{
	static const char *const texts[] = { "daypart",  "air_season", "rating", "company", "category",
					     "audience", "warnings",   "expires", "notes" };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		line(out, texts[i], json_text(item, texts[i], ""));
	list_line(out, "tags", json_object_get(item, "tags"));
	list_line(out, "people", json_object_get(item, "people"));
}

static void print_item(FILE *out, const json_t *item)
{
	number_line(out, "id", item, "id");
	line(out, "kind", json_text(item, "kind", ""));
	line(out, "title", json_text(item, "title", ""));
	number_line(out, "year", item, "year");
	number_line(out, "season", item, "season");
	number_line(out, "episode", item, "episode");
	line(out, "episode", json_text(item, "episode_title", ""));
	line(out, "aired", json_text(item, "air_date", ""));
	duration_line(out, "length", item, "duration_ms");
	line(out, "state", json_text(item, "state", ""));
	print_metadata(out, item);
	print_all(out, json_object_get(item, "files"), print_file);
	if (json_array_size(json_object_get(item, "markers")))
		fputc('\n', out);
	print_all(out, json_object_get(item, "markers"), print_marker);
	if (json_array_size(json_object_get(item, "episodes")))
		fputc('\n', out);
	print_all(out, json_object_get(item, "episodes"), print_episode);
}

static int show_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(json_cleanup) json_t *item = NULL;
	CLEANUP(buf_free) struct buf text = { 0 };
	int64_t id;

	if (command_id(ctx->argv[0], "item", "items", &id, err) < 0)
		return -(int)ERR_USAGE;
	item = items_json(ctx->db, id, err);
	if (!item)
		return err && err->code ? -(int)err->code : -(int)ERR_STORE;
	if (!ctx->json) {
		print_item(ctx->out, item);
		return 0;
	}
	json_write(&text, item);
	fprintf(ctx->out, "%s\n", buf_text(&text));
	return 0;
}

const struct command show_command = {
	.name = "show",
	.args = "ID",
	.help = "Show one item: its files, what is in them, markers, episodes.",
	.needs = NEEDS_READ,
	.min_args = 1,
	.max_args = 1,
	.run = show_run,
};
