/* h264.c - see h264.h. Section numbers are those of ISO 14496-10. */
#include "media/h264.h"

/* 7.3.2.1.1.1 */
static void skip_scaling_list(struct nal_bits *b, int size)
{
	int last = 8, next = 8;

	for (int i = 0; i < size && !b->over; i++) {
		if (next)
			next = (int)(((unsigned)last + (unsigned)nal_take_se(b)) & 255u);
		last = next ? next : last;
	}
}

static void take_high(struct nal_bits *b, struct nal_sps *sps)
{
	unsigned luma, chroma; /* bit depth - 8 */

	sps->chroma = (int)nal_take_ue(b);
	if (sps->chroma == 3)
		nal_take(b, 1);
	luma = nal_take_ue(b);
	chroma = nal_take_ue(b);
	if (luma > 6 || chroma > 6)
		b->over = true;
	sps->depth = b->over ? 0 : (int)(luma > chroma ? luma : chroma) + 8;
	nal_take(b, 1);
	if (nal_take(b, 1))
		for (int i = 0; i < (sps->chroma == 3 ? 12 : 8); i++)
			if (nal_take(b, 1))
				skip_scaling_list(b, i < 6 ? 16 : 64);
}

static bool has_high(int profile)
{
	static const int high[] = { 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135 };

	for (size_t i = 0; i < sizeof(high) / sizeof(high[0]); i++)
		if (high[i] == profile)
			return true;
	return false;
}

static void skip_order(struct nal_bits *b)
{
	unsigned type = nal_take_ue(b), count;

	if (type == 0) {
		nal_take_ue(b);
	} else if (type == 1) {
		nal_take(b, 1);
		nal_take_se(b);
		nal_take_se(b);
		count = nal_take_ue(b);
		for (unsigned i = 0; i < count && i < 256 && !b->over; i++)
			nal_take_se(b);
	}
}

static void take_size(struct nal_bits *b, struct nal_sps *sps)
{
	unsigned width = nal_take_ue(b) + 1, height = nal_take_ue(b) + 1, crop[4] = { 0 };
	unsigned step_x = sps->chroma == 1 || sps->chroma == 2 ? 2 : 1, step_y = sps->chroma == 1 ? 2 : 1;

	sps->progressive = nal_take(b, 1);
	if (!sps->progressive)
		nal_take(b, 1);
	nal_take(b, 1);
	if (nal_take(b, 1))
		for (int i = 0; i < 4; i++)
			crop[i] = nal_take_ue(b);
	height *= sps->progressive ? 1 : 2;
	step_y *= sps->progressive ? 1 : 2;
	if (width > 1024 || height > 1024 || crop[0] > 8192 || crop[1] > 8192 || crop[2] > 8192 || crop[3] > 8192) {
		b->over = true;
		return;
	}
	sps->width = (int)(width * 16) - (int)((crop[0] + crop[1]) * step_x);
	sps->height = (int)(height * 16) - (int)((crop[2] + crop[3]) * step_y);
}

/* Up to vui_parameters_present_flag; max_num_ref_frames into *ret_references. */
static bool take_sps(struct nal_bits *b, const struct nal_unit *unit, struct nal_sps *ret, unsigned *ret_references)
{
	struct nal_sps sps = { .chroma = 1, .depth = 8 };

	nal_bits_init(b, unit, 1);
	sps.profile = (int)nal_take(b, 8);
	nal_take(b, 8);
	sps.level = (int)nal_take(b, 8);
	nal_take_ue(b);
	if (has_high(sps.profile))
		take_high(b, &sps);
	nal_take_ue(b);
	skip_order(b);
	*ret_references = nal_take_ue(b);
	nal_take(b, 1);
	take_size(b, &sps);
	if (b->over || h264_type(unit) != H264_SPS || sps.width <= 0 || sps.height <= 0 || sps.chroma < 0 || sps.chroma > 3)
		return false;
	*ret = sps;
	return true;
}

bool h264_parse_sps(const struct nal_unit *unit, struct nal_sps *ret)
{
	unsigned references;
	struct nal_bits b;

	return take_sps(&b, unit, ret, &references);
}

int64_t h264_rate(const struct nal_sps *sps)
{
	static const struct {
		int level, max_br;
	} levels[] = { { 10, 64 },    { 11, 192 },    { 12, 384 },    { 13, 768 },    { 20, 2000 },   { 21, 4000 },
		       { 22, 4000 },  { 30, 10000 },  { 31, 14000 },  { 32, 20000 },  { 40, 20000 },  { 41, 50000 },
		       { 42, 50000 }, { 50, 135000 }, { 51, 240000 }, { 52, 240000 }, { 60, 240000 }, { 61, 480000 },
		       { 62, 800000 } };

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (levels[i].level == sps->level)
			return levels[i].max_br * INT64_C(1) * (has_high(sps->profile) ? 1500 : 1200);
	return 0;
}

/* ---- how many pictures may stand before another in the stream and be shown after it ---- */

/* E.1.2 */
static void skip_hrd(struct nal_bits *b)
{
	unsigned count = nal_take_ue(b) + 1;

	nal_take(b, 8);
	for (unsigned i = 0; i < count && i < 32 && !b->over; i++) {
		nal_take_ue(b);
		nal_take_ue(b);
		nal_take(b, 1);
	}
	nal_take(b, 20);
}

