/* What the encoder really delivers, segment by segment and joined to a long stream across rows and the 33-bit wrap, before
 * judges: our validator of ISO 13818-1 with its decoder model (lib/ts_check.h), ffprobe, and libdvbpsi where it is there.
 *
 * Not asked for: that the largest pictures of noise come no faster than their level's rate; they go out within a picture's
 * time, which only a demodulator's 512 bytes of transport buffer would mind. */
#include "lib/testlib.h"

#if __has_include(<dvbpsi/dvbpsi.h>)
#define HAVE_DVBPSI
#include <stdbool.h>
#include <sys/types.h>
#include <dvbpsi/dvbpsi.h>
#include <dvbpsi/psi.h>
#include <dvbpsi/descriptor.h>
#include <dvbpsi/pat.h>
#include <dvbpsi/pmt.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "lib/ts_check.h"
#include "stream/encode.h"
#include "stream/slate.h"
#include "stream/ts_stamp.h"

#define MAX_SEGMENTS 16
#define WRAP (INT64_C(1) << 33)

#define X264 " -c:v libx264 -preset ultrafast -qp 10 -pix_fmt yuv420p -g 50 -c:a aac -b:a 256k"
/* Hard to code, nothing at all, cuts: the most bytes, the fewest, and key pictures that stand out. */
static const struct row {
	const char *name, *args, *profile;
	int fps_num, fps_den, seconds;
	bool even; /* no picture is so large that it comes faster than its level allows */
} rows[] = {
	{ "noise", "-f lavfi -i testsrc2=s=854x480:r=25,noise=alls=80:allf=t -f lavfi -i anoisesrc=r=48000:a=0.9:seed=1 -t 5" X264,
	  "480p", 25, 1, 4, false },
	{ "nothing", "-f lavfi -i color=black:s=320x180:r=25 -f lavfi -i anullsrc=r=48000:cl=stereo -t 9" X264, "480p", 25, 1, 5, true },
	{ "cuts", "-f lavfi -i testsrc2=s=640x360:r=50 -f lavfi -i sine=440:r=48000 -t 5" X264, "480p", 50, 1, 4, true },
	{ "large", "-f lavfi -i testsrc2=s=1280x720:r=30000/1001,noise=alls=40:allf=t -f lavfi -i anoisesrc=r=44100:seed=1 -t 5" X264,
	  "720p", 30000, 1001, 3, false },
};

struct segments {
	struct buf data[MAX_SEGMENTS];
	int64_t count;
};

static char *dir;

static bool wanted(void *context, int64_t k)
{
	(void)context;
	return k < MAX_SEGMENTS;
}

static int keep(void *context, int64_t k, const void *data, size_t len, struct err *err)
{
	struct segments *s = context;

	(void)err;
	buf_add(&s->data[k], data, len);
	s->count++;
	return 0;
}

static void segments_free(struct segments *s)
{
	for (size_t i = 0; i < MAX_SEGMENTS; i++)
		buf_free(&s->data[i]);
}

static struct clip encode_row(const struct row *row, const char *path, struct segments *ret)
{
	struct encode_sink sink = { ret, wanted, keep };
	struct encode_result result;
	struct clip clip = { .path = path, .file_id = 1 };
	struct err err = { 0 };

	test_ok(profile_get(row->profile, row->fps_num, row->fps_den, &clip.profile, &err), &err);
	clip.frames = plan_frames(row->seconds * PLAN_FLICKS, clip_rate(&clip));
	clip_set_key(&clip, row->name);
	test_ok(encode_clip(&clip, 0, plan_segments(clip.frames, clip_rate(&clip)), &sink, &result, &err), &err);
	assert_int_equal(ret->count, plan_segments(clip.frames, clip_rate(&clip)));
	return clip;
}

static void judge(const struct row *row, const char *what, const struct buf *ts, bool neutral)
{
	CLEANUP(ts_check_free) struct ts_check c = { 0 };

	if (ts_check(&c, (const uint8_t *)ts->data, ts->len, neutral) < 0)
		fail_msg("%s, %s: %s", row->name, what, c.error);
	assert_true(c.audio_buffer <= 3584);
	assert_true(c.audio_transport <= 512);
	assert_true(c.table_transport <= 512);
	assert_true(c.level > 0);
	if (row->even)
		assert_true(c.video_transport <= 512);
}

