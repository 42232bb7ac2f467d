/* clip_store.c - see clip_store.h. */
#include "station/clip_store.h"

int clip_store_put(struct db *writer, struct clip *clip, const char *sample_hash, int64_t *ret_id, struct err *err)
{
	struct clip_row row = {
		.key = clip->key,
		.file_id = clip->file_id,
		.in_flicks = clip->in_flicks,
		.frames = clip->frames,
		.profile = clip->profile.name,
		.fps_num = clip->profile.fps_num,
		.fps_den = clip->profile.fps_den,
		.gain_mb = clip->gain_mb,
		.lengths = clip->lengths,
	};

	clip_set_key_of_file(clip, sample_hash);
	return clips_put(writer, &row, ret_id, err);
}
