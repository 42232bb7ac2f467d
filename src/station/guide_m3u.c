/* guide_m3u.c - the lineup as M3U. tvg-name is one of XMLTV's display-names, byte for byte but for XML's escapes:
 * Kodi joins guide and channel by it. No query strings: to some players another URL is another channel. */
#include "station/guide.h"

#include "base/cleanup.h"
#include "station/programme_text.h"
#include "store/channels.h"

int guide_m3u(struct db *db, const char *base_url, int catchup_days, struct buf *to, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct channel_list list;
	char id[48];

	if (channels_list(db, &arena, &list, err) < 0)
		return -(int)ERR_STORE;
	buf_addf(to, "#EXTM3U url-tvg=\"%s/xmltv.xml\" x-tvg-url=\"%s/xmltv.xml\"\n", base_url, base_url);
	for (size_t i = 0; i < list.count; i++) {
		const struct channel *c = &list.channels[i];
		const char *name = programme_channel_name(c, &arena);

		if (!c->enabled)
			continue;
		programme_channel_id(id, sizeof(id), c->number);
		buf_addf(to,
			 "#EXTINF:-1 channel-id=\"%s\" tvg-id=\"%s\" tvg-chno=\"%d\" tvg-name=\"%s\" "
			 "tvg-logo=\"%s/channel/%d/logo.png\" group-title=\"Matinee\" catchup=\"default\" catchup-days=\"%d\" "
			 "catchup-source=\"%s/channel/%d/from/{utc}.m3u8\",%s\n%s/channel/%d.m3u8\n",
			 id, id, c->number, name, base_url, c->number, catchup_days, base_url, c->number, name, base_url,
			 c->number);
	}
	if (to->failed)
		return err_set(err, ERR_TOO_LARGE, "the lineup is larger than its limit");
	return 0;
}
