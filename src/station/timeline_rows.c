/* timeline_rows.c - see timeline_rows.h. */
#include "station/timeline_rows.h"

#include <xxhash.h>

#include "base/clock.h"
#include "station/clip_store.h"
#include "station/discontinuity.h"
#include "station/gain.h"
#include "store/timeline.h"
#include "stream/clip.h"

#define KNOWN_MAX 512

/* The piece as a clip: copied where its file has a plan (then it lies between two cuts), else encoded. */
static int clip_of(struct build *b, const struct timeline_piece *piece, struct clip *ret, struct err *err)
{
	const struct playable *media = piece->media;
	const struct copy_cut *cut = media && b->cuts ? copy_cuts_find(b->cuts, media->file_id) : NULL;
	struct clip clip = {
		.file_id = media ? media->file_id : 0,
		.in_flicks = piece->in_frames * frame_flicks(b),
		.frames = plan_frames(piece->frames * frame_flicks(b), b->rate),
		.profile = b->profile,
	};
	int rc = gain_of(b->db, clip.file_id, &clip.gain_mb, err);

	if (rc == 0 && cut) {
		size_t from = copy_cut_nearest(cut, piece->in_frames);
		size_t to = copy_cut_nearest(cut, piece->in_frames + piece->frames);

		clip.lengths = (struct lengths){ cut->lengths.list + from, to - from };
		clip.frames = lengths_sum(&clip.lengths, clip.lengths.count);
		rc = profile_get(b->channel.profile, PROFILE_COPY_RATE, 1, &clip.profile, err);
	}
	*ret = clip;
	return rc;
}

/* ---- rows ---- */

static struct known *known_slot(const struct build *b, int64_t file_id, const struct timeline_piece *piece)
{
	int64_t numbers[] = { file_id, piece->in_frames, piece->frames };
	size_t at = XXH3_64bits(numbers, sizeof(numbers)) % KNOWN_SLOTS;

	while (b->known[at].clip_id && (b->known[at].file_id != file_id || b->known[at].in_frames != piece->in_frames ||
					b->known[at].frames != piece->frames))
		at = (at + 1) % KNOWN_SLOTS;
	return &b->known[at];
}

/* The piece's clip, found or put. */
static int put_clip(struct build *b, const struct timeline_piece *piece, struct known *ret, struct err *err)
{
	int64_t file_id = piece->media ? piece->media->file_id : 0;
	struct known *slot = known_slot(b, file_id, piece), fresh = { file_id, piece->in_frames, piece->frames, 0, 0, 0 };
	struct clip clip;
	int rc = 0;

	if (!slot->clip_id) {
		rc = clip_of(b, piece, &clip, err);
		if (rc >= 0)
			rc = clip_store_put(b->db, &clip, piece->media ? piece->media->sample_hash : "", &fresh.clip_id, err);
		if (rc < 0)
			return rc;
		fresh.clip_frames = clip.frames;
		fresh.segments = clip_segments(&clip);
		if (b->known_count < KNOWN_MAX) {
			*slot = fresh;
			b->known_count++;
		}
	}
	*ret = slot->clip_id ? *slot : fresh;
	return 0;
}

static int add_row(struct build *b, const struct timeline_piece *piece, int64_t airing_id, struct err *err)
{
	struct timeline_row row = {
		.channel_id = b->channel.id,
		.start_flicks = b->at * frame_flicks(b),
		.first_seq = b->seq,
		.discontinuity = b->discontinuity,
		.item_id = piece->item_id,
		.airing_id = airing_id,
		.kind = piece->kind,
		.title = piece->title,
	};
	struct known clip;
	int rc = put_clip(b, piece, &clip, err);

	if (rc < 0)
		return rc;
	row.clip_id = clip.clip_id;
	row.frames = clip.clip_frames;
	row.segments = clip.segments;
	rc = timeline_add(b->db, &row, err);
	b->at += piece->frames;
	b->seq += row.segments;
	b->rows++;
	if (rc == 0 && b->cuts)
		rc = discontinuity_behind(b->db, &row, &b->discontinuity, err);
	return rc;
}

int timeline_rows_add(struct build *b, const char *kind, const char *title, int64_t item_id,
		      const struct timeline_pieces *pieces, struct err *err)
{
	struct airing airing = {
		.channel_id = b->channel.id,
		.start_flicks = b->at * frame_flicks(b),
		.end_flicks = (b->at + pieces->frames) * frame_flicks(b),
		.item_id = item_id,
		.kind = kind,
		.title = title,
		.cursor = schedule_cursor_format(&b->cursor, b->arena),
	};
	int64_t id;
	int rc = airings_add(b->db, &airing, &id, err);

	for (size_t i = 0; rc == 0 && i < pieces->count; i++)
		rc = add_row(b, &pieces->pieces[i], id, err);
	return rc;
}

int timeline_rows_add_slate(struct build *b, const char *kind, const char *title, int64_t frames, struct err *err)
{
	struct timeline_pieces pieces = { 0 };
	struct timeline_piece piece = { .kind = kind, .title = title, .frames = frames };

	if (frames < plan_min_frames(b->grid))
		piece.frames = plan_min_frames(b->grid);
	if (b->cuts) { /* whole pictures */
		int64_t picture = plan_frame_flicks(b->rate);

		piece.frames = (piece.frames + picture - 1) / picture * picture;
	}
	ARENA_GROW(b->arena, pieces.pieces, pieces.count, pieces.cap);
	pieces.pieces[pieces.count++] = piece;
	pieces.frames = piece.frames;
	return timeline_rows_add(b, kind, title, 0, &pieces, err);
}
