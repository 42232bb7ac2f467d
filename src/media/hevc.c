/* hevc.c - see hevc.h. Section numbers are those of H.265. */
#include "media/hevc.h"

#define MAX_SIZE 16384	/* level 6.2 has 16,888 at most, in one direction */
#define MAX_REFERENCES 16
#define MAX_SETS 64 /* of references */

/* 7.3.3: general, then that of sub-layers. */
static void take_profile(struct nal_bits *b, int sub_layers, struct nal_sps *sps)
{
	bool has_profile[8] = { false }, has_level[8] = { false };
	bool progressive, interlaced;

	nal_take(b, 2);
	sps->high_tier = nal_take(b, 1);
	sps->profile = (int)nal_take(b, 5);
	nal_skip(b, 32);
	progressive = nal_take(b, 1);
	interlaced = nal_take(b, 1);
	nal_skip(b, 46);
	sps->level = (int)nal_take(b, 8);
	sps->progressive = progressive || !interlaced;
	for (int i = 0; i < sub_layers; i++) {
		has_profile[i] = nal_take(b, 1);
		has_level[i] = nal_take(b, 1);
	}
	if (sub_layers)
		nal_skip(b, 2 * (size_t)(8 - sub_layers));
	for (int i = 0; i < sub_layers; i++)
		nal_skip(b, (has_profile[i] ? 88u : 0u) + (has_level[i] ? 8u : 0u));
}

static void take_size(struct nal_bits *b, struct nal_sps *sps)
{
	unsigned width, height, crop[4] = { 0 }, step_x, step_y;

	sps->chroma = (int)nal_take_ue(b);
	if (sps->chroma == 3)
		nal_take(b, 1);
	step_x = sps->chroma == 1 || sps->chroma == 2 ? 2 : 1;
	step_y = sps->chroma == 1 ? 2 : 1;
	width = nal_take_ue(b);
	height = nal_take_ue(b);
	if (nal_take(b, 1))
		for (int i = 0; i < 4; i++)
			crop[i] = nal_take_ue(b);
	for (int i = 0; i < 4; i++)
		if (crop[i] > MAX_SIZE / 2)
			b->over = true;
	if (width > MAX_SIZE || height > MAX_SIZE || sps->chroma > 3)
		b->over = true;
	if (b->over)
		return;
	sps->width = (int)width - (int)((crop[0] + crop[1]) * step_x);
	sps->height = (int)height - (int)((crop[2] + crop[3]) * step_y);
}

static void take_depth(struct nal_bits *b, struct nal_sps *sps)
{
	unsigned luma = nal_take_ue(b), chroma = nal_take_ue(b); /* bit depth - 8 */

	if (luma > 8 || chroma > 8)
		b->over = true;
	sps->depth = b->over ? 0 : (int)(luma > chroma ? luma : chroma) + 8;
}

/* 7.3.4 */
static void skip_scaling_lists(struct nal_bits *b)
{
	for (int size = 0; size < 4; size++)
		for (int matrix = 0; matrix < 6 && !b->over; matrix += size == 3 ? 3 : 1) {
			if (!nal_take(b, 1)) {
				nal_take_ue(b);
				continue;
			}
			if (size > 1)
				nal_take_se(b);
			for (int i = 0; i < (size ? 64 : 16) && !b->over; i++)
				nal_take_se(b);
		}
}

/* 7.3.7: a set of references is told by its own numbers, or by those of the one before it. */
struct references {
	int64_t before[MAX_REFERENCES], after[MAX_REFERENCES]; /* differences of picture order counts, the nearest first */
	int before_count, after_count;
};

static void add_reference(struct nal_bits *b, int64_t *list, int *count, int64_t delta)
{
	if (*count == MAX_REFERENCES)
		b->over = true;
	else
		list[(*count)++] = delta;
}

/* (7-61), (7-62) */
static void take_predicted(struct nal_bits *b, const struct references *from, struct references *ret)
{
	bool negative = nal_take(b, 1), use[2 * MAX_REFERENCES + 1] = { false };
	int64_t delta = (int64_t)nal_take_ue(b) + 1;
	int n = from->before_count, p = from->after_count;

	delta = negative ? -delta : delta;
	for (int j = 0; j <= n + p; j++)
		use[j] = nal_take(b, 1) || nal_take(b, 1);
	for (int j = p - 1; j >= 0; j--)
		if (from->after[j] + delta < 0 && use[n + j])
			add_reference(b, ret->before, &ret->before_count, from->after[j] + delta);
	if (delta < 0 && use[n + p])
		add_reference(b, ret->before, &ret->before_count, delta);
	for (int j = 0; j < n; j++)
		if (from->before[j] + delta < 0 && use[j])
			add_reference(b, ret->before, &ret->before_count, from->before[j] + delta);
	for (int j = n - 1; j >= 0; j--)
		if (from->before[j] + delta > 0 && use[j])
			add_reference(b, ret->after, &ret->after_count, from->before[j] + delta);
	if (delta > 0 && use[n + p])
		add_reference(b, ret->after, &ret->after_count, delta);
	for (int j = 0; j < p; j++)
		if (from->after[j] + delta > 0 && use[n + j])
			add_reference(b, ret->after, &ret->after_count, from->after[j] + delta);
}

static void take_references(struct nal_bits *b, struct references *ret)
{
	unsigned before = nal_take_ue(b), after = nal_take_ue(b);
	int64_t delta = 0;

	if (before > MAX_REFERENCES || after > MAX_REFERENCES) {
		b->over = true;
		return;
	}
	for (unsigned i = 0; i < before; i++) {
		delta -= (int64_t)nal_take_ue(b) + 1;
		nal_take(b, 1);
		add_reference(b, ret->before, &ret->before_count, delta);
	}
	delta = 0;
	for (unsigned i = 0; i < after; i++) {
		delta += (int64_t)nal_take_ue(b) + 1;
		nal_take(b, 1);
		add_reference(b, ret->after, &ret->after_count, delta);
	}
}

