/* slate_make.c - the worker's side of slate.h: the picture in the program (src/assets/slate.png), decoded, put into a
 * profile's form, encoded as one IDR and P pictures that repeat it, and stored with a frame of silence. */
#include "stream/slate_picture.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include <libavcodec/avcodec.h>

#include "assets.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "stream/card_picture.h"
#include "stream/encode_aac.h"
#include "stream/encode_filter.h"
#include "stream/encode_video.h"
#include "stream/slate.h"
#include "stream/slate_file.h"

static int decode_png(const unsigned char *data, size_t len, AVFrame *ret, struct err *err)
{
	const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_PNG);
	AVCodecContext *c = codec ? avcodec_alloc_context3(codec) : NULL;
	AVPacket *packet = av_packet_alloc();
	int rc = AVERROR_DECODER_NOT_FOUND;

	if (!packet || av_new_packet(packet, (int)len) < 0)
		abort();
	memcpy(packet->data, data, len);
	if (c && (rc = avcodec_open2(c, codec, NULL)) >= 0 && (rc = avcodec_send_packet(c, packet)) >= 0)
		rc = avcodec_receive_frame(c, ret);
	av_packet_free(&packet);
	avcodec_free_context(&c);
	return rc < 0 ? err_set(err, ERR_INTERNAL, "decode the slate's picture: %s", av_err2str(rc)) : 0;
}

int slate_picture(const struct profile *profile, AVFrame **ret, struct err *err)
{
	const struct asset_file *asset = asset_files;
	struct encode_filter *filter;
	AVFrame *frame;
	int rc;

	while (asset->path && strcmp(asset->path, "/slate.png") != 0)
		asset++;
	if (!asset->path)
		return err_set(err, ERR_INTERNAL, "the program was built without the slate's picture");
	frame = av_frame_alloc();
	filter = encode_filter_new(profile, 0);
	if (!frame)
		abort();
	rc = decode_png(asset->data, asset->len, frame, err);
	if (rc >= 0)
		rc = encode_filter_run(filter, frame, ret, err);
	encode_filter_free(filter);
	av_frame_free(&frame);
	return rc;
}

static int encode_pictures(const struct profile *profile, const char *text, struct encode_units *to, struct err *err)
{
	int64_t count = ((int64_t)SLATE_SECONDS * profile->fps_num + profile->fps_den - 1) / profile->fps_den + 1;
	struct encode_video *video = encode_video_open(profile, true, to, err);
	AVFrame *picture = NULL;
	int rc = -ERR_INTERNAL;

	if (video)
		rc = text ? card_picture(profile, text, &picture, err) : slate_picture(profile, &picture, err);
	for (int64_t i = 0; rc >= 0 && i < count; i++)
		encode_video_add(video, picture);
	if (rc >= 0)
		rc = encode_video_finish(video, err);
	for (size_t i = 0; rc >= 0 && i < to->count; i++)
		if (to->units[i].frame != (int64_t)i || to->units[i].key != (i == 0))
			rc = err_set(err, ERR_INTERNAL, "the encoder reordered the slate");
	encode_video_close(video);
	av_frame_free(&picture);
	return rc;
}

static int encode_silence(const struct profile *profile, struct encode_units *to, struct err *err)
{
	CLEANUP(cleanup_free) float *zeros = calloc(1024 * (ENCODE_AAC_LEAD + 1 + ENCODE_AAC_AFTER), sizeof(float));

	if (!zeros)
		abort();
	return encode_aac(zeros, zeros, 1, profile->audio_kbps, to, err);
}

static void pack(const struct profile *profile, const struct encode_units *pictures, const struct encode_units *sound,
		 struct buf *to)
{
	uint8_t number[SLATE_HEADER] = SLATE_MAGIC;

	slate_put32(number + 8, SLATE_VERSION);
	slate_put32(number + 12, (uint32_t)pictures->count);
	slate_put32(number + 16, (uint32_t)sound->bytes.len);
	slate_put64(number + 24, profile->hash);
	buf_add(to, number, SLATE_HEADER);
	for (size_t i = 0; i < pictures->count; i++) {
		slate_put32(number, (uint32_t)pictures->units[i].len);
		buf_add(to, number, 4);
	}
	buf_add(to, sound->bytes.data, sound->bytes.len);
	buf_add(to, pictures->bytes.data, pictures->bytes.len);
	slate_put64(number, XXH3_64bits(to->data, to->len));
	buf_add(to, number, 8);
}

static int make(const struct profile *profile, const char *text, const char *cache, struct err *err)
{
	CLEANUP(encode_units_free) struct encode_units pictures = { 0 }, sound = { 0 };
	CLEANUP(buf_free) struct buf file = BUF_MAX(SLATE_MAX_BYTES);
	CLEANUP(cleanup_free) char *dir = fs_join(cache, text ? "card" : "slate");
	CLEANUP(cleanup_free) char *path = slate_path(cache, profile, text);

	if (encode_pictures(profile, text, &pictures, err) < 0 || encode_silence(profile, &sound, err) < 0 ||
	    fs_mkdirs(dir, err) < 0)
		return err ? -(int)err->code : -ERR_INTERNAL;
	pack(profile, &pictures, &sound, &file);
	if (file.failed)
		return err_set(err, ERR_TOO_LARGE, "the slate for %s is larger than the limit", profile->name);
	return fs_write_atomic(path, file.data, file.len, err);
}

int slate_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(cleanup_free) char *cache = json_path(request, "cache");
	const char *name = json_text(request, "profile", NULL), *text = json_text(request, "text", NULL);
	struct profile profile;

	(void)job;
	if (!cache || *cache != '/' || !name)
		return err_set(err, ERR_INVALID, "a slate job needs \"profile\" and an absolute \"cache\"");
	if (text && strlen(text) > SLATE_TEXT_MAX)
		return err_set(err, ERR_TOO_LARGE, "a card's text is longer than %d bytes", SLATE_TEXT_MAX);
	if (profile_get(name, (int)json_int(request, "fps_num", 0), (int)json_int(request, "fps_den", 0), &profile, err) < 0)
		return err ? -(int)err->code : -ERR_INVALID;
	av_log_set_level(AV_LOG_QUIET);
	if (make(&profile, text, cache, err) < 0)
		return err_under(err, "make the %s for %s", text ? "card" : "slate", name);
	*ret_done = json_object();
	return 0;
}
