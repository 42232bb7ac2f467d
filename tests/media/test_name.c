/* What file names say: every shape once or twice, hostile ones too. The names are made up for these tests. */
#include "lib/testlib.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "media/name.h"
#include "media/name_rows.h"

/* season and episode: -1 not said; last: the last episode, 0 for the same. */
struct row {
	const char *path, *title;
	int year, season, episode, last;
};

static void check(const struct row *rows, size_t count, enum name_hint hint)
{
	for (size_t i = 0; i < count; i++) {
		const struct row *r = &rows[i];
		struct arena arena = { 0 };
		struct name name;

		name_parse(r->path, hint, &arena, &name);
		if (strcmp(name.title ? name.title : "", r->title ? r->title : "") || name.year != r->year ||
		    name.season != r->season || name.episode != r->episode ||
		    name.episode_last != (r->last ? r->last : r->episode))
			fail_msg("'%s': title '%s', year %d, season %d, episode %d to %d", r->path,
				 name.title ? name.title : "", name.year, name.season, name.episode, name.episode_last);
		arena_free(&arena);
	}
}

static void episodes(void **state)
{
	static const struct row rows[] = {
		{ "Harbour.Lights.S02E05.720p.mkv", "Harbour Lights", 0, 2, 5, 0 },
		{ "Harbour Lights - 1x02 - The Pier.avi", "Harbour Lights", 0, 1, 2, 0 },
		{ "harbour_lights_s1e3_web.mp4", "harbour lights", 0, 1, 3, 0 },
		{ "Harbour Lights S01 E07.mkv", "Harbour Lights", 0, 1, 7, 0 },
		{ "Harbour.Lights.Season.3.Episode.11.mkv", "Harbour Lights", 0, 3, 11, 0 },
		{ "Harbour.Lights.2019.S01E01.1080p.WEB-DL.H264-GRP", "Harbour Lights", 2019, 1, 1, 0 },
		{ "Harbour.Lights.S01E04E05.HDTV.x264-GRP", "Harbour Lights", 0, 1, 4, 5 },
		{ "Harbour.Lights.S01E04-E07.HDTV.x264-GRP", "Harbour Lights", 0, 1, 4, 7 },
		{ "Harbour.Lights.S01E04-06.HDTV.x264-GRP", "Harbour Lights", 0, 1, 4, 6 },
		{ "Harbour Lights - 02x03x04 - Two.mkv", "Harbour Lights", 0, 2, 3, 4 },
		{ "Harbour Lights - 1x01-x03 - Three.mkv", "Harbour Lights", 0, 1, 1, 3 },
		{ "Harbour.Lights.E23.mkv", "Harbour Lights", 0, -1, 23, 0 },
		{ "Harbour.Lights.S01E05+06.mkv", "Harbour Lights", 0, 1, 5, 6 },
		{ "[Lantern][Harbour Lights][13 END][1080p AVC AAC].mp4", "Harbour Lights", 0, -1, 13, 0 },
		{ "[Lantern] Harbour Lights [ x265-10Bit Ver. ] - 12 (BD 1920x1080 FLAC).mkv", "Harbour Lights", 0, -1, 12, 0 },
		{ "Harbour Lights - Staffel 2.mkv", "Harbour Lights", 0, 2, -1, 0 },
		{ "Harbour.Lights.Saison.deux.FRENCH.DVDRip", "Harbour Lights", 0, 2, -1, 0 },
		{ "Harbour.Lights.S01-S03.COMPLETE.720p.BluRay", "Harbour Lights", 0, 1, -1, 0 },
		{ "Harbour Lights 3of9 HDTV.mkv", "Harbour Lights", 0, -1, 3, 0 },
		{ "Harbour.Lights.Temporada.4.HDTV[Cap.408].avi", "Harbour Lights", 0, 4, 8, 0 },
		{ "Harbour.Lights.102.hdtv-grp.mp4", "Harbour Lights", 0, 1, 2, 0 },
		{ "1234.S03E14.720p.mkv", "1234", 0, 3, 14, 0 },
		{ "30.Lamps.Season.04", "30 Lamps", 0, 4, -1, 0 },
		{ "Harbour.Lights.S06E01b.mkv", "Harbour Lights", 0, 6, 1, 0 },
	};

	(void)state;
	check(rows, ARRAY_LEN(rows), NAME_AUTO);
}

