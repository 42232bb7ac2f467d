/* avfile.c - see avfile.h. Everything that differs between versions of libav in reading lives here. */
#include "media/avfile.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libavutil/display.h>
#include <libavutil/pixdesc.h>

#include "base/cleanup.h"

/* Containers and raw streams that hold their media themselves. */
static const char formats[] =
	"matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,vc1,av1,obu,ivf,flv,kux,"
	"live_flv,asf,asf_o,ogg,wav,w64,mp3,flac,aac,ac3,eac3,dts,dtshd,truehd,mlp,amr,aiff,au,caf,ape,wv,tta,tak,"
	"mpc,mpc8,oma,dsf,iff,rm,rl2,wtv,nut,nuv,mxf,gxf,dv,dnxhd,nsv,pva,pmp,ty,vivo,mjpeg,ingenient,yuv4mpegpipe,"
	"bink,smk,roq,film_cpk,thp,flic,gif,apng,dirac,cavsvideo,avs2,avs3,voc,swf,mv,lmlm4,xwma,wtv,mmf,gdv,dhav";

const char *avfile_error(int code, char text[static AV_ERROR_MAX_STRING_SIZE])
{
	if (code == AVERROR_INVALIDDATA || code == AVERROR(EINVAL))
		return "it is not a media format that is known here";
	av_strerror(code, text, AV_ERROR_MAX_STRING_SIZE);
	return text;
}

/* libavformat would wait for ever on a FIFO and has no sentence for a folder. */
static int check_regular(const char *path, struct err *err)
{
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, "open '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_MEDIA, "open '%s': it is not a regular file", path);
	if (st.st_size == 0)
		return err_set(err, ERR_MEDIA, "open '%s': the file is empty", path);
	return 0;
}

static bool is_of_the_disk(int code)
{
	return code == AVERROR(EIO) || code == AVERROR(ENXIO) || code == AVERROR(ENODEV) || code == AVERROR(ESTALE) ||
	       code == AVERROR(ENOTCONN) || code == AVERROR(ETIMEDOUT) || code == AVERROR(EREMOTEIO);
}

static AVFormatContext *open_file(const char *path, int flags, AVDictionary **options, struct err *err)
{
	char text[AV_ERROR_MAX_STRING_SIZE];
	CLEANUP(cleanup_free) char *url = NULL;
	AVFormatContext *file;
	int rc;

	if (check_regular(path, err) < 0)
		return NULL;
	av_log_set_level(AV_LOG_QUIET); /* what is wrong comes back as an err */
	file = avformat_alloc_context();
	if (!file || asprintf(&url, "file:%s", path) < 0)
		abort();
	file->protocol_whitelist = av_strdup("file");
	file->format_whitelist = av_strdup(formats);
	file->flags |= flags;
	file->max_streams = AVFILE_STREAMS;
	rc = avformat_open_input(&file, url, NULL, options); /* frees on failure */
	if (rc >= 0)
		rc = avformat_find_stream_info(file, NULL);
	if (rc < 0) {
		err_set(err, is_of_the_disk(rc) ? ERR_IO : ERR_MEDIA, "open '%s': %s", path, avfile_error(rc, text));
		avformat_close_input(&file);
		return NULL;
	}
	return file;
}

int avfile_read_error(const AVFormatContext *file, struct err *err)
{
	char text[AV_ERROR_MAX_STRING_SIZE];

	if (!file->pb || !is_of_the_disk(file->pb->error))
		return 0;
	return err_set(err, ERR_IO, "it cannot be read at byte %lld: %s", (long long)avio_tell(file->pb),
		       avfile_error(file->pb->error, text));
}

void avfile_forget_error(AVFormatContext *file)
{
	if (file->pb)
		file->pb->error = 0;
}

AVFormatContext *avfile_open(const char *path, struct err *err)
{
	return open_file(path, AVFMT_FLAG_GENPTS, NULL, err);
}

AVFormatContext *avfile_open_all(const char *path, struct err *err)
{
	AVDictionary *options = NULL;
	AVFormatContext *file;

	av_dict_set(&options, "ignore_editlist", "1", 0);
	file = open_file(path, 0, &options, err);
	av_dict_free(&options);
	return file;
}

void avfile_close(AVFormatContext **file)
{
	avformat_close_input(file);
}

bool avfile_is_picture(const AVStream *stream)
{
	return stream->disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS);
}

static bool can_decode(const AVStream *stream)
{
	return avcodec_find_decoder(stream->codecpar->codec_id) != NULL;
}

