/* encoder.c - see encoder.h. A row for each encoder; set() knows its options.
 *
 * Whatever encodes: one IDR, the first picture of a segment; no picture is decoded further ahead than the profile's D;
 * levels are fixed, so that the parameter sets are the same bytes in every segment of a profile. A graphics chip encodes
 * without B pictures. Its quality is the number that x264 has as crf, which means about the same to it.
 *
 * x264 and x265 run in one thread: with several, VBV looks at how far the others have come, and the bytes would differ
 * from run to run.
 *
 * Not here: the access units that come out (encoder_unit.c), the thread that feeds it (encode_video.c). */
#include "stream/encoder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libavutil/hwcontext.h>
#include <libavutil/opt.h>

#include "base/cleanup.h"
#include "stream/libav_words.h"

#define NO_GOP 100000 /* longer than any segment */
#define NODE "/dev/dri/renderD128"
#define SESSION_TRIES 20
#define SESSION_PAUSE_US 100000
#define QSV_NO_GOP 65535 /* the most that fits its field; what is longer would be cut to its lowest bits */
#define SURFACES 16   /* of a chip, that wait or are referred to */

/* The lowest level of H.264 (table A-1) that such pictures fit. */
static int level_of(const struct profile *p)
{
	static const struct {
		int level, blocks;
		int64_t blocks_per_second;
	} levels[] = { { 30, 1620, 40500 },   { 31, 3600, 108000 },  { 32, 5120, 216000 },
		       { 40, 8192, 245760 },  { 42, 8704, 522240 },  { 50, 22080, 589824 },
		       { 51, 36864, 983040 }, { 52, 36864, 2073600 } };
	int blocks = ((p->width + 15) / 16) * ((p->height + 15) / 16);
	int64_t per_second = ((int64_t)blocks * p->fps_num + p->fps_den - 1) / p->fps_den;
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(levels) && (blocks > levels[i].blocks || per_second > levels[i].blocks_per_second))
		i++;
	return levels[i].level;
}

/* ---- x264 ---- */

#define FIXED \
	"keyint=infinite:min-keyint=100000:open-gop=0:b-pyramid=none:aud=1:repeat-headers=1:annexb=1:" \
	"force-cfr=1:stitchable=1:nal-hrd=none:sliced-threads=0:intra-refresh=0"
/* Analysis only: what stands in SPS and PPS (references, reordering, entropy coding, transforms, weights) stays. */
#define LESS_ANALYSIS \
	":me=dia:subme=1:trellis=0:partitions=none:aq-mode=0:no-mbtree=1:rc-lookahead=0:b-adapt=0:scenecut=0:me-range=4"

static void set_x264(AVCodecContext *c, const struct profile *p, AVDictionary **options)
{
	c->max_b_frames = p->reorder > 0 ? 2 : 0;
	c->level = level_of(p);
	c->thread_count = 1;
	av_dict_set(options, "preset", p->preset, 0);
	av_dict_set(options, "profile", "high", 0);
	av_dict_set_int(options, "crf", p->crf, 0);
	av_dict_set(options, "a53cc", "0", 0);
	av_dict_set(options, "x264-params", p->effort ? FIXED LESS_ANALYSIS : FIXED, 0);
}

/* ---- x265: HEVC Main, closed GOP; nothing is shown before the IDR, which x265 says by IDR_N_LP ---- */

#define FIXED_HEVC \
	"keyint=-1:min-keyint=100000:open-gop=0:scenecut=0:aud=1:repeat-headers=1:annexb=1:info=0:hrd=0:" \
	"pools=none:frame-threads=1:wpp=0:high-tier=0:log-level=none:opt-qp-pps=0:opt-ref-list-length-pps=0"
#define LESS_ANALYSIS_HEVC ":me=dia:subme=0:rd=2:rc-lookahead=5:b-adapt=0:aq-mode=0:cutree=0"

