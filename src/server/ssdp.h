/* ssdp.h - the texts of SSDP (UPnP Device Architecture 1.0, chapter 1): what is asked, what is answered, what
 * is told unasked. Pure. Not here: sockets (announce.c), the description that LOCATION points at
 * (tuner_http.c). */
#pragma once

#include <stddef.h>

#include "base/buf.h"

#define SSDP_PORT 1900
#define SSDP_GROUP "239.255.255.250"
#define SSDP_MAX_AGE 1800 /* seconds that an announcement holds */
#define SSDP_DEVICE_TYPE "urn:schemas-upnp-org:device:MediaServer:1"

/* What we are, as bits. */
enum ssdp_target { SSDP_ROOT = 1, SSDP_UUID = 2, SSDP_DEVICE = 4, SSDP_ALL = 7 };

/* The targets that a datagram searches for and that we are; 0 for anything else. uuid without "uuid:". */
unsigned ssdp_searched(const char *data, size_t len, const char *uuid);

/* The answer to a search for one target; base_url like "http://192.0.2.1:8080". */
void ssdp_write_answer(struct buf *to, enum ssdp_target target, const char *uuid, const char *base_url);

/* NOTIFY ssdp:alive, or ssdp:byebye when base_url is NULL. */
void ssdp_write_notify(struct buf *to, enum ssdp_target target, const char *uuid, const char *base_url);
