/* people.c - see people.h. */
#include "store/people.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "store/filing.h"

#define SAID \
	"SELECT DISTINCT json_extract(j.value, '$.name') AS name, json_extract(j.value, '$.role') AS role " \
	"FROM item_files x JOIN probes p ON p.file_id = x.file_id, json_each(p.people) j WHERE x.item_id = " \
	"?1 " \
	"AND json_type(j.value, '$.name') = 'text' AND json_type(j.value, '$.role') = 'text' " \
	"AND length(json_extract(j.value, '$.name')) BETWEEN 1 AND 200 " \
	"AND length(json_extract(j.value, '$.role')) BETWEEN 1 AND 20 LIMIT 64"

/* Somebody set them, also to nobody at all. */
static int set_by_people(struct db *db, int64_t item_id, int64_t *ret, struct err *err)
{
	return db_int(db, ret, 0, err,
		      "SELECT EXISTS (SELECT 1 FROM item_history WHERE item_id = ?1 AND "
		      "json_type(after, '$.people') IS NOT NULL) OR "
		      "EXISTS (SELECT 1 FROM item_people WHERE item_id = ?1 AND role = '')",
		      "i", item_id);
}

int people_refresh(struct db *db, int64_t item_id, struct err *err)
{
	int64_t set = 0;
	int changed;

	if (set_by_people(db, item_id, &set, err) < 0)
		return -(int)ERR_STORE;
	if (set)
		return 0;
	if (db_run(db, err,
		   "DELETE FROM item_people WHERE item_id = ?1 AND (name, role) NOT IN (SELECT name, role "
		   "FROM (" SAID "))",
		   "i", item_id) < 0)
		return -(int)ERR_STORE;
	changed = db_changes(db);
	if (db_run(db, err,
		   "INSERT OR IGNORE INTO item_people (item_id, name, role) SELECT ?1, name, role FROM (" SAID
		   ")",
		   "i", item_id) < 0)
		return -(int)ERR_STORE;
	return changed + db_changes(db) > 0 ? search_update(db, item_id, err) : 0;
}

int people_refresh_of_file(struct db *db, int64_t file_id, struct err *err)
{
	CLEANUP(buf_free) struct buf ids = { 0 };
	sqlite3_stmt *stmt = db_query(db, "SELECT item_id FROM item_files WHERE file_id = ?", err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", file_id);
	while ((rc = db_step(db, stmt, err)) > 0) {
		int64_t id = sqlite3_column_int64(stmt, 0);

		buf_add(&ids, (const char *)&id, sizeof(id));
	}
	db_done(db, stmt);
	for (size_t i = 0; rc == 0 && i < ids.len; i += sizeof(int64_t)) {
		int64_t id;

		memcpy(&id, ids.data + i, sizeof(id));
		rc = people_refresh(db, id, err);
	}
	return rc;
}
