/* HDHomeRun packets and ids against bytes of real clients, and hostile ones; the texts of SSDP. */
#include "lib/testlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "server/hdhomerun.h"
#include "server/ssdp.h"

#define ID UINT32_C(0x10439EFD) /* a real one */
#define ALL "\x01\x04\xff\xff\xff\xff\x02\x04\xff\xff\xff\xff"
#define UUID "8887ca63-98c2-4bad-99c4-ca4908775eb0"

static void ids_check_themselves(void **state)
{
	uint32_t random = 1;

	(void)state;
	assert_true(hdhomerun_id_valid(ID));
	/* Any one digit that differs is noticed. */
	for (int shift = 0; shift < 32; shift += 4)
		for (uint32_t by = 1; by < 16; by++)
			assert_false(hdhomerun_id_valid(ID ^ by << shift));
	for (int i = 0; i < 10000; i++) {
		uint32_t id = hdhomerun_id_make(random);

		assert_true(hdhomerun_id_valid(id));
		assert_true(id >> 24 >= 0x18 && id >> 24 <= 0x1F);
		random = random * 1664525 + 1013904223;
	}
	assert_int_not_equal(hdhomerun_id_make(0x12345678), hdhomerun_id_make(0x12345688));
	assert_true(hdhomerun_id_valid(hdhomerun_id_make(0)));
	assert_true(hdhomerun_id_valid(hdhomerun_id_make(UINT32_MAX)));
}

/* A packet of this type around tags, sound unless told otherwise. */
static struct buf packet(int type, const char *tags, size_t len)
{
	struct buf p = { 0 };
	uint32_t crc;

	buf_addc(&p, 0);
	buf_addc(&p, (char)type);
	buf_addc(&p, (char)(len >> 8));
	buf_addc(&p, (char)len);
	buf_add(&p, tags, len);
	crc = (uint32_t)crc32(0, (const Bytef *)p.data, (uInt)p.len);
	for (int i = 0; i < 4; i++)
		buf_addc(&p, (char)(crc >> i * 8));
	return p;
}

static bool asks(const struct buf *p)
{
	return hdhomerun_asks_for((const uint8_t *)p->data, p->len, ID);
}

static void the_question_of_jellyfin(void **state)
{
	static const uint8_t question[] = "\x00\x02\x00\x0c" ALL "\x73\xcc\x7d\x8f";
	uint8_t bent[sizeof(question)];

	(void)state;
	assert_true(hdhomerun_asks_for(question, 20, ID));
	/* Not one bit may differ, not one byte be missing. */
	for (size_t bit = 0; bit < 160; bit++) {
		memcpy(bent, question, sizeof(bent));
		bent[bit / 8] = (uint8_t)(bent[bit / 8] ^ 1 << bit % 8);
		assert_false(hdhomerun_asks_for(bent, 20, ID));
	}
	for (size_t len = 0; len < 20; len++)
		assert_false(hdhomerun_asks_for(question, len, ID));
	assert_false(hdhomerun_asks_for(question, 21, ID));
}

#define TAGS(text) text, sizeof(text) - 1
static const struct {
	const char *what;
	int type;
	const char *tags;
	size_t len;
	bool yes;
} questions[] = {
	{ "no tag at all", 2, TAGS(""), true },
	{ "our id", 2, TAGS("\x02\x04\x10\x43\x9e\xfd"), true },
	{ "another id", 2, TAGS("\x02\x04\x10\x43\x9e\xfe"), false },
	{ "tuners", 2, TAGS("\x01\x04\x00\x00\x00\x01"), true },
	{ "storage", 2, TAGS("\x01\x04\x00\x00\x00\x05"), false },
	{ "storage or tuner", 2, TAGS("\x2d\x08\x00\x00\x00\x05\x00\x00\x00\x01"), true },
	{ "storage only, as a list", 2, TAGS("\x2d\x04\x00\x00\x00\x05"), false },
	{ "an empty list", 2, TAGS("\x2d\x00"), false },
	{ "a list cut short", 2, TAGS("\x2d\x03\x00\x00\x00"), false },
	{ "an unknown tag", 2, TAGS("\x77\x02xx" ALL), true },
	{ "an answer", 3, TAGS(ALL), false },
	{ "a question to control", 4, TAGS(ALL), false },
	{ "a tag without length", 2, TAGS(ALL "\x01"), false },
	{ "a value that is not there", 2, TAGS(ALL "\x77\x05xxxx"), false },
	{ "half a long length", 2, TAGS(ALL "\x77\x80"), false },
	{ "a long length past the end", 2, TAGS(ALL "\x77\xff\xff"), false },
	{ "a long length of nothing", 2, TAGS(ALL "\x77\x80\x00"), true },
};

