/* hdhomerun.c - see hdhomerun.h. */
#include "server/hdhomerun.h"

#include <string.h>
#include <zlib.h>

#include "base/cleanup.h"

#define TYPE_QUESTION 2
#define TYPE_ANSWER 3
#define HEADER 4
#define CRC 4
#define WILDCARD UINT32_C(0xFFFFFFFF)
#define TYPE_TUNER 1

enum tag {
	TAG_DEVICE_TYPE = 0x01,
	TAG_DEVICE_ID = 0x02,
	TAG_TUNER_COUNT = 0x10,
	TAG_LINEUP_URL = 0x27,
	TAG_BASE_URL = 0x2A,
	TAG_AUTH = 0x2B,
	TAG_MULTI_TYPE = 0x2D, /* several device types at once */
};

/* ---- ids ---- */

/* What is left when the digits are taken together: every other one through a table (hdhomerun_discover.c). */
static uint32_t id_rest(uint32_t id)
{
	static const uint8_t table[16] = { 0xA, 0x5, 0xF, 0x6, 0x7, 0xC, 0x1, 0xB,
					   0x9, 0x2, 0x8, 0xD, 0x4, 0x3, 0xE, 0x0 };
	uint32_t rest = 0;

	for (int shift = 28; shift > 0; shift -= 8)
		rest ^= table[id >> shift & 15] ^ (id >> (shift - 4) & 15);
	return rest;
}

bool hdhomerun_id_valid(uint32_t id)
{
	return id_rest(id) == 0;
}

uint32_t hdhomerun_id_make(uint32_t random)
{
	uint32_t id =
		UINT32_C(0x18000000) | (random & UINT32_C(0x07FFFFF0)); /* 100 to 122 are models of old */

	return id | id_rest(id);
}

/* ---- packets ---- */

static uint32_t read_be(const uint8_t *at, size_t bytes)
{
	uint32_t value = 0;

	while (bytes--)
		value = value << 8 | *at++;
	return value;
}

/* The next tag of a payload; false at its end or where it is broken. */
static bool next_tag(const uint8_t **at, const uint8_t *end, uint8_t *ret_tag, const uint8_t **ret_value,
		     size_t *ret_len)
{
	const uint8_t *p = *at;
	size_t len;

	if (end - p < 2)
		return false;
	*ret_tag = *p++;
	len = *p++;
	if (len & 0x80) {
		if (p == end)
			return false;
		len = (len & 0x7F) | (size_t)*p++ << 7;
	}
	if (len > (size_t)(end - p))
		return false;
	*ret_value = p;
	*ret_len = len;
	*at = p + len;
	return true;
}

static bool is_sound(const uint8_t *packet, size_t len)
{
	const uint8_t *crc = packet + len - CRC;

	if (len < HEADER + CRC || len > HDHOMERUN_PACKET_MAX || read_be(packet + 2, 2) != len - HEADER - CRC)
		return false;
	return crc32(0, packet, (uInt)(len - CRC)) ==
	       ((uint32_t)crc[3] << 24 | (uint32_t)crc[2] << 16 | (uint32_t)crc[1] << 8 | crc[0]);
}

static bool has_type(const uint8_t *value, size_t len)
{
	for (; len >= 4; value += 4, len -= 4) {
		uint32_t type = read_be(value, 4);

		if (type == TYPE_TUNER || type == WILDCARD)
			return true;
	}
	return false;
}

bool hdhomerun_asks_for(const uint8_t *packet, size_t len, uint32_t id)
{
	bool type_named = false, type_ours = false, id_ours = true;
	const uint8_t *at, *end, *value;
	size_t value_len;
	uint8_t tag;

	if (!is_sound(packet, len) || read_be(packet, 2) != TYPE_QUESTION)
		return false;
	at = packet + HEADER;
	end = packet + len - CRC;
	while (next_tag(&at, end, &tag, &value, &value_len)) {
		if ((tag == TAG_DEVICE_TYPE && value_len == 4) || tag == TAG_MULTI_TYPE) {
			type_named = true;
			type_ours = type_ours || has_type(value, value_len);
		} else if (tag == TAG_DEVICE_ID && value_len == 4) {
			id_ours = read_be(value, 4) == WILDCARD || read_be(value, 4) == id;
		}
	}
	/* What follows a broken tag is unknown, so nothing of the packet counts. */
	return at == end && id_ours && (type_ours || !type_named);
}

static void add_be(struct buf *to, uint32_t value, int bytes)
{
	while (bytes--)
		buf_addc(to, (char)(value >> bytes * 8));
}

static void add_tag(struct buf *to, enum tag tag, const void *value, size_t len)
{
	buf_addc(to, (char)tag);
	if (len < 0x80) {
		buf_addc(to, (char)len);
	} else {
		buf_addc(to, (char)(len | 0x80));
		buf_addc(to, (char)(len >> 7));
	}
	buf_add(to, value, len);
}

static void add_number(struct buf *to, enum tag tag, uint32_t value, int bytes)
{
	buf_addc(to, (char)tag);
	buf_addc(to, (char)bytes);
	add_be(to, value, bytes);
}

void hdhomerun_write_answer(struct buf *to, const struct hdhomerun_device *device)
{
	CLEANUP(buf_free) struct buf tags = BUF_MAX(HDHOMERUN_PACKET_MAX - HEADER - CRC);
	uint32_t crc;
	size_t from;

	add_number(&tags, TAG_DEVICE_TYPE, TYPE_TUNER, 4);
	add_number(&tags, TAG_DEVICE_ID, device->id, 4);
	add_number(&tags, TAG_TUNER_COUNT, device->tuners, 1);
	add_tag(&tags, TAG_AUTH, device->auth, strlen(device->auth));
	add_tag(&tags, TAG_BASE_URL, device->base_url, strlen(device->base_url));
	add_tag(&tags, TAG_LINEUP_URL, device->lineup_url, strlen(device->lineup_url));
	if (tags.failed) {
		to->failed = true;
		return;
	}
	from = to->len;
	add_be(to, TYPE_ANSWER, 2);
	add_be(to, (uint32_t)tags.len, 2);
	buf_add(to, tags.data, tags.len);
	if (to->failed)
		return;
	crc = (uint32_t)crc32(0, (const Bytef *)to->data + from, (uInt)(to->len - from));
	for (int i = 0; i < 4; i++)
		buf_addc(to, (char)(crc >> i * 8));
}
