/* container_size.c - see container_size.h. */
#include "media/container_size.h"

#include <string.h>

/* An element's length (RFC 8794, 4): the first bit that is set says in how many bytes. 0 when it is cut off or unknown; moves *at. */
static uint64_t element_length(const uint8_t *head, size_t len, size_t *at)
{
	uint64_t value, unknown;
	int more = 0;

	if (*at >= len || !head[*at])
		return 0;
	while (!(head[*at] & (0x80 >> more)))
		more++;
	if (len - *at <= (size_t)more)
		return 0;
	value = head[*at] & (0x7F >> more);
	unknown = 0x7F >> more;
	for (int i = 1; i <= more; i++) {
		value = value << 8 | head[*at + (size_t)i];
		unknown = unknown << 8 | 0xFF;
	}
	*at += (size_t)more + 1;
	return value == unknown ? 0 : value;
}

static int64_t matroska_size(const uint8_t *head, size_t len)
{
	static const uint8_t segment[4] = { 0x18, 0x53, 0x80, 0x67 };
	size_t at = 4;
	uint64_t size = element_length(head, len, &at);

	if (!size || size > len - at || len - at - size < sizeof(segment))
		return 0;
	at += size;
	if (memcmp(head + at, segment, sizeof(segment)) != 0)
		return 0;
	at += sizeof(segment);
	size = element_length(head, len, &at);
	return size ? (int64_t)(size + at) : 0;
}

int64_t container_size(const uint8_t *head, size_t len)
{
	if (len >= 5 && memcmp(head, "\x1A\x45\xDF\xA3", 4) == 0)
		return matroska_size(head, len);
	if (len >= 12 && memcmp(head, "RIFF", 4) == 0 && memcmp(head + 8, "AVI ", 4) == 0)
		return (int64_t)((uint32_t)head[4] | (uint32_t)head[5] << 8 | (uint32_t)head[6] << 16 | (uint32_t)head[7] << 24) + 8;
	return 0;
}
