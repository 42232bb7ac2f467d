/* encoder_unit.c - see encoder_unit.h. ISO 14496-10, 7.4.1; ISO 23008-2, 7.4.2. */
#include "stream/encoder_unit.h"

#include "base/cleanup.h"
#include "media/h264.h"
#include "media/hevc.h"

enum part { DELIMITER, SETS, PICTURE, SIGNATURE, OTHER };

#define SEI_USER_DATA 5

static enum part part_of_hevc(const struct nal_unit *u)
{
	int type = hevc_type(u);

	if (type == HEVC_SEI && u->len > 2 && u->data[2] == SEI_USER_DATA)
		return SIGNATURE;
	if (type == HEVC_AUD)
		return DELIMITER;
	return type < HEVC_VCL_END ? PICTURE : type <= HEVC_PPS ? SETS : OTHER;
}

static enum part part_of(const struct nal_unit *u, bool hevc)
{
	int type = h264_type(u);

	if (hevc)
		return part_of_hevc(u);
	if (type == H264_SEI && u->len > 1 && u->data[1] == SEI_USER_DATA)
		return SIGNATURE;
	if (type == H264_AUD)
		return DELIMITER;
	return type == H264_SPS || type == H264_PPS ? SETS : type >= H264_SLICE && type <= H264_IDR ? PICTURE : OTHER;
}

static void add_set(struct buf *to, const struct nal_unit *u, int reorder)
{
	CLEANUP(buf_free) struct buf other = { 0 };

	if (reorder > 0 && h264_type(u) == H264_SPS && h264_say_reorder(u, reorder, &other))
		nal_add(to, (const uint8_t *)other.data, other.len);
	else
		nal_add(to, u->data, u->len);
}

/* What kinds of units there are, as bits. */
static unsigned parts_of(const uint8_t *data, size_t len, bool hevc)
{
	struct nal_units units = { .data = data, .len = len };
	struct nal_unit unit;
	unsigned parts = 0;

	while (nal_next(&units, &unit) > 0)
		parts |= 1u << part_of(&unit, hevc);
	return parts;
}

enum wanted { ALL_BUT_DELIMITER, ONLY_DELIMITER, ONLY_SETS };

static void add_units(struct buf *to, const struct encoder_packet *p, const uint8_t *data, size_t len, enum wanted wanted)
{
	struct nal_units units = { .data = data, .len = len };
	struct nal_unit unit;

	while (nal_next(&units, &unit) > 0) {
		enum part part = part_of(&unit, p->hevc);

		if (part == SIGNATURE || (wanted == ONLY_SETS && part != SETS) || (wanted == ONLY_DELIMITER) != (part == DELIMITER))
			continue;
		if (part == SETS)
			add_set(to, &unit, p->hevc ? 0 : p->reorder);
		else
			nal_add(to, unit.data, unit.len);
	}
}

bool encoder_unit_add(struct buf *to, const struct encoder_packet *p)
{
	static const uint8_t avc[] = { 9, 0xF0 }, hevc[] = { 0x46, 1, 0x50 }; /* any kind of slice */
	unsigned parts = parts_of(p->data, p->len, p->hevc);
	bool apart = p->key && !(parts & 1u << SETS);

	if (!(parts & 1u << PICTURE) ||
	    (apart && !(p->extradata && parts_of(p->extradata, p->extradata_len, p->hevc) & 1u << SETS)))
		return false;
	if (parts & 1u << DELIMITER)
		add_units(to, p, p->data, p->len, ONLY_DELIMITER);
	else if (p->hevc)
		nal_add(to, hevc, sizeof(hevc));
	else
		nal_add(to, avc, sizeof(avc));
	if (apart)
		add_units(to, p, p->extradata, p->extradata_len, ONLY_SETS);
	add_units(to, p, p->data, p->len, ALL_BUT_DELIMITER);
	return true;
}
