/* guide.h - programmes for people and players: the guide as JSON and XMLTV, the lineup as M3U. */
#pragma once

#include "base/buf.h"
#include "base/json.h"
#include "station/station_time.h"
#include "station/on_air.h"
#include "store/db.h"

/* {"from","to","channels":[{"id","number","name","hue","logo","kept_from","programmes":[Programme...]}]}; times wall ms.
 * kept_from: from when on the channel can be watched. A programme's "catchup" (in these alone): it can be watched from its
 * beginning, once it has begun; not when that is no longer kept, or its file has gone and `has` (NULL: knows nothing) does not
 * know it. New reference. */
json_t *guide_json(struct db *db, const struct station_time *time, int64_t from_ms, int64_t to_ms, on_air_has *has, void *context,
		   struct err *err);

/* The same a part at a time, as text: more() adds the next one, at most 128 programmes; 0 when there is none. */
struct guide_parts;
int guide_parts_open(struct db *db, const struct station_time *time, int64_t from_ms, int64_t to_ms, on_air_has *has,
		     void *context, struct guide_parts **ret, struct err *err);
/* Before the first more(): only `limit` channels of those on the air by number, from the offset-th on. */
void guide_parts_only(struct guide_parts *parts, int64_t offset, int64_t limit);
int guide_parts_more(struct guide_parts *parts, struct db *db, struct buf *to, struct err *err);
void guide_parts_close(struct guide_parts *parts); /* NULL is fine */

/* [{channel, "now":Programme|null, "next":..., "on":{kind,title,start,end}|null}] of one channel at `now`. */
json_t *guide_now(struct db *db, const struct station_time *time, int64_t channel_id, int64_t now_ns, struct err *err);

/* Upcoming programmes of one item on all channels. */
json_t *guide_item(struct db *db, const struct station_time *time, int64_t item_id, int64_t now_ns, int limit,
		   struct err *err);

/* XMLTV from 4 h ago to what is built; ids "C<number>.<digit sum>.matinee"; rules in docs/station.md. */
int guide_xmltv(struct db *db, const struct station_time *time, const char *base_url, struct buf *to, struct err *err);

/* The same a part at a time, which keeps nothing between two but where it is: a thousand channels are hundreds of MB.
 * more() adds the next part, by whatever reader; 0 when there is none. */
struct guide_stream;
int guide_stream_open(struct db *db, const struct station_time *time, const char *base_url, struct guide_stream **ret,
		      struct err *err);
int guide_stream_more(struct guide_stream *stream, struct db *db, struct buf *to, struct err *err);
void guide_stream_close(struct guide_stream *stream); /* NULL is fine */

/* #EXTM3U with channel-id, tvg-id, tvg-chno, tvg-name, tvg-logo, group-title; absolute URLs below base_url
 * ("http://127.0.0.1:8080"), to /channel/N.m3u8; catchup_days: how far back a channel can be watched at most. A channel that
 * has nothing to offer yet, or any more, has no catchup attributes. */
int guide_m3u(struct db *db, const struct station_time *time, const char *base_url, int catchup_days, struct buf *to, struct err *err);
