/* listen.c - see listen.h. */
#include "server/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

#define BACKLOG 1024
#define GIVEN_FD 3 /* sd_listen_fds(3): SD_LISTEN_FDS_START */

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

/* The socket that the service manager holds: it outlives this process, so that nobody is refused while another one
 * starts. -1 when there is none; it is meant for one process by its id. */
static int given_socket(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	int listens = 0;
	socklen_t len = sizeof(listens);

	if (!pid || !count || strtol(pid, NULL, 10) != getpid() || strtol(count, NULL, 10) < 1)
		return -1;
	if (getsockopt(GIVEN_FD, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) < 0 || !listens ||
	    fcntl(GIVEN_FD, F_SETFD, FD_CLOEXEC) < 0 || fcntl(GIVEN_FD, F_SETFL, O_NONBLOCK) < 0)
		return -1;
	return GIVEN_FD;
}

static int may_be_reached(const union address *address, const char *name, bool allow_network, struct err *err)
{
	if (allow_network || is_loopback(address))
		return 0;
	return err_set(err, ERR_DENIED,
		       "listen on %s: everybody on the network could watch and change things; if that is meant, give "
		       "--allow-network or set server.allow_network",
		       name);
}

static int look_at(int fd, union address *ret, int *ret_port, struct err *err)
{
	socklen_t len = sizeof(*ret);

	memset(ret, 0, sizeof(*ret));
	if (getsockname(fd, &ret->any, &len) < 0)
		return err_errno(err, "look at the socket to listen on");
	if (ret->any.sa_family != AF_INET && ret->any.sa_family != AF_INET6)
		return err_set(err, ERR_USAGE, "the socket that the service manager gave is not one of TCP");
	*ret_port = ntohs(ret->any.sa_family == AF_INET ? ret->in.sin_port : ret->in6.sin6_port);
	return 0;
}

int listen_open(const char *address, int port, bool allow_network, char *ret_url, size_t url_size,
		int *ret_port, struct err *err)
{
	union address wanted, bound;
	CLEANUP(cleanup_fd) int fd = given_socket();
	bool given = fd >= 0;
	socklen_t len;
	int taken;

	if (!given && !parse_address(address, port, &wanted, &len))
		return err_set(err, ERR_USAGE,
			       "'%.100s' is no address to listen on; write it like 127.0.0.1:8080", address);
	if (!given && may_be_reached(&wanted, address, allow_network, err) < 0)
		return -(int)ERR_DENIED;
	if (!given && (fd = open_socket(&wanted, len, address, port, err)) < 0)
		return fd;
	if (look_at(fd, &bound, ret_port, err) < 0)
		return err ? -(int)err->code : -ERR_IO;
	if (given && may_be_reached(&bound, "the socket of the service manager", allow_network, err) < 0)
		return -(int)ERR_DENIED;
	write_url(given ? &bound : &wanted, *ret_port, ret_url, url_size);
	taken = fd;
	fd = -1;
	return taken;
}
