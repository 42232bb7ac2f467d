/* png.c - see png.h. */
#include "server/png.h"

#include <string.h>
#include <zlib.h>

#include "base/cleanup.h"

static void put32(uint8_t *to, uint32_t value)
{
	to[0] = (uint8_t)(value >> 24);
	to[1] = (uint8_t)(value >> 16);
	to[2] = (uint8_t)(value >> 8);
	to[3] = (uint8_t)value;
}

static void chunk(struct buf *to, const char *type, const void *data, size_t len)
{
	uint8_t number[4];
	uLong crc = crc32(crc32(0, NULL, 0), (const Bytef *)type, 4);

	put32(number, (uint32_t)len);
	buf_add(to, number, 4);
	buf_add(to, type, 4);
	if (len) {
		buf_add(to, data, len);
		crc = crc32(crc, data, (uInt)len);
	}
	put32(number, (uint32_t)crc);
	buf_add(to, number, 4);
}

int png_write(struct buf *to, const uint8_t *rgb, unsigned width, unsigned height, struct err *err)
{
	static const uint8_t signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n' };
	CLEANUP(buf_free) struct buf rows = BUF_MAX((size_t)64 << 20);
	CLEANUP(buf_free) struct buf packed = BUF_MAX((size_t)64 << 20);
	uint8_t header[13] = { [8] = 8, [9] = 2 }; /* 8 bits, RGB */
	size_t stride = (size_t)width * 3;
	uLongf len;

	for (unsigned y = 0; y < height; y++) {
		buf_addc(&rows, 0); /* no filter */
		buf_add(&rows, rgb + y * stride, stride);
	}
	len = compressBound((uLong)rows.len);
	if (rows.failed || !buf_reserve(&packed, len) ||
	    compress2((Bytef *)packed.data, &len, (const Bytef *)rows.data, (uLong)rows.len, 9) != Z_OK)
		return err_set(err, ERR_TOO_LARGE, "write a picture of %u x %u: it is too large", width,
			       height);
	put32(header, width);
	put32(header + 4, height);
	buf_add(to, signature, sizeof(signature));
	chunk(to, "IHDR", header, sizeof(header));
	chunk(to, "IDAT", packed.data, len);
	chunk(to, "IEND", NULL, 0);
	return 0;
}
