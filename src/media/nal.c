/* nal.c - see nal.h. */
#include "media/nal.h"

#include <string.h>

/* Offset of the next 00 00 01 at or after `from`, `len` when there is none. */
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

static int next_coded(struct nal_units *u, struct nal_unit *ret)
{
	for (;;) {
		size_t at = start_code(u->data, u->len, u->at), next, end;

		if (at == u->len)
			return 0;
		at += 3;
		next = end = start_code(u->data, u->len, at);
		while (end > at && u->data[end - 1] == 0)
			end--;
		u->at = next;
		if (end == at)
			continue;
		*ret = (struct nal_unit){ u->data + at, end - at };
		return 1;
	}
}

int nal_next(struct nal_units *units, struct nal_unit *ret)
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
	*ret = (struct nal_unit){ units->data + units->at, length };
	units->at += length;
	return 1;
}

bool nal_has(const struct buf *sets, const struct nal_unit *unit)
{
	struct nal_units units = { .data = (const uint8_t *)sets->data, .len = sets->len };
	struct nal_unit known;

	while (nal_next(&units, &known) > 0)
		if (known.len == unit->len && memcmp(known.data, unit->data, unit->len) == 0)
			return true;
	return false;
}

void nal_add(struct buf *to, const uint8_t *data, size_t len)
{
	buf_add(to, "\0\0\0\1", 4);
	buf_add(to, data, len);
}

void nal_bits_init(struct nal_bits *bits, const struct nal_unit *unit, size_t head)
{
	size_t n = 0, zeros = 0;

	memset(bits, 0, sizeof(*bits));
	for (size_t i = head; i < unit->len && n < NAL_BYTES; i++) {
		if (zeros >= 2 && unit->data[i] == 3) {
			zeros = 0;
			continue;
		}
		zeros = unit->data[i] ? 0 : zeros + 1;
		bits->data[n++] = unit->data[i];
	}
	bits->len = n * 8;
}

unsigned nal_take(struct nal_bits *bits, int count)
{
	unsigned value = 0;

	for (; count > 0; count--) {
		if (bits->over || bits->at >= bits->len) {
			bits->over = true;
			return 0;
		}
		value = value << 1 | (bits->data[bits->at / 8] >> (7 - bits->at % 8) & 1u);
		bits->at++;
	}
	return value;
}

void nal_skip(struct nal_bits *bits, size_t count)
{
	if (count > bits->len - bits->at)
		bits->over = true;
	else
		bits->at += count;
}

unsigned nal_take_ue(struct nal_bits *bits)
{
	int zeros = 0;

	while (!bits->over && !nal_take(bits, 1))
		if (++zeros > 31) {
			bits->over = true;
			return 0;
		}
	return bits->over ? 0 : (1u << zeros) - 1 + (zeros ? nal_take(bits, zeros) : 0);
}

int nal_take_se(struct nal_bits *bits)
{
	unsigned value = nal_take_ue(bits);

	return value % 2 ? (int)(value / 2 + 1) : -(int)(value / 2);
}

void nal_skip_vui_display(struct nal_bits *b)
{
	if (nal_take(b, 1) && nal_take(b, 8) == 255)
		nal_skip(b, 32);
	if (nal_take(b, 1))
		nal_take(b, 1);
	if (nal_take(b, 1)) {
		nal_take(b, 4);
		if (nal_take(b, 1))
			nal_skip(b, 24);
	}
	if (nal_take(b, 1)) {
		nal_take_ue(b);
		nal_take_ue(b);
	}
}