static void absolute_numbers(void **state)
{
	static const struct row rows[] = {
		{ "[Ink] Paper Moon Patrol - 07 [720p][1A2B3C4D].mkv", "Paper Moon Patrol", 0, -1, 7, 0 },
		{ "[Ink] Paper Moon Patrol S2 - 07 [720p].mkv", "Paper Moon Patrol", 0, 2, 7, 0 },
		{ "[Ink][Paper Moon Patrol][01][BIG5].mp4", "Paper Moon Patrol", 0, -1, 1, 0 },
		{ "[Ink] Paper Moon Patrol - 01-12 [BD]", "Paper Moon Patrol", 0, -1, 1, 12 },
		{ "[Ink] Paper Moon Patrol - 01 ~ 10 [BD]", "Paper Moon Patrol", 0, -1, 1, 10 },
		{ "Paper Moon Patrol - 001 - The Start.mkv", "Paper Moon Patrol", 0, -1, 1, 0 },
		{ "Paper 100 - 07.mkv", "Paper 100", 0, -1, 7, 0 },
		{ "[Ink] Paper Moon Patrol #957 (1280x720).mp4", "Paper Moon Patrol", 0, -1, 957, 0 },
		{ "[Ink] Paper Moon Patrol - 07v2 [720p].mkv", "Paper Moon Patrol", 0, -1, 7, 0 },
	};

	(void)state;
	check(rows, ARRAY_LEN(rows), NAME_AUTO);
}

static void films(void **state)
{
	static const struct row rows[] = {
		{ "The Long Pier (2007)/The Long Pier (2007).mkv", "The Long Pier", 2007, -1, -1, 0 },
		{ "The.Long.Pier.2007.1080p.BluRay.x264-GRP", "The Long Pier", 2007, -1, -1, 0 },
		{ "2001 A Space Odyssey.mkv", "2001 A Space Odyssey", 0, -1, -1, 0 },
		{ "2012.2009.720p.mkv", "2012", 2009, -1, -1, 0 },
		{ "(700) Nights of Rain (2009).mkv", "(700) Nights of Rain", 2009, -1, -1, 0 },
		{ "[RUN] (2007).mkv", "RUN", 2007, -1, -1, 0 },
		{ "[RUN].2007.1080p.BluRay.x264-GRP.mkv", "RUN", 2007, -1, -1, 0 },
		{ "The Long Pier Part II.mkv", "The Long Pier", 0, -1, -1, 0 },
		{ "The.Pier.3.1080p.WEB-DL.mkv", "The Pier 3", 0, -1, -1, 0 },
		{ "Movies/The Long Pier (1999)/The.Long.Pier.DVDRip.XviD.avi", "The Long Pier", 1999, -1, -1, 0 },
		{ "The.Long.Pier.2010.DVDRip.XviD-GRP/grp-tlp.avi", "The Long Pier", 2010, -1, -1, 0 },
		{ "P.I.E.R.2013.720p.BluRay.x264-GRP", "P.I.E.R.", 2013, -1, -1, 0 },
		{ "The Long Pier {tmdb-12345} (2007).mkv", "The Long Pier", 2007, -1, -1, 0 },
	};

	(void)state;
	check(rows, ARRAY_LEN(rows), NAME_AUTO);
}