static void questions_of_every_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		CLEANUP(buf_free)
		struct buf p = packet(questions[i].type, questions[i].tags, questions[i].len);

		if (asks(&p) != questions[i].yes)
			fail_msg("%s: %d", questions[i].what, !questions[i].yes);
	}
}

static void what_is_too_large_is_no_question(void **state)
{
	char *tags = calloc(1, 70000);
	CLEANUP(buf_free) struct buf fits = packet(2, tags, HDHOMERUN_PACKET_MAX - 8);
	CLEANUP(buf_free) struct buf larger = packet(2, tags, HDHOMERUN_PACKET_MAX - 7);
	CLEANUP(buf_free) struct buf wraps = packet(2, tags, 65536); /* its length says 0 */

	(void)state;
	assert_true(asks(&fits)); /* zeros are tags without value */
	assert_false(asks(&larger));
	assert_false(asks(&wraps));
	free(tags);
}

static void an_answer_byte_by_byte(void **state)
{
	const struct hdhomerun_device device = { .id = ID,
						 .tuners = 4,
						 .base_url = "http://h:1",
						 .lineup_url = "http://h:1/lineup.json",
						 .auth = "abc" };
	static const char expected[] = "\x00\x03\x00\x38"
				       "\x01\x04\x00\x00\x00\x01\x02\x04\x10\x43\x9e\xfd\x10\x01\x04"
				       "\x2b\x03"
				       "abc"
				       "\x2a\x0a"
				       "http://h:1"
				       "\x27\x16"
				       "http://h:1/lineup.json";
	CLEANUP(buf_free) struct buf answer = { 0 };
	uint32_t crc;

	(void)state;
	hdhomerun_write_answer(&answer, &device);
	assert_false(answer.failed);
	assert_int_equal(answer.len, sizeof(expected) - 1 + 4);
	assert_memory_equal(answer.data, expected, sizeof(expected) - 1);
	crc = (uint32_t)crc32(0, (const Bytef *)answer.data, (uInt)answer.len - 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal((uint8_t)answer.data[answer.len - 4 + i], crc >> i * 8 & 0xFF);
	assert_false(asks(&answer)); /* two of us do not talk for ever */
}

/* A name of 253 bytes needs the long form of the length; what exceeds a packet is not sent. */
static void long_addresses(void **state)
{
	char url[2000];
	struct hdhomerun_device device = {
		.id = ID, .tuners = 255, .base_url = url, .lineup_url = "x", .auth = ""
	};
	CLEANUP(buf_free) struct buf answer = { 0 }, none = { 0 };
	const char *at;

	(void)state;
	memset(url, 'u', sizeof(url));
	url[300] = '\0';
	hdhomerun_write_answer(&answer, &device);
	assert_false(answer.failed);
	at = memmem(answer.data, answer.len, "\x2a\xac\x02u", 4);
	assert_non_null(at);
	assert_memory_equal(at + 3 + 300, "\x27\x01x", 3);
	url[300] = 'u';
	url[1999] = '\0';
	hdhomerun_write_answer(&none, &device);
	assert_true(none.failed);
	assert_int_equal(none.len, 0);
}

/* ---- SSDP ---- */

#define SEARCH "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
static const struct {
	const char *text;
	unsigned targets;
} searches[] = {
	{ SEARCH "MAN: \"ssdp:discover\"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n", SSDP_ALL },
	{ SEARCH "man:\"ssdp:discover\"\r\nst:upnp:rootdevice\r\n\r\n", SSDP_ROOT },
	{ SEARCH "ST: uuid:" UUID "\r\nMAN: \"ssdp:discover\"\r\n\r\n", SSDP_UUID },
	{ SEARCH "ST: " SSDP_DEVICE_TYPE "  \r\nMAN: \"ssdp:discover\"\r\n\r\n", SSDP_DEVICE },
	{ SEARCH "ST: ssdp:all\nMAN: \"ssdp:discover\"\n\n", SSDP_ALL },
	{ SEARCH "ST: ssdp:all\r\nMAN: \"ssdp:discover\"\r\n", SSDP_ALL }, /* some leave the empty line out */
	{ SEARCH "ST: ssdp:all\r\n\r\n", 0 },
	{ SEARCH "ST: ssdp:all\r\nMAN: ssdp:alive\r\n\r\n", 0 },
	{ SEARCH "MAN: \"ssdp:discover\"\r\n\r\nST: ssdp:all\r\n", 0 },
	{ SEARCH "MAN: \"ssdp:discover\"\r\nST: ssdp:al\r\n\r\n", 0 },
	{ SEARCH "MAN: \"ssdp:discover\"\r\nST: urn:schemas-upnp-org:device:MediaServer:2\r\n\r\n", 0 },
	{ SEARCH "MAN: \"ssdp:discover\"\r\nST: uuid:8887ca63-98c2-4bad-99c4-ca4908775eb1\r\n\r\n", 0 },
	{ SEARCH "MAN: \"ssdp:discover\"\r\nST: uuid:\r\n\r\n", 0 },
	{ SEARCH "MAN: \"ssdp:discover\"\r\nnonsense\r\nST: ssdp:all\r\n\r\n", 0 },
	{ "NOTIFY * HTTP/1.1\r\nNTS: ssdp:alive\r\nST: ssdp:all\r\nMAN: \"ssdp:discover\"\r\n\r\n", 0 },
	{ "M-SEARCH * HTTP/1.1", 0 },
	{ "\n\n\n:\n", 0 },
	{ "", 0 },
};

static void searches_of_every_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(searches); i++) {
		/* In memory that ends where it ends: a datagram has no NUL. */
		size_t len = strlen(searches[i].text);
		char *text = malloc(len + 1);
		unsigned targets;

		memcpy(text, searches[i].text, len);
		text = realloc(text, len ? len : 1);
		targets = ssdp_searched(text, len, UUID);
		free(text);
		if (targets != searches[i].targets)
			fail_msg("%s: %u", searches[i].text, targets);
	}
}

