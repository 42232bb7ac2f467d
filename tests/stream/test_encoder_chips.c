/* Encoders of graphics chips, through the real libavcodec and libva, over test drivers (tests/drivers): what they deliver is a
 * segment like any other, and each way in which a chip fails has its sentence. Without drivers it is skipped. */
#include "lib/testlib.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "lib/clip_made.h"
#include "lib/ts_check.h"
#include "lib/ts_decode.h"
#include "media/h264.h"
#include "stream/encode.h"
#include "stream/encoder.h"

#define SEGMENTS 3
#define MARK "TEST_CHIPS_PRELOADED"

static char *dir, *film;
static bool timed; /* pictures come with SEI that says when they are decoded */

/* What the chip does from now on. */
static void tell(const char *words)
{
	FILE *file = fopen(getenv("TEST_CHIP"), "w");

	assert_non_null(file);
	fputs(words, file);
	fclose(file);
}

/* 480p is 854 pixels wide, which is no multiple of 16: parameter sets must say what is cut off. */
static struct clip clip_of(const char *chip, int fps_num, int fps_den)
{
	struct clip clip = { .path = film, .file_id = 1, .frames = plan_frames(6 * PLAN_FLICKS, (struct plan_rate){ fps_num, fps_den }) };
	char name[32];
	struct err err = { 0 };

	snprintf(name, sizeof(name), "480p+%s", chip);
	test_ok(profile_get(name, fps_num, fps_den, &clip.profile, &err), &err);
	return clip;
}

/* Each picture: delimiter, before the first one the parameter sets, slices; nothing else. */
static void check_units(const struct ts_check *c, int level)
{
	for (size_t i = 0; i < c->picture_count; i++) {
		struct nal_units units = { .data = c->video + c->pictures[i].at, .len = c->pictures[i].len };
		int expected[] = { H264_AUD, H264_SPS, H264_PPS, H264_IDR };
		struct nal_unit unit;
		struct nal_sps sps;
		int count = 0;

		if (i)
			expected[1] = H264_SLICE;
		for (; nal_next(&units, &unit) > 0; count++) {
			if (timed && h264_type(&unit) == H264_SEI) {
				count--;
				continue;
			}
			assert_int_equal(h264_type(&unit), expected[count < (i ? 2 : 4) ? count : (i ? 1 : 3)]);
			if (h264_type(&unit) != H264_SPS)
				continue;
			assert_true(h264_parse_sps(&unit, &sps));
			assert_int_equal(sps.width, 854);
			assert_int_equal(sps.height, 480);
			assert_int_equal(sps.level, level);
		}
		assert_true(count >= (i ? 2 : 4));
	}
}

static void check_segment(const struct clip *clip, int k, const struct buf *ts)
{
	CLEANUP(ts_check_free) struct ts_check c = { 0 };
	struct plan_segment s = clip_segment(clip, k);
	int reorder = clip->profile.reorder;

	if (ts_check(&c, (const uint8_t *)ts->data, ts->len, true) < 0)
		fail_msg("%s", c.error);
	assert_int_equal(c.picture_count, s.frames);
	for (int64_t i = 0; i < s.frames; i++) {
		struct plan_rate rate = clip_rate(clip);

		assert_int_equal((c.pictures[i].dts - plan_frame_ticks(s.first_frame + i - reorder, rate)) & 0x1FFFFFFFF, 0);
		assert_int_equal(c.pictures[i].random_access, i == 0);
	}
	check_units(&c, clip->profile.fps_num == 25 ? 30 : 31);
}

/* They are what libx264 shows at the same time. */
static void check_pictures(const struct clip *clip, const struct ts_decoded *d)
{
	CLEANUP(clip_made_free) struct clip_made r = { 0 };
	CLEANUP(buf_free) struct buf all = { 0 };
	CLEANUP(ts_decoded_free) struct ts_decoded by_x264 = { 0 };
	struct clip other = *clip;
	struct err err = { 0 };

	other.profile = profile_encoded_by(&clip->profile, PROFILE_X264);
	test_ok(clip_made_try(&other, 0, SEGMENTS, &r, &err), &err);
	for (int k = 0; k < SEGMENTS; k++)
		buf_add(&all, r.segment[k].data, r.segment[k].len);
	ts_decode(all.data, all.len, &by_x264);
	assert_int_equal(d->pictures, by_x264.pictures);
	for (int i = 0; i < d->pictures; i++) {
		assert_int_equal(d->picture_pts[i], by_x264.picture_pts[i]);
		assert_in_range(d->luma[i] + 3 - by_x264.luma[i], 0, 6);
		assert_in_range(d->chroma[i][0] + 3 - by_x264.chroma[i][0], 0, 6);
	}
}