static void folders(void **state)
{
	static const struct row rows[] = {
		{ "Shows/Harbour Lights/Season 02/S02E05.mkv", "Harbour Lights", 0, 2, 5, 0 },
		{ "Shows/Harbour Lights (2019)/Season 2/05 - The Pier.mkv", "Harbour Lights", 2019, 2, 5, 0 },
		{ "Harbour Lights/Season 1/2 Men and a Boat.m4v", "Harbour Lights", 0, 1, 2, 0 },
		{ "Harbour Lights/12.avi", "Harbour Lights", 0, -1, 12, 0 },
		{ "Harbour Lights/Specials/S00E03 - Extra.avi", "Harbour Lights", 0, 0, 3, 0 },
		{ "Harbour.Lights.S04E03.1080p.WEB-DL.H.264-GRP/aB3dE5fG7hJ9kL1mN3pQ5.mkv", "Harbour Lights", 0, 4, 3, 0 },
		{ "tv/Harbour.Lights.S02E10.720p.WEB-DL.DD5.1.H.264-GRP/170425_03.mkv", "Harbour Lights", 0, 2, 10, 0 },
		{ "D:\\tv\\Harbour Lights\\Season 3\\Harbour Lights - 3x04.mkv", "Harbour Lights", 0, 3, 4, 0 },
	};

	(void)state;
	check(rows, ARRAY_LEN(rows), NAME_AUTO);
}

static void hints(void **state)
{
	static const struct row film[] = { { "Pier 13.mkv", "Pier 13", 0, -1, -1, 0 } };
	static const struct row show[] = { { "Harbour Lights 104.mkv", "Harbour Lights", 0, 1, 4, 0 } };

	(void)state;
	check(film, ARRAY_LEN(film), NAME_AS_MOVIE);
	check(show, ARRAY_LEN(show), NAME_AS_SHOW);
}

struct property_row {
	const char *path;
	enum name_property property;
	const char *text; /* NULL: must be absent */
};

