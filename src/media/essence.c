/* essence.c - see essence.h. Reads the packets; what of each of them counts is essence_packet.c. */
#include "media/essence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "media/avfile.h"
#include "media/essence_packet.h"

struct stream {
	XXH3_state_t *state; /* NULL: not looked at */
	enum AVCodecID codec;
	struct essence_form form;
	int64_t bytes; /* hashed */
};

struct essence {
	AVFormatContext *file;
	AVPacket *packet;
	struct stream streams[AVFILE_STREAMS];
};

/* The hash's sink of what counts in a packet. */
static void add_bytes(void *context, const void *data, size_t len)
{
	XXH3_128bits_update(context, data, len);
}

static struct essence_form form_of(const AVCodecParameters *p)
{
	struct essence_form form = { .kind = p->codec_id == AV_CODEC_ID_H264 ? ESSENCE_H264 :
					     p->codec_id == AV_CODEC_ID_HEVC ? ESSENCE_HEVC :
					     p->codec_id == AV_CODEC_ID_AAC  ? ESSENCE_AAC :
									       ESSENCE_PLAIN };

	if (p->extradata_size > 0)
		form.length_size = essence_length_size(form.kind, p->extradata, (size_t)p->extradata_size);
	return form;
}

/* Streams may come to light while a TS is read. NULL: not one that counts. */
static struct stream *stream_of(struct essence *e, int index)
{
	const AVStream *stream = e->file->streams[index];
	struct stream *s;

	if (index >= AVFILE_STREAMS || avfile_is_picture(stream) ||
	    (stream->codecpar->codec_type != AVMEDIA_TYPE_VIDEO &&
	     stream->codecpar->codec_type != AVMEDIA_TYPE_AUDIO))
		return NULL;
	s = &e->streams[index];
	if (!s->state) {
		s->state = XXH3_createState();
		if (!s->state)
			abort();
		XXH3_128bits_reset(s->state);
		s->codec = stream->codecpar->codec_id;
		s->form = form_of(stream->codecpar);
	}
	return s;
}

static int read_all(struct essence *e, const char *path, const struct hash_watch *watch, struct err *err)
{
	int64_t size = avio_size(e->file->pb);
	char text[AV_ERROR_MAX_STRING_SIZE];
	int rc;

	while ((rc = av_read_frame(e->file, e->packet)) >= 0) {
		struct stream *s = stream_of(e, e->packet->stream_index);

		if (s)
			s->bytes += essence_packet(&s->form, e->packet->data, (size_t)e->packet->size, add_bytes, s->state);
		av_packet_unref(e->packet);
		if (!hash_go_on(watch, avio_tell(e->file->pb), size))
			return err_set(err, ERR_BUSY, "hashing was stopped");
	}
	if (rc == AVERROR_EOF && e->file->pb->error < 0)
		rc = e->file->pb->error;
	if (rc != AVERROR_EOF)
		return err_set(err, ERR_MEDIA, "read '%s' to its end: %s", path, avfile_error(rc, text));
	return 0;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One line a stream, sorted: "h264 123456 0011..". */
static int combine(struct essence *e, const char *path, char ret[HASH_TEXT_SIZE], struct err *err)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	char lines[AVFILE_STREAMS][128], *sorted[AVFILE_STREAMS];
	size_t count = 0;

	for (int i = 0; i < AVFILE_STREAMS; i++) {
		const struct stream *s = &e->streams[i];
		XXH128_hash_t hash;

		if (!s->bytes)
			continue;
		hash = XXH3_128bits_digest(s->state);
		snprintf(lines[count], sizeof(lines[count]), "%s %lld %016llx%016llx\n",
			 avcodec_get_name(s->codec), (long long)s->bytes, (unsigned long long)hash.high64,
			 (unsigned long long)hash.low64);
		sorted[count] = lines[count];
		count++;
	}
	if (!count)
		return err_set(err, ERR_MEDIA, "'%s' holds nothing to see or hear", path);
	qsort(sorted, count, sizeof(*sorted), compare_lines);
	for (size_t i = 0; i < count; i++)
		buf_adds(&text, sorted[i]);
	hash_text(buf_text(&text), text.len, ret);
	return 0;
}

int essence_hash(const char *path, const struct hash_watch *watch, char ret[HASH_TEXT_SIZE], struct err *err)
{
	struct err why = { 0 };
	struct essence e = { .file = avfile_open_all(path, &why), .packet = av_packet_alloc() };
	int rc = e.file ? 0 : -(int)why.code;

	if (!e.packet)
		abort();
	if (rc == 0)
		rc = read_all(&e, path, watch, &why);
	if (rc == 0)
		rc = combine(&e, path, ret, &why);
	for (int i = 0; i < AVFILE_STREAMS; i++)
		XXH3_freeState(e.streams[i].state);
	av_packet_free(&e.packet);
	avfile_close(&e.file);
	return rc < 0 ? err_set(err, why.code, "%s", why.text) : 0;
}
