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

/* Shapes of which there are few elsewhere: batches, dates as spoken, bouts, discs, other languages' scenes. */
static void other_shapes(void **state)
{
	static const struct row rows[] = {
		{ "Harbour Lights/Season 4/Part 2/E01.mkv", "Harbour Lights", 0, 4, 1, 0 },
		{ "Harbour Lights/Season 4/Part 2/E01 - The Pier.mkv", "Harbour Lights", 0, 4, 1, 0 },
		{ "[Ember] Copper Valley - 05v3 (1080p HEVC FLAC) [0A1B2C3D].mkv", "Copper Valley", 0, -1, 5, 0 },
		{ "[Ember] Copper Valley (01-26) [Batch][BD 1080p x265 10bit]", "Copper Valley", 0, -1, 1, 26 },
		{ "[Ember] Copper Valley S02E07 (WEB 1080p AV1 AAC) [Dual-Audio].mkv", "Copper Valley", 0, 2, 7, 0 },
		{ "[Ember-Raws] Copper Valley 2nd Season - 03 (BD 1920x1080 x264 FLAC).mkv", "Copper Valley", 0, 2, 3, 0 },
		{ "Evening.Desk.2024.03.14.Mary.Poole.1080p.WEB.H264-GRP.mkv", "Evening Desk", 0, -1, -1, 0 },
		{ "Evening Desk 14th March 2024.mp4", "Evening Desk", 0, -1, -1, 0 },
		{ "Evening.Desk.2024-03-14.720p.HDTV.x264-GRP.mkv", "Evening Desk", 0, -1, -1, 0 },
		{ "The.Mill.S01E01-E02.Arrival.1080p.AMZN.WEB-DL.DDP5.1.H.264-GRP.mkv", "The Mill", 0, 1, 1, 2 },
		{ "The Mill - S01E01E02E03 - Arrival.mkv", "The Mill", 0, 1, 1, 3 },
		{ "The.Mill.1x01-1x02.Arrival.avi", "The Mill", 0, 1, 1, 2 },
		{ "The.Mill.Part.1.of.3.1080p.HDTV.mkv", "The Mill", 0, -1, -1, 0 },
		{ "La.Casa.Del.Puerto.Temporada.2.Capitulo.05.1080p.WEB-DL.ESPAÑOL.mkv", "La Casa Del Puerto", 0, 2, 5, 0 },
		{ "La Casa del Puerto [HDTV 720p][Cap.203][AC3 5.1 Castellano].mkv", "La Casa del Puerto", 0, 2, 3, 0 },
		{ "Le.Vieux.Port.2018.MULTi.TRUEFRENCH.1080p.BluRay.x264-GRP.mkv", "Le Vieux Port", 2018, -1, -1, 0 },
		{ "Le.Vieux.Port.S02E03.FiNAL.FRENCH.720p.WEB.H264-GRP.mkv", "Le Vieux Port", 0, 2, 3, 0 },
		{ "Das.Alte.Boot.2018.German.DL.1080p.BluRay.x264-GRP.mkv", "Das Alte Boot", 2018, -1, -1, 0 },
		{ "Das.Alte.Boot.S01E04.GERMAN.DUBBED.DL.2160p.WEB.h265-GRP.mkv", "Das Alte Boot", 0, 1, 4, 0 },
		{ "Il.Vecchio.Porto.2016.iTALiAN.1080p.BluRay.DTS.x264-GRP.mkv", "Il Vecchio Porto", 2016, -1, -1, 0 },
		{ "Il Vecchio Porto 2x05 - La Notte [ITA-ENG] 720p.mkv", "Il Vecchio Porto", 0, 2, 5, 0 },
		{ "O.Velho.Porto.S01E05.PORTUGUESE.1080p.WEB-DL.mkv", "O Velho Porto", 0, 1, 5, 0 },
		{ "O.Velho.Porto.2019.Dublado.1080p.WEB-DL.mkv", "O Velho Porto", 2019, -1, -1, 0 },
		{ "Staryy.Port.2017.RUS.BDRip.1080p.mkv", "Staryy Port", 2017, -1, -1, 0 },
		{ "Старый порт (2017) WEB-DLRip 720p.mkv", "Старый порт", 2017, -1, -1, 0 },
		{ "Старый порт. Сезон 2. Серия 5.mkv", "Старый порт", 0, 2, 5, 0 },
		{ "Copper.Valley.2021.2160p.UHD.BluRay.REMUX.HDR10+.DV.HEVC.TrueHD.7.1.Atmos-GRP.mkv", "Copper Valley", 2021, -1, -1, 0 },
		{ "Copper.Valley.2021.UHD.BluRay.2160p.TrueHD.Atmos.7.1.DV.HEVC.HYBRID.REMUX-GRP.mkv", "Copper Valley", 2021, -1, -1, 0 },
		{ "Copper.Valley.2021.2160p.WEB-DL.DDP5.1.Atmos.HDR10Plus.H.265-GRP.mkv", "Copper Valley", 2021, -1, -1, 0 },
		{ "Formula.One.2023.Round05.Miami.Qualifying.1080p.F1TV.WEB-DL.AAC2.0.H.264-GRP.mkv", "Formula One", 2023, -1, -1, 0 },
		{ "NFL.2023.Week.05.Jets.vs.Giants.720p.WEB.h264-GRP.mkv", "NFL", 2023, -1, 5, 0 },
		{ "UFC.285.Jones.vs.Gane.PPV.1080p.WEB.h264-GRP.mkv", "UFC 285 Jones vs Gane", 0, -1, -1, 0 },
		{ "BBC.The.Deep.Sea.3of6.The.Trench.720p.HDTV.x264.AAC.mkv", "BBC The Deep Sea", 0, -1, 3, 0 },
		{ "National.Geographic.Deep.Sea.S01E02.1080p.DSNP.WEB-DL.mkv", "National Geographic Deep Sea", 0, 1, 2, 0 },
		{ "21.Lamps.2003.720p.BluRay.mkv", "21 Lamps", 2003, -1, -1, 0 },
		{ "1408.2007.Directors.Cut.1080p.mkv", "1408", 2007, -1, -1, 0 },
		{ "Apollo.13.1995.2160p.mkv", "Apollo 13", 1995, -1, -1, 0 },
		{ "Blade.Of.2049.2017.1080p.mkv", "Blade Of 2049", 2017, -1, -1, 0 },
		{ "The Mill (1998-2004)/Season 1/The Mill - S01E02.mkv", "The Mill", 1998, 1, 2, 0 },
		{ "The Mill (2015-) S02E03.mkv", "The Mill", 2015, 2, 3, 0 },
		{ "Copper.Valley.2001.Extended.Collectors.Edition.1080p.BluRay.mkv", "Copper Valley", 2001, -1, -1, 0 },
		{ "Copper Valley (2001) [Theatrical Cut] 1080p.mkv", "Copper Valley", 2001, -1, -1, 0 },
		{ "Copper.Valley.2001.25th.Anniversary.Edition.REMASTERED.1080p.BluRay.mkv", "Copper Valley", 2001, -1, -1, 0 },
		{ "Copper.Valley.2012.3D.HSBS.1080p.BluRay.x264.mkv", "Copper Valley", 2012, -1, -1, 0 },
		{ "Copper.Valley.2012.1080p.3D.Half-OU.BluRay.x264-GRP.mkv", "Copper Valley", 2012, -1, -1, 0 },
		{ "Copper.Valley.2012.COMPLETE.BLURAY-GRP", "Copper Valley", 2012, -1, -1, 0 },
		{ "Copper.Valley.2005.NTSC.DVD9.MPEG-2-GRP", "Copper Valley", 2005, -1, -1, 0 },
		{ "Copper.Valley.S03.DISC.2.COMPLETE.BLURAY-GRP", "Copper Valley", 0, 3, -1, 0 },
		{ "Copper.Valley.S01E02.1080p.60fps.ATVP.WEB-DL.DDP5.1.mkv", "Copper Valley", 0, 1, 2, 0 },
		{ "Copper.Valley.S01E02.2160p.DSNP.WEB-DL.DDPA5.1.DV.HDR.H.265-GRP.mkv", "Copper Valley", 0, 1, 2, 0 },
		{ "Copper Valley S01E02 1080p WEB 50FPS H264.mkv", "Copper Valley", 0, 1, 2, 0 },
		{ "Copper.Valley.2022.1080p.MAX.WEB-DL.DDP5.1.x265-GRP.mkv", "Copper Valley", 2022, -1, -1, 0 },
		{ "Harbour Lights/Season 4/Disc 2/Harbour Lights S04E08.mkv", "Harbour Lights", 0, 4, 8, 0 },
		{ "Film (1999)/Sample - Film.mkv", "Film", 1999, -1, -1, 0 },
		{ "Harbour Lights/Season 4/Part 2/Episode 3.mkv", "Harbour Lights", 0, 4, 3, 0 },
		{ "Harbour Lights/Season 4/Part 2/03 - The Pier.mkv", "Harbour Lights", 0, 4, 3, 0 },
		{ "Film.2010.DTS-HD.MA.5.1.WEB-DL-GRP.mkv", "Film", 2010, -1, -1, 0 },
		{ "Film.2010.1080p.BluRay.TrueHD.7.1-GRP-sample.mkv", "Film", 2010, -1, -1, 0 },
		{ "Evening Desk 1st May, 2024 720p.mp4", "Evening Desk", 0, -1, -1, 0 },
		{ "Film.2012.3D.H-SBS.1080p.mkv", "Film", 2012, -1, -1, 0 },
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
		{ "Film.2019.2160p.MA.WEB-DL.DDP5.1.H.265-GRP", NAME_STREAMING_SERVICE, "Movies Anywhere" },
		{ "Film.2019.2160p.MA.WEB-DL.DDP5.1.H.265-GRP", NAME_AUDIO_PROFILE, NULL },
		{ "Film.1080p.TrueHD.MA.BluRay.x264-GRP", NAME_AUDIO_PROFILE, "Master Audio" },
		{ "Film.1080p.TrueHD.MA.BluRay.x264-GRP", NAME_STREAMING_SERVICE, NULL },
		{ "Film.2010.DTS-HD.MA.5.1.WEB-DL-GRP.mkv", NAME_AUDIO_PROFILE, "Master Audio" },
		{ "Film 2010 1080p BluRay x264 [Org Audio].mkv", NAME_RELEASE_GROUP, NULL },
		{ "Film 2010 1080p BluRay x264 [Org Audio].mkv", NAME_OTHER, "Original Audio" },
		{ "Film (2010) 1080p x264 [Dual Audio].mkv", NAME_RELEASE_GROUP, NULL },
		{ "Film (2010) 1080p x264 [Multi Audio].mkv", NAME_RELEASE_GROUP, NULL },
		{ "Film.2010.1080p.[Tri.Audio].mkv", NAME_RELEASE_GROUP, NULL },
		{ "Film (1999)/sample-film.1999.mkv", NAME_OTHER, "Sample" },
		{ "Film.2010.1080p.BluRay.TrueHD.7.1-GRP-sample.mkv", NAME_RELEASE_GROUP, "GRP" },
		{ "Samples of Life (1999).mkv", NAME_OTHER, NULL },
		{ "Film.2010.1080p.WEB-DL.English.Subs.x264-GRP.mkv", NAME_SUBTITLE_LANGUAGE, "en" },
		{ "Film (2010) 1080p WEB-DL AAC x264 ESub.mkv", NAME_SUBTITLE_LANGUAGE, "und" },
		{ "Film 2010 1080p WEB-DL [English Subs].mkv", NAME_SUBTITLE_LANGUAGE, "en" },
		{ "Film.2010.SUBFRENCH.1080p.WEB.H264-GRP.mkv", NAME_SUBTITLE_LANGUAGE, "fr" },
		{ "Film.2010.720p.HDTV.Eng.Sub.x264.mkv", NAME_SUBTITLE_LANGUAGE, "en" },
		{ "Film.2010.720p.WEB-DL.legendado.mkv", NAME_SUBTITLE_LANGUAGE, "und" },
		{ "Evening Desk 14th March 2024.mp4", NAME_DATE, "2024-03-14" },
		{ "Evening Desk 1st May, 2024 720p.mp4", NAME_DATE, "2024-05-01" },
		{ "Copper.Valley.2012.1080p.3D.Half-OU.BluRay.x264-GRP.mkv", NAME_FORMAT_3D, "hou" },
		{ "Film.2012.3D.H-SBS.1080p.mkv", NAME_FORMAT_3D, "hsbs" },
		{ "Round.Five.2023.1080p.F1TV.WEB-DL.AAC2.0.H.264-GRP.mkv", NAME_STREAMING_SERVICE, "F1 TV" },
		{ "[Ember] Copper Valley - 05v3 (1080p HEVC FLAC) [0A1B2C3D].mkv", NAME_CRC32, "0A1B2C3D" },
		{ "Copper.Valley.S01E02.1080p.60fps.ATVP.WEB-DL.DDP5.1.mkv", NAME_FRAME_RATE, "60fps" },
		{ "Copper.Valley.2001.25th.Anniversary.Edition.REMASTERED.1080p.BluRay.mkv", NAME_EDITION, "Remastered" },
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
						"sub eng ", "01-", " - ", "E01E02", "Season 1 ", "x264", "-GRP", "\xff", ".",
						"S01E01", "[[[[", "0", "7.", " ", "]", "[a] ", "eng.", "a.eng ", "OVA 02 ", "S01E01 and ",
						"12.5 ", "2011 ", "(2011) ", "(2011) 07 ", "2 сезон ", "第二季", "第2期", "Sample - ",
						"{edition-", "{edition-a}", "tt0133093 ", "March 7 ", "CD1/", "VIDEO_TS/", "Proof ",
						"PROOF FRENCH ", "[a][01]", "24 - 45 ", "101-102 ", "german.dubbed.dl.", "us ", "/", "dvd2 ", "CD1.", "E01.E02.",
						"Season 1 2 ", "5.1 ", "[eng+ger]", "1-05 ", "S02 Season ", "[NF] ", "forced.eng." };

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
		cmocka_unit_test(other_shapes), cmocka_unit_test(hints),	   cmocka_unit_test(properties),
		cmocka_unit_test(hostile),	   cmocka_unit_test(time_is_linear),
		cmocka_unit_test(tables_are_sorted), cmocka_unit_test(explains_with_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
