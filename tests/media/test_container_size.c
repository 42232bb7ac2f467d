/* How many bytes a file should have by its container's own word. */
#include "lib/testlib.h"

#include <string.h>

#include "media/container_size.h"

static void matroska_says(void **state)
{
	static const uint8_t head[] = { 0x1A, 0x45, 0xDF, 0xA3, 0x82, 'x', 'x', 0x18, 0x53, 0x80, 0x67, 0x40, 0x05 };
	uint8_t other[sizeof(head)];

	(void)state;
	assert_int_equal(container_size(head, sizeof(head)), sizeof(head) + 5);
	for (size_t n = 0; n < sizeof(head); n++)
		assert_int_equal(container_size(head, n), 0);
	memcpy(other, head, sizeof(head));
	other[11] = 0x7F, other[12] = 0xFF; /* unknown: it was sent as it was made */
	assert_int_equal(container_size(other, sizeof(other)), 0);
	other[4] = 0xFE; /* a header longer than what was read */
	assert_int_equal(container_size(other, sizeof(other)), 0);
}

static void avi_says(void **state)
{
	static const uint8_t head[] = "RIFF\x10\x01\0\0AVI LIST";

	(void)state;
	assert_int_equal(container_size(head, sizeof(head) - 1), 0x110 + 8);
	assert_int_equal(container_size((const uint8_t *)"RIFF\x10\x01\0\0WAVE", 12), 0);
	assert_int_equal(container_size((const uint8_t *)"no container", 12), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matroska_says),
		cmocka_unit_test(avi_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
