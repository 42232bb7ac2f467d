/* coded.h - coded pictures that can be sent as they are, H.264 or HEVC: what their parameter sets say, and what each of their
 * NAL units is to who sends them. Pure; any bytes are safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "media/nal.h"

struct coded { /* zeroed is empty */
	bool hevc;
	int length_size; /* nal.h; of the units in packets */
	struct buf sets; /* each behind 00 00 00 01 */
	struct nal_sps sps;
	int64_t rate; /* bits/s that profile and level allow; 0 unknown */
};

/* From a container's extradata. NULL, or a sentence that says what is wrong with it. */
const char *coded_read(struct coded *ret, bool hevc, const uint8_t *extradata, size_t len);
void coded_free(struct coded *coded);

/* A reason why such pictures are not what every decoder of the codec takes; NULL: they are. H.264: 8 bit, HEVC: 8 or 10
 * bit, both 4:2:0 and progressive. */
const char *coded_refuse(const struct coded *coded);

/* coded.rate by the first SPS among units behind start codes. */
int64_t coded_rate(bool hevc, const void *units, size_t len);

enum coded_kind {
	CODED_OTHER, /* of a picture, sent as it is */
	CODED_CUT,   /* of a picture at which decoding can begin: IDR of H.264, IRAP of HEVC (hevc.h) */
	CODED_SET,   /* a parameter set */
	CODED_LEFT,  /* not sent: delimiters are made anew; filler, other layers than the first */
};
enum coded_kind coded_kind(const struct coded *coded, const struct nal_unit *unit);

/* The delimiter with which a picture begins, behind its start code. */
void coded_add_delimiter(const struct coded *coded, struct buf *to);

/* A unit of the first picture of a stretch whose beginning does not follow what it did in the file: a CRA is a BLA there. */
void coded_add_first(const struct coded *coded, const struct nal_unit *unit, struct buf *to);
