/* chip.c - see chip.h. x264 is set up so that nothing in its slices but their headers depends on its parameter sets: one
 * reference, no weights, the same quantizer everywhere. */
#include "drivers/chip.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>

struct chip {
	AVCodecContext *x264;
	AVPacket *packet;
	struct chip_setup setup;
	int session; /* descriptor that holds the lock; -1: not limited */
	int pictures;
};

/* One of the places that there are; -1 when all are taken. */
static int take_session(int places)
{
	for (int i = 0; i < places; i++) {
		char path[4096];
		int fd;

		snprintf(path, sizeof(path), "%s.session%d", getenv("TEST_CHIP"), i);
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		if (fd >= 0)
			close(fd);
	}
	return -1;
}

struct chip *chip_open(void)
{
	int places = 0, session = -1;
	struct chip *chip;

	if (chip_told("refuse", NULL))
		return NULL;
	if (chip_told("sessions", &places) && (session = take_session(places)) < 0)
		return NULL;
	chip = calloc(1, sizeof(*chip));
	if (!chip || !(chip->packet = av_packet_alloc()))
		abort();
	chip->session = session;
	return chip;
}

void chip_close(struct chip *chip)
{
	if (!chip)
		return;
	if (chip->session >= 0)
		close(chip->session);
	avcodec_free_context(&chip->x264);
	av_packet_free(&chip->packet);
	free(chip);
}

bool chip_set_up(struct chip *chip, const struct chip_setup *s)
{
	const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
	AVDictionary *options = NULL;
	char params[300];
	int rc;

	if (!codec)
		return false;
	chip->setup = *s;
	chip->x264 = avcodec_alloc_context3(codec);
	if (!chip->x264)
		abort();
	chip->x264->width = s->width;
	chip->x264->height = s->height;
	chip->x264->pix_fmt = AV_PIX_FMT_NV12;
	chip->x264->time_base = (AVRational){ s->fps_den, s->fps_num };
	chip->x264->framerate = (AVRational){ s->fps_num, s->fps_den };
	chip->x264->level = s->level + (chip_told("sps", NULL) ? 1 : 0);
	chip->x264->color_range = AVCOL_RANGE_MPEG;
	chip->x264->thread_count = 1;
	chip->x264->flags |= AV_CODEC_FLAG_GLOBAL_HEADER; /* and before each key picture, as said below */
	snprintf(params, sizeof(params),
		 "qp=%d:ipratio=1:pbratio=1:ref=1:bframes=0:weightp=0:weightb=0:psy=0:chroma-qp-offset=0:"
		 "mbtree=0:rc-lookahead=0:sync-lookahead=0:keyint=infinite:scenecut=0:repeat-headers=1:annexb=1:aud=0:threads=1:"
		 "sliced-threads=0:force-cfr=1",
		 s->qp);
	av_dict_set(&options, "preset", "superfast", 0);
	av_dict_set(&options, "profile", "high", 0);
	av_dict_set(&options, "forced-idr", "1", 0);
	av_dict_set(&options, "x264-params", params, 0);
	rc = avcodec_open2(chip->x264, codec, &options);
	av_dict_free(&options);
	return rc >= 0;
}

/* The pictures of all encoders in all processes are the bytes of a file. */
static bool worn_out(void)
{
	int pictures = 0, fd = -1;
	char path[4096];
	bool out;

	if (!chip_told("lasts", &pictures))
		return true;
	snprintf(path, sizeof(path), "%s.pictures", getenv("TEST_CHIP"));
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	out = fd < 0 || lseek(fd, 0, SEEK_END) >= pictures || write(fd, "", 1) != 1;
	if (fd >= 0)
		close(fd);
	return out;
}

static bool due(const struct chip *chip, const char *fault)
{
	int at = 0;

	return chip_told(fault, &at) && chip->pictures >= at;
}

bool chip_suffers(const struct chip *chip, const char *fault)
{
	return due(chip, fault) && worn_out();
}

void chip_sets(const struct chip *chip, const uint8_t **data, size_t *len)
{
	*data = chip->x264->extradata;
	*len = (size_t)chip->x264->extradata_size;
}

/* False: the picture fails. */
static bool suffer(const struct chip *chip)
{
	bool fails = due(chip, "fail"), crashes = due(chip, "crash"), hangs = due(chip, "hang");

	if (!(fails || crashes || hangs) || !worn_out())
		return true;
	if (crashes)
		raise(SIGSEGV);
	while (hangs)
		pause();
	return !fails;
}

bool chip_input(struct chip *chip, const struct chip_picture *p)
{
	AVFrame *frame;
	int rc;

	if (!p)
		return avcodec_send_frame(chip->x264, NULL) >= 0;
	if (!suffer(chip))
		return false;
	chip->pictures++;
	frame = av_frame_alloc();
	if (!frame)
		abort();
	frame->format = AV_PIX_FMT_NV12;
	frame->width = chip->setup.width;
	frame->height = chip->setup.height;
	if (av_frame_get_buffer(frame, 0) < 0)
		abort();
	for (int y = 0; y < frame->height; y++)
		memcpy(frame->data[0] + (ptrdiff_t)y * frame->linesize[0], p->luma + (ptrdiff_t)y * p->pitch, (size_t)frame->width);
	for (int y = 0; y < (frame->height + 1) / 2; y++)
		memcpy(frame->data[1] + (ptrdiff_t)y * frame->linesize[1], p->chroma + (ptrdiff_t)y * p->pitch, (size_t)frame->width);
	frame->pts = p->number;
	frame->pict_type = p->key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_P;
	rc = avcodec_send_frame(chip->x264, frame);
	av_frame_free(&frame);
	return rc >= 0;
}

bool chip_output(struct chip *chip, const uint8_t **data, size_t *len, int64_t *number, bool *key)
{
	av_packet_unref(chip->packet);
	if (avcodec_receive_packet(chip->x264, chip->packet) < 0)
		return false;
	*data = chip->packet->data;
	*len = (size_t)chip->packet->size;
	*number = chip->packet->pts;
	*key = chip->packet->flags & AV_PKT_FLAG_KEY;
	return true;
}
