/* va_slice.c - see va_slice.h. With CABAC a slice's macroblocks begin at a byte of their own (ISO 14496-10, 7.3.4), so that they
 * can stand behind any header that says the same of them: type, quantizer, one reference, no weights. Emulation prevention
 * is taken out and put in again for the whole. */
#include "drivers/va_slice.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void bytes_add(struct bytes *to, const uint8_t *data, size_t len)
{
	if (to->len + len > to->size) {
		to->size = (to->len + len) * 2;
		to->data = realloc(to->data, to->size);
		if (!to->data)
			abort();
	}
	memcpy(to->data + to->len, data, len);
	to->len += len;
}

struct bits {
	const uint8_t *data;
	size_t at, end; /* in bits */
};

static unsigned take(struct bits *b, int count)
{
	unsigned value = 0;

	for (; count > 0; count--, b->at++)
		value = value << 1 | (b->at < b->end ? b->data[b->at / 8] >> (7 - b->at % 8) & 1u : 0);
	return value;
}

static unsigned take_ue(struct bits *b)
{
	int zeros = 0;

	while (b->at < b->end && zeros < 31 && !take(b, 1))
		zeros++;
	return (1u << zeros) - 1 + take(b, zeros);
}

/* The next unit behind a start code; 0 at the end. */
static size_t next_unit(const uint8_t *data, size_t len, size_t *at)
{
	size_t from = *at, end;

	while (from + 3 <= len && memcmp(data + from, "\0\0\1", 3) != 0)
		from++;
	if (from + 3 > len)
		return 0;
	from += 3;
	for (end = from; end < len && !(end + 3 <= len && data[end] == 0 && data[end + 1] == 0 && data[end + 2] <= 1); end++)
		;
	*at = from;
	return end - from;
}

static struct bytes unescaped(const uint8_t *data, size_t len)
{
	struct bytes plain = { 0 };
	int zeros = 0;

	for (size_t i = 0; i < len; i++) {
		if (zeros >= 2 && data[i] == 3) {
			zeros = 0;
			continue;
		}
		zeros = data[i] ? 0 : zeros + 1;
		bytes_add(&plain, data + i, 1);
	}
	return plain;
}

static void add_escaped(struct bytes *to, const struct bytes *plain)
{
	int zeros = 0;

	for (size_t i = 0; i < plain->len; i++) {
		if (zeros >= 2 && plain->data[i] <= 3) {
			bytes_add(to, (const uint8_t *)"\3", 1);
			zeros = 0;
		}
		zeros = plain->data[i] ? 0 : zeros + 1;
		bytes_add(to, plain->data + i, 1);
	}
}

/* Where the macroblocks of x264's slice begin, in bytes; 0: it says more than the other header can. A progressive sequence whose
 * frame numbers have `log2` bits, without picture order counts (type 2). */
static size_t macroblocks_of(const struct bytes *slice, int log2)
{
	struct bits b = { slice->data, 0, slice->len * 8 };
	unsigned unit = take(&b, 8), type;

	take_ue(&b);
	type = take_ue(&b) % 5;
	take_ue(&b);
	take(&b, log2);
	if ((unit & 31) == 5)
		take_ue(&b);
	if (type == 0) { /* P */
		if (take(&b, 1) && take_ue(&b) != 0)
			return 0;
		if (take(&b, 1))
			return 0; /* other order of references */
	}
	if ((unit & 31) == 5)
		take(&b, 2);
	else if (unit >> 5 && take(&b, 1))
		return 0;
	if (type == 0 && take_ue(&b) != 0)
		return 0; /* cabac_init_idc */
	take_ue(&b);	  /* slice_qp_delta: asked for */
	if (take_ue(&b) != 1) {
		if (take_ue(&b) != 0 || take_ue(&b) != 0)
			return 0;
	}
	return (b.at + 7) / 8;
}

static int frame_number_bits(const struct bytes *sps)
{
	struct bits b = { sps->data, 32, sps->len * 8 };
	int log2;

	take_ue(&b);
	if (sps->data[1] != 100 || take_ue(&b) != 1)
		return 0;
	take_ue(&b);
	take_ue(&b);
	take(&b, 2);
	log2 = (int)take_ue(&b) + 4;
	return take_ue(&b) == 2 ? log2 : 0;
}

/* The header's bits and ones up to the next byte. */
static struct bytes header_of(const uint8_t *data, size_t bits)
{
	struct bytes plain = unescaped(data, (bits + 7) / 8);
	unsigned spare = (unsigned)((8 - bits % 8) % 8);

	if (spare)
		plain.data[plain.len - 1] |= (uint8_t)((1u << spare) - 1);
	return plain;
}

int va_slice_add(struct bytes *to, const uint8_t *header, size_t bits, const uint8_t *picture, size_t len)
{
	static int log2; /* of the last SPS: one encoder's pictures follow one another, all encoders say the same */
	size_t at = 0, unit, begin = 0, length = (bits + 7) / 8;
	int rc = -1;

	while (next_unit(header, length, &at))
		begin = at;
	bytes_add(to, header, begin);
	for (at = 0; (unit = next_unit(picture, len, &at)); at += unit) {
		struct bytes plain = unescaped(picture + at, unit);
		int kind = picture[at] & 31;

		if (kind == 7)
			log2 = frame_number_bits(&plain);
		if (kind == 1 || kind == 5) {
			struct bytes whole = header_of(header + begin, bits - begin * 8);
			size_t from = log2 ? macroblocks_of(&plain, log2) : 0;

			if (from) {
				bytes_add(&whole, plain.data + from, plain.len - from);
				add_escaped(to, &whole);
				rc = 0;
			}
			free(whole.data);
		}
		free(plain.data);
	}
	return rc;
}
