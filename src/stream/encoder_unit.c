/* encoder_unit.c - see encoder_unit.h. ISO 14496-10, 7.4.1; ISO 23008-2, 7.4.2. */
#include "stream/encoder_unit.h"

#include <string.h>

#include "base/cleanup.h"
#include "media/h264.h"

enum part { DELIMITER, SETS, PICTURE, SIGNATURE, OTHER };

#define SEI_USER_DATA 5

struct unit {
	const uint8_t *data;
	size_t len;
};

/* Offset of the next start code (00 00 01) at or after `from`, `len` when there is none. */
static size_t start_code(const uint8_t *data, size_t len, size_t from)
{
	const uint8_t *one;

	if (len < 3 || from > len - 3)
		return len;
	one = data + from + 2;
	while ((one = memchr(one, 1, (size_t)(data + len - one)))) {
		if (!one[-1] && !one[-2])
			return (size_t)(one - data) - 2;
		one++;
	}
	return len;
}

/* The unit behind the start code at *at, without trailing zeros; *at: the next start code. */
static struct unit next_unit(const uint8_t *data, size_t len, size_t *at)
{
	size_t nal = *at + 3, next = start_code(data, len, nal), end = next;

	while (next < len && end > nal && data[end - 1] == 0) /* the zero of a long start code */
		end--;
	*at = next;
	return (struct unit){ data + nal, end - nal };
}

static enum part part_of(const struct unit *u, bool hevc)
{
	unsigned type = hevc ? u->data[0] >> 1 & 63u : u->data[0] & 31u;
	size_t head = hevc ? 2 : 1;

	if (u->len > head && type == (hevc ? 39 : 6) && u->data[head] == SEI_USER_DATA)
		return SIGNATURE;
	if (hevc)
		return type == 35 ? DELIMITER : type >= 32 && type <= 34 ? SETS : type < 32 ? PICTURE : OTHER;
	return type == 9 ? DELIMITER : type == 7 || type == 8 ? SETS : type >= 1 && type <= 5 ? PICTURE : OTHER;
}

static void add(struct buf *to, const struct unit *u)
{
	buf_add(to, "\0\0\0\1", 4);
	buf_add(to, u->data, u->len);
}

static void add_set(struct buf *to, const struct unit *u, int reorder)
{
	const struct nal_unit sps = { u->data, u->len };
	CLEANUP(buf_free) struct buf other = { 0 };

	if (reorder > 0 && h264_type(&sps) == H264_SPS && h264_say_reorder(&sps, reorder, &other))
		add(to, &(struct unit){ (const uint8_t *)other.data, other.len });
	else
		add(to, u);
}

/* What kinds of units there are, as bits. */
static unsigned parts_of(const uint8_t *data, size_t len, bool hevc)
{
	unsigned parts = 0;

	for (size_t at = start_code(data, len, 0); at < len;) {
		struct unit u = next_unit(data, len, &at);

		if (u.len)
			parts |= 1u << part_of(&u, hevc);
	}
	return parts;
}

enum wanted { ALL_BUT_DELIMITER, ONLY_DELIMITER, ONLY_SETS };

static void add_units(struct buf *to, const struct encoder_packet *p, const uint8_t *data, size_t len, enum wanted wanted)
{
	for (size_t at = start_code(data, len, 0); at < len;) {
		struct unit u = next_unit(data, len, &at);
		enum part part = u.len ? part_of(&u, p->hevc) : SIGNATURE;

		if (part == SIGNATURE || (wanted == ONLY_SETS && part != SETS) || (wanted == ONLY_DELIMITER) != (part == DELIMITER))
			continue;
		if (part == SETS)
			add_set(to, &u, p->hevc ? 0 : p->reorder);
		else
			add(to, &u);
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
		add(to, &(struct unit){ hevc, sizeof(hevc) });
	else
		add(to, &(struct unit){ avc, sizeof(avc) });
	if (apart)
		add_units(to, p, p->extradata, p->extradata_len, ONLY_SETS);
	add_units(to, p, p->data, p->len, ALL_BUT_DELIMITER);
	return true;
}
