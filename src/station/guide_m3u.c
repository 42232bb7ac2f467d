/* guide_m3u.c - the lineup as M3U. tvg-name is one of XMLTV's display-names, byte for byte but for XML's escapes:
 * Kodi joins guide and channel by it. No query strings: to some players another URL is another channel. */
#include "station/guide.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/position.h"
#include "station/programme_text.h"
#include "store/channels.h"
#include "store/past.h"

#define DAY_NS (24 * 3600 * CLOCK_SECOND)

/* Whole days, of less than one: one. Players know nothing smaller. */
static void add_catchup(struct buf *to, const char *base_url, const struct channel *c, int64_t back_ns, int most_days)
{
	int64_t days = (back_ns + DAY_NS - 1) / DAY_NS;

	days = days < 1 ? 1 : days > most_days ? most_days : days;
	buf_addf(to, " catchup=\"default\" catchup-days=\"%d\" catchup-source=\"%s/channel/%d/from/{utc}/to/{utcend}.m3u8\"", (int)days, base_url,
		 c->number);
}

/* Of the channel; both lists are in order of number. NULL when it was added meanwhile. */
static const struct timeline_reach *reach_of(const struct timeline_reaches *list, size_t *at, int64_t channel_id)
{
	if (*at < list->count && list->reaches[*at].channel_id == channel_id)
		return &list->reaches[(*at)++];
	for (size_t i = 0; i < list->count; i++)
		if (list->reaches[i].channel_id == channel_id)
			return &list->reaches[i];
	return NULL;
}

int guide_m3u(struct db *db, const struct station_time *time, const char *base_url, int catchup_days, struct buf *to,
	      struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	int64_t now_ns = station_now_ns(time);
	struct timeline_reaches reaches;
	struct channel_list list;
	size_t at = 0;
	char id[48];

	if (channels_list(db, &arena, &list, err) < 0 || timeline_reach(db, now_ns, &arena, &reaches, err) < 0)
		return -(int)ERR_STORE;
	buf_addf(to, "#EXTM3U url-tvg=\"%s/xmltv.xml\" x-tvg-url=\"%s/xmltv.xml\"\n", base_url, base_url);
	for (size_t i = 0; i < list.count; i++) {
		const struct channel *c = &list.channels[i];
		const char *name = programme_channel_name(c, &arena);
		const struct timeline_reach *reach;

		if (!c->enabled)
			continue;
		reach = reach_of(&reaches, &at, c->id);
		programme_channel_id(id, sizeof(id), c->number);
		buf_addf(to,
			 "#EXTINF:-1 channel-id=\"%s\" tvg-id=\"%s\" tvg-chno=\"%d\" tvg-name=\"%s\" "
			 "tvg-logo=\"%s/channel/%d/logo.png\" group-title=\"Matinee\"",
			 id, id, c->number, name, base_url, c->number);
		if (reach && reach->any)
			add_catchup(to, base_url, c, now_ns - position_ns(c->epoch_ns, reach->begin_flicks), catchup_days);
		buf_addf(to, ",%s\n%s/channel/%d.m3u8\n", name, base_url, c->number);
	}
	if (to->failed)
		return err_set(err, ERR_TOO_LARGE, "the lineup is larger than its limit");
	return 0;
}
