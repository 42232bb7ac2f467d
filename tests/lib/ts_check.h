/* ts_check.h - a validator of transport streams, written from ISO/IEC 13818-1 and not from our muxer.
 *
 * Checks one segment or any number of them in a row: sync, counters, adaptation fields, stuffing, CRC of PAT
 * and PMT and how often they come, PCR growth and gaps, PES lengths, PTS >= DTS, DTS growing, ADTS, the order
 * of the first packets; and the decoder model (T-STD, 2.4.2): every access unit arrives before it is decoded, and how
 * full each buffer gets: the transport buffers of 512 bytes (2.4.2.3; sound leaves at 2 Mbit/s, pictures at the rate of
 * their level), the main buffer of the sound, those of the pictures (2.14.3.1, 2.17.2: what their level allows). Takes the elementary streams out. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ts_unit {	    /* an access unit: a picture or an AAC frame */
	int64_t pts, dts;   /* 90 kHz, unwrapped past 2^33 */
	size_t at, len;	    /* in ts_check.video or .audio */
	size_t first, last; /* packets of its PES */
	bool random_access;
};

struct ts_check {
	char error[256];	/* "" when all is well */
	uint8_t *video, *audio; /* elementary bytes, the sound without ADTS */
	size_t video_len, audio_len;
	struct ts_unit *pictures, *frames;
	size_t picture_count, frame_count;
	size_t packets, pat, pmt, video_packets, audio_packets; /* the last four with payload */
	size_t pcr_only;					/* packets without payload */
	int64_t pcr_gap, table_gap, gap_to_decode;		/* ticks; the longest, longest, shortest */
	int64_t first_pcr;
	size_t audio_buffer;  /* most bytes that wait in the decoder's audio buffer */
	size_t audio_transport, video_transport, table_transport; /* most bytes in the transport buffers; video: 0 unknown */
	size_t video_buffer, video_buffer_max; /* most bytes in the pictures' buffers behind it, and of their level; 0 unknown */
	bool hevc;	      /* by the PMT */
	int profile, level;   /* profile_idc and level_idc of the first SPS; 0: none was found */
	bool high_tier;	      /* of HEVC */
	int64_t peak_rate;    /* bits/s, the most between two PCRs */
	unsigned counters[4]; /* after the last packet: PAT, PMT, video, audio */
};

/* `neutral`: one segment of ours; counters start at 0 and each PID carries a multiple of 16. 0, or -1 with
 * error set. */
int ts_check(struct ts_check *ret, const uint8_t *data, size_t len, bool neutral);
void ts_check_free(struct ts_check *check);
