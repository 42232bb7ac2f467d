/* essence_packet.h - which bytes of a packet are what is seen or heard. Pure; any bytes are safe. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum essence_kind { ESSENCE_PLAIN, ESSENCE_H264, ESSENCE_HEVC, ESSENCE_AAC };

struct essence_form {
	enum essence_kind kind;
	int length_size; /* of NAL units: 1 to 4; 0: behind start codes */
};

/* From the header of a track (avcC, hvcC); 0 when it is none. */
int essence_length_size(enum essence_kind kind, const uint8_t *header, size_t len);

/* Hands on what counts, in order: of H.264 and HEVC each unit, its length (32 bits, little-endian) before it. How many bytes of
 * the packet that was, lengths not counted. */
int64_t essence_packet(const struct essence_form *form, const uint8_t *data, size_t len,
		       void (*sink)(void *context, const void *data, size_t len), void *context);
