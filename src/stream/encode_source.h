/* encode_source.h - the packets of one file, from a place one asks for: video in decode order, audio kept until it
 * is no longer needed. All times are flicks from the file's first picture. Worker only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libavformat/avformat.h>

#include "base/err.h"

struct encode_source;

/* ERR_MEDIA when there is nothing to show. */
struct encode_source *encode_source_open(const char *path, struct err *err);
void encode_source_close(struct encode_source *source); /* NULL is fine */

/* ERR_IO when its disk failed and the file did not end where packets did; 0 when what was asked for was read. */
int encode_source_unread(const struct encode_source *source, struct err *err);

AVFormatContext *encode_source_file(const struct encode_source *source);
int encode_source_video_index(const struct encode_source *source);
int encode_source_audio_index(const struct encode_source *source); /* -1: none */
int64_t encode_source_time(const struct encode_source *source, int stream, int64_t pts); /* pts to flicks */

/* Goes to the last key picture at or before `video`, at least `back` flicks earlier than the first guess, and far
 * enough to have the sound from `audio` on. Returns the key picture's time, or INT64_MIN when it stands at the
 * file's beginning. */
int64_t encode_source_seek(struct encode_source *source, int64_t video, int64_t audio, int64_t back);

/* The next video packet (the caller frees it); NULL at the end. */
AVPacket *encode_source_video(struct encode_source *source);

/* Reads on until the sound up to `end` is there, or the file has none that far. */
void encode_source_read_audio(struct encode_source *source, int64_t end);
size_t encode_source_audio_count(const struct encode_source *source);
const AVPacket *encode_source_audio(const struct encode_source *source, size_t i); /* in file order */
void encode_source_drop_audio(struct encode_source *source, int64_t before);

/* Time of a packet: PTS, or DTS where there is none; INT64_MIN when it has neither. */
int64_t encode_source_packet_time(const struct encode_source *source, const AVPacket *packet);
