/* tsmux.h - our MPEG-TS muxer (ISO 13818-1): one segment from its frames, all counters neutral.
 *
 * Each PID carries a multiple of 16 packets that have payload, so that any segment may follow any other with no
 * state: counters start at 0. Order: PAT, PMT, the key picture with SPS and PPS, an audio frame, then by DTS.
 * PAT and PMT at most 250 ms apart, PCR at most 100 ms apart, padding spread by stuffing over several PES.
 * PIDs: PAT 0, PMT 0x1000, video 0x100 (H.264, stream type 0x1B, or HEVC, 0x24; PCR), audio 0x101 (AAC in ADTS, 0x0F). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define TSMUX_PACKET 188
#define TSMUX_PID_PMT 0x1000
#define TSMUX_PID_VIDEO 0x100
#define TSMUX_PID_AUDIO 0x101

struct tsmux_frame {
	const uint8_t *data; /* video: Annex B access unit that begins with an AUD; audio: raw AAC, no ADTS */
	size_t len;
	int64_t pts, dts; /* 90 kHz from the clip's start; may be negative by the reorder delay */
	bool key;
};

struct tsmux_segment {
	const struct tsmux_frame *video; /* in decode order; the first is a key picture */
	size_t video_count;
	const struct tsmux_frame *audio;
	size_t audio_count;
	int64_t end_pts; /* of the segment's last picture's end: where padding PCR may reach */
	int64_t delay;	 /* ticks from a picture's arrival to its decoding, the same in all that may follow one another; 0: 80 ms */
	bool hevc;	 /* the pictures are HEVC */
	bool ends;	 /* HEVC: the last picture is followed by an end of sequence, so that a CRA picture that comes next may be
			  * any file's (media/hevc.h) */
	int64_t rate;	 /* bits/s at which pictures may be sent: they are spread over the time that they have; 0: each is
			  * sent when it is due, which is fine for an encoder that keeps to its VBV */
};

/* Adds the packets to `to`. ERR_INVALID when the frames break the plan (order, empty, too large). */
int tsmux_write(struct buf *to, const struct tsmux_segment *segment, struct err *err);
