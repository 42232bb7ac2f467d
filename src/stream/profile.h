/* profile.h - what a channel's stream looks like: fixed for a channel's generation, hashed into every clip.
 *
 * Everything that changes a byte of SPS, PPS, the audio setup or the meaning of a frame is in the hash; so is a
 * version number that is raised when encoder, filter or muxer code changes what they deliver. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct profile {
	char name[16];	      /* "720p"; "720p+vaapi" when another encoder makes it */
	int width, height;    /* coded = displayed; SAR 1 */
	int fps_num, fps_den; /* constant frame rate, one of the rates of profile_fps() */
	int crf;	      /* x264 quality */
	int maxrate_kbps;     /* VBV; bufsize is 1 s of it */
	const char *preset;   /* x264 preset name */
	int audio_kbps;	      /* AAC-LC stereo, 48 kHz */
	int reorder;	      /* D: by how many pictures they are decoded early at least; see profile_dts() */
	uint64_t hash;
	int effort; /* that is left off when there is too little time: not in the hash, since SPS, PPS, frames and stamps
		     * are the same and segments of all efforts may follow one another */
};

/* Who encodes. It stands in the name, so that clips, rows and hashes carry it: each has parameter sets of its own. */
enum profile_encoder {
	PROFILE_X264,
	PROFILE_X265,
	PROFILE_NVENC,
	PROFILE_QSV,
	PROFILE_VAAPI,
	PROFILE_ENCODERS,
};

enum profile_effort {
	PROFILE_EFFORT_FULL,
	PROFILE_EFFORT_LESS,	/* the least analysis */
	PROFILE_EFFORT_SMALLER, /* and a smaller picture in the same frame */
	PROFILE_EFFORTS,
};

/* Pictures of H.264, of HEVC, are copied where that can be; what cannot is encoded as in 720p, as in 720p-hevc. */
#define PROFILE_SOURCE "source"
#define PROFILE_SOURCE_HEVC "source-hevc"
#define PROFILE_COPY_RATE 90000 /* "frames" a second of a copied clip */

/* Of a clip that is copied. */
static inline bool profile_is_copy(const struct profile *profile)
{
	return profile->fps_num == PROFILE_COPY_RATE;
}

/* The codec of the pictures that a profile of this name copies, "h264" or "hevc"; NULL: it copies none. */
const char *profile_copied(const char *name);

static inline bool profile_copies(const char *name)
{
	return profile_copied(name) != NULL;
}

/* A segment's first pictures may need the one before it: where HEVC is copied (media/hevc.h). */
bool profile_leans(const char *name);

/* "480p", "720p", "1080p", these with "+nvenc", "+qsv" or "+vaapi", "720p-hevc", "1080p-hevc", "source", "source-hevc" at a frame
 * rate (what copies also at PROFILE_COPY_RATE/1). ERR_NOT_FOUND names
 * the ones there are; ERR_INVALID for another rate. */
int profile_get(const char *name, int fps_num, int fps_den, struct profile *ret, struct err *err);

enum profile_encoder profile_encoder(const struct profile *profile);
const char *profile_encoder_name(enum profile_encoder encoder); /* in libavcodec: "h264_vaapi" */

/* By that name; what is unknown, and NULL: PROFILE_X264. */
enum profile_encoder profile_encoder_named(const char *name);

/* The profile made by a graphics chip, or by PROFILE_X264 again. What is never made by one (HEVC, source) stays as it is. */
struct profile profile_encoded_by(const struct profile *profile, enum profile_encoder encoder);

/* A graphics chip, which may be gone or fail at any time. */
static inline bool profile_is_hardware(const struct profile *profile)
{
	return profile_encoder(profile) >= PROFILE_NVENC;
}

static inline bool profile_is_hevc(const struct profile *profile)
{
	return profile_encoder(profile) == PROFILE_X265;
}

/* What slate and cards that stand in for a clip of this profile are made in: itself; of a copied one its profile at 25/1; of
 * one that a graphics chip encodes, the same by libx264, which always works. */
struct profile profile_stand_in(const struct profile *profile);

/* When the picture of that number in decode order is decoded, in ticks: D pictures early; in "source", where what is encoded and what
 * is copied follow one another, by the time that copied pictures have (COPY_PLAN_DELAY), so that decoding times grow at all joins. */
int64_t profile_dts(const struct profile *profile, int64_t picture);

/* For tsmux_segment.delay. */
int64_t profile_delay(const struct profile *profile);

/* Fills profile->hash from the other fields; for a profile that does not come from profile_get(). */
void profile_set_hash(struct profile *profile);

/* The nearest rate a channel may have (24000/1001, 25, 30000/1001, 50, 60000/1001) for a source's rate. */
void profile_fps(int source_num, int source_den, int *ret_num, int *ret_den);
