/* origin.h - who may change something through a browser: this server's own pages only. Pure.
 *
 * A page of another site can make a browser send us requests (CSRF), and a name that its owner points at us
 * can make such a page count as ours (DNS rebinding). So: the Host must be an address, localhost or this
 * machine's name, and Origin and Sec-Fetch-Site, where a browser sends them, must say that the request comes
 * from here. Programs that are no browsers send neither. */
#pragma once

#include <stdbool.h>

/* "127.0.0.1:8080", "[::1]", "localhost:80", "machine", "machine.local"; not NULL, not another name. */
bool origin_host_ok(const char *host, const char *machine);

/* "https://tv.example.org", "http://10.0.0.1:8080": a scheme, a host, a port perhaps, and nothing more. */
bool origin_url_ok(const char *url);
/* Only what may stand in the host of an address, so that it can be repeated in one. */
bool origin_host_plain(const char *host);
/* Whether `host`, of a request, is the one of such an address; not of "". */
bool origin_host_of(const char *url, const char *host);

/* The headers as they came; NULL when absent. */
bool origin_same(const char *origin, const char *fetch_site, const char *host);
