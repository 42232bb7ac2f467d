/* fuzz_h264.c - any bytes as extradata, as units behind start codes and behind lengths, as an SPS, and as lengths of a copy
 * plan: nothing outside is read, and what was written comes back. Input: a byte for the length size, then the rest. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/lengths.h"
#include "media/h264.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* It says the same but for that, and then says enough. */
static void say_reorder(const struct nal_unit *unit, const struct nal_sps *sps)
{
	struct buf made = { 0 }, again = { 0 };
	struct nal_sps back;

	if (h264_say_reorder(unit, 2, &made)) {
		struct nal_unit other = { (const uint8_t *)made.data, made.len };

		if (!h264_parse_sps(&other, &back) || back.width != sps->width || back.height != sps->height ||
		    back.level != sps->level || h264_say_reorder(&other, 2, &again))
			abort();
	}
	buf_free(&made);
	buf_free(&again);
}

static void walk(const uint8_t *data, size_t size, int length_size)
{
	struct nal_units units = { .data = data, .len = size, .length_size = length_size };
	struct nal_unit unit;
	struct nal_sps sps;

	while (nal_next(&units, &unit) > 0) {
		if (!unit.len || unit.data < data || unit.data + unit.len > data + size)
			abort();
		if (!h264_parse_sps(&unit, &sps))
			continue;
		if (sps.width <= 0 || sps.width > 16384 || sps.height <= 0)
			abort();
		say_reorder(&unit, &sps);
	}
}

static void read_lengths(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct lengths lengths, back;
	struct buf bytes = { 0 };

	if (lengths_read(data, size, &arena, &lengths)) {
		lengths_write(&bytes, &lengths);
		if (!lengths_read(bytes.data, bytes.len, &arena, &back) || back.count != lengths.count ||
		    memcmp(back.list, lengths.list, back.count * sizeof(*back.list)) != 0)
			abort();
	}
	buf_free(&bytes);
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int sizes[] = { 0, 1, 2, 4 };
	struct buf sets = { 0 };
	uint8_t *copy;
	int length_size;

	if (!size)
		return 0;
	length_size = sizes[data[0] % 4];
	copy = malloc(size); /* exact, so that the sanitizer sees a byte too far */
	if (!copy)
		abort();
	memcpy(copy, data + 1, --size);
	walk(copy, size, length_size);
	if (h264_parameter_sets(copy, size, &sets, &length_size))
		walk((const uint8_t *)sets.data, sets.len, 0);
	read_lengths(copy, size);
	buf_free(&sets);
	free(copy);
	return 0;
}
