/* guide_xmltv.c - the guide as XMLTV, by the rules that its readers taught (docs/station.md).
 *
 * Times in UTC with +0000. A programme ends where the next begins. Season and episode in xmltv_ns only from 1
 * on: they are written less one, and nothing reads a negative number. Every episode has a dd_progid, without
 * which Jellyfin takes all episodes of one number for the same. Order of elements as the DTD wants it. */
#include "station/guide.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "station/position.h"
#include "station/programme_text.h"
#include "store/programmes.h"

#define PAST_NS (INT64_C(4) * 3600 * CLOCK_SECOND)
#define PART_CHANNELS ((size_t)64) /* names, or programmes, in one part: some 50 KB, and less than a ms */
#define PART_PROGRAMMES 128

struct xmltv {
	struct db *db;
	const struct station_time *time;
	const char *base_url;
	struct buf *to;
};

/* What is no character becomes '?': checkers take U+FFFD itself for a fault, and U+FFFE and U+FFFF are none in XML. */
static void add_text(struct buf *to, const char *text)
{
	CLEANUP(buf_free) struct buf clean = { 0 };
	size_t left = strlen(text);

	while (left) {
		size_t n = utf8_char(text, left);

		if (!n || (unsigned char)*text < 0x20 || *text == 0x7F || programme_no_character(text, n))
			buf_addc(&clean, '?');
		else if (programme_is_control(text))
			buf_addc(&clean, ' ');
		else
			buf_add(&clean, text, n);
		text += n ? n : 1;
		left -= n ? n : 1;
	}
	buf_add_xml(to, buf_text(&clean));
}

static void add_element(struct buf *to, const char *indent, const char *name, const char *text)
{
	buf_addf(to, "%s<%s>", indent, name);
	add_text(to, text);
	buf_addf(to, "</%s>\n", name);
}

static void add_channel(struct xmltv *x, const struct channel *c, struct arena *arena)
{
	const char *name = programme_channel_name(c, arena);
	char id[48];

	buf_addf(x->to, "  <channel id=\"%s\">\n", programme_channel_id(id, sizeof(id), c->number));
	buf_addf(x->to, "    <display-name>%d ", c->number);
	add_text(x->to, name);
	buf_addf(x->to, "</display-name>\n    <display-name>%d</display-name>\n", c->number);
	add_element(x->to, "    ", "display-name", name);
	buf_adds(x->to, "    <icon src=\"");
	buf_add_xml(x->to, x->base_url);
	buf_addf(x->to, "/channel/%d/logo.png\"/>\n  </channel>\n", c->number);
}

/* "20261121203005 +0000". Returns to. */
static char *xmltv_time(const struct xmltv *x, const struct programme *p, int64_t flicks, char *to,
			size_t size)
{
	int64_t ms = station_to_wall_ms(x->time, position_ns(p->channel_epoch_ns, flicks));
	time_t seconds =
		(time_t)position_floor_div(ms + 500, 1000); /* frames lie up to 42 ms after their second */
	struct tm tm = { 0 };

	gmtime_r(&seconds, &tm);
	strftime(to, size, "%Y%m%d%H%M%S +0000", &tm);
	return to;
}

static void add_episode(struct buf *to, const struct programme *p)
{
	if (!programme_is_episode(p))
		return;
	if (p->season >= 1 && p->episode >= 1) {
		buf_addf(to, "    <episode-num system=\"xmltv_ns\">%d.%d.0/1</episode-num>\n", p->season - 1,
			 p->episode - 1);
		buf_addf(to, "    <episode-num system=\"onscreen\">S%02dE%02d</episode-num>\n", p->season,
			 p->episode);
	}
	buf_addf(to, "    <episode-num system=\"dd_progid\">EP%08lld.%04d</episode-num>\n",
		 (long long)p->airing.item_id, 1);
}

