/* essence.c - see essence.h.
 *
 * Containers differ in how they frame the same H.264 and HEVC: NAL units behind lengths or behind start
 * codes, parameter sets in the header or among the pictures, delimiters added by a TS muxer. So units are
 * hashed one by one, each with its length, without parameter sets, messages (SEI), delimiters, fillers and
 * trailing zeros. AAC loses its ADTS header. Everything else is hashed as it stands, as one run of bytes,
 * because containers cut sound into packets at different places. */
#include "media/essence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "media/avfile.h"

struct stream {
	XXH3_state_t *state; /* NULL: not looked at */
	enum AVCodecID codec;
	int length_size; /* of NAL units; 0: start codes */
	int64_t bytes;	 /* hashed */
};

struct essence {
	AVFormatContext *file;
	AVPacket *packet;
	struct stream streams[AVFILE_STREAMS];
};

static bool has_nal_units(enum AVCodecID codec)
{
	return codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC;
}

static int length_size_of(const AVCodecParameters *p)
{
	if (p->codec_id == AV_CODEC_ID_H264 && p->extradata_size >= 7 && p->extradata[0] == 1)
		return (p->extradata[4] & 3) + 1;
	if (p->codec_id == AV_CODEC_ID_HEVC && p->extradata_size >= 23 &&
	    (p->extradata[0] || p->extradata[1] || p->extradata[2] > 1))
		return (p->extradata[21] & 3) + 1;
	return 0;
}

static void add_bytes(struct stream *s, const uint8_t *data, size_t len)
{
	XXH3_128bits_update(s->state, data, len);
	s->bytes += (int64_t)len;
}

/* What a remux adds or takes away: parameter sets, messages (hvcC keeps some of them in the header),
 * delimiters, ends, fillers. */
static bool is_dropped(enum AVCodecID codec, uint8_t head)
{
	int type = codec == AV_CODEC_ID_H264 ? head & 0x1F : head >> 1 & 0x3F;

	if (codec == AV_CODEC_ID_H264)
		return type >= 6 && type <= 13;
	return type >= 32 && type <= 40;
}

static void add_unit(struct stream *s, const uint8_t *unit, size_t len)
{
	uint8_t size[4];

	while (len && unit[len - 1] == 0)
		len--;
	if (!len || is_dropped(s->codec, unit[0]))
		return;
	for (int i = 0; i < 4; i++)
		size[i] = (uint8_t)(len >> (8 * i));
	XXH3_128bits_update(s->state, size, sizeof(size));
	add_bytes(s, unit, len);
}

static void add_prefixed(struct stream *s, const uint8_t *data, size_t len)
{
	while (len >= (size_t)s->length_size) {
		size_t unit = 0;

		for (int i = 0; i < s->length_size; i++)
			unit = unit << 8 | data[i];
		data += s->length_size;
		len -= (size_t)s->length_size;
		if (unit > len)
			unit = len; /* cut off */
		add_unit(s, data, unit);
		data += unit;
		len -= unit;
	}
}

/* Offset of the next 00 00 01 at or after `at`, or len. */
static size_t start_code(const uint8_t *data, size_t len, size_t at)
{
	for (; at + 3 <= len; at++)
		if (data[at + 2] > 1)
			at += 2;
		else if (data[at] == 0 && data[at + 1] == 0 && data[at + 2] == 1)
			return at;
	return len;
}

static void add_annex_b(struct stream *s, const uint8_t *data, size_t len)
{
	size_t at = start_code(data, len, 0);

	while (at < len) {
		size_t next = start_code(data, len, at + 3);

		add_unit(s, data + at + 3, next - at - 3);
		at = next;
	}
}

/* Bytes of the ADTS header before an AAC frame; 0: none. */
static size_t adts_header(const uint8_t *data, size_t len)
{
	size_t size;

	if (len < 7 || data[0] != 0xFF || (data[1] & 0xF6) != 0xF0)
		return 0;
	size = (size_t)(data[3] & 3) << 11 | (size_t)data[4] << 3 | data[5] >> 5;
	return size == len ? (data[1] & 1 ? 7 : 9) : 0;
}

static void add_packet(struct stream *s, const uint8_t *data, size_t len)
{
	size_t header = s->codec == AV_CODEC_ID_AAC ? adts_header(data, len) : 0;

	if (!has_nal_units(s->codec))
		add_bytes(s, data + header, len - header);
	else if (s->length_size)
		add_prefixed(s, data, len);
	else
		add_annex_b(s, data, len);
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
		s->length_size = length_size_of(stream->codecpar);
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
			add_packet(s, e->packet->data, (size_t)e->packet->size);
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