static void a_nul_ends_nothing(void **state)
{
	static const char text[] = SEARCH "ST: ssdp:all\0\r\nMAN: \"ssdp:discover\"\r\n\r\n";

	(void)state;
	assert_int_equal(ssdp_searched(text, sizeof(text) - 1, UUID), 0);
}

static void what_is_told(void **state)
{
	CLEANUP(buf_free) struct buf answer = { 0 }, alive = { 0 }, gone = { 0 };

	(void)state;
	ssdp_write_answer(&answer, SSDP_DEVICE, UUID, "http://192.0.2.1:8080");
	assert_int_equal(strncmp(answer.data, "HTTP/1.1 200 OK\r\n", 17), 0);
	assert_non_null(strstr(answer.data, "\r\nLOCATION: http://192.0.2.1:8080/device.xml\r\n"));
	assert_non_null(strstr(answer.data, "\r\nST: " SSDP_DEVICE_TYPE "\r\nUSN: uuid:" UUID
					    "::" SSDP_DEVICE_TYPE "\r\n"));
	assert_string_equal(answer.data + answer.len - 4, "\r\n\r\n");
	ssdp_write_notify(&alive, SSDP_UUID, UUID, "http://192.0.2.1:8080");
	assert_non_null(strstr(alive.data, "\r\nNTS: ssdp:alive\r\n"));
	assert_non_null(strstr(alive.data, "\r\nNT: uuid:" UUID "\r\nUSN: uuid:" UUID "\r\n"));
	assert_non_null(strstr(alive.data, "\r\nCACHE-CONTROL: max-age=1800\r\n"));
	ssdp_write_notify(&gone, SSDP_ROOT, UUID, NULL);
	assert_non_null(strstr(gone.data, "\r\nNTS: ssdp:byebye\r\n"));
	assert_null(strstr(gone.data, "LOCATION"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_check_themselves),
		cmocka_unit_test(the_question_of_jellyfin),
		cmocka_unit_test(questions_of_every_kind),
		cmocka_unit_test(what_is_too_large_is_no_question),
		cmocka_unit_test(an_answer_byte_by_byte),
		cmocka_unit_test(long_addresses),
		cmocka_unit_test(searches_of_every_kind),
		cmocka_unit_test(a_nul_ends_nothing),
		cmocka_unit_test(what_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
