/* test_probe.c - what a probe says of generated files, of broken ones, and its way through JSON. */
#include "lib/testlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "media/probe.h"
#include "media/thumbnail.h"

#define V(rate) "-f lavfi -i testsrc2=s=320x180:r=" rate " "
#define A(rate) "-f lavfi -i sine=440:r=" rate " "

static const struct row {
	const char *file, *args, *container, *video;
	int width, height, num, den;
	bool interlaced;
	const char *audio;
	int channels, rate;
	int64_t ms; /* within 1 ms */
} rows[] = {
	{ "a.mkv", V("24000/1001") A("48000") "-t 3.003 -c:v libx264 -preset ultrafast -bf 2 -pix_fmt yuv420p -c:a aac",
	  "matroska,webm", "h264", 320, 180, 24000, 1001, false, "aac", 1, 48000, 3003 },
	{ "b.mp4", V("25") A("44100") "-t 3 -c:v libx264 -preset veryfast -pix_fmt yuv420p -c:a aac -ac 2",
	  "mov,mp4,m4a,3gp,3g2,mj2", "h264", 320, 180, 25, 1, false, "aac", 2, 44100, 3000 },
	{ "c.ts", V("25") A("48000") "-t 3 -vf setfield=tff -c:v mpeg2video -flags +ilme+ildct -top 1 -c:a mp2", "mpegts",
	  "mpeg2video", 320, 180, 25, 1, true, "mp2", 1, 48000, 3000 },
	{ "d.avi", V("30000/1001") "-t 3 -c:v mpeg4", "avi", "mpeg4", 320, 180, 30000, 1001, false, NULL, 0, 0, 3003 },
	{ "e.webm", V("50") "-t 2 -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -pix_fmt yuv420p", "matroska,webm", "vp9",
	  320, 180, 50, 1, false, NULL, 0, 0, 2000 },
	{ "f.flac", A("44100") "-t 2 -c:a flac", "flac", NULL, 0, 0, 0, 1, false, "flac", 1, 44100, 2000 },
	{ "late.ts", V("25") A("48000") "-t 2 -output_ts_offset 50000 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac",
	  "mpegts", "h264", 320, 180, 25, 1, false, "aac", 1, 48000, 2000 },
};

static char *dir;

static char *in_dir(const char *name)
{
	char *path = NULL;

	assert_true(asprintf(&path, "%s/%s", dir, name) > 0);
	return path;
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];
		CLEANUP(cleanup_free) char *path = in_dir(r->file);
		CLEANUP(arena_free) struct arena arena = { 0 };
		struct err err = { 0 };
		struct probe p;

		test_media(path, r->args);
		fprintf(stderr, "%s\n", r->file);
		test_ok(probe_file(path, &arena, &p, &err), &err);
		assert_string_equal(p.container, r->container);
		assert_int_equal(p.has_video, r->video != NULL);
		if (r->video)
			assert_string_equal(p.video_codec, r->video);
		assert_int_equal(p.width, r->width);
		assert_int_equal(p.height, r->height);
		assert_int_equal(p.fps_num, r->num);
		assert_int_equal(p.fps_den, r->den);
		assert_int_equal(p.interlaced, r->interlaced);
		if (r->audio)
			assert_string_equal(p.audio_codec, r->audio);
		assert_int_equal(p.audio_tracks, r->audio != NULL);
		assert_int_equal(p.audio_channels, r->channels);
		assert_int_equal(p.audio_rate, r->rate);
		assert_in_range(p.duration_ms, r->ms - 1, r->ms + 1);
		assert_int_equal(strlen(p.sample_hash), 32);
	}
}

/* The first `keep` of a file, and where wanted its Matroska duration made to lie. */
static void spoil(const char *from, const char *to, double keep, bool lie)
{
	CLEANUP(cleanup_free) char *a = in_dir(from), *b = in_dir(to);
	CLEANUP(buf_free) struct buf file = { 0 };
	struct err err = { 0 };
	FILE *f;

	test_ok(buf_read_file(&file, a, &err), &err);
	for (size_t i = 0; lie && i + 11 < file.len; i++)
		if (memcmp(file.data + i, "\x44\x89\x88", 3) == 0) { /* Duration, a double in ms */
			memcpy(file.data + i + 3, "\x40\xF3\x88\x00\x00\x00\x00\x00", 8); /* 80,000 */
			break;
		}
	f = fopen(b, "wb");
	fwrite(file.data, 1, (size_t)((double)file.len * keep), f);
	fclose(f);
}

