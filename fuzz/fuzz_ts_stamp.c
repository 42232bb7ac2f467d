/* fuzz_ts_stamp.c - any bytes as packets: nothing outside is touched, and the opposite offset puts everything
 * back. Input: 8 bytes of offset, then packets. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stream/ts_stamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t offset;
	uint8_t *copy;

	if (size < sizeof(offset))
		return 0;
	memcpy(&offset, data, sizeof(offset));
	data += sizeof(offset);
	size -= sizeof(offset);
	copy = malloc(size ? size : 1); /* exact, so that the sanitizer sees a byte too far */
	if (!copy)
		abort();
	memcpy(copy, data, size);
	ts_stamp(copy, size, offset);
	ts_stamp(copy, size, 0 - offset);
	if (memcmp(copy, data, size) != 0)
		abort();
	free(copy);
	return 0;
}