static void skip_references(struct nal_bits *b)
{
	struct references last = { 0 };
	unsigned count = nal_take_ue(b);

	if (count > MAX_SETS)
		b->over = true;
	for (unsigned i = 0; i < count && !b->over; i++) {
		struct references set = { 0 };

		if (i && nal_take(b, 1))
			take_predicted(b, &last, &set);
		else
			take_references(b, &set);
		last = set;
	}
}

/* E.2.1, to field_seq_flag. */
static bool take_fields(struct nal_bits *b)
{
	nal_skip_vui_display(b);
	nal_take(b, 1);
	return nal_take(b, 1);
}

/* 7.3.2.2.1, what lies between the sizes and the VUI. */
static void skip_coding(struct nal_bits *b, unsigned lsb_bits)
{
	for (int i = 0; i < 6; i++) /* sizes and depths of blocks */
		nal_take_ue(b);
	if (nal_take(b, 1) && nal_take(b, 1))
		skip_scaling_lists(b);
	nal_take(b, 2);
	if (nal_take(b, 1)) {
		nal_take(b, 8);
		nal_take_ue(b);
		nal_take_ue(b);
		nal_take(b, 1);
	}
	skip_references(b);
	if (nal_take(b, 1)) {
		unsigned count = nal_take_ue(b);

		if (count > 32)
			b->over = true;
		else
			nal_skip(b, count * (lsb_bits + 1));
	}
	nal_take(b, 2);
}

bool hevc_parse_sps(const struct nal_unit *unit, struct nal_sps *ret)
{
	struct nal_sps sps = { 0 };
	struct nal_bits b;
	int sub_layers; /* - 1 */
	unsigned lsb_bits;

	if (unit->len < 2 || hevc_type(unit) != HEVC_SPS || hevc_layer(unit) != 0)
		return false;
	nal_bits_init(&b, unit, 2);
	nal_take(&b, 4);
	sub_layers = (int)nal_take(&b, 3);
	nal_take(&b, 1);
	take_profile(&b, sub_layers, &sps);
	nal_take_ue(&b);
	take_size(&b, &sps);
	take_depth(&b, &sps);
	lsb_bits = nal_take_ue(&b) + 4;
	if (sub_layers > 6 || lsb_bits > 16)
		return false;
	for (int i = nal_take(&b, 1) ? 0 : sub_layers; i <= sub_layers; i++) {
		nal_take_ue(&b);
		sps.reorder = (int)(nal_take_ue(&b) & 255u); /* the last is that of all */
		nal_take_ue(&b);
	}
	skip_coding(&b, lsb_bits);
	if (nal_take(&b, 1) && take_fields(&b))
		sps.progressive = false;
	if (b.over || sps.width <= 0 || sps.height <= 0 || sps.reorder > MAX_REFERENCES)
		return false;
	*ret = sps;
	return true;
}

int64_t hevc_rate(const struct nal_sps *sps)
{
	static const struct {
		int level, main, high; /* 1,000 bits/s of VCL units */
	} levels[] = { { 30, 128, 128 },       { 60, 1500, 1500 },     { 63, 3000, 3000 },     { 90, 6000, 6000 },
		       { 93, 10000, 10000 },   { 120, 12000, 30000 },  { 123, 20000, 50000 },  { 150, 25000, 100000 },
		       { 153, 40000, 160000 }, { 156, 60000, 240000 }, { 180, 60000, 240000 }, { 183, 120000, 480000 },
		       { 186, 240000, 800000 } };

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (levels[i].level == sps->level)
			return INT64_C(1100) * (sps->high_tier ? levels[i].high : levels[i].main);
	return 0;
}

/* ---- extradata ---- */

static bool is_set(const struct nal_unit *unit)
{
	int type = hevc_type(unit);

	return (type == HEVC_VPS || type == HEVC_SPS || type == HEVC_PPS) && hevc_layer(unit) == 0;
}

/* ISO 14496-15, 8.3.3.1.2: 22 bytes, the number of arrays, each: a byte, the number of its units, each behind 16 bits of
 * length. */
static bool read_hvcc(const uint8_t *p, size_t len, struct buf *to, int *ret_length_size)
{
	size_t at = 23;

	*ret_length_size = (p[21] & 3) + 1;
	for (unsigned array = 0; array < p[22]; array++) {
		unsigned count;

		if (len - at < 3)
			return false;
		count = (unsigned)p[at + 1] << 8 | p[at + 2];
		at += 3;
		for (; count; count--) {
			struct nal_unit unit;

			if (len - at < 2)
				return false;
			unit = (struct nal_unit){ p + at + 2, (size_t)p[at] << 8 | p[at + 1] };
			at += 2;
			if (!unit.len || unit.len > len - at)
				return false;
			if (is_set(&unit))
				nal_add(to, unit.data, unit.len);
			at += unit.len;
		}
	}
	return *ret_length_size != 3;
}

bool hevc_parameter_sets(const uint8_t *extradata, size_t len, struct buf *ret_sets, int *ret_length_size)
{
	struct nal_units units = { .data = extradata, .len = len };
	struct nal_unit unit;

	if (len >= 23 && (extradata[0] || extradata[1] || extradata[2] > 1))
		return read_hvcc(extradata, len, ret_sets, ret_length_size) && ret_sets->len > 0;
	*ret_length_size = 0;
	while (nal_next(&units, &unit) > 0)
		if (is_set(&unit))
			nal_add(ret_sets, unit.data, unit.len);
	return ret_sets->len > 0;
}