static void check_clip(const struct clip *clip)
{
	CLEANUP(clip_made_free) struct clip_made whole = { 0 }, middle = { 0 };
	CLEANUP(buf_free) struct buf all = { 0 };
	CLEANUP(ts_decoded_free) struct ts_decoded d = { 0 };
	struct err err = { 0 };

	test_ok(clip_made_try(clip, 0, SEGMENTS, &whole, &err), &err);
	test_ok(clip_made_try(clip, 1, SEGMENTS, &middle, &err), &err);
	for (int k = 0; k < SEGMENTS; k++) {
		check_segment(clip, k, &whole.segment[k]);
		buf_add(&all, whole.segment[k].data, whole.segment[k].len);
		if (!k)
			continue;
		assert_int_equal(whole.segment[k].len, middle.segment[k].len);
		assert_memory_equal(whole.segment[k].data, middle.segment[k].data, middle.segment[k].len);
	}
	ts_decode(all.data, all.len, &d);
	assert_int_equal(d.pictures, clip->frames);
	assert_int_equal(d.keys, SEGMENTS);
	assert_int_equal(d.complaints, 0);
	check_pictures(clip, &d);
}

/* Slate, and what libx264 makes when the chip fails, stand between its segments: nothing is lost where they meet. */
static void check_changes(const char *chip, int fps_num, int fps_den)
{
	CLEANUP(clip_made_free) struct clip_made chips = { 0 }, x264s = { 0 };
	struct clip clip = clip_of(chip, fps_num, fps_den), other = clip;
	struct err err = { 0 };

	other.profile = profile_encoded_by(&clip.profile, PROFILE_X264);
	test_ok(clip_made_try(&clip, 0, SEGMENTS, &chips, &err), &err);
	test_ok(clip_made_try(&other, 0, SEGMENTS, &x264s, &err), &err);
	for (int order = 0; order < 2; order++) {
		CLEANUP(buf_free) struct buf all = { 0 };
		CLEANUP(ts_decoded_free) struct ts_decoded d = { 0 };

		for (int k = 0; k < SEGMENTS; k++) {
			const struct buf *one = k % 2 == order ? &chips.segment[k] : &x264s.segment[k];

			buf_add(&all, one->data, one->len);
		}
		ts_decode(all.data, all.len, &d);
		assert_int_equal(d.pictures, clip.frames);
		assert_int_equal(d.complaints, 0);
	}
}

static int probe(const char *chip, struct err *err)
{
	char name[32];
	json_t *request, *done = NULL;
	int rc;

	snprintf(name, sizeof(name), "480p+%s", chip);
	request = json_pack("{s:s, s:s, s:i, s:i}", "job", "encoder_probe", "profile", name, "fps_num", 30000, "fps_den", 1001);
	rc = encoder_probe_job(NULL, request, &done, err);
	json_decref(done);
	json_decref(request);
	return rc;
}

static void chip_delivers_segments(const char *chip, const char *const *ways)
{
	for (; *ways; ways++) {
		struct err err = { 0 };
		struct clip clip = clip_of(chip, 30000, 1001);

		tell(*ways);
		test_ok(probe(chip, &err), &err);
		check_clip(&clip);
		check_changes(chip, 25, 1);
	}
}

struct fault_row {
	const char *words;
	bool probe_passes; /* it is only seen on the air */
	const char *says;
};

static void chip_fails_with_a_sentence(const char *chip, const char *name, const struct fault_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		CLEANUP(clip_made_free) struct clip_made r = { 0 };
		struct clip clip = clip_of(chip, 25, 1);
		struct err err = { 0 };

		tell(rows[i].words);
		assert_int_equal(probe(chip, &err) >= 0, rows[i].probe_passes);
		if (!rows[i].probe_passes)
			assert_non_null(strstr(err.text, name));
		err_clear(&err);
		assert_true(clip_made_try(&clip, 0, SEGMENTS, &r, &err) < 0);
		fprintf(stderr, "%s: %s\n", rows[i].words, err.text);
		assert_true(err.code == ERR_INTERNAL || err.code == ERR_UNSUPPORTED); /* no fault of the file */
		assert_non_null(strstr(err.text, name));
		assert_non_null(strstr(err.text, rows[i].says));
		assert_int_equal(r.segment[0].len, 0);
	}
	tell("");
	test_ok(probe(chip, &(struct err){ 0 }), NULL);
}