int avfile_video(AVFormatContext *file)
{
	int best = -1;
	int64_t best_score = -1;

	for (unsigned i = 0; i < file->nb_streams; i++) {
		const AVStream *s = file->streams[i];
		const AVCodecParameters *p = s->codecpar;
		int64_t score;

		if (p->codec_type != AVMEDIA_TYPE_VIDEO || avfile_is_picture(s) || !can_decode(s))
			continue;
		score = (int64_t)p->width * p->height;
		if (s->disposition & AV_DISPOSITION_DEFAULT)
			score += INT64_C(1) << 40;
		if (score > best_score) {
			best_score = score;
			best = (int)i;
		}
	}
	return best;
}

int avfile_audio(AVFormatContext *file)
{
	const int aside = AV_DISPOSITION_COMMENT | AV_DISPOSITION_VISUAL_IMPAIRED | AV_DISPOSITION_HEARING_IMPAIRED |
			  AV_DISPOSITION_KARAOKE | AV_DISPOSITION_DESCRIPTIONS | AV_DISPOSITION_DEPENDENT;
	int best = -1;
	int64_t best_score = -1;

	for (unsigned i = 0; i < file->nb_streams; i++) {
		const AVStream *s = file->streams[i];
		const AVCodecParameters *p = s->codecpar;
		const AVDictionaryEntry *title = av_dict_get(s->metadata, "title", NULL, 0);
		int64_t score = 0;

		if (p->codec_type != AVMEDIA_TYPE_AUDIO || !can_decode(s))
			continue;
		if (!(s->disposition & aside) && !(title && strcasestr(title->value, "commentary")))
			score += 8;
		if (s->disposition & AV_DISPOSITION_DEFAULT)
			score += 4;
		if (p->sample_rate > 0)
			score += 1;
		if (score > best_score) { /* the first of equals */
			best_score = score;
			best = (int)i;
		}
	}
	return best;
}

int64_t avfile_zero(const AVFormatContext *file, const AVStream *stream)
{
	if (stream->start_time != AV_NOPTS_VALUE)
		return stream->start_time;
	if (file->start_time != AV_NOPTS_VALUE)
		return av_rescale_q(file->start_time, AV_TIME_BASE_Q, stream->time_base);
	return 0;
}

int64_t avfile_flicks(int64_t time, AVRational base)
{
	return av_rescale_q(time, base, (AVRational){ 1, AVFILE_FLICKS });
}

AVCodecContext *avfile_decoder(AVFormatContext *file, int stream, int threads, struct err *err)
{
	const AVStream *s = file->streams[stream];
	const AVCodec *codec = avcodec_find_decoder(s->codecpar->codec_id);
	AVCodecContext *decoder = codec ? avcodec_alloc_context3(codec) : NULL;
	char text[AV_ERROR_MAX_STRING_SIZE];
	int rc;

	if (!decoder) {
		err_set(err, ERR_MEDIA, "no decoder for %s", avcodec_get_name(s->codecpar->codec_id));
		return NULL;
	}
	rc = avcodec_parameters_to_context(decoder, s->codecpar);
	decoder->pkt_timebase = s->time_base;
	decoder->thread_count = threads;
	decoder->thread_type = FF_THREAD_FRAME | FF_THREAD_SLICE;
	decoder->max_pixels = INT64_C(16384) * 8192;
	if (rc >= 0)
		rc = avcodec_open2(decoder, codec, NULL);
	if (rc < 0) {
		err_set(err, ERR_MEDIA, "open the decoder for %s: %s", codec->name, avfile_error(rc, text));
		avcodec_free_context(&decoder);
	}
	return decoder;
}

bool avfile_interlaced(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
	return frame->flags & AV_FRAME_FLAG_INTERLACED;
#else
	return frame->interlaced_frame;
#endif
}

int64_t avfile_frame_duration(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_MAJOR >= 58
	return frame->duration;
#else
	return frame->pkt_duration;
#endif
}

static const int32_t *display_matrix(const AVStream *stream)
{
#if LIBAVFORMAT_VERSION_MAJOR >= 61
	const AVCodecParameters *p = stream->codecpar;
	const AVPacketSideData *side = av_packet_side_data_get(p->coded_side_data, p->nb_coded_side_data,
							       AV_PKT_DATA_DISPLAYMATRIX);

	return side && side->size >= 9 * sizeof(int32_t) ? (const int32_t *)(const void *)side->data : NULL;
#else
	size_t size = 0;
	const uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);

	return data && size >= 9 * sizeof(int32_t) ? (const int32_t *)(const void *)data : NULL;
#endif
}

int avfile_rotation(const AVStream *stream)
{
	const int32_t *matrix = display_matrix(stream);
	double turned = matrix ? av_display_rotation_get(matrix) : 0; /* counter-clockwise */

	if (!matrix || isnan(turned))
		return 0;
	return (((int)lround(-turned / 90.0) % 4 + 4) % 4) * 90;
}