static int64_t duration_of(const char *name)
{
	CLEANUP(cleanup_free) char *path = in_dir(name);
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct err err = { 0 };
	struct probe p;

	test_ok(probe_file(path, &arena, &p, &err), &err);
	return p.duration_ms;
}

static void test_wrong_duration(void **state)
{
	CLEANUP(cleanup_free) char *fast = in_dir("fast.mp4");

	(void)state;
	spoil("a.mkv", "lie.mkv", 1, true);
	assert_in_range(duration_of("lie.mkv"), 3000, 3006);
	spoil("a.mkv", "cut.mkv", 0.5, false);
	assert_in_range(duration_of("cut.mkv"), 500, 2500);
	test_media(fast, V("25") "-t 4 -c:v libx264 -preset ultrafast -g 25 -movflags +faststart");
	spoil("fast.mp4", "cut.mp4", 0.5, false);
	assert_in_range(duration_of("cut.mp4"), 1000, 3000);
	spoil("c.ts", "cut.ts", 0.5, false);
	assert_in_range(duration_of("cut.ts"), 500, 2500);
}

static int fail_code(const char *path)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct err err = { 0 };
	struct probe p = { .duration_ms = 77 };

	assert_true(probe_file(path, &arena, &p, &err) < 0);
	assert_int_equal(p.duration_ms, 77);
	assert_true(strlen(err.text) > 10);
	return (int)err.code;
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "wb");

	fputs(text, f);
	fclose(f);
}

static void test_not_media(void **state)
{
	CLEANUP(cleanup_free) char *empty = in_dir("empty.mkv"), *list = in_dir("x.m3u8"), *concat = in_dir("y.ffconcat");
	CLEANUP(cleanup_free) char *moov = in_dir("nomoov.mp4");

	(void)state;
	write_text(empty, "");
	write_text(list, "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\na.mkv\n#EXT-X-ENDLIST\n");
	write_text(concat, "ffconcat version 1.0\nfile a.mkv\n");
	spoil("b.mp4", "nomoov.mp4", 0.5, false);
	assert_int_equal(fail_code(empty), ERR_MEDIA);
	assert_int_equal(fail_code(list), ERR_MEDIA);
	assert_int_equal(fail_code(concat), ERR_MEDIA);
	assert_int_equal(fail_code(moov), ERR_MEDIA);
	assert_int_equal(fail_code(dir), ERR_MEDIA);
	assert_int_equal(fail_code("/nowhere/a.mkv"), ERR_NOT_FOUND);
}

/* Names that libavformat would take for a protocol or an image sequence. */
static void test_hostile_names(void **state)
{
	static const char *const names[] = { "a: b.mkv", "-rf.mkv", "concat:x|y.mkv", "n%03d.mkv", "new\nline.mkv",
					     "bad\xff utf.mkv" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		spoil("a.mkv", names[i], 1, false);
		assert_in_range(duration_of(names[i]), 3000, 3006);
	}
}

