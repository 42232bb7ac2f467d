/* coded.c - see coded.h. */
#include "media/coded.h"

#include "media/h264.h"
#include "media/hevc.h"

#define SETS_BYTES (1 << 16)

static bool is_sps(bool hevc, const struct nal_unit *unit)
{
	return hevc ? hevc_type(unit) == HEVC_SPS : h264_type(unit) == H264_SPS;
}

static bool read_sps(struct coded *c, const struct nal_unit *unit)
{
	if (!(c->hevc ? hevc_parse_sps : h264_parse_sps)(unit, &c->sps))
		return false;
	c->rate = (c->hevc ? hevc_rate : h264_rate)(&c->sps);
	return true;
}

int64_t coded_rate(bool hevc, const void *units, size_t len)
{
	struct nal_units all = { .data = units, .len = len };
	struct coded coded = { .hevc = hevc };
	struct nal_unit unit;

	while (nal_next(&all, &unit) > 0)
		if (is_sps(hevc, &unit) && read_sps(&coded, &unit))
			return coded.rate;
	return 0;
}

const char *coded_read(struct coded *ret, bool hevc, const uint8_t *extradata, size_t len)
{
	struct nal_units units;
	struct nal_unit unit;
	int count = 0;

	*ret = (struct coded){ .hevc = hevc, .sets = BUF_MAX(SETS_BYTES) };
	if (!(hevc ? hevc_parameter_sets : h264_parameter_sets)(extradata, len, &ret->sets, &ret->length_size) ||
	    ret->sets.failed)
		return "its parameter sets cannot be found";
	units = (struct nal_units){ .data = (const uint8_t *)ret->sets.data, .len = ret->sets.len };
	while (nal_next(&units, &unit) > 0) {
		if (!is_sps(hevc, &unit))
			continue;
		if (++count > 1 || !read_sps(ret, &unit))
			return "it has more than one SPS, or one that cannot be read";
	}
	return count ? NULL : "it has no SPS";
}

void coded_free(struct coded *coded)
{
	buf_free(&coded->sets);
	*coded = (struct coded){ 0 };
}

const char *coded_refuse(const struct coded *coded)
{
	if (coded->sps.chroma != 1 || (coded->sps.depth != 8 && !(coded->hevc && coded->sps.depth == 10)))
		return coded->hevc ? "its pictures are not 8 or 10 bit 4:2:0" : "its pictures are not 8 bit 4:2:0";
	return coded->sps.progressive ? NULL : "it is interlaced";
}

static enum coded_kind kind_of_hevc(const struct nal_unit *unit)
{
	int type = hevc_type(unit);

	if (type == HEVC_AUD || type == HEVC_FILLER || type == HEVC_EOB || hevc_layer(unit) != 0)
		return CODED_LEFT;
	if (type == HEVC_VPS || type == HEVC_SPS || type == HEVC_PPS)
		return CODED_SET;
	return hevc_is_irap(type) ? CODED_CUT : CODED_OTHER;
}

enum coded_kind coded_kind(const struct coded *coded, const struct nal_unit *unit)
{
	if (coded->hevc)
		return kind_of_hevc(unit);
	switch (h264_type(unit)) {
	case H264_IDR:
		return CODED_CUT;
	case H264_SPS:
	case H264_PPS:
		return CODED_SET;
	case H264_AUD:
	case H264_FILLER:
		return CODED_LEFT;
	default:
		return CODED_OTHER;
	}
}

/* Any kind of slice may follow. */
void coded_add_delimiter(const struct coded *coded, struct buf *to)
{
	if (coded->hevc)
		buf_add(to, "\0\0\0\1\x46\x01\x50", 7);
	else
		buf_add(to, "\0\0\0\1\x09\xF0", 6);
}

void coded_add_first(const struct coded *coded, const struct nal_unit *unit, struct buf *to)
{
	size_t at = to->len + 4;

	nal_add(to, unit->data, unit->len);
	if (coded->hevc && hevc_type(unit) == HEVC_CRA && !to->failed)
		to->data[at] = (char)((unit->data[0] & 0x81) | HEVC_BLA_W_LP << 1);
}
