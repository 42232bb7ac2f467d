/* essence_packet.c - see essence_packet.h.
 *
 * Containers differ in how they frame the same H.264 and HEVC: NAL units behind lengths or behind start
 * codes, parameter sets in the header or among the pictures, delimiters added by a TS muxer. So units are
 * hashed one by one, each with its length, without parameter sets, messages (SEI), delimiters, fillers and
 * trailing zeros. AAC loses its ADTS header. Everything else is hashed as it stands, as one run of bytes,
 * because containers cut sound into packets at different places. */
#include "media/essence_packet.h"

#include <stdbool.h>

struct packet {
	const struct essence_form *form;
	void (*sink)(void *context, const void *data, size_t len);
	void *context;
	int64_t bytes; /* that counted */
};

int essence_length_size(enum essence_kind kind, const uint8_t *header, size_t len)
{
	if (kind == ESSENCE_H264 && len >= 7 && header[0] == 1)
		return (header[4] & 3) + 1;
	if (kind == ESSENCE_HEVC && len >= 23 && (header[0] || header[1] || header[2] > 1))
		return (header[21] & 3) + 1;
	return 0;
}

static void add_bytes(struct packet *p, const uint8_t *data, size_t len)
{
	p->sink(p->context, data, len);
	p->bytes += (int64_t)len;
}

/* What a remux adds or takes away: parameter sets, messages (hvcC keeps some of them in the header),
 * delimiters, ends, fillers. */
static bool is_dropped(enum essence_kind kind, uint8_t head)
{
	int type = kind == ESSENCE_H264 ? head & 0x1F : head >> 1 & 0x3F;

	if (kind == ESSENCE_H264)
		return type >= 6 && type <= 13;
	return type >= 32 && type <= 40;
}

static void add_unit(struct packet *p, const uint8_t *unit, size_t len)
{
	uint8_t size[4];

	while (len && unit[len - 1] == 0)
		len--;
	if (!len || is_dropped(p->form->kind, unit[0]))
		return;
	for (int i = 0; i < 4; i++)
		size[i] = (uint8_t)(len >> (8 * i));
	p->sink(p->context, size, sizeof(size));
	add_bytes(p, unit, len);
}

static void add_prefixed(struct packet *p, const uint8_t *data, size_t len)
{
	size_t head = (size_t)p->form->length_size;

	while (len >= head) {
		size_t unit = 0;

		for (size_t i = 0; i < head; i++)
			unit = unit << 8 | data[i];
		data += head;
		len -= head;
		if (unit > len)
			unit = len; /* cut off */
		add_unit(p, data, unit);
		data += unit;
		len -= unit;
	}
}

/* Offset of the next 00 00 01 at or after `at`, or len. */
static size_t start_code(const uint8_t *data, size_t len, size_t at)
{
	for (; at + 3 <= len; at++)
		if (data[at + 2] > 1)
			at += 2;
		else if (data[at] == 0 && data[at + 1] == 0 && data[at + 2] == 1)
			return at;
	return len;
}

static void add_annex_b(struct packet *p, const uint8_t *data, size_t len)
{
	size_t at = start_code(data, len, 0);

	while (at < len) {
		size_t next = start_code(data, len, at + 3);

		add_unit(p, data + at + 3, next - at - 3);
		at = next;
	}
}

/* Bytes of the ADTS header before an AAC frame; 0: none. */
static size_t adts_header(const uint8_t *data, size_t len)
{
	size_t size, header;

	if (len < 7 || data[0] != 0xFF || (data[1] & 0xF6) != 0xF0)
		return 0;
	size = (size_t)(data[3] & 3) << 11 | (size_t)data[4] << 3 | data[5] >> 5;
	header = data[1] & 1 ? 7 : 9;
	return size == len && header <= len ? header : 0;
}

int64_t essence_packet(const struct essence_form *form, const uint8_t *data, size_t len,
		       void (*sink)(void *context, const void *data, size_t len), void *context)
{
	struct packet p = { .form = form, .sink = sink, .context = context };
	size_t header = form->kind == ESSENCE_AAC ? adts_header(data, len) : 0;

	if (form->kind != ESSENCE_H264 && form->kind != ESSENCE_HEVC)
		add_bytes(&p, data + header, len - header);
	else if (form->length_size > 0)
		add_prefixed(&p, data, len);
	else
		add_annex_b(&p, data, len);
	return p.bytes;
}
