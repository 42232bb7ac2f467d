/* probe_duration.c - see probe_duration.h.
 *
 * What a header says is a claim. Files with an index (MP4, MOV) are checked against the bytes that are there: a
 * truncated copy ends at the last sample that lies in the file. Others (Matroska, AVI, FLV ...) are asked for their
 * last packets, which a seek to the end finds quickly when the file is whole; a budget of time and packets bounds
 * the look when it is not. Transport and program streams were measured from their end by libavformat already. */
#include "media/probe_duration.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "media/avfile.h"

#define LOOK_MS 250
#define LOOK_PACKETS 20000

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int past_deadline(void *deadline)
{
	return now_ms() > *(int64_t *)deadline;
}

static int64_t usual_frame(AVFormatContext *file, AVStream *stream)
{
	AVRational rate = av_guess_frame_rate(file, stream, NULL);

	if (stream->codecpar->codec_type != AVMEDIA_TYPE_VIDEO || rate.num <= 0 || rate.den <= 0)
		return 0;
	return av_rescale_q(1, av_inv_q(rate), (AVRational){ 1, AVFILE_FLICKS });
}

/* What the headers claim, from the stream's first picture on. */
static int64_t claimed(const AVFormatContext *file, const AVStream *stream)
{
	int64_t start;

	if (stream->duration != AV_NOPTS_VALUE && stream->duration > 0)
		return avfile_flicks(stream->duration, stream->time_base);
	if (file->duration == AV_NOPTS_VALUE || file->duration <= 0)
		return 0;
	start = avfile_flicks(avfile_zero(file, stream), stream->time_base);
	if (file->start_time != AV_NOPTS_VALUE)
		start -= avfile_flicks(file->start_time, AV_TIME_BASE_Q);
	else
		start = 0;
	return avfile_flicks(file->duration, AV_TIME_BASE_Q) - start;
}

/* From an index that lists every frame: the span of those whose bytes are in the file. */
static int64_t from_index(AVFormatContext *file, AVStream *stream)
{
	int n = avformat_index_get_entries_count(stream);
	int64_t size = avio_size(file->pb), first, last, step;
	const AVIndexEntry *e;

	if (n < 1)
		return 0;
	first = avformat_index_get_entry(stream, 0)->timestamp;
	while (n > 0 && (e = avformat_index_get_entry(stream, n - 1)) && size > 0 && e->pos + e->size > size)
		n--;
	if (n < 1)
		return 0;
	last = avformat_index_get_entry(stream, n - 1)->timestamp;
	step = n > 1 ? last - avformat_index_get_entry(stream, n - 2)->timestamp : 0;
	return avfile_flicks(last - first + step, stream->time_base) + (n > 1 ? 0 : usual_frame(file, stream));
}

/* Reads from where the file stands to its end; the end of the stream's last frame in flicks, -1 when none came. */
static int64_t last_packets(AVFormatContext *file, AVStream *stream, bool *ret_whole)
{
	AVPacket *packet = av_packet_alloc();
	int64_t end = -1, usual = usual_frame(file, stream);
	int left = LOOK_PACKETS, rc = 0;

	while (packet && left-- > 0 && (rc = av_read_frame(file, packet)) >= 0) {
		int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;

		if (packet->stream_index == stream->index && time != AV_NOPTS_VALUE) {
			int64_t length = packet->duration > 0 ? avfile_flicks(packet->duration, stream->time_base) :
							       usual;

			time = avfile_flicks(time - avfile_zero(file, stream), stream->time_base) + length;
			end = time > end ? time : end;
		}
		av_packet_unref(packet);
	}
	*ret_whole = rc == AVERROR_EOF;
	av_packet_free(&packet);
	return end;
}

static int64_t from_end(AVFormatContext *file, AVStream *stream, int64_t said)
{
	int64_t deadline = now_ms() + LOOK_MS, end = -1;
	AVIOInterruptCB before = file->interrupt_callback;
	AVRational flicks = { 1, AVFILE_FLICKS };
	bool whole = false;

	file->interrupt_callback = (AVIOInterruptCB){ past_deadline, &deadline };
	if (strstr(file->iformat->name, "matroska")) /* every packet is a frame with its time */
		file->flags |= AVFMT_FLAG_NOPARSE;
	for (unsigned i = 0; i < file->nb_streams; i++)
		if ((int)i != stream->index)
			file->streams[i]->discard = AVDISCARD_ALL;
	if (said <= 0)
		said = INT64_C(1000) * 3600 * AVFILE_FLICKS; /* past any end */
	if (av_seek_frame(file, stream->index, avfile_zero(file, stream) + av_rescale_q(said, flicks, stream->time_base),
			  AVSEEK_FLAG_BACKWARD) >= 0)
		end = last_packets(file, stream, &whole);
	for (unsigned i = 0; i < file->nb_streams; i++)
		file->streams[i]->discard = AVDISCARD_DEFAULT;
	file->interrupt_callback = before;
	return whole ? end : -1;
}

int64_t probe_duration(AVFormatContext *file, int video, int audio)
{
	int index = video >= 0 ? video : audio;
	AVStream *stream;
	int64_t said, found = 0;
	const char *format = file->iformat->name;

	if (index < 0)
		return 0;
	stream = file->streams[index];
	said = claimed(file, stream);
	if (strstr(format, "mov"))
		found = from_index(file, stream);
	else if (said <= 0 || (strcmp(format, "mpegts") != 0 && strcmp(format, "mpeg") != 0))
		found = from_end(file, stream, said);
	return found > 0 ? found : said > 0 ? said : 0;
}
