/* ssdp.c - see ssdp.h. */
#include "server/ssdp.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define SERVER_NAME "Linux UPnP/1.0 Matinee/" MATINEE_VERSION

struct piece { /* of a datagram; no NUL at its end */
	const char *text;
	size_t len;
};

static bool same(struct piece piece, const char *text)
{
	return piece.len == strlen(text) && strncasecmp(piece.text, text, piece.len) == 0;
}

static bool next_line(struct piece *rest, struct piece *ret)
{
	const char *end = rest->len ? memchr(rest->text, '\n', rest->len) : NULL;

	if (!end)
		return false;
	*ret = (struct piece) { rest->text, (size_t)(end - rest->text) };
	rest->len -= ret->len + 1;
	rest->text = end + 1;
	if (ret->len && ret->text[ret->len - 1] == '\r')
		ret->len--;
	return true;
}

static struct piece trim(const char *text, size_t len)
{
	while (len && (*text == ' ' || *text == '\t')) {
		text++;
		len--;
	}
	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	return (struct piece) { text, len };
}

static unsigned targets_of(struct piece wanted, const char *uuid)
{
	if (same(wanted, "ssdp:all"))
		return SSDP_ALL;
	if (same(wanted, "upnp:rootdevice"))
		return SSDP_ROOT;
	if (same(wanted, SSDP_DEVICE_TYPE))
		return SSDP_DEVICE;
	if (wanted.len > 5 && strncasecmp(wanted.text, "uuid:", 5) == 0 &&
	    same((struct piece) { wanted.text + 5, wanted.len - 5 }, uuid))
		return SSDP_UUID;
	return 0;
}

unsigned ssdp_searched(const char *data, size_t len, const char *uuid)
{
	struct piece rest = { data, len }, line;
	unsigned targets = 0;
	bool discover = false;

	if (!next_line(&rest, &line) || !same(line, "M-SEARCH * HTTP/1.1"))
		return 0;
	while (next_line(&rest, &line) && line.len) {
		const char *colon = memchr(line.text, ':', line.len);
		struct piece name, value;

		if (!colon)
			return 0;
		name = (struct piece) { line.text, (size_t)(colon - line.text) };
		value = trim(colon + 1, line.len - name.len - 1);
		if (same(name, "MAN"))
			discover = same(value, "\"ssdp:discover\"");
		else if (same(name, "ST"))
			targets = targets_of(value, uuid);
	}
	return discover ? targets : 0;
}

/* The name of a target, and "uuid:...::name" of ours; the uuid stands for itself alone. */
static void add_names(struct buf *to, const char *header, enum ssdp_target target, const char *uuid)
{
	const char *name = target == SSDP_ROOT ? "upnp:rootdevice" : SSDP_DEVICE_TYPE;

	if (target == SSDP_UUID)
		buf_addf(to, "%s: uuid:%s\r\nUSN: uuid:%s\r\n", header, uuid, uuid);
	else
		buf_addf(to, "%s: %s\r\nUSN: uuid:%s::%s\r\n", header, name, uuid, name);
}

static void add_where(struct buf *to, const char *base_url)
{
	buf_addf(to, "CACHE-CONTROL: max-age=%d\r\nLOCATION: %s/device.xml\r\nSERVER: " SERVER_NAME "\r\n",
		 SSDP_MAX_AGE, base_url);
}

void ssdp_write_answer(struct buf *to, enum ssdp_target target, const char *uuid, const char *base_url)
{
	buf_adds(to, "HTTP/1.1 200 OK\r\nEXT:\r\n");
	add_where(to, base_url);
	add_names(to, "ST", target, uuid);
	buf_adds(to, "CONTENT-LENGTH: 0\r\n\r\n");
}

void ssdp_write_notify(struct buf *to, enum ssdp_target target, const char *uuid, const char *base_url)
{
	buf_addf(to, "NOTIFY * HTTP/1.1\r\nHOST: " SSDP_GROUP ":%d\r\nNTS: ssdp:%s\r\n", SSDP_PORT,
		 base_url ? "alive" : "byebye");
	if (base_url)
		add_where(to, base_url);
	add_names(to, "NT", target, uuid);
	buf_adds(to, "\r\n");
}
