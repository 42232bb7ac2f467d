/* probes.h - what libavformat said of a file; filled by media/probe.c in a worker, kept here. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/db.h"

struct probe {
	int64_t duration_ms;	 /* what people see */
	int64_t duration_flicks; /* playable, from the first picture (or sound, without pictures); 0 unknown */
	const char *container;
	int64_t bit_rate;
	bool has_video;
	const char *video_codec; /* "h264"; NULL: none */
	int width, height;
	int fps_num, fps_den; /* nominal frames (not fields) a second; 0/1 unknown */
	bool interlaced;
	int sar_num, sar_den;
	const char *pixel_format;
	int bit_depth;
	const char *color; /* "bt709/bt709/bt709/tv" or "" */
	const char *audio_codec;
	int audio_channels, audio_rate, audio_tracks, subtitle_tracks;
	const char *chapters; /* JSON, see schema */
	const char *streams;  /* JSON */
	const char *people;   /* JSON, see people.h */
	const char *sample_hash; /* of the file at the same reading; goes to files.sample_hash */
};

int probes_set(struct db *db, int64_t file_id, const struct probe *probe, struct err *err); /* also files.* */
int probes_fail(struct db *db, int64_t file_id, const char *why, struct err *err);
/* Its disk failed: it still waits to be probed, with the reason; what is known of it stays. */
int probes_unread(struct db *db, int64_t file_id, const char *why, struct err *err);
int probes_get(struct db *db, int64_t file_id, struct arena *arena, struct probe *ret, struct err *err);

/* Found on the air: the file is shorter than it said, or cannot be played. 1 when that is new, 0 when it was known. */
/* What was found while encoding; 0: its container told the truth so far, or there is no such file. */
int probes_true_duration(struct db *db, int64_t file_id, int64_t *ret_flicks, struct err *err);
int probes_set_true_duration(struct db *db, int64_t file_id, int64_t flicks, struct err *err);
/* How fast it is decoded, x real time; kept when it is another by a fifth. 1 when it was. */
int probes_set_decode_speed(struct db *db, int64_t file_id, double speed, struct err *err);
int probes_fail_on_air(struct db *db, int64_t file_id, const char *why, struct err *err);
