/* listen.h - the socket that the server listens on. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* `address` as text (IPv4, IPv6, "localhost"); port 0: any free one. ERR_DENIED for an address that other
 * machines reach unless allow_network, with the sentence what to do. ret_url gets "http://host:port". The
 * descriptor. */
int listen_open(const char *address, int port, bool allow_network, char *ret_url, size_t url_size,
		int *ret_port, struct err *err);
