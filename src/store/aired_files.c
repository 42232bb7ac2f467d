/* aired_files.c - see aired_files.h. */
#include "store/aired_files.h"

#define FLICKS_PER_US 705.6 /* 705,600,000 a second */

int aired_files_has(struct db *db, int64_t file_id, int64_t from_ns, int64_t to_ns, bool *ret, struct err *err)
{
	int64_t n;
	int rc = db_int(db, &n, 0, err,
			"SELECT EXISTS (SELECT 1 FROM clips c JOIN timeline t ON t.clip_id = c.id JOIN channels h "
			"ON h.id = t.channel_id WHERE c.file_id = ?1 AND h.enabled AND "
			"t.start_flicks < (?3 - h.epoch_ns) / 1000 * ?4 AND "
			"t.start_flicks + t.frames * (705600000.0 * c.fps_den / c.fps_num) > (?2 - h.epoch_ns) / 1000 * ?4)",
			"iiid", file_id, from_ns, to_ns, FLICKS_PER_US);

	if (rc == 0)
		*ret = n != 0;
	return rc;
}
