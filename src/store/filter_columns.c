/* filter_columns.c - see filter_columns.h. */
#include "store/filter_columns.h"

#include <stddef.h>
#include <strings.h>

#include "base/cleanup.h"

const struct filter_column filter_columns[FILTER_FIELD_COUNT] = {
	[FILTER_KIND] = { FILTER_OF_ITEM, "i.kind", NULL },
	[FILTER_ID] = { FILTER_OF_ITEM, "i.id", NULL },
	[FILTER_TITLE] = { FILTER_OF_ITEM, "i.title", NULL },
	[FILTER_SHOW] = { FILTER_OF_SHOW, "s.title", NULL },
	[FILTER_EPISODE_TITLE] = { FILTER_OF_ITEM, "i.episode_title", NULL },
	[FILTER_YEAR] = { FILTER_INHERITED, "year", NULL },
	[FILTER_SEASON] = { FILTER_OF_ITEM, "i.season", NULL },
	[FILTER_EPISODE] = { FILTER_OF_ITEM, "i.episode", NULL },
	[FILTER_AIRED] = { FILTER_OF_ITEM, "i.air_date", NULL },
	[FILTER_DAYPART] = { FILTER_INHERITED, "daypart", NULL },
	[FILTER_AIR_SEASON] = { FILTER_INHERITED, "air_season", NULL },
	[FILTER_RATING] = { FILTER_INHERITED, "rating", NULL },
	[FILTER_COMPANY] = { FILTER_INHERITED, "company", NULL },
	[FILTER_CATEGORY] = { FILTER_INHERITED, "category", NULL },
	[FILTER_AUDIENCE] = { FILTER_INHERITED, "audience", NULL },
	[FILTER_WARNINGS] = { FILTER_INHERITED, "warnings", NULL },
	[FILTER_NOTES] = { FILTER_OF_ITEM, "i.notes", NULL },
	[FILTER_EXPIRES] = { FILTER_INHERITED, "expires_ms", NULL },
	[FILTER_TAG] = { FILTER_LISTED, "item_tags", "tag" },
	[FILTER_PERSON] = { FILTER_LISTED, "item_people", "name" },
	[FILTER_COLLECTION] = { FILTER_LISTED, "item_collections", "name" }, /* smart ones: collections_expand.c */
	[FILTER_SOURCE] = { FILTER_OF_ITEM, "i.source", NULL },
	[FILTER_ADDED] = { FILTER_OF_ITEM, "i.added_ms", NULL },
	[FILTER_CHANGED] = { FILTER_OF_ITEM, "i.changed_ms", NULL },
	[FILTER_CHECKED] = { FILTER_OF_FILE, "(SELECT v.checked_ms FROM validations v WHERE v.file_id = f.id)",
			     NULL },
	[FILTER_DURATION] = { FILTER_OF_ITEM, "i.duration_ms", NULL },
	[FILTER_SIZE] = { FILTER_OF_ITEM,
			  "(SELECT sum(f.size) FROM item_files x JOIN files f ON f.id = x.file_id WHERE "
			  "x.item_id = i.id)",
			  NULL },
	[FILTER_HEIGHT] = { FILTER_OF_FILE, "p.height", NULL },
	[FILTER_WIDTH] = { FILTER_OF_FILE, "p.width", NULL },
	[FILTER_FPS] = { FILTER_OF_FILE, "(p.fps_num * 1000 / p.fps_den)", NULL },
	[FILTER_BITRATE] = { FILTER_OF_FILE, "p.bit_rate", NULL },
	[FILTER_CHANNELS] = { FILTER_OF_FILE, "p.audio_channels", NULL },
	[FILTER_CODEC] = { FILTER_OF_FILE, "p.video_codec", "p.audio_codec" },
	[FILTER_VIDEO] = { FILTER_OF_FILE, "p.video_codec", NULL },
	[FILTER_AUDIO] = { FILTER_OF_FILE, "p.audio_codec", NULL },
	[FILTER_CONTAINER] = { FILTER_OF_FILE, "p.container", NULL },
	[FILTER_LANG] = { FILTER_STREAMS, "audio", NULL },
	[FILTER_SUBTITLES] = { FILTER_STREAMS, "subtitle", NULL },
	[FILTER_ROOT] = { FILTER_OF_FILE, "CAST(r.path AS TEXT)", NULL },
	[FILTER_PATH] = { FILTER_OF_FILE, "CAST(r.path || '/' || f.path AS TEXT)", NULL },
};