static void ffprobe_says_nothing(const struct row *row, const struct buf *ts)
{
	CLEANUP(buf_free) struct buf said = { 0 };
	CLEANUP(cleanup_free) char *at = fs_join(dir, "joined.ts");
	CLEANUP(cleanup_free) char *command = NULL;
	FILE *out;

	assert_int_equal(fs_write_atomic(at, ts->data, ts->len, NULL), 0);
	assert_true(asprintf(&command, "ffprobe -v warning -count_packets -count_frames %s 2>&1", at) > 0);
	out = popen(command, "re");
	assert_non_null(out);
	assert_int_equal(buf_read_all(&said, out, NULL), 0);
	assert_int_equal(pclose(out), 0);
	if (said.len)
		fail_msg("%s: ffprobe says: %s", row->name, said.data);
}

#ifdef HAVE_DVBPSI
struct tables {
	dvbpsi_t *pmt;
	int pats, pmts, streams[2], complaints;
};

static void complain(dvbpsi_t *dvbpsi, const dvbpsi_msg_level_t level, const char *text)
{
	struct tables *tables = dvbpsi->p_sys;

	(void)level;
	print_message("libdvbpsi: %s\n", text);
	tables->complaints++;
}

static void pmt_came(void *context, dvbpsi_pmt_t *pmt)
{
	struct tables *tables = context;
	int n = 0;

	tables->pmts++;
	assert_int_equal(pmt->i_pcr_pid, 0x100);
	for (dvbpsi_pmt_es_t *es = pmt->p_first_es; es; es = es->p_next, n++)
		tables->streams[n < 2 ? n : 1] = es->i_type;
	assert_int_equal(n, 2);
	dvbpsi_pmt_delete(pmt);
}

static void pat_came(void *context, dvbpsi_pat_t *pat)
{
	struct tables *tables = context;

	tables->pats++;
	assert_non_null(pat->p_first_program);
	assert_int_equal(pat->p_first_program->i_pid, 0x1000);
	assert_true(dvbpsi_pmt_attach(tables->pmt, pat->p_first_program->i_number, pmt_came, tables));
	dvbpsi_pat_delete(pat);
}

/* VLC's own reader of tables; it gives each version of a table once. */
static void dvbpsi_reads_the_tables(const struct buf *ts)
{
	struct tables tables = { 0 };
	dvbpsi_t *pat = dvbpsi_new(complain, DVBPSI_MSG_WARN);

	tables.pmt = dvbpsi_new(complain, DVBPSI_MSG_WARN);
	pat->p_sys = tables.pmt->p_sys = &tables;
	assert_true(dvbpsi_pat_attach(pat, pat_came, &tables));
	for (size_t at = 0; at < ts->len; at += 188) {
		uint8_t *packet = (uint8_t *)ts->data + at;
		unsigned pid = (packet[1] & 0x1Fu) << 8 | packet[2];

		if (pid == 0)
			dvbpsi_packet_push(pat, packet);
		else if (pid == 0x1000 && tables.pats)
			dvbpsi_packet_push(tables.pmt, packet);
	}
	assert_int_equal(tables.pats, 1);
	assert_int_equal(tables.pmts, 1);
	assert_int_equal(tables.streams[0], 0x1B);
	assert_int_equal(tables.streams[1], 0x0F);
	assert_int_equal(tables.complaints, 0);
	dvbpsi_pmt_detach(tables.pmt);
	dvbpsi_pat_detach(pat);
	dvbpsi_delete(tables.pmt);
	dvbpsi_delete(pat);
}
#else
static void dvbpsi_reads_the_tables(const struct buf *ts)
{
	(void)ts;
}
#endif

static void a_stream(const struct row *row)
{
	CLEANUP(segments_free) struct segments s = { 0 };
	CLEANUP(buf_free) struct buf all = { 0 };
	CLEANUP(cleanup_free) char *path = fs_join(dir, row->name);
	CLEANUP(cleanup_free) char *file = NULL;
	struct clip clip;

	assert_true(asprintf(&file, "%s.mkv", path) > 0);
	test_media(file, row->args);
	clip = encode_row(row, file, &s);
	for (int64_t k = 0; k < s.count; k++)
		judge(row, "segment", &s.data[k], true);
	/* Row after row: over the wrap in the second. */
	for (int64_t round = 0; round < 3; round++) {
		int64_t ticks = plan_frame_ticks(clip.frames, clip_rate(&clip));
		int64_t offset = WRAP - ticks - ticks / 2 + round * ticks;

		for (int64_t k = 0; k < s.count; k++) {
			size_t before = all.len;

			buf_add(&all, s.data[k].data, s.data[k].len);
			ts_stamp((uint8_t *)all.data + before, all.len - before, (uint64_t)(offset % WRAP));
		}
	}
	judge(row, "joined", &all, false);
	ffprobe_says_nothing(row, &all);
	dvbpsi_reads_the_tables(&all);
}

static void streams_of_all_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		a_stream(&rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_of_all_kinds),
	};

	dir = test_dir();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
