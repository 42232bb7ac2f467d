/* programmes.h - airings with what the guide says of them, in one query. Read only. */
#pragma once

#include "store/timeline.h"

struct programme {
	struct airing airing;
	int channel_number;
	int64_t channel_epoch_ns;
	/* Of the item; "" and -1 when it has none, or is gone. */
	const char *item_kind, *item_title, *episode_title;
	int season, episode, year;
};
struct programme_list {
	struct programme *programmes;
	size_t count;
};

/* Airings that overlap [from, to), in order, the first `limit`. */
int programmes_window(struct db *db, int64_t channel_id, int64_t from_flicks, int64_t to_flicks, int64_t limit,
		      struct arena *arena, struct programme_list *ret, struct err *err);

/* Airings of an item on enabled channels that end after `now` (station ns), soonest first, at most `limit`.
 */
int programmes_of_item(struct db *db, int64_t item_id, int64_t now_ns, int limit, struct arena *arena,
		       struct programme_list *ret, struct err *err);