static void set_x265(AVCodecContext *c, const struct profile *p, AVDictionary **options)
{
	c->max_b_frames = p->reorder > 0 ? 2 : 0;
	c->thread_count = 1;
	av_dict_set(options, "preset", p->preset, 0);
	av_dict_set(options, "profile", "main", 0);
	av_dict_set_int(options, "crf", p->crf, 0);
	av_dict_set(options, "forced-idr", "1", 0);
	av_dict_set(options, "x265-params", p->effort ? FIXED_HEVC LESS_ANALYSIS_HEVC : FIXED_HEVC, 0);
	/* In the SPS it is two pictures that are reordered then, as in the files beside which it stands, if they are x265's. */
	av_dict_set(options, "x265-params", profile_copies(p->name) ? ":b-pyramid=1" : ":b-pyramid=0", AV_DICT_APPEND);
}

/* ---- graphics chips ---- */

static void set_chip(AVCodecContext *c, const struct profile *p)
{
	c->max_b_frames = 0;
	c->gop_size = NO_GOP;
	c->level = level_of(p);
	c->bit_rate = c->rc_max_rate * 2 / 3;
}

static void set_nvenc(AVCodecContext *c, const struct profile *p, AVDictionary **options)
{
	set_chip(c, p);
	c->bit_rate = 0; /* the quality leads, the most is rc_max_rate */
	av_dict_set(options, "preset", "p4", 0);
	av_dict_set(options, "profile", "high", 0);
	av_dict_set_int(options, "level", c->level, 0); /* it does not look at that of the context */
	av_dict_set(options, "rc", "vbr", 0);
	av_dict_set_int(options, "cq", p->crf, 0);
	av_dict_set(options, "forced-idr", "1", 0);
	av_dict_set(options, "no-scenecut", "1", 0);
	av_dict_set(options, "aud", "1", 0);
	av_dict_set(options, "a53cc", "0", 0);
	av_dict_set(options, "extra_sei", "0", 0);
}

static void set_qsv(AVCodecContext *c, const struct profile *p, AVDictionary **options)
{
	set_chip(c, p);
	c->gop_size = QSV_NO_GOP;
	c->global_quality = p->crf; /* QVBR, or see less_control() */
	av_dict_set(options, "preset", "veryfast", 0);
	av_dict_set(options, "profile", "high", 0);
	av_dict_set(options, "forced_idr", "1", 0);
	av_dict_set(options, "idr_interval", "0", 0);
	av_dict_set(options, "adaptive_i", "0", 0);
	av_dict_set(options, "adaptive_b", "0", 0);
	av_dict_set(options, "pic_timing_sei", "0", 0);
	av_dict_set(options, "look_ahead", "0", 0);
	av_dict_set(options, "aud", "1", 0);
	av_dict_set(options, "a53cc", "0", 0);
}

static void set_vaapi(AVCodecContext *c, const struct profile *p, AVDictionary **options)
{
	set_chip(c, p);
	c->global_quality = p->crf; /* QVBR where the driver has it, else ICQ or CQP */
	av_dict_set(options, "profile", "high", 0);
	av_dict_set(options, "idr_interval", "0", 0);
	av_dict_set(options, "b_depth", "1", 0);
	av_dict_set(options, "aud", "1", 0);
	av_dict_set(options, "sei", "0", 0);
}

/* How an encoder is to keep to its bit rate. VA-API's finds out by itself what its chip can do, Quick Sync's does not. */
enum control { QUALITY_AND_RATE, ONLY_RATE, QUANTIZER, CONTROLS };

static bool knows_no_such_control(const char *said)
{
	return strstr(said, "Selected ratecontrol mode is unsupported") != NULL;
}

static void less_control(AVCodecContext *c, const struct profile *p, enum control control)
{
	c->global_quality = control == QUANTIZER ? p->crf * FF_QP2LAMBDA : 0;
	if (control == QUANTIZER)
		c->flags |= AV_CODEC_FLAG_QSCALE;
}

