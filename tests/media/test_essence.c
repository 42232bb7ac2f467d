/* The essence hash: what stays equal through remuxes and tags, and what does not. */
#include "lib/testlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "media/essence.h"

#define SOUND "-f lavfi -i sine=440:r=48000:d=2 "

static char *remuxed(const char *dir, const char *name, const char *from, const char *args)
{
	CLEANUP(cleanup_free) char *all = NULL;

	if (asprintf(&all, "-i %s -c copy %s", from, args) < 0)
		abort();
	return test_made(dir, name, all);
}

static void expect(const char *a, const char *b, bool equal)
{
	char x[HASH_TEXT_SIZE], y[HASH_TEXT_SIZE];
	struct err err = { 0 };

	test_ok(essence_hash(a, NULL, x, &err), &err);
	test_ok(essence_hash(b, NULL, y, &err), &err);
	if ((strcmp(x, y) == 0) != equal)
		fail_msg("%s %s and %s %s should%s be equal", a, x, b, y, equal ? "" : " not");
}

static void h264_and_aac_in_any_container(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(cleanup_free)
	char *mkv = test_made(dir, "a.mkv",
			 "-f lavfi -i testsrc2=s=160x90:r=25:d=2 " SOUND
			 "-c:v libx264 -preset ultrafast -bf 2 -c:a aac");
	CLEANUP(cleanup_free) char *mp4 = remuxed(dir, "a.mp4", mkv, "-movflags +faststart");
	CLEANUP(cleanup_free) char *ts = remuxed(dir, "a.ts", mkv, "");
	CLEANUP(cleanup_free) char *back = remuxed(dir, "back.mkv", ts, "");
	CLEANUP(cleanup_free)
	char *tagged = remuxed(dir, "tagged.mkv", mp4, "-metadata title=Other -metadata year=1999");
	CLEANUP(cleanup_free) char *cut = remuxed(dir, "cut.mkv", mkv, "-t 1");
	CLEANUP(cleanup_free) char *mute = remuxed(dir, "mute.mkv", mkv, "-an");
	CLEANUP(cleanup_free) char *turned = NULL;

	(void)state;
	expect(mkv, mp4, true);
	expect(mkv, ts, true);
	expect(mkv, back, true);
	expect(mkv, tagged, true);
	expect(mkv, cut, false);
	expect(mkv, mute, false);
	turned = remuxed(dir, "turned.mkv", mkv, "-map 0:a -map 0:v"); /* streams in another order */
	expect(mkv, turned, true);
}

static void hevc_and_ac3(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(cleanup_free)
	char *mkv = test_made(dir, "a.mkv",
			 "-f lavfi -i testsrc2=s=160x90:r=25:d=1 " SOUND
			 "-c:v libx265 -preset ultrafast -x265-params log-level=none -c:a ac3 -shortest");
	CLEANUP(cleanup_free) char *mp4 = remuxed(dir, "a.mp4", mkv, "-tag:v hvc1");
	CLEANUP(cleanup_free) char *ts = remuxed(dir, "a.ts", mkv, "");

	(void)state;
	expect(mkv, mp4, true);
	expect(mkv, ts, true);
}

static void covers_and_tags_of_music(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(cleanup_free) char *plain = test_made(dir, "a.flac", SOUND "-c:a flac");
	CLEANUP(cleanup_free)
	char *cover = test_made(dir, "cover.jpg", "-f lavfi -i testsrc2=s=64x64 -frames:v 1");
	CLEANUP(cleanup_free) char *args = NULL;
	CLEANUP(cleanup_free) char *with = NULL, *mp3 = NULL, *id3 = NULL;

	(void)state;
	assert_true(
		asprintf(&args,
			 "-i %s -i %s -map 0 -map 1 -c copy -disposition:v attached_pic -metadata artist=X",
			 plain, cover) > 0);
	with = test_made(dir, "with.flac", args);
	expect(plain, with, true);
	mp3 = test_made(dir, "a.mp3", SOUND "-c:a libmp3lame -id3v2_version 0");
	id3 = remuxed(dir, "id3.mp3", mp3,
		      "-write_id3v1 1 -id3v2_version 3 -metadata title=Much_longer_than_it_was");
	expect(mp3, id3, true);
}

static void what_cannot_be_hashed(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(cleanup_free) char *text = fs_join(dir, "a.mkv");
	char hash[HASH_TEXT_SIZE] = "untouched";
	struct err err = { 0 };

	(void)state;
	test_ok(fs_write_atomic(text, "no media", 8, &err), &err);
	assert_int_equal(essence_hash(text, NULL, hash, &err), -ERR_MEDIA);
	assert_string_equal(hash, "untouched");
	assert_non_null(strstr(err.text, "a.mkv"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(h264_and_aac_in_any_container),
		cmocka_unit_test(hevc_and_ac3),
		cmocka_unit_test(covers_and_tags_of_music),
		cmocka_unit_test(what_cannot_be_hashed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
