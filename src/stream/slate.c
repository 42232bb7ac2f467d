/* slate.c - see slate.h. Reads what slate_make.c wrote (slate_file.h) and cuts it to segments by the muxer. No libav: the
 * supervisor needs a slate exactly when nothing else works.
 *
 * Invariant: any prefix of the pictures is whole, so a segment of n frames is the first n. */
#include "stream/slate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/cleanup.h"
#include "stream/slate_file.h"
#include "stream/tsmux.h"

#define STRETCH 8 /* a segment that is longer than all pictures (of a copied clip) shows each for longer */

struct slate {
	struct buf file;
	struct profile profile;
	uint32_t pictures;
	const uint8_t *sound;
	size_t sound_len;
	struct {
		const uint8_t *data;
		size_t len;
	} picture[SLATE_MAX_PICTURES];
};

void slate_free(struct slate *slate)
{
	if (!slate)
		return;
	buf_free(&slate->file);
	free(slate);
}

static int parse(struct slate *slate, const char *path, struct err *err)
{
	const uint8_t *data = (const uint8_t *)slate->file.data;
	size_t len = slate->file.len, at;

	if (len < SLATE_HEADER + 8 || memcmp(data, SLATE_MAGIC, 8) != 0 || slate_get32(data + 8) != SLATE_VERSION)
		return err_set(err, ERR_INVALID, "'%s' is not a slate of this version", path);
	if (slate_get64(data + len - 8) != XXH3_64bits(data, len - 8))
		return err_set(err, ERR_INVALID, "'%s' is damaged: its hash is wrong", path);
	len -= 8;
	slate->pictures = slate_get32(data + 12);
	slate->sound_len = slate_get32(data + 16);
	if (slate_get64(data + 24) != slate->profile.hash)
		return err_set(err, ERR_INVALID, "'%s' belongs to another profile", path);
	at = SLATE_HEADER + (size_t)slate->pictures * 4;
	if (!slate->pictures || slate->pictures > SLATE_MAX_PICTURES || at > len || slate->sound_len > len - at)
		return err_set(err, ERR_INVALID, "'%s' is damaged: its lengths are wrong", path);
	slate->sound = data + at;
	at += slate->sound_len;
	for (uint32_t i = 0; i < slate->pictures; i++) {
		size_t size = slate_get32(data + SLATE_HEADER + (size_t)i * 4);

		if (size > len - at)
			return err_set(err, ERR_INVALID, "'%s' is damaged: picture %" PRIu32 " is cut off", path, i);
		slate->picture[i].data = data + at;
		slate->picture[i].len = size;
		at += size;
	}
	return 0;
}

uint64_t slate_text_hash(const char *text)
{
	return XXH3_64bits(text, strlen(text));
}

char *slate_path(const char *cache_dir, const struct profile *profile, const char *text)
{
	char *path = NULL;
	int n = text ? asprintf(&path, "%s/card/%016" PRIx64 "-%016" PRIx64 ".slate", cache_dir, profile->hash,
				slate_text_hash(text)) :
		       asprintf(&path, "%s/slate/%016" PRIx64 ".slate", cache_dir, profile->hash);

	if (n < 0)
		abort();
	return path;
}

struct slate *slate_load_card(const char *cache_dir, const struct profile *profile, const char *text, struct err *err)
{
	CLEANUP(cleanup_free) char *path = slate_path(cache_dir, profile, text);
	struct slate *slate = calloc(1, sizeof(*slate));

	if (!slate)
		abort();
	slate->profile = *profile;
	slate->file = BUF_MAX(SLATE_MAX_BYTES);
	if (buf_read_file(&slate->file, path, err) < 0 || parse(slate, path, err) < 0) {
		slate_free(slate);
		return NULL;
	}
	return slate;
}

struct slate *slate_load(const char *cache_dir, const struct profile *profile, struct err *err)
{
	return slate_load_card(cache_dir, profile, NULL, err);
}

/* How many pictures a segment has at the slate's own rate; one at least. */
static int64_t pictures_for(const struct slate *slate, struct plan_rate rate, const struct plan_segment *segment)
{
	struct plan_rate own = { slate->profile.fps_num, slate->profile.fps_den };
	int64_t pictures = plan_frames(segment->frames * plan_frame_flicks(rate), own);

	return pictures < 1 ? 1 : pictures;
}

int slate_write_at(struct buf *to, const struct slate *slate, struct plan_rate rate, const struct plan_segment *segment, struct err *err)
{
	struct profile at = slate->profile;
	CLEANUP(cleanup_free) struct tsmux_frame *frames = NULL;
	int64_t asked = segment->frames < 1 ? 0 : pictures_for(slate, rate, segment);
	int64_t pictures = asked < slate->pictures ? asked : slate->pictures;
	struct tsmux_segment ts = { 0 };

	if (asked < 1 || asked > slate->pictures * STRETCH || segment->audio_frames < 0 || segment->audio_frames > asked * 48 + 1)
		return err_set(err, ERR_RANGE, "a slate of %" PRId64 " pictures is asked for; there are %" PRIu32, asked,
			       slate->pictures);
	frames = calloc((size_t)(pictures + segment->audio_frames), sizeof(*frames));
	if (!frames)
		abort();
	at.fps_num = rate.num;
	at.fps_den = rate.den;
	for (int64_t i = 0; i < pictures; i++) {
		int64_t frame = segment->first_frame + i * segment->frames / pictures;

		frames[i] = (struct tsmux_frame){ slate->picture[i].data, slate->picture[i].len, plan_frame_ticks(frame, rate),
						  profile_dts(&at, frame), i == 0 };
	}
	for (int64_t i = 0; i < segment->audio_frames; i++) {
		int64_t pts = (segment->first_audio + i) * PLAN_AUDIO_TICKS;

		frames[pictures + i] = (struct tsmux_frame){ slate->sound, slate->sound_len, pts, pts, true };
	}
	ts.hevc = profile_is_hevc(&at);
	ts.ends = ts.hevc && profile_copies(at.name);
	ts.delay = profile_delay(&at);
	ts.video = frames;
	ts.video_count = (size_t)pictures;
	ts.audio = frames + pictures;
	ts.audio_count = (size_t)segment->audio_frames;
	ts.end_pts = plan_frame_ticks(segment->first_frame + segment->frames, rate);
	return tsmux_write(to, &ts, err);
}

int slate_write(struct buf *to, const struct slate *slate, const struct plan_segment *segment, struct err *err)
{
	return slate_write_at(to, slate, (struct plan_rate){ slate->profile.fps_num, slate->profile.fps_den }, segment, err);
}