static void add_programme(struct xmltv *x, const struct programme *p)
{
	const char *subtitle = programme_subtitle(p), *kind = p->item_kind;
	struct buf *to = x->to;
	char start[32], stop[32], id[48];

	xmltv_time(x, p, p->airing.start_flicks, start, sizeof(start));
	xmltv_time(x, p, p->airing.end_flicks, stop, sizeof(stop));
	if (strcmp(start, stop) == 0)
		return;
	buf_addf(to, "  <programme start=\"%s\" stop=\"%s\" channel=\"%s\">\n", start, stop,
		 programme_channel_id(id, sizeof(id), p->channel_number));
	add_element(to, "    ", "title", *programme_title(p) ? programme_title(p) : "-");
	if (subtitle)
		add_element(to, "    ", "sub-title", subtitle);
	if (p->year >= 1000 && p->year <= 9999)
		buf_addf(to, "    <date>%d</date>\n", p->year);
	if (programme_is_episode(p) || strcmp(kind, "movie") == 0)
		add_element(to, "    ", "category", programme_is_episode(p) ? "series" : "movie");
	if (p->airing.item_id > 0) {
		buf_adds(to, "    <icon src=\"");
		buf_add_xml(to, x->base_url);
		buf_addf(to, "/media/%lld/thumbnail.jpg\"/>\n", (long long)p->airing.item_id);
	}
	add_episode(to, p);
	buf_adds(to, "  </programme>\n");
}

/* ---- a part at a time ---- */

struct guide_stream {
	const struct station_time *time;
	struct arena arena;
	const char *base_url;
	struct channel_list list; /* of those that are on */
	size_t names, at;	  /* channels whose names, whose programmes are written */
	int64_t from;		  /* flicks: of the channel at hand, what comes next; INT64_MIN at its beginning */
	bool ended;
};

int guide_stream_open(struct db *db, const struct station_time *time, const char *base_url, struct guide_stream **ret,
		      struct err *err)
{
	struct guide_stream *stream = calloc(1, sizeof(*stream));
	size_t kept = 0;

	if (!stream)
		abort();
	stream->time = time;
	stream->base_url = arena_strdup(&stream->arena, base_url);
	stream->from = INT64_MIN;
	if (channels_list(db, &stream->arena, &stream->list, err) < 0) {
		guide_stream_close(stream);
		return -(int)ERR_STORE;
	}
	for (size_t i = 0; i < stream->list.count; i++)
		if (stream->list.channels[i].enabled)
			stream->list.channels[kept++] = stream->list.channels[i];
	stream->list.count = kept;
	*ret = stream;
	return 0;
}

void guide_stream_close(struct guide_stream *stream)
{
	if (!stream)
		return;
	arena_free(&stream->arena);
	free(stream);
}

static void write_names(struct guide_stream *stream, struct xmltv *x)
{
	CLEANUP(arena_free) struct arena arena = { 0 };

	if (stream->names == 0)
		buf_adds(x->to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE tv SYSTEM \"xmltv.dtd\">\n"
				"<tv generator-info-name=\"matinee " MATINEE_VERSION "\">\n");
	for (size_t i = 0; i < PART_CHANNELS && stream->names < stream->list.count; i++)
		add_channel(x, &stream->list.channels[stream->names++], &arena);
}

static int write_programmes(struct guide_stream *stream, struct xmltv *x, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	const struct channel *c = &stream->list.channels[stream->at];
	struct programme_list list;

	if (stream->from == INT64_MIN)
		stream->from = position_flicks(c->epoch_ns, station_now_ns(x->time) - PAST_NS);
	if (programmes_window(x->db, c->id, stream->from, INT64_MAX, PART_PROGRAMMES, &arena, &list, err) < 0)
		return -(int)ERR_STORE;
	for (size_t i = 0; i < list.count; i++)
		add_programme(x, &list.programmes[i]);
	if (list.count == PART_PROGRAMMES) {
		stream->from = list.programmes[list.count - 1].airing.end_flicks;
	} else {
		stream->at++;
		stream->from = INT64_MIN;
	}
	return 0;
}

int guide_stream_more(struct guide_stream *stream, struct db *db, struct buf *to, struct err *err)
{
	struct xmltv x = { db, stream->time, stream->base_url, to };

	if (stream->ended)
		return 0;
	if (stream->names == 0 || stream->names < stream->list.count)
		write_names(stream, &x);
	else if (stream->at < stream->list.count && write_programmes(stream, &x, err) < 0)
		return -(int)ERR_STORE;
	stream->ended = stream->names == stream->list.count && stream->at == stream->list.count;
	if (stream->ended)
		buf_adds(to, "</tv>\n");
	if (to->failed)
		return err_set(err, ERR_TOO_LARGE, "the guide is larger than its limit");
	return 1;
}

int guide_xmltv(struct db *db, const struct station_time *time, const char *base_url, struct buf *to,
		struct err *err)
{
	struct guide_stream *stream;
	int rc = guide_stream_open(db, time, base_url, &stream, err);

	if (rc < 0)
		return rc;
	do
		rc = guide_stream_more(stream, db, to, err);
	while (rc > 0);
	guide_stream_close(stream);
	return rc;
}
