/* h264.c - see h264.h. Section numbers are those of ISO 14496-10. */
#include "media/h264.h"

#include <string.h>

#define SPS_BYTES 256 /* of an SPS that is looked at: what matters stands at its beginning */

static size_t start_code(const uint8_t *data, size_t len, size_t from)
{
	for (size_t i = from; i + 3 <= len; i++)
		if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1)
			return i;
	return len;
}

static int next_coded(struct h264_units *u, struct h264_unit *ret)
{
	size_t at = start_code(u->data, u->len, u->at), next, end;

	if (at == u->len)
		return 0;
	at += 3;
	next = end = start_code(u->data, u->len, at);
	while (end > at && u->data[end - 1] == 0)
		end--;
	u->at = next;
	if (end == at)
		return next_coded(u, ret);
	*ret = (struct h264_unit){ u->data + at, end - at, u->data[at] & 31 };
	return 1;
}

int h264_next(struct h264_units *units, struct h264_unit *ret)
{
	size_t length = 0;

	if (!units->length_size)
		return next_coded(units, ret);
	do {
		if (units->at == units->len)
			return 0;
		if (units->len - units->at < (size_t)units->length_size)
			return -1;
		length = 0;
		for (int i = 0; i < units->length_size; i++)
			length = length << 8 | units->data[units->at++];
		if (length > units->len - units->at)
			return -1;
	} while (!length);
	*ret = (struct h264_unit){ units->data + units->at, length, units->data[units->at] & 31 };
	units->at += length;
	return 1;
}

/* ---- SPS ---- */

struct bits {
	uint8_t data[SPS_BYTES]; /* without emulation prevention */
	size_t len, at;		 /* in bits */
	bool over;
};

static void bits_init(struct bits *b, const struct h264_unit *unit)
{
	size_t n = 0, zeros = 0;

	*b = (struct bits){ 0 };
	for (size_t i = 1; i < unit->len && n < SPS_BYTES; i++) {
		if (zeros >= 2 && unit->data[i] == 3) {
			zeros = 0;
			continue;
		}
		zeros = unit->data[i] ? 0 : zeros + 1;
		b->data[n++] = unit->data[i];
	}
	b->len = n * 8;
}

static unsigned take(struct bits *b, int count)
{
	unsigned value = 0;

	for (; count > 0; count--) {
		if (b->at >= b->len) {
			b->over = true;
			return 0;
		}
		value = value << 1 | (b->data[b->at / 8] >> (7 - b->at % 8) & 1u);
		b->at++;
	}
	return value;
}

/* ue(v), 9.1 */
static unsigned take_ue(struct bits *b)
{
	int zeros = 0;

	while (!b->over && !take(b, 1))
		if (++zeros > 31) {
			b->over = true;
			return 0;
		}
	return b->over ? 0 : (1u << zeros) - 1 + (zeros ? take(b, zeros) : 0);
}

static int take_se(struct bits *b)
{
	unsigned value = take_ue(b);

	return value % 2 ? (int)(value / 2 + 1) : -(int)(value / 2);
}

/* 7.3.2.1.1.1 */
static void skip_scaling_list(struct bits *b, int size)
{
	int last = 8, next = 8;

	for (int i = 0; i < size && !b->over; i++) {
		if (next)
			next = (int)(((unsigned)last + (unsigned)take_se(b)) & 255u);
		last = next ? next : last;
	}
}