static const struct row {
	void (*set)(AVCodecContext *c, const struct profile *p, AVDictionary **options);
	enum AVPixelFormat format, memory; /* memory: of the device, NONE when it takes pictures as they are */
	enum AVHWDeviceType device;
	const char *needs;
} rows[PROFILE_ENCODERS] = {
	[PROFILE_X264] = { set_x264, AV_PIX_FMT_YUV420P, AV_PIX_FMT_NONE, AV_HWDEVICE_TYPE_NONE, "libavcodec with libx264" },
	[PROFILE_X265] = { set_x265, AV_PIX_FMT_YUV420P, AV_PIX_FMT_NONE, AV_HWDEVICE_TYPE_NONE, "libavcodec with libx265" },
	[PROFILE_NVENC] = { set_nvenc, AV_PIX_FMT_YUV420P, AV_PIX_FMT_NONE, AV_HWDEVICE_TYPE_NONE,
			    "an NVIDIA card and its driver (libcuda.so.1, libnvidia-encode.so.1)" },
	[PROFILE_QSV] = { set_qsv, AV_PIX_FMT_NV12, AV_PIX_FMT_NONE, AV_HWDEVICE_TYPE_NONE,
			  "an Intel chip with Quick Sync, its driver iHD_drv_video.so and its runtime (libmfxhw64.so.1 or "
			  "libmfx-gen.so.1.2)" },
	[PROFILE_VAAPI] = { set_vaapi, AV_PIX_FMT_NV12, AV_PIX_FMT_VAAPI, AV_HWDEVICE_TYPE_VAAPI,
			    NODE ", which this user may open, and a VA driver that encodes H.264" },
};

static void set_common(AVCodecContext *c, const struct profile *p, const struct row *row)
{
	c->width = p->width;
	c->height = p->height;
	c->pix_fmt = row->memory != AV_PIX_FMT_NONE ? row->memory : row->format;
	c->time_base = (AVRational){ p->fps_den, p->fps_num };
	c->framerate = (AVRational){ p->fps_num, p->fps_den };
	c->sample_aspect_ratio = (AVRational){ 1, 1 };
	c->color_range = AVCOL_RANGE_MPEG;
	c->colorspace = AVCOL_SPC_BT709;
	c->color_primaries = AVCOL_PRI_BT709;
	c->color_trc = AVCOL_TRC_BT709;
	c->chroma_sample_location = AVCHROMA_LOC_LEFT;
	c->rc_max_rate = (int64_t)p->maxrate_kbps * 1000;
	c->rc_buffer_size = p->maxrate_kbps * 1000;
}

/* The device's pictures, which the encoder reads. */
static int open_memory(AVCodecContext *c, const struct row *row)
{
	AVBufferRef *device = NULL;
	AVHWFramesContext *frames;
	int rc;

	if (row->device == AV_HWDEVICE_TYPE_NONE)
		return 0;
	rc = av_hwdevice_ctx_create(&device, row->device, NULL, NULL, 0);
	if (rc < 0)
		return rc;
	c->hw_frames_ctx = av_hwframe_ctx_alloc(device);
	av_buffer_unref(&device);
	if (!c->hw_frames_ctx)
		return AVERROR(ENOMEM);
	frames = (AVHWFramesContext *)c->hw_frames_ctx->data;
	frames->format = row->memory;
	frames->sw_format = row->format;
	frames->width = c->width;
	frames->height = c->height;
	frames->initial_pool_size = SURFACES;
	return av_hwframe_ctx_init(c->hw_frames_ctx);
}

/* libavutil opens the first node or none, also for Quick Sync. */
static const char *node_fault(const struct row *row)
{
	int fd;

	if (row->set != set_vaapi && row->set != set_qsv)
		return NULL;
	fd = open(NODE, O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		close(fd);
		return NULL;
	}
	return errno == ENOENT ? "there is no " NODE :
	       errno == EACCES ? "this user may not open " NODE " (is it in the group render?)" :
				 NODE " cannot be opened";
}

static void say_why(const char *name, const struct profile *profile, const struct row *row, const char *said, int rc,
		    struct err *err)
{
	const char *node = node_fault(row);

	err_set(err, ERR_INTERNAL, "%s does not open for %dx%d: %s%s%s; it needs %s", name, profile->width, profile->height,
		node ? node : said, !node && said[0] ? ": " : "", node ? "" : av_err2str(rc), row->needs);
}

/* A card that has a limit of encoders: others of ours give back theirs at the end of a segment. */
static bool has_no_session(const char *said)
{
	return strstr(said, "OpenEncodeSessionEx failed: out of memory") || strstr(said, "incompatible client key");
}