/* Lists are cut, nobody twice, nobody who is unknown; every container has its own names for the roles. */
static void test_people(void **state)
{
	static const struct {
		const char *file, *args, *people;
	} files[] = {
		{ "people.mkv",
		  V("25") "-t 0.2 -c:v mpeg4 -metadata DIRECTOR=Baker -metadata ACTOR=Poole,Lee,poole -metadata COMPOSER=Doe;Roe",
		  "[{\"name\":\"Baker\",\"role\":\"director\"},{\"name\":\"Poole\",\"role\":\"actor\"},"
		  "{\"name\":\"Lee\",\"role\":\"actor\"},{\"name\":\"Doe\",\"role\":\"composer\"},"
		  "{\"name\":\"Roe\",\"role\":\"composer\"}]" },
		{ "people.mp4", V("25") "-t 0.2 -c:v mpeg4 -metadata artist=Poole,Lee&Sons -metadata composer=;",
		  "[{\"name\":\"Poole,Lee&Sons\",\"role\":\"artist\"}]" },
		{ "people.flac", A("44100") "-t 0.2 -c:a flac -metadata artist=Unknown -metadata performer=Lee",
		  "[{\"name\":\"Lee\",\"role\":\"performer\"}]" },
		{ "people.ogg", A("44100") "-t 0.2 -c:a libvorbis -metadata artist=Lee",
		  "[{\"name\":\"Lee\",\"role\":\"artist\"}]" },
		{ "nobody.mkv", V("25") "-t 0.2 -c:v mpeg4", "[]" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		CLEANUP(cleanup_free) char *path = in_dir(files[i].file);
		CLEANUP(arena_free) struct arena arena = { 0 };
		struct err err = { 0 };
		struct probe p;

		test_media(path, files[i].args);
		test_ok(probe_file(path, &arena, &p, &err), &err);
		assert_string_equal(p.people, files[i].people);
	}
}

static void test_json(void **state)
{
	CLEANUP(cleanup_free) char *path = in_dir("a.mkv");
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct err err = { 0 };
	struct probe p, back;
	json_t *json;
	const char *key;
	json_t *value;

	(void)state;
	test_ok(probe_file(path, &arena, &p, &err), &err);
	json = probe_to_json(&p);
	test_ok(probe_from_json(json, &arena, &back, &err), &err);
	assert_int_equal(back.duration_flicks, p.duration_flicks);
	assert_string_equal(back.streams, p.streams);
	assert_string_equal(back.sample_hash, p.sample_hash);
	json_object_foreach(json, key, value) {
		json_t *spoilt = json_copy(json);

		json_object_set_new(spoilt, key, json_real(1.5));
		assert_true(probe_from_json(spoilt, &arena, &back, &err) < 0);
		assert_int_equal(err.code, ERR_INVALID);
		err_clear(&err);
		json_object_del(spoilt, key);
		if (!json_is_null(value))
			assert_true(probe_from_json(spoilt, &arena, &back, &err) < 0);
		err_clear(&err);
		json_decref(spoilt);
	}
	json_object_set_new(json, "width", json_integer(INT64_MAX));
	assert_true(probe_from_json(json, &arena, &back, &err) < 0);
	json_decref(json);
}

static void test_thumbnail(void **state)
{
	CLEANUP(cleanup_free) char *path = in_dir("dark.mkv"), *to = in_dir("t.jpg"), *sound = in_dir("f.flac");
	CLEANUP(buf_free) struct buf jpeg = { 0 };
	struct err err = { 0 };

	(void)state;
	test_media(path, "-f lavfi -i color=black:s=320x180:r=25:d=2 -f lavfi -i testsrc2=s=320x180:r=25:d=2 "
			 "-filter_complex [0][1]concat=n=2 -c:v libx264 -preset ultrafast -pix_fmt yuv420p");
	test_ok(thumbnail_write(path, 200, 160, to, &err), &err);
	test_ok(buf_read_file(&jpeg, to, &err), &err);
	assert_memory_equal(jpeg.data, "\xff\xd8\xff", 3);
	assert_true(jpeg.len > 3000); /* black would be far smaller */
	test_ok(thumbnail_write(path, 1000000, 160, to, &err), &err); /* behind the end */
	assert_true(thumbnail_write(sound, 0, 160, to, &err) < 0);
	assert_int_equal(err.code, ERR_MEDIA);
	err_clear(&err);
	assert_true(thumbnail_write(path, 0, 0, to, &err) < 0);
	assert_int_equal(err.code, ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows),	   cmocka_unit_test(test_wrong_duration),
					    cmocka_unit_test(test_not_media), cmocka_unit_test(test_hostile_names),
					    cmocka_unit_test(test_people),	   cmocka_unit_test(test_json),
					    cmocka_unit_test(test_thumbnail) };

	dir = test_dir();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
