/* fuzz_hevc.c - any bytes as extradata, as units behind start codes and behind lengths, as an SPS, of HEVC and by the same
 * door of H.264: nothing outside is read, sizes are what can be, and what was read as parameter sets reads the same again.
 * Input: a byte for length size and codec, then the rest. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "media/coded.h"
#include "media/hevc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct coded *coded, const uint8_t *data, size_t size, int length_size)
{
	struct nal_units units = { .data = data, .len = size, .length_size = length_size };
	struct buf to = BUF_MAX(1 << 20);
	struct nal_unit unit;
	struct nal_sps sps;

	while (nal_next(&units, &unit) > 0) {
		if (!unit.len || unit.data < data || unit.data + unit.len > data + size)
			abort();
		if (hevc_parse_sps(&unit, &sps) && (sps.width <= 0 || sps.width > 16384 || sps.height <= 0 || sps.height > 16384 ||
						    sps.depth < 8 || sps.depth > 16 || sps.reorder < 0 || sps.reorder > 16))
			abort();
		if (coded_kind(coded, &unit) == CODED_CUT) {
			coded_add_delimiter(coded, &to);
			coded_add_first(coded, &unit, &to);
		}
	}
	buf_free(&to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int sizes[] = { 0, 1, 2, 4 };
	struct coded coded = { 0 }, again = { 0 };
	uint8_t *copy;
	int length_size;
	bool hevc;

	if (!size)
		return 0;
	length_size = sizes[data[0] % 4];
	hevc = !(data[0] & 4);
	copy = malloc(size); /* exact, so that the sanitizer sees a byte too far */
	if (!copy)
		abort();
	memcpy(copy, data + 1, --size);
	if (!coded_read(&coded, hevc, copy, size)) {
		if (coded_read(&again, hevc, (const uint8_t *)coded.sets.data, coded.sets.len) || again.sps.width != coded.sps.width ||
		    again.rate != coded.rate)
			abort();
		coded_free(&again);
	}
	walk(&coded, copy, size, length_size);
	coded_free(&coded);
	free(copy);
	return 0;
}
