/* listen.c - see listen.h. */
#include "server/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

#define BACKLOG 1024

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static bool parse_address(const char *text, int port, union address *ret, socklen_t *ret_len)
{
	memset(ret, 0, sizeof(*ret));
	if (strcmp(text, "localhost") == 0)
		text = "127.0.0.1";
	if (inet_pton(AF_INET, text, &ret->in.sin_addr) == 1) {
		ret->in.sin_family = AF_INET;
		ret->in.sin_port = htons((uint16_t)port);
		*ret_len = sizeof(ret->in);
		return true;
	}
	if (inet_pton(AF_INET6, text, &ret->in6.sin6_addr) == 1) {
		ret->in6.sin6_family = AF_INET6;
		ret->in6.sin6_port = htons((uint16_t)port);
		*ret_len = sizeof(ret->in6);
		return true;
	}
	return false;
}

static bool is_loopback(const union address *address)
{
	if (address->any.sa_family == AF_INET)
		return ntohl(address->in.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&address->in6.sin6_addr);
}

enum listen_reach listen_reach(const char *address)
{
	union address parsed;
	socklen_t len;

	if (!parse_address(address, 0, &parsed, &len))
		return LISTEN_ONE;
	if (is_loopback(&parsed))
		return LISTEN_LOOPBACK;
	if (parsed.any.sa_family == AF_INET)
		return parsed.in.sin_addr.s_addr ? LISTEN_ONE : LISTEN_ALL;
	return IN6_IS_ADDR_UNSPECIFIED(&parsed.in6.sin6_addr) ? LISTEN_ALL : LISTEN_ONE;
}

/* A wide address is not one to type into a browser: the loopback is, on this machine. */
static void write_url(const union address *address, int port, char *to, size_t size)
{
	char text[INET6_ADDRSTRLEN];

	if (address->any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &address->in.sin_addr, text, sizeof(text));
		snprintf(to, size, "http://%s:%d", address->in.sin_addr.s_addr ? text : "127.0.0.1", port);
	} else if (IN6_IS_ADDR_UNSPECIFIED(&address->in6.sin6_addr)) {
		snprintf(to, size, "http://127.0.0.1:%d", port);
	} else {
		inet_ntop(AF_INET6, &address->in6.sin6_addr, text, sizeof(text));
		snprintf(to, size, "http://[%s]:%d", text, port);
	}
}

static int open_socket(const union address *address, socklen_t len, const char *name, int port,
		       struct err *err)
{
	int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1,
	    zero = 0;

	if (fd < 0)
		return err_errno(err, "open a socket for %s", name);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (address->any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	if (bind(fd, &address->any, len) < 0 || listen(fd, BACKLOG) < 0) {
		if (errno == EADDRINUSE)
			err_set(err, ERR_BUSY,
				"listen on %s port %d: another program does already; choose another with "
				"--port",
				name, port);
		else
			err_errno(err, "listen on %s port %d", name, port);
		close(fd);
		return err ? -(int)err->code : -ERR_IO;
	}
	return fd;
}

int listen_open(const char *address, int port, bool allow_network, char *ret_url, size_t url_size,
		int *ret_port, struct err *err)
{
	union address wanted, bound;
	socklen_t len;
	int fd;

	if (!parse_address(address, port, &wanted, &len))
		return err_set(err, ERR_USAGE,
			       "'%.100s' is no address to listen on; write it like 127.0.0.1:8080", address);
	if (!allow_network && !is_loopback(&wanted))
		return err_set(err, ERR_DENIED,
			       "listen on %s: everybody on the network could watch and change things; if "
			       "that is meant, "
			       "give --allow-network or set server.allow_network",
			       address);
	fd = open_socket(&wanted, len, address, port, err);
	if (fd < 0)
		return fd;
	len = sizeof(bound);
	if (getsockname(fd, &bound.any, &len) < 0) {
		err_errno(err, "look at the socket for %s", address);
		close(fd);
		return err ? -(int)err->code : -ERR_IO;
	}
	*ret_port = ntohs(bound.any.sa_family == AF_INET ? bound.in.sin_port : bound.in6.sin6_port);
	write_url(&wanted, *ret_port, ret_url, url_size);
	return fd;
}