static void properties(void **state)
{
	static const struct property_row rows[] = {
		{ "Pier.2007.1080p.NF.WEB-DL.DDP5.1.H.264-GRP", NAME_STREAMING_SERVICE, "Netflix" },
		{ "Pier.2007.1080p.NF.WEB-DL.DDP5.1.H.264-GRP", NAME_SOURCE, "Web" },
		{ "Pier.2007.1080p.NF.WEB-DL.DDP5.1.H.264-GRP", NAME_AUDIO_CODEC, "Dolby Digital Plus" },
		{ "Pier.2007.1080p.NF.WEB-DL.DDP5.1.H.264-GRP", NAME_AUDIO_CHANNELS, "5.1" },
		{ "Pier.2007.1080p.NF.WEB-DL.DDP5.1.H.264-GRP", NAME_VIDEO_CODEC, "H.264" },
		{ "Pier.2007.1080p.NF.WEB-DL.DDP5.1.H.264-GRP", NAME_RELEASE_GROUP, "GRP" },
		{ "Pier.2007.GERMAN.720p.Blu-ray.x265-GRP", NAME_LANGUAGE, "de" },
		{ "The.German.Pier.2007.720p.HDTV.x264-GRP", NAME_LANGUAGE, NULL },
		{ "Pier.2007.Directors.Cut.720p.BluRay.x264-GRP", NAME_EDITION, "Director's Cut" },
		{ "Pier.2007.720p.UHD.BluRay.x265-GRP", NAME_SOURCE, "Ultra HD Blu-ray" },
		{ "Pier.S01E02.HDTVx264-GRP", NAME_SOURCE, "HDTV" },
		{ "Pier.S01E02.VOSTFR.HDTV.x264-GRP", NAME_SUBTITLE_LANGUAGE, "fr" },
		{ "Pier.S01E02.en.srt", NAME_SUBTITLE_LANGUAGE, "en" },
		{ "Pier - 2011-04-12 - A Guest.mkv", NAME_DATE, "2011-04-12" },
		{ "Pier.12.04.2011.mkv", NAME_DATE, "2011-04-12" },
		{ "Pier.2012.16.02.HDTV.mkv", NAME_DATE, "2012-02-16" },
		{ "Pier.E56.190121.720p.mkv", NAME_DATE, "2019-01-21" },
		{ "Pier.US.S01E02.HDTV", NAME_COUNTRY, "US" },
		{ "[Ink] Pier - 07 [1A2B3C4D].mkv", NAME_CRC32, "1A2B3C4D" },
		{ "[www.example.org] - Pier.2007.720p.HDTV.x264-GRP", NAME_WEBSITE, "www.example.org" },
		{ "Pier.S01E02.The.Guest.720p.HDTV.x264-GRP", NAME_EPISODE_TITLE, "The Guest" },
		{ "Pier - S01E02 - The Guest (1).mkv", NAME_EPISODE_TITLE, "The Guest" },
		{ "Pier (2007) {imdb-tt0133093}.mkv", NAME_IMDB, "tt0133093" },
		{ "Pier (2007)/trailers/first.mkv", NAME_EXTRA, "trailer" },
		{ "Pier (2007)/Pier (2007)-deletedscene.mkv", NAME_EXTRA, "deleted_scene" },
		{ "Pier 3d hsbs.mkv", NAME_FORMAT_3D, "hsbs" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena arena = { 0 };
		struct name name;
		const struct name_value *v;

		name_parse(rows[i].path, NAME_AUTO, &arena, &name);
		v = name_value(&name, rows[i].property, 0);
		if (rows[i].text ? !v || strcmp(v->text, rows[i].text) : v != NULL)
			fail_msg("'%s': %s is '%s'", rows[i].path, name_property_text(rows[i].property), v ? v->text : "");
		arena_free(&arena);
	}
}

static void hostile(void **state)
{
	static const char *const paths[] = { "",	 "-rf",	    "..",  "../..",   "/",	     "//",   ".",
					     "....",	 "- - - -", "\n",  "a\nb",    "\xff\xfe\xff", "[[[[", "))))",
					     "([{)]}",	 "S",	    "E",   "S99999999E99999999", "1x", "x1", "%s%n",
					     "\xe7\xac\xac", "99999999999999999999", ".mkv", "-.mkv", "S01E01-E99999.mkv" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct arena arena = { 0 };
		CLEANUP(buf_free) struct buf out = BUF_MAX(1 << 20);
		struct err err = { 0 };
		struct name name;
		json_t *json;

		name_parse(paths[i], NAME_AUTO, &arena, &name);
		name_write_json(&out, &name);
		json = json_parse(out.data, out.len, &err);
		assert_non_null(json);
		json_decref(json);
		arena_free(&arena);
	}
}

/* Steps for `repeat` copies of a pattern in one name. */
static unsigned steps_of(const char *pattern, size_t bytes)
{
	CLEANUP(cleanup_free) char *path = malloc(bytes + 1);
	struct arena arena = { 0 };
	struct name name;

	for (size_t i = 0; i < bytes; i++)
		path[i] = pattern[i % strlen(pattern)];
	path[bytes] = '\0';
	name_parse(path, NAME_AUTO, &arena, &name);
	arena_free(&arena);
	return name.steps;
}

static void time_is_linear(void **state)
{
	static const char *const patterns[] = { "a.", "S01E01-", "1x02 ", "[01]", "(", "2011.", "french.", "web dl ",
						"sub eng ", "01-", " - ", "E01E02", "Season 1 ", "x264", "-GRP", "\xff", "." };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		unsigned small = steps_of(patterns[i], 1000), large = steps_of(patterns[i], 4000);

		if (large > 6 * small + 100)
			fail_msg("'%s': %u steps for 1000 bytes, %u for 4000", patterns[i], small, large);
		assert_in_range(steps_of(patterns[i], 100000), 0, 2 * large + 1000);
	}
}

static void tables_are_sorted(void **state)
{
	(void)state;
	assert_true(name_rows_sorted());
}

static void explains_with_characters(void **state)
{
	struct arena arena = { 0 };
	struct name name;
	const struct name_value *v;

	(void)state;
	name_parse("Pier.S01E02.HDTV", NAME_AUTO, &arena, &name);
	v = name_value(&name, NAME_SOURCE, 0);
	assert_non_null(v);
	assert_memory_equal(name.input + v->at, "HDTV", v->len);
	assert_int_equal(v->len, 4);
	assert_non_null(v->rule);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(episodes),	   cmocka_unit_test(absolute_numbers),
		cmocka_unit_test(films),	   cmocka_unit_test(folders),
		cmocka_unit_test(hints),	   cmocka_unit_test(properties),
		cmocka_unit_test(hostile),	   cmocka_unit_test(time_is_linear),
		cmocka_unit_test(tables_are_sorted), cmocka_unit_test(explains_with_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
