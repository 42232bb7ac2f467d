/* ts_made.c - see ts_made.h. */
#include "lib/ts_made.h"

#include <stdlib.h>
#include <string.h>

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void *zeroed(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size);

	if (!p)
		abort();
	return p;
}

static void fill(uint8_t *to, size_t len, uint32_t *random)
{
	for (size_t i = 0; i < len; i++)
		to[i] = (uint8_t)next_random(random);
}

/* Display index of the picture at decode index i: I0 P3 B1 B2 P6 B4 B5; the last mini-group may be shorter.
 */
static int64_t display_index(int64_t i, int64_t count)
{
	int64_t group = (i - 1) / 3, reference = group * 3 + 3;

	if (i == 0)
		return 0;
	if (reference > count - 1)
		reference = count - 1;
	return (i - 1) % 3 == 0 ? reference : i - 1;
}

static void make_pictures(struct ts_made *m, const struct ts_made_kind *kind, struct plan_segment plan,
			  uint32_t *random)
{
	size_t most = kind->key_size * 2 + (size_t)plan.frames * (kind->picture_size * 2 + 16) + 64;
	struct tsmux_frame *frames = zeroed((size_t)plan.frames, sizeof(*frames));

	m->video = zeroed(1, most);
	for (int64_t i = 0; i < plan.frames; i++) {
		size_t about = i ? kind->picture_size : kind->key_size;
		size_t len = 7 + about / 2 + next_random(random) % (about + 1);
		uint8_t *at = m->video + m->video_len;

		fill(at, len, random);
		memcpy(at, "\0\0\0\1\x09\xF0", 6);
		frames[i] = (struct tsmux_frame) {
			.data = at,
			.len = len,
			.dts = plan_frame_ticks(plan.first_frame + i - 1, kind->rate),
			.pts = plan_frame_ticks(plan.first_frame + display_index(i, plan.frames), kind->rate),
			.key = i == 0,
		};
		m->video_len += len;
	}
	m->segment.video = frames;
	m->segment.video_count = (size_t)plan.frames;
	m->segment.end_pts = plan_frame_ticks(plan.first_frame + plan.frames, kind->rate);
}

static void make_sound(struct ts_made *m, const struct ts_made_kind *kind, struct plan_segment plan,
		       uint32_t *random)
{
	struct tsmux_frame *frames = zeroed((size_t)plan.audio_frames, sizeof(*frames));

	m->audio = zeroed((size_t)plan.audio_frames + 1, kind->audio_size + kind->audio_spread + 1);
	for (int64_t i = 0; i < plan.audio_frames; i++) {
		size_t len = kind->audio_size + next_random(random) % (kind->audio_spread + 1);

		fill(m->audio + m->audio_len, len, random);
		frames[i] = (struct tsmux_frame) { .data = m->audio + m->audio_len, .len = len };
		frames[i].pts = frames[i].dts = (plan.first_audio + i) * PLAN_AUDIO_TICKS;
		m->audio_len += len;
	}
	m->segment.audio = frames;
	m->segment.audio_count = (size_t)plan.audio_frames;
}

void ts_made_segment(struct ts_made *ret, const struct ts_made_kind *kind, int64_t frames, int64_t k,
		     uint32_t seed)
{
	struct plan_segment plan = plan_segment(frames, kind->rate, k);
	uint32_t random = seed * 2654435761U + (uint32_t)k * 40503U + 1;

	*ret = (struct ts_made) { 0 };
	make_pictures(ret, kind, plan, &random);
	make_sound(ret, kind, plan, &random);
}

void ts_made_free(struct ts_made *made)
{
	free(made->video);
	free(made->audio);
	free((void *)made->segment.video);
	free((void *)made->segment.audio);
	*made = (struct ts_made) { 0 };
}