static bool driver_is_there(const char *file)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", getenv("LIBVA_DRIVERS_PATH"), file);
	return access(path, R_OK) == 0;
}

static void vaapi_delivers_segments(void **state)
{
	static const char *const ways[] = { "", "own", "cqp", "nosync", NULL };

	(void)state;
	if (!driver_is_there("iHD_drv_video.so"))
		skip();
	chip_delivers_segments("vaapi", ways);
}

static void vaapi_fails_with_a_sentence(void **state)
{
	static const struct fault_row rows[] = {
		{ "absent", false, "there is no /dev/dri/renderD128" },
		{ "forbidden", false, "may not open /dev/dri/renderD128" },
		{ "refuse", false, "Failed to create encode pipeline context" },
		{ "sessions 0", false, "resource allocation failed" },
		{ "fail 0", false, "internal encoding error" },
		{ "fail 10", false, "internal encoding error" },
		{ "fail 45", true, "internal encoding error" },
	};

	(void)state;
	if (!driver_is_there("iHD_drv_video.so"))
		skip();
	chip_fails_with_a_sentence("vaapi", "h264_vaapi", rows, ARRAY_LEN(rows));
}

static void nvenc_delivers_segments(void **state)
{
	static const char *const ways[] = { "", "own", NULL };

	(void)state;
	if (!driver_is_there("libnvidia-encode.so.1"))
		skip();
	chip_delivers_segments("nvenc", ways);
}

static void nvenc_fails_with_a_sentence(void **state)
{
	static const struct fault_row rows[] = {
		{ "absent", false, "no CUDA-capable device is detected" },
		{ "old", false, "Driver does not support the required nvenc API version" },
		{ "sessions 0", false, "OpenEncodeSessionEx failed: out of memory" },
		{ "fail 0", false, "EncodePicture failed" },
		{ "fail 45", true, "EncodePicture failed" },
	};

	(void)state;
	if (!driver_is_there("libnvidia-encode.so.1"))
		skip();
	chip_fails_with_a_sentence("nvenc", "h264_nvenc", rows, ARRAY_LEN(rows));
}

/* Which runtime the dispatcher loads: Intel's own, or the test's. */
static void choose_runtime(bool intels)
{
	setenv("INTEL_MEDIA_RUNTIME", intels ? "MSDK" : "ONEVPL", 1);
	timed = intels;
}

/* Intel's Media SDK itself, which encodes by VA: what it packs stands in the stream. */
static void qsv_of_intels_runtime_delivers_segments(void **state)
{
	static const char *const ways[] = { "", NULL };
	void *runtime = dlopen("libmfxhw64.so.1", RTLD_LAZY | RTLD_LOCAL);

	(void)state;
	if (!runtime || !driver_is_there("iHD_drv_video.so"))
		skip();
	choose_runtime(true);
	chip_delivers_segments("qsv", ways);
	choose_runtime(false);
	dlclose(runtime);
}

static void qsv_delivers_segments(void **state)
{
	static const char *const ways[] = { "own vbr", NULL };

	(void)state;
	if (!driver_is_there("libmfx-gen.so.1.2"))
		skip();
	chip_delivers_segments("qsv", ways);
}

static void qsv_fails_with_a_sentence(void **state)
{
	static const struct fault_row rows[] = {
		{ "absent", false, "there is no /dev/dri/renderD128" },
		{ "forbidden", false, "may not open /dev/dri/renderD128" },
		{ "strange", false, "Error during set display handle: device failed" },
		{ "refuse", false, "Error initializing the encoder: device failed" },
		{ "fail 0", false, "Error during encoding" },
		{ "lost 10", false, "nothing for picture 10" },
		{ "lost 45", true, "nothing for picture 45" },
	};

	(void)state;
	if (!driver_is_there("libmfx-gen.so.1.2"))
		skip();
	chip_fails_with_a_sentence("qsv", "h264_qsv", rows, ARRAY_LEN(rows));
}

static void check_asked(const char *words, const char *profile, int fps_num, int fps_den, const char *expected)
{
	CLEANUP(cleanup_free) char *path = NULL;
	struct profile p;
	struct err err = { 0 };
	AVCodecContext *encoder;
	char line[300] = "";
	FILE *file;

	tell(words);
	test_ok(profile_get(profile, fps_num, fps_den, &p, &err), &err);
	encoder = encoder_open(&p, &err);
	test_ok(encoder ? 0 : -1, &err);
	avcodec_free_context(&encoder);
	assert_true(asprintf(&path, "%s.asked", getenv("TEST_CHIP")) > 0);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	fclose(file);
	assert_string_equal(line, expected);
}

