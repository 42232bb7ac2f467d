/* fuzz_encoder_unit.c - any bytes as what an encoder gave: refused, or an access unit in order: a delimiter first, what stands
 * apart before the picture, no signature; and what was made of it once is made of it again.
 * Input: a byte of flags (1 HEVC, 2 key picture, 4 parameter sets apart), a byte that says where those end, then the units. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stream/encoder_unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends where the units end, so that the sanitizer sees a byte too far. */
static uint8_t *exact(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	return copy;
}

static unsigned type_of(uint8_t head, bool hevc)
{
	return hevc ? head >> 1 & 63u : head & 31u;
}

static void check(const struct buf *unit, const struct encoder_packet *p)
{
	const uint8_t *at = (const uint8_t *)unit->data;

	if (unit->len < 6 || memcmp(at, "\0\0\0\1", 4) != 0 || type_of(at[4], p->hevc) != (p->hevc ? 35 : 9))
		abort();
	if (unit->len > p->len + p->extradata_len + 16 + (p->len + p->extradata_len) / 3)
		abort(); /* no more than the longer start codes */
}

static struct buf made_of(const struct buf *from, const struct encoder_packet *p)
{
	struct encoder_packet packet = { .data = (const uint8_t *)from->data, .len = from->len, .hevc = p->hevc, .key = p->key };
	struct buf made = { 0 };

	if (!encoder_unit_add(&made, &packet) || made.len > from->len)
		abort();
	return made;
}

/* What is in the form already stays as it is, once zeros that trailed are gone. */
static void again(const struct buf *first, const struct encoder_packet *p)
{
	struct buf second = made_of(first, p), third = made_of(&second, p);

	if (third.len != second.len || memcmp(third.data, second.data, second.len) != 0)
		abort();
	buf_free(&second);
	buf_free(&third);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct encoder_packet packet = { 0 };
	uint8_t *units, *extradata;
	struct buf to = { 0 };
	size_t apart;

	if (size < 2)
		return 0;
	packet.hevc = data[0] & 1;
	packet.key = data[0] & 2;
	apart = data[0] & 4 ? data[1] : 0;
	data += 2;
	size -= 2;
	apart = apart < size ? apart : size;
	extradata = exact(data, apart);
	units = exact(data + apart, size - apart);
	packet.data = units;
	packet.len = size - apart;
	packet.extradata = apart ? extradata : NULL;
	packet.extradata_len = apart;
	if (encoder_unit_add(&to, &packet)) {
		check(&to, &packet);
		again(&to, &packet);
	} else if (to.len) {
		abort(); /* refused and yet written */
	}
	buf_free(&to);
	free(units);
	free(extradata);
	return 0;
}
