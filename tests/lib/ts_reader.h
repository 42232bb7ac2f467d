/* ts_reader.h - what ts_check.c has read of a stream, for the decoder model in ts_model.c. Private to both. */
#pragma once

#include "lib/ts_check.h"

#define PACKET 188
#define CLOCK (INT64_C(1) << 33)
#define UNKNOWN INT64_MIN

enum { PAT, PMT, VIDEO, AUDIO, PIDS };

struct pid {
	unsigned pid;
	int counter; /* -1: none yet */
	uint8_t *pes;
	size_t len;
	size_t first, last;
	bool open, random_access;
};

struct stamp {
	size_t packet;
	int64_t time;
};

struct reader {
	struct ts_check *r;
	struct pid pids[PIDS];
	struct stamp *pcrs;
	size_t pcr_count;
	uint8_t *owners; /* of each packet: which PID */
	uint8_t *payloads; /* of each packet: bytes of PES or section */
	size_t owner_count;
	struct stamp *tables[2]; /* packets only */
	size_t table_count[2];
	unsigned starts[4]; /* the PIDs of the first four units that begin */
	size_t start_count;
};

/* When a packet is there by the PCRs around it, in their ticks; UNKNOWN beyond them. */
int64_t ts_arrival(const struct reader *rd, size_t packet);

/* Fill the buffer sizes, the peak rate and the level of rd->r. */
void ts_measure_audio_buffer(struct reader *rd);
void ts_measure_transport(struct reader *rd);
