/* Datagrams from anybody on the network: HDHomeRun discovery and SSDP. First byte chooses. A packet's CRC is
 * mended, or nothing behind it would ever be reached. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "server/hdhomerun.h"
#include "server/ssdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void mended(const uint8_t *data, size_t size)
{
	uint8_t *packet = malloc(size);
	uint32_t crc;

	memcpy(packet, data, size);
	if (size >= 8 && size - 8 <= UINT16_MAX) {
		packet[2] = (uint8_t)((size - 8) >> 8);
		packet[3] = (uint8_t)(size - 8);
		crc = (uint32_t)crc32(0, packet, (uInt)(size - 4));
		for (size_t i = 0; i < 4; i++)
			packet[size - 4 + i] = (uint8_t)(crc >> i * 8);
	}
	hdhomerun_asks_for(packet, size, UINT32_C(0x10439EFD));
	free(packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t kind = size ? data[0] % 3 : 0;
	uint8_t *copy;

	if (!size)
		return 0;
	copy = malloc(size); /* ends where the datagram ends */
	memcpy(copy, data + 1, size - 1);
	copy = realloc(copy, size > 1 ? size - 1 : 1);
	if (kind == 0)
		hdhomerun_asks_for(copy, size - 1, UINT32_C(0x10439EFD));
	else if (kind == 1)
		mended(copy, size - 1);
	else if (ssdp_searched((const char *)copy, size - 1, "8887ca63-98c2-4bad-99c4-ca4908775eb0") &
		 ~(unsigned)SSDP_ALL)
		abort();
	free(copy);
	return 0;
}
