/* lengths.c - see lengths.h. */
#include "base/lengths.h"

void lengths_write(struct buf *to, const struct lengths *lengths)
{
	for (size_t i = 0; i < lengths->count; i++) {
		uint32_t left = (uint32_t)lengths->list[i];
		uint8_t byte;

		do {
			byte = left & 127;
			left >>= 7;
			byte |= left ? 128 : 0;
			buf_add(to, &byte, 1);
		} while (left);
	}
}

bool lengths_read(const void *data, size_t len, struct arena *arena, struct lengths *ret)
{
	const uint8_t *p = data;
	size_t count = 0, at = 0;
	int32_t *list;

	for (size_t i = 0; i < len; i++)
		count += p[i] < 128;
	if (count > LENGTHS_MAX || (len && p[len - 1] >= 128))
		return false;
	list = arena_alloc(arena, (count + 1) * sizeof(*list));
	for (size_t i = 0; i < count; i++) {
		uint32_t value = 0;
		int shift = 0;

		for (; shift < 28; shift += 7) {
			value |= (uint32_t)(p[at] & 127) << shift;
			if (p[at++] < 128)
				break;
		}
		if (shift == 28 || !value)
			return false;
		list[i] = (int32_t)value;
	}
	*ret = (struct lengths){ list, count };
	return true;
}

int64_t lengths_sum(const struct lengths *lengths, size_t count)
{
	int64_t sum = 0;

	for (size_t i = 0; i < count && i < lengths->count; i++)
		sum += lengths->list[i];
	return sum;
}