static void take_high(struct bits *b, struct h264_sps *sps)
{
	unsigned luma, chroma; /* bit depth - 8 */

	sps->chroma = (int)take_ue(b);
	if (sps->chroma == 3)
		take(b, 1);
	luma = take_ue(b);
	chroma = take_ue(b);
	if (luma > 6 || chroma > 6)
		b->over = true;
	sps->depth = b->over ? 0 : (int)(luma > chroma ? luma : chroma) + 8;
	take(b, 1);
	if (take(b, 1))
		for (int i = 0; i < (sps->chroma == 3 ? 12 : 8); i++)
			if (take(b, 1))
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

static void skip_order(struct bits *b)
{
	unsigned type = take_ue(b), count;

	if (type == 0) {
		take_ue(b);
	} else if (type == 1) {
		take(b, 1);
		take_se(b);
		take_se(b);
		count = take_ue(b);
		for (unsigned i = 0; i < count && i < 256 && !b->over; i++)
			take_se(b);
	}
}

static void take_size(struct bits *b, struct h264_sps *sps)
{
	unsigned width = take_ue(b) + 1, height = take_ue(b) + 1, crop[4] = { 0 };
	unsigned step_x = sps->chroma == 1 || sps->chroma == 2 ? 2 : 1, step_y = sps->chroma == 1 ? 2 : 1;

	sps->progressive = take(b, 1);
	if (!sps->progressive)
		take(b, 1);
	take(b, 1);
	if (take(b, 1))
		for (int i = 0; i < 4; i++)
			crop[i] = take_ue(b);
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
static bool take_sps(struct bits *b, const struct h264_unit *unit, struct h264_sps *ret, unsigned *ret_references)
{
	struct h264_sps sps = { .chroma = 1, .depth = 8 };

	bits_init(b, unit);
	sps.profile = (int)take(b, 8);
	take(b, 8);
	sps.level = (int)take(b, 8);
	take_ue(b);
	if (has_high(sps.profile))
		take_high(b, &sps);
	take_ue(b);
	skip_order(b);
	*ret_references = take_ue(b);
	take(b, 1);
	take_size(b, &sps);
	if (b->over || unit->type != H264_SPS || sps.width <= 0 || sps.height <= 0 || sps.chroma < 0 || sps.chroma > 3)
		return false;
	*ret = sps;
	return true;
}

bool h264_parse_sps(const struct h264_unit *unit, struct h264_sps *ret)
{
	unsigned references;
	struct bits b;

	return take_sps(&b, unit, ret, &references);
}

int64_t h264_rate(const struct h264_sps *sps)
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
static void skip_hrd(struct bits *b)
{
	unsigned count = take_ue(b) + 1;

	take(b, 8);
	for (unsigned i = 0; i < count && i < 32 && !b->over; i++) {
		take_ue(b);
		take_ue(b);
		take(b, 1);
	}
	take(b, 20);
}

/* From behind vui_parameters_present_flag up to bitstream_restriction_flag, E.1.1 */
static void skip_vui(struct bits *b)
{
	bool rates[2];

	if (take(b, 1) && take(b, 8) == 255)
		take(b, 32);
	if (take(b, 1))
		take(b, 1);
	if (take(b, 1)) {
		take(b, 4);
		if (take(b, 1))
			take(b, 24);
	}
	if (take(b, 1)) {
		take_ue(b);
		take_ue(b);
	}
	if (take(b, 1)) {
		take(b, 32);
		take(b, 32);
		take(b, 1);
	}
	for (int i = 0; i < 2; i++) {
		rates[i] = take(b, 1);
		if (rates[i])
			skip_hrd(b);
	}
	if (rates[0] || rates[1])
		take(b, 1);
	take(b, 1);
}

struct restriction {
	unsigned over_edges, picture_bytes, block_bits, across, down, reorder, buffered;
};

/* What is written when nothing was said: E.2.1 infers these, but for the last two. */
static struct restriction take_restriction(struct bits *b)
{
	struct restriction r = { 1, 2, 1, 15, 15, 0, 0 };

	if (!take(b, 1))
		return r;
	r.over_edges = take(b, 1);
	r.picture_bytes = take_ue(b);
	r.block_bits = take_ue(b);
	r.across = take_ue(b);
	r.down = take_ue(b);
	r.reorder = take_ue(b);
	r.buffered = take_ue(b);
	return r;
}

static void put(struct bits *b, int count, unsigned value)
{
	for (; count > 0; count--, b->at++) {
		if (b->at >= SPS_BYTES * 8) {
			b->over = true;
			return;
		}
		if (value >> (count - 1) & 1u)
			b->data[b->at / 8] |= (uint8_t)(0x80 >> b->at % 8);
	}
}

static void put_ue(struct bits *b, unsigned value)
{
	int length = 0;

	while ((value + 1) >> (length + 1))
		length++;
	put(b, length, 0);
	put(b, length + 1, value + 1);
}

/* And the stop bit. */
static void put_restriction(struct bits *b, const struct restriction *r)
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

static void add_unit(struct buf *to, uint8_t head, const struct bits *b)
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

bool h264_say_reorder(const struct h264_unit *unit, int frames, struct buf *to)
{
	struct bits b, made = { 0 };
	struct restriction r = { 1, 2, 1, 15, 15, 0, 0 };
	struct h264_sps sps;
	unsigned references, least;
	size_t kept;
	bool vui;

	if (unit->len >= SPS_BYTES - 16 || !take_sps(&b, unit, &sps, &references))
		return false;
	kept = b.at;
	vui = take(&b, 1);
	if (vui) {
		skip_vui(&b);
		kept = b.at;
		r = take_restriction(&b);
	}
	if (b.over || references > 16 || r.reorder >= (unsigned)frames)
		return false;
	r.reorder = (unsigned)frames;
	least = r.reorder + 1 > references ? r.reorder + 1 : references;
	r.buffered = r.buffered > least ? r.buffered : least;
	for (b.at = 0; b.at < kept;)
		put(&made, 1, take(&b, 1));
	if (!vui)
		put(&made, 9, 1u << 8); /* there is VUI now, which says nothing else */
	put_restriction(&made, &r);
	if (made.over)
		return false;
	add_unit(to, unit->data[0], &made);
	return true;
}

/* ---- extradata ---- */

static void add_set(struct buf *to, const uint8_t *data, size_t len)
{
	buf_add(to, "\0\0\0\1", 4);
	buf_add(to, data, len);
}

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
			add_set(to, p + at, size);
			at += size;
		}
	}
	return *ret_length_size != 3;
}

bool h264_parameter_sets(const uint8_t *extradata, size_t len, struct buf *ret_sets, int *ret_length_size)
{
	struct h264_units units = { .data = extradata, .len = len };
	struct h264_unit unit;

	if (len >= 7 && extradata[0] == 1)
		return read_avcc(extradata, len, ret_sets, ret_length_size) && ret_sets->len > 0;
	*ret_length_size = 0;
	while (h264_next(&units, &unit) > 0)
		if (unit.type == H264_SPS || unit.type == H264_PPS)
			add_set(ret_sets, unit.data, unit.len);
	return ret_sets->len > 0;
}
