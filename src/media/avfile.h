/* avfile.h - opening a media file with libavformat, the same way for everyone who reads one. Worker only.
 *
 * Local files alone: the protocol white list is `file`, and formats that name other files (playlists, concat,
 * image sequences) are not on the list of formats. Time 0 of a file is its first picture (avfile_zero). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "base/err.h"

#define AVFILE_STREAMS 200 /* of one file, at most */
#define AVFILE_FLICKS 705600000 /* a second, as in stream/plan.h */

/* Opens `path` and reads what its streams are. ERR_MEDIA with a sentence when it is not media; the code of the file
 * system when it cannot be read (ERR_IO: its disk failed). NULL on failure. Close with avfile_close(). */
AVFormatContext *avfile_open(const char *path, struct err *err);
/* The same for reading every packet that the file holds, those too that an edit list hides. */
AVFormatContext *avfile_open_all(const char *path, struct err *err);
void avfile_close(AVFormatContext **file);

/* ERR_IO with a sentence when its disk failed since it was opened or moved, and not the file ended; 0 when all was read.
 * Demuxers call both the end. avfile_forget_error() after moving it elsewhere. */
int avfile_read_error(const AVFormatContext *file, struct err *err);
void avfile_forget_error(AVFormatContext *file);

/* The stream to show and the one to hear; -1: none. Attached pictures are no video; commentary, descriptions and
 * karaoke are heard only when there is nothing else. */
int avfile_video(AVFormatContext *file);
int avfile_audio(AVFormatContext *file);
bool avfile_is_picture(const AVStream *stream); /* a cover, not a film */

/* Time of the first picture (or the first sound, without pictures) of a stream, in its time base. */
int64_t avfile_zero(const AVFormatContext *file, const AVStream *stream);

int64_t avfile_flicks(int64_t time, AVRational base); /* rounded to nearest */

/* A decoder for the stream, opened, with `threads` threads. NULL with ERR_MEDIA. Free by avcodec_free_context(). */
AVCodecContext *avfile_decoder(AVFormatContext *file, int stream, int threads, struct err *err);

bool avfile_interlaced(const AVFrame *frame);
int64_t avfile_frame_duration(const AVFrame *frame); /* in the stream's time base; 0 unknown */

/* How far the picture must be turned: 0, 90, 180 or 270 degrees clockwise. */
int avfile_rotation(const AVStream *stream);

/* What libav says of a negative return value. */
const char *avfile_error(int code, char text[static AV_ERROR_MAX_STRING_SIZE]);