/* NULL: it does not open, *ret_words says why. */
static AVCodecContext *open_once(const struct profile *profile, const AVCodec *codec, enum control control, struct libav_words *ret_words,
				 int *ret_rc)
{
	const struct row *row = &rows[profile_encoder(profile)];
	AVCodecContext *c = avcodec_alloc_context3(codec);
	AVDictionary *options = NULL;
	int rc;

	if (!c)
		abort();
	set_common(c, profile, row);
	row->set(c, profile, &options);
	if (control != QUALITY_AND_RATE)
		less_control(c, profile, control);
	libav_words_listen(ret_words);
	rc = open_memory(c, row);
	if (rc >= 0)
		rc = avcodec_open2(c, codec, &options);
	libav_words_listen(NULL);
	av_dict_free(&options);
	if (rc < 0)
		avcodec_free_context(&c);
	*ret_rc = rc;
	return c;
}

AVCodecContext *encoder_open(const struct profile *profile, struct err *err)
{
	enum profile_encoder encoder = profile_encoder(profile);
	const struct row *row = &rows[encoder];
	const char *name = profile_encoder_name(encoder);
	const AVCodec *codec = avcodec_find_encoder_by_name(name);
	enum control control = QUALITY_AND_RATE;
	struct libav_words words;
	AVCodecContext *c;
	int rc;

	if (!codec) {
		err_set(err, ERR_UNSUPPORTED, "libavcodec has no %s here; it needs %s", name, row->needs);
		return NULL;
	}
	c = open_once(profile, codec, control, &words, &rc);
	for (int i = 0; !c && i < SESSION_TRIES && has_no_session(words.text); i++) {
		usleep(SESSION_PAUSE_US);
		c = open_once(profile, codec, control, &words, &rc);
	}
	while (!c && ++control < CONTROLS && knows_no_such_control(words.text))
		c = open_once(profile, codec, control, &words, &rc);
	if (!c)
		say_why(name, profile, row, words.text, rc, err);
	return c;
}

/* ---- pictures ---- */

static AVFrame *to_nv12(const AVFrame *from)
{
	AVFrame *to = av_frame_alloc();

	if (!to)
		abort();
	to->format = AV_PIX_FMT_NV12;
	to->width = from->width;
	to->height = from->height;
	if (av_frame_get_buffer(to, 0) < 0 || av_frame_copy_props(to, from) < 0)
		abort();
	for (int y = 0; y < from->height; y++)
		memcpy(to->data[0] + (ptrdiff_t)y * to->linesize[0], from->data[0] + (ptrdiff_t)y * from->linesize[0],
		       (size_t)from->width);
	for (int y = 0; y < (from->height + 1) / 2; y++) {
		const uint8_t *u = from->data[1] + (ptrdiff_t)y * from->linesize[1];
		const uint8_t *v = from->data[2] + (ptrdiff_t)y * from->linesize[2];
		uint8_t *uv = to->data[1] + (ptrdiff_t)y * to->linesize[1];

		for (int x = 0; x < (from->width + 1) / 2; x++) {
			uv[2 * x] = u[x];
			uv[2 * x + 1] = v[x];
		}
	}
	return to;
}

static int upload(const AVCodecContext *encoder, AVFrame **frame, struct err *err)
{
	AVFrame *there = av_frame_alloc();
	int rc;

	if (!there)
		abort();
	rc = av_hwframe_get_buffer(encoder->hw_frames_ctx, there, 0);
	if (rc >= 0)
		rc = av_hwframe_transfer_data(there, *frame, 0);
	if (rc >= 0)
		rc = av_frame_copy_props(there, *frame);
	if (rc < 0) {
		av_frame_free(&there);
		return err_set(err, ERR_INTERNAL, "%s: a picture cannot be handed to the chip: %s", encoder->codec->name,
			       av_err2str(rc));
	}
	av_frame_free(frame);
	*frame = there;
	return 0;
}

int encoder_take_picture(const AVCodecContext *encoder, AVFrame **frame, struct err *err)
{
	if (encoder->pix_fmt == AV_PIX_FMT_YUV420P)
		return 0;
	if ((*frame)->format == AV_PIX_FMT_YUV420P) {
		AVFrame *made = to_nv12(*frame);

		av_frame_free(frame);
		*frame = made;
	}
	return encoder->hw_frames_ctx ? upload(encoder, frame, err) : 0;
}
