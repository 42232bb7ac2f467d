/* origin.c - see origin.h. */
#include "server/origin.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The host without its port and brackets. False when it is no host. */
static bool bare_host(const char *host, char *to, size_t size)
{
	size_t len;

	if (*host == '[') {
		host++;
		len = strcspn(host, "]");
		if (host[len] != ']' || (host[len + 1] && host[len + 1] != ':'))
			return false;
	} else {
		len = strcspn(host, ":");
	}
	if (!len || len >= size)
		return false;
	memcpy(to, host, len);
	to[len] = '\0';
	return true;
}

bool origin_host_ok(const char *host, const char *machine)
{
	unsigned char address[16];
	char name[256];
	size_t n = strlen(machine);

	if (!host || !bare_host(host, name, sizeof(name)))
		return false;
	if (inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1)
		return true;
	if (strcasecmp(name, "localhost") == 0)
		return true;
	return n && strncasecmp(name, machine, n) == 0 && (!name[n] || strcasecmp(name + n, ".local") == 0);
}

bool origin_host_plain(const char *host)
{
	size_t n = host ? strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]") : 0;

	return n && !host[n] && n <= 255;
}

static const char *host_of(const char *url)
{
	return strncasecmp(url, "http://", 7) == 0 ? url + 7 : strncasecmp(url, "https://", 8) == 0 ? url + 8 : NULL;
}

bool origin_url_ok(const char *url)
{
	const char *host = host_of(url);
	char name[256];

	return host && origin_host_plain(host) && bare_host(host, name, sizeof(name));
}

bool origin_host_of(const char *url, const char *host)
{
	const char *known = host_of(url);

	return known && host && strcasecmp(known, host) == 0;
}

bool origin_same(const char *origin, const char *fetch_site, const char *host)
{
	if (fetch_site && strcasecmp(fetch_site, "same-origin") != 0 && strcasecmp(fetch_site, "none") != 0)
		return false;
	if (!origin)
		return true;
	if (strncasecmp(origin, "http://", 7) == 0)
		origin += 7;
	else if (strncasecmp(origin, "https://", 8) == 0)
		origin += 8;
	else
		return false;
	return host && strcasecmp(origin, host) == 0;
}
