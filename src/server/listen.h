/* listen.h - the socket that the server listens on. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Who reaches an address: this machine, those on one network, all. LISTEN_ONE for what is no address. */
enum listen_reach { LISTEN_LOOPBACK, LISTEN_ONE, LISTEN_ALL };
enum listen_reach listen_reach(const char *address);

/* `address` as text (IPv4, IPv6, "localhost"); port 0: any free one. ERR_DENIED for an address that other
 * machines reach unless allow_network, with the sentence what to do. ret_url gets "http://host:port". The
 * descriptor. Where the service manager gives a socket (LISTEN_FDS), that one is taken, whatever the address. */
int listen_open(const char *address, int port, bool allow_network, char *ret_url, size_t url_size,
		int *ret_port, struct err *err);
