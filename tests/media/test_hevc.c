/* HEVC's parameter sets, what an SPS says, and what each unit is to who sends it. */
#include "lib/testlib.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "media/coded.h"
#include "media/hevc.h"

/* x265's. 320x180 Main level 2 with CRA pictures; Main 10; 1918x1078 of fields; 640x360 of the high tier with scaling lists. */
static const uint8_t vps_main[] = { 0x40, 0x01, 0x0c, 0x01, 0xff, 0xff, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00,
				    0x90, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x3c, 0x95, 0x94, 0x09 };
static const uint8_t pps_main[] = { 0x44, 0x01, 0xc0, 0x73, 0xc1, 0x89 };
static const uint8_t sps_main[] = { 0x42, 0x01, 0x01, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00,
				    0x03, 0x00, 0x3c, 0xa0, 0x0a, 0x08, 0x0c, 0x1f, 0x3e, 0x59, 0x59, 0x52, 0x93, 0x0b, 0xc0,
				    0x5a, 0x02, 0x00, 0x00, 0x03, 0x00, 0x02, 0x00, 0x00, 0x03, 0x00, 0x32, 0x10 };
static const uint8_t sps_ten[] = { 0x42, 0x01, 0x01, 0x02, 0x20, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00,
				   0x00, 0x03, 0x00, 0x3c, 0xa0, 0x0a, 0x08, 0x0b, 0x9f, 0x6d, 0x96, 0x56, 0x69, 0x24,
				   0xca, 0xf0, 0x16, 0x80, 0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00, 0x0c, 0x84 };
static const uint8_t sps_field[] = { 0x42, 0x01, 0x01, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x03, 0x00, 0x00,
				     0x03, 0x00, 0x78, 0xa0, 0x03, 0xc0, 0x80, 0x10, 0xe7, 0x55, 0x96, 0x56, 0x69, 0x24, 0xe5,
				     0x78, 0x0b, 0x43, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x06, 0x42 };
static const uint8_t sps_high[] = { 0x42, 0x01, 0x01, 0x21, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00,
				    0x03, 0x00, 0x7b, 0xa0, 0x05, 0x02, 0x01, 0x69, 0x65, 0x95, 0x9a, 0x49, 0x39, 0x5e, 0x02,
				    0xd0, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x01, 0x90, 0x80 };

