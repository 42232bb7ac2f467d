/* hdhomerun.h - packets and numbers of HDHomeRun discovery. Pure; fuzz/fuzz_hdhomerun.c lives here.
 *
 * A packet (Silicondust, libhdhomerun, hdhomerun_pkt.h): type and length as big-endian 16 bits, tags (tag,
 * length of one or two bytes, value), then the CRC-32 of everything before it, little-endian. Not here:
 * sockets (announce.c). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define HDHOMERUN_PORT 65001
#define HDHOMERUN_PACKET_MAX 1460

/* The digits of an id check each other: clients drop ids that do not. */
bool hdhomerun_id_valid(uint32_t id);

/* A valid id out of any 32 bits, of a range that no model of old occupies. */
uint32_t hdhomerun_id_make(uint32_t random);

/* True for a whole, sound question that a tuner with this id answers. */
bool hdhomerun_asks_for(const uint8_t *packet, size_t len, uint32_t id);

struct hdhomerun_device {
	uint32_t id;
	uint8_t tuners;
	const char *base_url, *lineup_url, *auth;
};

/* Adds the answer to `to`; its `failed` is set when the texts do not fit into a packet. */
void hdhomerun_write_answer(struct buf *to, const struct hdhomerun_device *device);
