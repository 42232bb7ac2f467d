/* va_slice.h - the slice that a VA driver delivers: the header that libavcodec wrote, and behind it what the chip made. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct bytes {
	uint8_t *data;
	size_t len, size;
};

void bytes_add(struct bytes *to, const uint8_t *data, size_t len);

/* `header`: units behind start codes, the last of which is a slice that ends behind its header, at `bits`. `picture`: x264's
 * access unit of the same picture. 0, or -1 when its slice cannot stand behind another header. */
int va_slice_add(struct bytes *to, const uint8_t *header, size_t bits, const uint8_t *picture, size_t len);
