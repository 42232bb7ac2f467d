/* encoder_probe.c - the worker's job that finds out whether an encoder works here: some pictures of the real profile go
 * through it as a segment's would, and what comes out is held against the rules of encode.c. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "media/h264.h"
#include "stream/encode.h"
#include "stream/encode_video.h"

#define PICTURES 24

/* A slope that moves: no two are the same. */
static AVFrame *picture(const struct profile *p, int n)
{
	AVFrame *f = av_frame_alloc();

	if (!f)
		abort();
	f->format = AV_PIX_FMT_YUV420P;
	f->width = p->width;
	f->height = p->height;
	if (av_frame_get_buffer(f, 0) < 0)
		abort();
	for (int y = 0; y < p->height; y++)
		for (int x = 0; x < p->width; x++)
			f->data[0][(ptrdiff_t)y * f->linesize[0] + x] = (uint8_t)(16 + ((x + y + 5 * n) & 127));
	for (int plane = 1; plane < 3; plane++)
		for (int y = 0; y < (p->height + 1) / 2; y++)
			memset(f->data[plane] + (ptrdiff_t)y * f->linesize[plane], 120 + plane * 8, (size_t)(p->width + 1) / 2);
	return f;
}

/* The first picture's SPS is of the size that the profile says. */
static int check_sps(const struct profile *p, const uint8_t *data, size_t len, struct err *err)
{
	struct nal_units units = { .data = data, .len = len };
	struct nal_unit unit;
	struct nal_sps sps;

	while (nal_next(&units, &unit) > 0) {
		if (h264_type(&unit) != H264_SPS)
			continue;
		if (!h264_parse_sps(&unit, &sps))
			return err_set(err, ERR_INTERNAL, "its SPS cannot be read");
		if (sps.width != p->width || sps.height != p->height || sps.chroma != 1 || sps.depth != 8)
			return err_set(err, ERR_INTERNAL, "its SPS says %dx%d, not %dx%d", sps.width, sps.height, p->width,
				       p->height);
		return 0;
	}
	return err_set(err, ERR_INTERNAL, "its first picture has no SPS");
}

static int check(const struct profile *p, const struct encode_units *units, struct err *err)
{
	bool seen[PICTURES] = { false };

	for (size_t i = 0; i < units->count; i++) {
		int64_t frame = units->units[i].frame;

		if (frame < 0 || frame >= PICTURES || seen[frame])
			return err_set(err, ERR_INTERNAL, "it gives picture %zu the number %lld", i, (long long)frame);
		seen[frame] = true;
		if (frame < (int64_t)i - p->reorder)
			return err_set(err, ERR_INTERNAL, "it decodes more than %d pictures ahead", p->reorder);
		if (units->units[i].key != (i == 0))
			return err_set(err, ERR_INTERNAL, i ? "it makes key pictures that were not asked for" :
							      "its first picture is no key picture");
	}
	if (profile_is_hevc(p))
		return 0;
	return check_sps(p, (const uint8_t *)units->bytes.data + units->units[0].at, units->units[0].len, err);
}

static int probe(const struct profile *p, struct err *err)
{
	CLEANUP(encode_units_free) struct encode_units units = { .bytes = BUF_MAX((size_t)64 << 20) };
	struct encode_video *video = encode_video_open(p, false, &units, err);
	int rc;

	if (!video)
		return err ? -(int)err->code : -(int)ERR_INTERNAL;
	for (int i = 0; i < PICTURES; i++) {
		AVFrame *frame = picture(p, i);

		encode_video_add(video, frame);
		av_frame_free(&frame);
	}
	rc = encode_video_finish(video, err);
	encode_video_close(video);
	return rc < 0 ? rc : check(p, &units, err);
}

int encoder_probe_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	struct profile profile;
	int64_t began_ns = clock_boot_ns();
	int rc = profile_get(json_text(request, "profile", ""), (int)json_int(request, "fps_num", 25),
			     (int)json_int(request, "fps_den", 1), &profile, err);

	(void)job;
	av_log_set_level(AV_LOG_QUIET);
	if (rc >= 0)
		rc = probe(&profile, err);
	if (rc >= 0)
		*ret_done = json_pack("{s:I}", "ms", (json_int_t)((clock_boot_ns() - began_ns) / CLOCK_MS));
	return rc;
}