/* From behind vui_parameters_present_flag up to bitstream_restriction_flag, E.1.1 */
static void skip_vui(struct nal_bits *b)
{
	bool rates[2];

	nal_skip_vui_display(b);
	if (nal_take(b, 1)) {
		nal_take(b, 32);
		nal_take(b, 32);
		nal_take(b, 1);
	}
	for (int i = 0; i < 2; i++) {
		rates[i] = nal_take(b, 1);
		if (rates[i])
			skip_hrd(b);
	}
	if (rates[0] || rates[1])
		nal_take(b, 1);
	nal_take(b, 1);
}

struct restriction {
	unsigned over_edges, picture_bytes, block_bits, across, down, reorder, buffered;
};

/* What is written when nothing was said: E.2.1 infers these, but for the last two. */
static struct restriction take_restriction(struct nal_bits *b)
{
	struct restriction r = { 1, 2, 1, 15, 15, 0, 0 };

	if (!nal_take(b, 1))
		return r;
	r.over_edges = nal_take(b, 1);
	r.picture_bytes = nal_take_ue(b);
	r.block_bits = nal_take_ue(b);
	r.across = nal_take_ue(b);
	r.down = nal_take_ue(b);
	r.reorder = nal_take_ue(b);
	r.buffered = nal_take_ue(b);
	return r;
}

static bool is_allowed(const struct restriction *r)
{
	return r->picture_bytes <= 16 && r->block_bits <= 16 && r->across <= 16 && r->down <= 16 && r->reorder <= 16 &&
	       r->buffered <= 16;
}

static void put(struct nal_bits *b, int count, unsigned value)
{
	for (; count > 0; count--, b->at++) {
		if (b->at >= NAL_BYTES * 8) {
			b->over = true;
			return;
		}
		if (value >> (count - 1) & 1u)
			b->data[b->at / 8] |= (uint8_t)(0x80 >> b->at % 8);
	}
}

static void put_ue(struct nal_bits *b, unsigned value)
{
	int length = 0;

	while (((uint64_t)value + 1) >> (length + 1))
		length++;
	put(b, length, 0);
	put(b, length + 1, value + 1);
}

/* And the stop bit. */
static void put_restriction(struct nal_bits *b, const struct restriction *r)
{
	put(b, 2, 2 | r->over_edges);
	put_ue(b, r->picture_bytes);
	put_ue(b, r->block_bits);
	put_ue(b, r->across);
	put_ue(b, r->down);
	put_ue(b, r->reorder);
	put_ue(b, r->buffered);
	put(b, 1, 1);
}

static void add_unit(struct buf *to, uint8_t head, const struct nal_bits *b)
{
	int zeros = 0;

	buf_addc(to, (char)head);
	for (size_t i = 0; i < (b->at + 7) / 8; i++) {
		if (zeros >= 2 && b->data[i] <= 3) {
			buf_addc(to, 3);
			zeros = 0;
		}
		zeros = b->data[i] ? 0 : zeros + 1;
		buf_addc(to, (char)b->data[i]);
	}
}

bool h264_say_reorder(const struct nal_unit *unit, int frames, struct buf *to)
{
	struct nal_bits b, made = { 0 };
	struct restriction r = { 1, 2, 1, 15, 15, 0, 0 };
	struct nal_sps sps;
	unsigned references, least;
	size_t kept;
	bool vui;

	if (unit->len >= NAL_BYTES - 16 || !take_sps(&b, unit, &sps, &references))
		return false;
	kept = b.at;
	vui = nal_take(&b, 1);
	if (vui) {
		skip_vui(&b);
		kept = b.at;
		r = take_restriction(&b);
	}
	if (b.over || references > 16 || !is_allowed(&r) || r.reorder >= (unsigned)frames)
		return false;
	r.reorder = (unsigned)frames;
	least = r.reorder + 1 > references ? r.reorder + 1 : references;
	r.buffered = r.buffered > least ? r.buffered : least;
	for (b.at = 0; b.at < kept;)
		put(&made, 1, nal_take(&b, 1));
	if (!vui)
		put(&made, 9, 1u << 8); /* there is VUI now, which says nothing else */
	put_restriction(&made, &r);
	if (made.over)
		return false;
	add_unit(to, unit->data[0], &made);
	return true;
}

/* ---- extradata ---- */

/* ISO 14496-15, 5.2.4.1: five bytes, then SPS and PPS, each list behind its count, each set behind 16 bits of length. */
static bool read_avcc(const uint8_t *p, size_t len, struct buf *to, int *ret_length_size)
{
	size_t at = 5;

	*ret_length_size = (p[4] & 3) + 1;
	for (int list = 0; list < 2; list++) {
		unsigned count;

		if (at >= len)
			return false;
		count = list ? p[at++] : p[at++] & 31u;
		for (; count; count--) {
			size_t size;

			if (len - at < 2)
				return false;
			size = (size_t)p[at] << 8 | p[at + 1];
			at += 2;
			if (!size || size > len - at)
				return false;
			nal_add(to, p + at, size);
			at += size;
		}
	}
	return *ret_length_size != 3;
}

bool h264_parameter_sets(const uint8_t *extradata, size_t len, struct buf *ret_sets, int *ret_length_size)
{
	struct nal_units units = { .data = extradata, .len = len };
	struct nal_unit unit;

	if (len >= 7 && extradata[0] == 1)
		return read_avcc(extradata, len, ret_sets, ret_length_size) && ret_sets->len > 0;
	*ret_length_size = 0;
	while (nal_next(&units, &unit) > 0)
		if (h264_type(&unit) == H264_SPS || h264_type(&unit) == H264_PPS)
			nal_add(ret_sets, unit.data, unit.len);
	return ret_sets->len > 0;
}
