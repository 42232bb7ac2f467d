/* Black and silence in a film that was made for it; and films that can be played, or not. */
#include "lib/testlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "media/frames.h"
#include "media/soundness.h"

#define FILM \
	"-f lavfi -i testsrc=d=30:s=160x90:r=25 -f lavfi -i sine=f=300:d=30 -vf " \
	"drawbox=enable='between(t,10,11)':color=black:t=fill -af " \
	"volume=enable='between(t,10.1,11.1)':volume=0,volume=enable='between(t,20,21)':volume=0 -c:v " \
	"mpeg4 -q:v 5 -g 50 -c:a aac"

static char *film(const char *dir, const char *name, const char *args)
{
	char *path = fs_join(dir, name);

	test_media(path, args);
	return path;
}

static bool tell(void *context, double progress)
{
	double *last = context;

	assert_true(progress >= -0.001 && progress <= 1.001);
	*last = progress;
	return false;
}

static bool stop(void *context, double progress)
{
	(void)context;
	(void)progress;
	return true;
}

static void black_and_silence_are_found(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir(), *path = film(dir, "film.mkv", FILM);
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct frames_places places;
	struct err err = { 0 };
	double last = 0;

	(void)state;
	test_ok(frames_find(path, tell, &last, &arena, &places, &err), &err);
	assert_true(last > 0);
	assert_in_range(places.duration_ms, 29900, 30200);
	assert_int_equal(places.count, 2);
	assert_in_range(places.places[0].at_ms, 10400, 10650);
	assert_in_range(places.places[0].black_ms, 900, 1150);
	assert_in_range(places.places[0].silence_ms, 850, 1100);
	assert_true(places.places[0].luma < 24 && places.places[0].level_db < -60);
	assert_in_range(places.places[1].at_ms, 20300, 20700);
	assert_int_equal(places.places[1].black_ms, 0);
	assert_true(frames_find(path, stop, NULL, &arena, &places, &err) < 0);
	assert_int_equal(err.code, ERR_BUSY);
}

/* Makes a Matroska file's header say twice its length: Duration (RFC 9559, 5.1.2.10), here a double. */
static void misstate(const char *path)
{
	uint8_t head[4096], *at;
	FILE *f = fopen(path, "r+b");
	size_t n = fread(head, 1, sizeof(head), f);

	at = memmem(head, n, "\x44\x89\x88", 3);
	assert_non_null(at);
	at[4] += 0x10; /* the exponent's lowest bit */
	fseek(f, 0, SEEK_SET);
	assert_int_equal(fwrite(head, 1, n, f), n);
	fclose(f);
}

static void a_film_is_sound_or_says_why(void **state)
{
	static const char *const ends[] = {
		"-f lavfi -i testsrc=d=20:s=160x90:r=25 -f lavfi -i sine=d=8 -c:v mpeg4 -c:a aac", "sound"
	};
	CLEANUP(cleanup_free)
	char *dir = test_dir(),
	     *whole = film(dir, "whole.mkv", FILM), *cut = film(dir, "cut.mkv", FILM),
	     *uneven = film(dir, "uneven.mkv", ends[0]),
	     *brief = film(dir, "brief.mp4", "-f lavfi -i testsrc=d=1.5:s=160x90:r=25 -f lavfi -i sine=d=1.5 -c:v mpeg4 -c:a aac"),
	     *wrong = film(dir, "wrong.mkv", FILM), *still = film(dir, "sound.mp3", "-f lavfi -i sine=d=3"), *text = fs_join(dir, "text.mkv");
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct soundness s;
	struct stat st;
	FILE *f = fopen(text, "w");

	(void)state;
	fputs("no film", f);
	fclose(f);
	soundness_check(whole, &arena, &s);
	if (s.count)
		fail_msg("%s", s.problems[0]);
	soundness_check(still, &arena, &s);
	assert_int_equal(s.count, 0);
	assert_int_equal(stat(cut, &st), 0);
	assert_int_equal(truncate(cut, st.st_size / 2), 0);
	soundness_check(cut, &arena, &s);
	assert_true(s.count > 0);
	soundness_check(uneven, &arena, &s);
	assert_true(s.count > 0 && strstr(s.problems[0], ends[1]));
	soundness_check(brief, &arena, &s);
	if (s.count)
		fail_msg("%s", s.problems[0]);
	misstate(wrong);
	soundness_check(wrong, &arena, &s);
	if (s.count)
		fail_msg("%s", s.problems[0]);
	assert_int_equal(s.remark_count, 1);
	assert_non_null(strstr(s.remarks[0], "before the length that it says"));
	soundness_check(text, &arena, &s);
	assert_int_equal(s.count, 1);
	soundness_check("/nonexistent", &arena, &s);
	assert_int_equal(s.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(black_and_silence_are_found),
		cmocka_unit_test(a_film_is_sound_or_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
