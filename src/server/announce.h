/* announce.h - lets programs on the network find the house as a tuner: HDHomeRun discovery (UDP 65001) and
 * SSDP (UDP 1900).
 *
 * One thread. Answers neighbours and private addresses only, so that nobody far away can be flooded through
 * us; a datagram that is not understood is dropped without a word. A port that is taken is logged and done
 * without. IPv4, as the clients do. Not here: packets (hdhomerun.h, ssdp.h), whether to announce at all
 * (server.c). */
#pragma once

#include <stdbool.h>

#include "server/tuner.h"

struct announce;

struct announce_config {
	const struct tuner *tuner; /* copied */
	const char *url; /* "http://192.0.2.1:8080"; NULL: by the address that the question came to */
	int http_port;
	bool loopback;		      /* for this machine alone, bound to 127.0.0.1 */
	int discover_port, ssdp_port; /* those of the protocols; 0 any free one */
};

struct announce *announce_start(const struct announce_config *config);
void announce_stop(struct announce *announce); /* says goodbye; NULL is fine */

/* The ports it is bound to; 0 when they could not be had. */
int announce_discover_port(const struct announce *announce);
int announce_ssdp_port(const struct announce *announce);