/* As the runtime is told. */
static void qsv_is_asked_for_the_profile(void **state)
{
	(void)state;
	if (!driver_is_there("libmfx-gen.so.1.2"))
		skip();
	check_asked("", "480p+qsv", 25, 1,
		    "854x480 of 864x480, 25/1, profile 100 level 30, QVBR 23 1333..2000 kbit/s 250 kB, gop 65535 distance 1 "
		    "idr 0 closed, delimiters on adaptive off off, colours 1 1 1\n");
	check_asked("", "1080p+qsv", 60000, 1001,
		    "1920x1080 of 1920x1088, 60000/1001, profile 100 level 42, QVBR 22 6000..9000 kbit/s 1125 kB, gop 65535 "
		    "distance 1 idr 0 closed, delimiters on adaptive off off, colours 1 1 1\n");
	check_asked("vbr", "720p+qsv", 24000, 1001,
		    "1280x720 of 1280x720, 24000/1001, profile 100 level 31, VBR 0 3000..4500 kbit/s 562 kB, gop 65535 distance "
		    "1 idr 0 closed, delimiters on adaptive off off, colours 1 1 1\n");
	check_asked("cqp", "720p+qsv", 25, 1,
		    "1280x720 of 1280x720, 25/1, profile 100 level 31, CQP 23, gop 65535 distance 1 idr 0 closed, delimiters on "
		    "adaptive off off, colours 1 1 1\n");
}

static void *give_back(void *fd)
{
	usleep(400000);
	close(*(int *)fd);
	return NULL;
}

/* Another encoder has the only session, and ends. */
static void nvenc_waits_for_a_session(void **state)
{
	CLEANUP(cleanup_free) char *path = NULL;
	struct err err = { 0 };
	pthread_t thread;
	int fd, rc;

	(void)state;
	if (!driver_is_there("libnvidia-encode.so.1"))
		skip();
	tell("sessions 1");
	assert_true(asprintf(&path, "%s.session0", getenv("TEST_CHIP")) > 0);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(pthread_create(&thread, NULL, give_back, &fd), 0);
	rc = probe("nvenc", &err);
	pthread_join(thread, NULL);
	test_ok(rc, &err);
}

/* The loader reads its variables before main() runs: once more, with the drivers. */
static void start_with_drivers(char **argv)
{
	char self[PATH_MAX] = "", drivers[PATH_MAX + 20], shim[PATH_MAX + 40];

	if (getenv(MARK))
		return;
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		abort();
	snprintf(drivers, sizeof(drivers), "%s/tests/drivers", dirname(self));
	snprintf(shim, sizeof(shim), "%s/drm_shim.so", drivers);
	setenv(MARK, "1", 1);
	setenv("LIBVA_DRIVERS_PATH", drivers, 1);
	setenv("LD_LIBRARY_PATH", drivers, 1);
	if (access(shim, R_OK) == 0)
		setenv("LD_PRELOAD", shim, 1);
	else
		fprintf(stderr, "there is no %s\n", shim);
	execv("/proc/self/exe", argv);
	abort();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vaapi_delivers_segments),
		cmocka_unit_test(vaapi_fails_with_a_sentence),
		cmocka_unit_test(nvenc_delivers_segments),
		cmocka_unit_test(nvenc_fails_with_a_sentence),
		cmocka_unit_test(nvenc_waits_for_a_session),
		cmocka_unit_test(qsv_of_intels_runtime_delivers_segments),
		cmocka_unit_test(qsv_delivers_segments),
		cmocka_unit_test(qsv_fails_with_a_sentence),
		cmocka_unit_test(qsv_is_asked_for_the_profile),
	};
	char *chip = NULL;
	int failed;

	(void)argc;
	start_with_drivers(argv);
	dir = test_dir();
	if (asprintf(&chip, "%s/chip", dir) < 0 || asprintf(&film, "%s/film.mkv", dir) < 0)
		abort();
	setenv("TEST_CHIP", chip, 1);
	unsetenv("LD_PRELOAD"); /* ffmpeg needs none */
	choose_runtime(false);
	test_media(film, "-f lavfi -i color=s=320x180:r=25,geq=lum='16+mod(N*7\\,200)':cb='64+mod(N*3\\,128)':cr=128 -f lavfi -i sine=f=440:r=48000 -t 7 -c:v libx264 -preset ultrafast -g 60 "
			 "-c:a flac");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(film);
	free(chip);
	return failed;
}
