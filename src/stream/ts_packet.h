/* ts_packet.h - one transport packet, one PES header, and the two tables, byte by byte (ISO/IEC
 * 13818-1, 2.4). Not here: which packet comes when (tsmux.c). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TS_PACKET_SIZE 188
#define TS_PACKET_ROOM 184     /* payload of a packet without an adaptation field */
#define TS_PACKET_ROOM_PCR 176 /* and of one with a PCR */
#define TS_PACKET_PES_MAX 19   /* bytes of the longest PES header we write */
#define TS_PACKET_ADTS 7       /* bytes of an ADTS header */
#define TS_PACKET_NO_PCR INT64_MIN

struct ts_packet {
	unsigned pid, counter; /* counter: its low 4 bits count */
	bool start;	       /* a PES or a section begins */
	bool random_access;    /* only together with a PCR */
	int64_t pcr;	       /* 90 kHz, taken modulo 2^33, or TS_PACKET_NO_PCR */
};

/* 188 bytes at `to`; len at most the room (see above), the rest is stuffing. len 0: adaptation field only. */
void ts_packet_write(uint8_t *to, const struct ts_packet *packet, const uint8_t *payload, size_t len);

/* The header of a PES of `bytes` elementary bytes at `to`; its length (14, or 19 when dts differs). Too long
 * to be counted in 16 bits: length 0, which only video may have. */
size_t ts_packet_pes_header(uint8_t *to, uint8_t stream_id, size_t bytes, int64_t pts, int64_t dts);

/* ADTS for `len` bytes of AAC-LC, 48 kHz, stereo. */
void ts_packet_adts(uint8_t to[TS_PACKET_ADTS], size_t len);

/* Payloads (pointer field, section, CRC) of the tables that name one programme; their length. At least 32
 * bytes. */
size_t ts_packet_pat(uint8_t *to, unsigned pmt_pid);
size_t ts_packet_pmt(uint8_t *to, unsigned video_pid, uint8_t video_type, unsigned audio_pid,
		     uint8_t audio_type);
