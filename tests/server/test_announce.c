/* The tuner on the network, on free ports of this machine: who asks is answered, garbage is not, a port that
 * is taken does no harm, and the identity stays. */
#include "lib/testlib.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "server/announce.h"
#include "server/hdhomerun.h"
#include "server/ssdp.h"
#include "store/settings.h"
#include "store/store.h"

#define PATIENCE_MS 20000
#define QUESTION "\x00\x02\x00\x0c\x01\x04\xff\xff\xff\xff\x02\x04\xff\xff\xff\xff\x73\xcc\x7d\x8f"
#define SEARCH "M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nST: %s\r\n\r\n"

static const struct tuner tuner = {
	.id = UINT32_C(0x10439EFD), .uuid = "8887ca63-98c2-4bad-99c4-ca4908775eb0", .auth = "abc", .tuners = 3
};

static struct announce *start(int discover_port)
{
	struct announce_config config = {
		.tuner = &tuner, .http_port = 8123, .loopback = true, .discover_port = discover_port
	};

	return announce_start(&config);
}

static int client(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0); /* hears this port alone */
	return fd;
}

static size_t hear(int fd, char *to, size_t size)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	ssize_t n;

	if (poll(&poll_fd, 1, PATIENCE_MS) != 1)
		fail_msg("no answer within %d ms", PATIENCE_MS);
	n = recv(fd, to, size - 1, 0);
	assert_true(n > 0);
	to[n] = '\0';
	return (size_t)n;
}

static void say(int fd, const void *data, size_t len)
{
	assert_int_equal(send(fd, data, len, 0), len);
}

/* Each client's datagrams arrive in order: what is answered after the garbage was answered despite it. */
static void discovery(void **state)
{
	struct announce *announce = start(0);
	int fd = client(announce_discover_port(announce));
	char text[2048], garbage[5000];
	size_t len;

	(void)state;
	memset(garbage, 0xA5, sizeof(garbage));
	say(fd, "", 0);
	say(fd, "\x00\x02", 2);
	say(fd, garbage, sizeof(garbage));
	say(fd, garbage, 1460);
	say(fd, QUESTION, 19);
	say(fd, QUESTION "\0", 21);
	say(fd, QUESTION, 20);
	len = hear(fd, text, sizeof(text));
	assert_int_equal(text[1], 3);
	assert_non_null(memmem(text, len, "\x02\x04\x10\x43\x9e\xfd\x10\x01\x03", 9));
	assert_non_null(memmem(text, len, "http://127.0.0.1:8123/lineup.json", 33));
	say(fd, QUESTION, 20);
	assert_int_equal(hear(fd, text, sizeof(text)), len);
	close(fd);
	announce_stop(announce);
}

static void search(int fd, const char *target)
{
	char text[300];

	say(fd, text, (size_t)snprintf(text, sizeof(text), SEARCH, target));
}

static void ssdp(void **state)
{
	struct announce *announce = start(0);
	int fd = client(announce_ssdp_port(announce));
	char text[2048];

	(void)state;
	search(fd, "urn:schemas-upnp-org:service:ContentDirectory:1");
	say(fd, "M-SEARCH", 8);
	search(fd, "upnp:rootdevice");
	hear(fd, text, sizeof(text));
	assert_non_null(strstr(text, "\r\nST: upnp:rootdevice\r\n"));
	assert_non_null(strstr(text, "\r\nLOCATION: http://127.0.0.1:8123/device.xml\r\n"));
	search(fd, "ssdp:all");
	for (int i = 0; i < 3; i++) {
		static const char *const st[] = { "\r\nST: upnp:rootdevice\r\n", "\r\nST: uuid:8887ca63-",
						  "\r\nST: " SSDP_DEVICE_TYPE "\r\n" };

		hear(fd, text, sizeof(text));
		assert_non_null(strstr(text, st[i]));
	}
	close(fd);
	announce_stop(announce);
}

static void a_port_that_is_taken(void **state)
{
	struct announce *first = start(0), *second = start(announce_discover_port(first));
	char text[2048];
	int fd;

	(void)state;
	assert_int_equal(announce_discover_port(second), 0);
	fd = client(announce_ssdp_port(second)); /* the other half works */
	search(fd, "upnp:rootdevice");
	hear(fd, text, sizeof(text));
	close(fd);
	announce_stop(second);
	fd = client(announce_discover_port(first));
	say(fd, QUESTION, 20);
	hear(fd, text, sizeof(text));
	close(fd);
	announce_stop(first);
	announce_stop(NULL);
}

static void an_identity_is_made_once(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir(), *other_dir = test_dir();
	struct tuner made = { .tuners = 7 }, again = { 0 }, other = { 0 };
	struct err err = { 0 };
	struct store *store = store_open(dir, true, &err), *other_store = store_open(other_dir, true, &err);

	(void)state;
	assert_non_null(store);
	assert_non_null(other_store);
	test_ok(tuner_load(store_writer(store), &made, &err), &err);
	assert_true(hdhomerun_id_valid(made.id));
	assert_int_equal(strlen(made.uuid), 36);
	assert_int_equal(made.uuid[14], '4');
	assert_non_null(strchr("89ab", made.uuid[19]));
	assert_int_equal(strlen(made.auth), 24);
	assert_int_equal(made.tuners, 7);
	store_close(store);
	store = store_open(dir, true, &err);
	test_ok(tuner_load(store_writer(store), &again, &err), &err);
	assert_int_equal(again.id, made.id);
	assert_string_equal(again.uuid, made.uuid);
	assert_string_equal(again.auth, made.auth);
	test_ok(tuner_load(store_writer(other_store), &other, &err), &err);
	assert_string_not_equal(other.uuid, made.uuid);
	store_close(other_store);
	store_close(store);
}

static void an_identity_that_was_damaged_is_made_anew(void **state)
{
	static const char *const ids[] = { "", "10439EFE", "10439EF", "x0439EFD", "110439EFD" };
	static const char *const uuids[] = { "", "8887ca63-98c2-4bad-99c4-ca4908775eb",
					     "8887ca63+98c2-4bad-99c4-ca4908775eb0",
					     "8887ca63-98c2-4bad-99c4-ca4908775eg0", "<x>" };
	CLEANUP(cleanup_free) char *dir = test_dir();
	struct err err = { 0 };
	struct store *store = store_open(dir, true, &err);
	struct tuner made = { 0 };

	(void)state;
	assert_non_null(store);
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		test_ok(settings_set(store_writer(store), "tuner.device_id", ids[i], &err), &err);
		test_ok(settings_set(store_writer(store), "tuner.uuid", uuids[i], &err), &err);
		test_ok(tuner_load(store_writer(store), &made, &err), &err);
		assert_true(hdhomerun_id_valid(made.id));
		assert_string_not_equal(made.uuid, uuids[i]);
		assert_int_equal(strlen(made.uuid), 36);
	}
	test_ok(settings_set(store_writer(store), "tuner.device_id", "10439EFD", &err), &err);
	test_ok(tuner_load(store_writer(store), &made, &err), &err);
	assert_int_equal(made.id, 0x10439EFD);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(discovery),
		cmocka_unit_test(ssdp),
		cmocka_unit_test(a_port_that_is_taken),
		cmocka_unit_test(an_identity_is_made_once),
		cmocka_unit_test(an_identity_that_was_damaged_is_made_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