static void what_an_sps_says(void **state)
{
	static const struct {
		const uint8_t *data;
		size_t len;
		struct nal_sps want;
		int64_t rate;
	} rows[] = {
		{ sps_main, sizeof(sps_main), { 1, 60, false, 320, 180, 1, 8, 2, true }, 1650000 },
		{ sps_ten, sizeof(sps_ten), { 2, 60, false, 320, 180, 1, 10, 2, true }, 1650000 },
		{ sps_field, sizeof(sps_field), { 1, 120, false, 1918, 1078, 1, 8, 2, false }, 13200000 },
		{ sps_high, sizeof(sps_high), { 1, 123, true, 640, 360, 1, 8, 2, true }, 55000000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct nal_unit unit = { rows[i].data, rows[i].len };
		const struct nal_sps *want = &rows[i].want;
		struct nal_sps sps;

		if (!hevc_parse_sps(&unit, &sps))
			fail_msg("SPS %zu cannot be read", i);
		assert_int_equal(sps.profile, want->profile);
		assert_int_equal(sps.level, want->level);
		assert_int_equal(sps.high_tier, want->high_tier);
		assert_int_equal(sps.width, want->width);
		assert_int_equal(sps.height, want->height);
		assert_int_equal(sps.chroma, want->chroma);
		assert_int_equal(sps.depth, want->depth);
		assert_int_equal(sps.reorder, want->reorder);
		assert_int_equal(sps.progressive, want->progressive);
		assert_int_equal(hevc_rate(&sps), rows[i].rate);
		for (unit.len = 1; unit.len < rows[i].len - 16; unit.len++)
			assert_false(hevc_parse_sps(&unit, &sps));
	}
}

/* ---- an SPS of our own, with all that an encoder may put there ---- */

struct writer {
	uint8_t data[512];
	size_t bits;
};

static void put(struct writer *w, unsigned value, int count)
{
	for (int i = count - 1; i >= 0; i--, w->bits++)
		w->data[w->bits / 8] |= (uint8_t)((value >> i & 1u) << (7 - w->bits % 8));
}

static void put_ue(struct writer *w, unsigned value)
{
	int bits = 0;

	while ((value + 1) >> (bits + 1))
		bits++;
	put(w, 0, bits);
	put(w, value + 1, bits + 1);
}

static void put_lists(struct writer *w)
{
	put(w, 3, 2); /* there are lists, and they stand here */
	for (int size = 0; size < 4; size++)
		for (int matrix = 0; matrix < (size == 3 ? 2 : 6); matrix++) {
			put(w, matrix % 2 == 0, 1);
			if (matrix % 2) {
				put_ue(w, 0);
				continue;
			}
			for (int i = size > 1 ? -1 : 0; i < (size ? 64 : 16); i++)
				put_ue(w, 2);
		}
}

/* Three sets: by itself 2 before and 1 after; from it, one picture on, where a picture falls away that would be the picture
 * itself; from that, with as many flags as that one has pictures and one more. */
static void put_references(struct writer *w)
{
	put_ue(w, 3);
	put_ue(w, 2);
	put_ue(w, 1);
	for (int i = 0; i < 3; i++) {
		put_ue(w, i == 2 ? 0 : i);
		put(w, 1, 1);
	}
	put(w, 1, 1); /* 1, -1: -1, -3 and 1 become -2, -4, 0, and -1 is new */
	put(w, 1, 1);
	put_ue(w, 0);
	put(w, 15, 4);
	put(w, 1, 1); /* from -1, -2, -4: */
	put(w, 0, 1);
	put_ue(w, 0);
	put(w, 1, 1);
	put(w, 1, 2); /* not used, but kept */
	put(w, 1, 1);
	put(w, 1, 1);
}

static size_t write_sps(uint8_t *to, bool field)
{
	struct writer w = { 0 };
	size_t zeros = 0, n = 0;

	put(&w, 0x4201, 16);
	put(&w, 0, 4);
	put(&w, 2, 3);
	put(&w, 1, 1);
	put(&w, 0x01, 8);
	put(&w, 0x60000000, 32);
	put(&w, 2, 2); /* progressive */
	put(&w, 0, 30);
	put(&w, 0, 16);
	put(&w, 150, 8);
	put(&w, 7, 4); /* sub-layers: profile and level; level */
	put(&w, 0, 12);
	for (int i = 0; i < 11; i++)
		put(&w, 0xFF, 8);
	put(&w, 30, 8);
	put(&w, 0, 0);
	put(&w, 60, 8);
	put_ue(&w, 0);
	put_ue(&w, 1);
	put_ue(&w, 3840);
	put_ue(&w, 2176);
	put(&w, 1, 1);
	for (int i = 0; i < 4; i++)
		put_ue(&w, i == 3 ? 8 : 0);
	put_ue(&w, 2);
	put_ue(&w, 1);
	put_ue(&w, 4);
	put(&w, 1, 1);
	for (unsigned i = 0; i < 3; i++) {
		put_ue(&w, 4);
		put_ue(&w, i);
		put_ue(&w, 0);
	}
	for (int i = 0; i < 6; i++)
		put_ue(&w, 1);
	put_lists(&w);
	put(&w, 3, 2);
	put(&w, 1, 1); /* PCM */
	put(&w, 0x77, 8);
	put_ue(&w, 0);
	put_ue(&w, 2);
	put(&w, 0, 1);
	put_references(&w);
	put(&w, 1, 1);
	put_ue(&w, 2);
	put(&w, 0x155, 9);
	put(&w, 0x0AA, 9);
	put(&w, 3, 2);
	put(&w, 1, 1); /* VUI */
	put(&w, 1, 1);
	put(&w, 255, 8);
	put(&w, 4, 16);
	put(&w, 3, 16);
	put(&w, 3, 2);
	put(&w, 1, 1);
	put(&w, 5, 4);
	put(&w, 1, 1);
	put(&w, 0x090E09, 24);
	put(&w, 1, 1);
	put_ue(&w, 0);
	put_ue(&w, 0);
	put(&w, 0, 1);
	put(&w, field, 1);
	put(&w, 1, 1);
	put(&w, 0x8000, 16);
	for (size_t i = 0; i < (w.bits + 7) / 8; i++) {
		if (zeros >= 2 && w.data[i] <= 3) {
			to[n++] = 3;
			zeros = 0;
		}
		to[n++] = w.data[i];
		zeros = w.data[i] ? 0 : zeros + 1;
	}
	return n;
}

static void an_sps_with_everything(void **state)
{
	uint8_t data[1024];
	struct nal_sps sps;

	(void)state;
	for (int field = 0; field < 2; field++) {
		struct nal_unit unit = { data, write_sps(data, field) };

		assert_true(hevc_parse_sps(&unit, &sps));
		assert_int_equal(sps.width, 3840);
		assert_int_equal(sps.height, 2160);
		assert_int_equal(sps.depth, 10);
		assert_int_equal(sps.level, 150);
		assert_int_equal(sps.reorder, 2);
		assert_int_equal(sps.progressive, !field);
		assert_int_equal(hevc_rate(&sps), 27500000);
	}
}

/* ---- extradata ---- */

static size_t add_array(uint8_t *to, const uint8_t *unit, size_t len)
{
	to[0] = 0x80 | (unit[0] >> 1 & 63);
	to[1] = 0;
	to[2] = 1;
	to[3] = 0;
	to[4] = (uint8_t)len;
	memcpy(to + 5, unit, len);
	return 5 + len;
}

static size_t write_hvcc(uint8_t *to)
{
	static const uint8_t sei[] = { 0x4E, 1, 5, 0 }, layer[] = { 0x42, 0x09, 1 }; /* what is no set, what is of a layer */
	size_t at = 23;

	memset(to, 0, 23);
	to[0] = 1;
	to[21] = 3;
	to[22] = 5;
	at += add_array(to + at, vps_main, sizeof(vps_main));
	at += add_array(to + at, sps_main, sizeof(sps_main));
	at += add_array(to + at, layer, sizeof(layer));
	at += add_array(to + at, pps_main, sizeof(pps_main));
	return at + add_array(to + at, sei, sizeof(sei));
}

static void parameter_sets(void **state)
{
	uint8_t hvcc[256];
	size_t len = write_hvcc(hvcc);
	CLEANUP(coded_free) struct coded coded = { 0 }, again = { 0 };

	(void)state;
	assert_null(coded_read(&coded, true, hvcc, len));
	assert_int_equal(coded.length_size, 4);
	assert_int_equal(coded.sets.len, 12 + sizeof(vps_main) + sizeof(sps_main) + sizeof(pps_main));
	assert_int_equal(coded.sps.width, 320);
	assert_int_equal(coded.rate, 1650000);
	assert_null(coded_refuse(&coded));
	assert_null(coded_read(&again, true, (const uint8_t *)coded.sets.data, coded.sets.len));
	assert_int_equal(again.length_size, 0);
	assert_int_equal(again.sets.len, coded.sets.len);
	for (size_t n = 0; n < len; n++) {
		CLEANUP(coded_free) struct coded part = { 0 };

		assert_non_null(coded_read(&part, true, hvcc, n));
	}
}

static void what_is_refused(void **state)
{
	struct coded coded = { .hevc = true, .sps = { .depth = 10, .chroma = 1, .progressive = true } };

	(void)state;
	assert_null(coded_refuse(&coded));
	coded.hevc = false;
	assert_non_null(strstr(coded_refuse(&coded), "8 bit"));
	coded.hevc = true;
	coded.sps.depth = 12;
	assert_non_null(strstr(coded_refuse(&coded), "8 or 10 bit"));
	coded.sps.depth = 8;
	coded.sps.chroma = 2;
	assert_non_null(strstr(coded_refuse(&coded), "4:2:0"));
	coded.sps.chroma = 1;
	coded.sps.progressive = false;
	assert_non_null(strstr(coded_refuse(&coded), "interlaced"));
}

/* ---- units ---- */

static void kinds(void **state)
{
	static const struct {
		bool hevc;
		uint8_t data[3];
		size_t len;
		enum coded_kind kind;
	} rows[] = {
		{ true, { 0x02, 1, 1 }, 3, CODED_OTHER },	      /* TRAIL_R */
		{ true, { HEVC_RASL_R << 1, 1, 1 }, 3, CODED_OTHER }, { true, { HEVC_BLA_W_LP << 1, 1, 1 }, 3, CODED_CUT },
		{ true, { HEVC_IDR_W_RADL << 1, 1, 1 }, 3, CODED_CUT }, { true, { HEVC_IDR_N_LP << 1, 1, 1 }, 3, CODED_CUT },
		{ true, { HEVC_CRA << 1, 1, 1 }, 3, CODED_CUT },      { true, { 22 << 1, 1, 1 }, 3, CODED_OTHER },
		{ true, { HEVC_VPS << 1, 1, 1 }, 3, CODED_SET },      { true, { HEVC_PPS << 1, 1, 1 }, 3, CODED_SET },
		{ true, { HEVC_AUD << 1, 1, 1 }, 3, CODED_LEFT },     { true, { HEVC_FILLER << 1, 1, 1 }, 3, CODED_LEFT },
		{ true, { HEVC_EOS << 1, 1 }, 2, CODED_OTHER },	      { true, { HEVC_EOB << 1, 1 }, 2, CODED_LEFT },
		{ true, { 62 << 1, 1, 1 }, 3, CODED_OTHER },	      { true, { HEVC_CRA << 1, 9, 1 }, 3, CODED_LEFT },
		{ true, { HEVC_CRA << 1 | 1, 1, 1 }, 3, CODED_LEFT }, { true, { HEVC_CRA << 1 }, 1, CODED_LEFT },
		{ false, { 0x65, 1 }, 2, CODED_CUT },		      { false, { 0x41, 1 }, 2, CODED_OTHER },
		{ false, { 0x67, 1 }, 2, CODED_SET },		      { false, { 0x68, 1 }, 2, CODED_SET },
		{ false, { 0x09, 1 }, 2, CODED_LEFT },		      { false, { 0x0C, 1 }, 2, CODED_LEFT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct coded coded = { .hevc = rows[i].hevc };
		struct nal_unit unit = { rows[i].data, rows[i].len };

		if (coded_kind(&coded, &unit) != rows[i].kind)
			fail_msg("unit 0x%02x is of kind %d", rows[i].data[0], coded_kind(&coded, &unit));
	}
}

/* A CRA whose leading pictures refer to what is not there becomes a BLA; nothing else changes. */
static void the_first_of_a_stretch(void **state)
{
	static const uint8_t cra[] = { 0x2A, 1, 0xAF, 9 }, idr[] = { 0x28, 1, 0xAF, 9 }, avc[] = { 0x65, 0x88 };
	const struct coded hevc = { .hevc = true }, h264 = { 0 };
	CLEANUP(buf_free) struct buf to = { 0 };

	(void)state;
	coded_add_first(&hevc, &(struct nal_unit){ cra, sizeof(cra) }, &to);
	coded_add_first(&hevc, &(struct nal_unit){ idr, sizeof(idr) }, &to);
	coded_add_first(&h264, &(struct nal_unit){ avc, sizeof(avc) }, &to);
	assert_int_equal(to.len, 22);
	assert_memory_equal(to.data, "\0\0\0\1\x20\1\xAF\x09\0\0\0\1\x28\1\xAF\x09\0\0\0\1\x65\x88", 22);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_sps_says), cmocka_unit_test(an_sps_with_everything), cmocka_unit_test(parameter_sets),
		cmocka_unit_test(what_is_refused),  cmocka_unit_test(kinds),		      cmocka_unit_test(the_first_of_a_stretch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
