/* tuner_http.c - HDHomeRun over HTTP (info.hdhomerun.com/info/http_api) and the description that UPnP points
 * at, for Plex, Jellyfin, Emby, Kodi and others that know that tuner.
 *
 * All addresses are made from the Host that the client used, without queries: some clients append their own.
 * The model is none of Silicondust's: at a name with "hdtc" Jellyfin would ask for transcoding. */
#include <stdio.h>

#include "base/cleanup.h"
#include "server/handlers.h"
#include "server/json_clean.h"
#include "server/parts.h"
#include "server/ssdp.h"
#include "store/channels.h"

#define MODEL "Matinee"
#define FIRMWARE "matinee"
#define EMPTY_NUMBER "9999" /* that nobody gives to the first channel he makes */

int tuner_discover_get(struct http_request *req, struct err *err)
{
	const struct tuner *tuner = &req->server->tuner;
	const char *base = http_base_url(req);
	char id[9];

	(void)err;
	snprintf(id, sizeof(id), "%08X", tuner->id);
	return http_answer_json(req, 200,
				json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:o}",
					  "FriendlyName", TUNER_NAME, "Manufacturer", "Matinee",
					  "ModelNumber", MODEL, "FirmwareName", FIRMWARE, "FirmwareVersion",
					  MATINEE_VERSION, "DeviceID", id, "DeviceAuth", tuner->auth,
					  "TunerCount", (int)tuner->tuners, "BaseURL", base, "LineupURL",
					  json_sprintf("%s/lineup.json", base)));
}

static bool any_enabled(const struct channel_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->channels[i].enabled)
			return true;
	return false;
}

int tuner_lineup_get(struct http_request *req, struct err *err)
{
	const char *base = http_base_url(req);
	struct db *db = store_reader(req->server->store, err);
	struct channel_list list;
	json_t *lineup;

	if (!db || channels_list(db, &req->arena, &list, err) < 0)
		return -(int)err->code;
	lineup = json_array();
	/* Some refuse a device without channels and would have to be set up again. */
	if (!any_enabled(&list))
		json_array_append_new(lineup, json_pack("{s:s, s:s, s:s, s:s, s:i, s:o}", "GuideNumber", EMPTY_NUMBER, "GuideName",
							"Matinee: no channel yet", "VideoCodec", "H264", "AudioCodec", "AAC", "HD", 1,
							"URL", json_sprintf("%s/tuner/empty.ts", base)));
	for (size_t i = 0; i < list.count; i++) {
		const struct channel *channel = &list.channels[i];
		struct profile profile;
		bool hevc = profile_get(channel->profile, 25, 1, &profile, NULL) >= 0 && profile_is_hevc(&profile);

		if (!channel->enabled)
			continue;
		/* Without HD and the codecs Jellyfin takes a channel for small and interlaced. */
		json_array_append_new(lineup,
				      json_pack("{s:o, s:o, s:s, s:s, s:i, s:o}", "GuideNumber",
						json_sprintf("%d", channel->number), "GuideName",
						json_clean(channel->name), "VideoCodec", hevc ? "HEVC" : "H264", "AudioCodec",
						"AAC", "HD", 1, "URL",
						json_sprintf("%s/channel/%d.ts", base, channel->number)));
	}
	return http_answer_json(req, 200, lineup);
}

/* A scan is asked for by those that heed ScanPossible and some that do not; it has always just ended. */
int tuner_lineup_status_get(struct http_request *req, struct err *err)
{
	(void)err;
	return http_answer_json(req, 200,
				json_pack("{s:i, s:i, s:s, s:[s]}", "ScanInProgress", 0, "ScanPossible", 1,
					  "Source", "Cable", "SourceList", "Cable"));
}

int tuner_lineup_post(struct http_request *req, struct err *err)
{
	(void)err;
	return http_answer_json(req, 200, json_object());
}

static void add_element(struct buf *to, const char *name, const char *text)
{
	buf_addf(to, "<%s>", name);
	buf_add_xml(to, text);
	buf_addf(to, "</%s>\n", name);
}

/* UPnP Device Architecture 1.0, 2.1. */
int tuner_device_xml_get(struct http_request *req, struct err *err)
{
	const struct tuner *tuner = &req->server->tuner;
	const char *base = http_base_url(req);
	CLEANUP(buf_free) struct buf xml = { 0 };
	char text[64];

	(void)err;
	buf_adds(&xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<root "
		       "xmlns=\"urn:schemas-upnp-org:device-1-0\">\n"
		       "<specVersion><major>1</major><minor>0</minor></specVersion>\n");
	add_element(&xml, "URLBase", base);
	buf_adds(&xml, "<device>\n");
	add_element(&xml, "deviceType", SSDP_DEVICE_TYPE);
	add_element(&xml, "friendlyName", TUNER_NAME);
	add_element(&xml, "manufacturer", "Matinee");
	add_element(&xml, "modelName", MODEL);
	add_element(&xml, "modelNumber", MATINEE_VERSION);
	snprintf(text, sizeof(text), "%08X", tuner->id);
	add_element(&xml, "serialNumber", text);
	snprintf(text, sizeof(text), "uuid:%s", tuner->uuid);
	add_element(&xml, "UDN", text);
	add_element(&xml, "presentationURL", base);
	buf_adds(&xml, "</device>\n</root>\n");
	http_answer_buf(req, 200, "application/xml; charset=utf-8", &xml);
	http_header(req, "Cache-Control", "no-cache");
	return 0;
}