/* What few files are is looked for from the files, by the partial indexes; what most are from the item. */
#define BY_FILES "i.id IN (SELECT x.item_id FROM files f JOIN item_files x ON x.file_id = f.id WHERE "

const char *const filter_states[FILTER_STATE_COUNT] = {
	[FILTER_STATE_MISSING] = "(" BY_FILES "f.state = 'missing') AND NOT EXISTS (" FILTER_FILES " AND f.state = 'present'))",
	[FILTER_STATE_UNKNOWN] = "(i.kind = 'other')",
	[FILTER_STATE_DUPLICATE] =
		"(" BY_FILES "f.state = 'present' AND f.sample_hash IN (SELECT sample_hash FROM files "
		"WHERE state = 'present' AND sample_hash IS NOT NULL GROUP BY sample_hash "
		"HAVING count(*) > 1 AND (min(inode) <> max(inode) OR min(dev) <> max(dev))) UNION ALL "
		"SELECT x.item_id FROM item_files x WHERE EXISTS (SELECT 1 FROM item_files y WHERE y.item_id = x.item_id "
		"AND y.file_id > x.file_id AND y.part = x.part)))",
	[FILTER_STATE_HIDDEN] = "(i.hidden <> 0)",
	[FILTER_STATE_UNPROBED] = "(" BY_FILES "f.state = 'present' AND f.media_state = 'new'))",
	[FILTER_STATE_FAILED] = "(" BY_FILES "f.state = 'present' AND f.media_state = 'failed'))",
	[FILTER_STATE_INVALID] = "(i.id IN (SELECT x.item_id FROM validations v JOIN item_files x ON x.file_id = v.file_id "
				 "WHERE v.result = 'failed'))",
	[FILTER_STATE_UNCHECKED] =
		"(EXISTS (" FILTER_FILES " AND f.state = 'present' AND NOT EXISTS (SELECT 1 FROM "
		"validations v WHERE v.file_id = f.id)))",
	[FILTER_STATE_EXPIRED] = "(i.expires_ms <= ?)",
	[FILTER_STATE_INTERLACED] =
		"(EXISTS (SELECT 1 FROM item_files x JOIN probes p ON p.file_id = x.file_id "
		"WHERE x.item_id = i.id AND p.interlaced <> 0))",
	[FILTER_STATE_MANUAL] = "(i.source = 'manual')",
	[FILTER_STATE_PLAYABLE] = "(EXISTS (" FILTER_FILES " AND f.state = 'present' AND f.media_state = 'ok'))",
};

const char *filter_language(const char *code)
{
	static const char *const codes[][2] = {
		{ "en", "eng" }, { "de", "ger" }, { "fr", "fre" }, { "es", "spa" }, { "it", "ita" },
		{ "ja", "jpn" }, { "ko", "kor" }, { "zh", "chi" }, { "ru", "rus" }, { "pt", "por" },
		{ "nl", "dut" }, { "sv", "swe" }, { "no", "nor" }, { "da", "dan" }, { "fi", "fin" },
		{ "pl", "pol" }, { "cs", "cze" }, { "hu", "hun" }, { "tr", "tur" }, { "el", "gre" },
		{ "he", "heb" }, { "ar", "ara" }, { "hi", "hin" }, { "uk", "ukr" }, { "ro", "rum" },
		{ "th", "tha" }, { "vi", "vie" },
	};

	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (strcasecmp(codes[i][0], code) == 0)
			return codes[i][1];
	return code;
}
