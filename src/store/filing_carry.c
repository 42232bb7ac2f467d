/* filing_carry.c - an item goes because its last file belongs to another one now: what people set on it stays with the
 * file; see filing.h. Where both say something, the one that stays is right, but for notes, which are kept both. */
#include "store/filing.h"

#include <string.h>

#define NEAR_MS "2000" /* two markers of a kind so near to each other are one */

static const char *const steps[] = {
	"UPDATE items SET (daypart, air_season, rating, company, category, audience, warnings, notes, expires_ms) = "
	"(SELECT ifnull(items.daypart, g.daypart), ifnull(items.air_season, g.air_season), ifnull(items.rating, g.rating), "
	"ifnull(items.company, g.company), ifnull(items.category, g.category), ifnull(items.audience, g.audience), "
	"ifnull(items.warnings, g.warnings), CASE WHEN items.notes IS NULL THEN g.notes WHEN g.notes IS NULL OR "
	"instr(items.notes, g.notes) THEN items.notes ELSE items.notes || char(10) || g.notes END, "
	"ifnull(items.expires_ms, g.expires_ms) FROM items g WHERE g.id = ?1) WHERE id = ?2",
	"INSERT OR IGNORE INTO item_tags (item_id, tag) SELECT ?2, tag FROM item_tags WHERE item_id = ?1",
	/* breaks that were found are as good as any, where there are none */
	"INSERT OR IGNORE INTO markers (item_id, kind, start_ms, end_ms, title, source) SELECT ?2, kind, start_ms, end_ms, "
	"title, source FROM markers m WHERE item_id = ?1 AND source <> 'chapter' AND NOT EXISTS (SELECT 1 FROM markers k "
	"WHERE k.item_id = ?2 AND k.kind = m.kind AND (m.source <> 'manual' OR abs(k.start_ms - m.start_ms) < " NEAR_MS "))",
	"INSERT OR IGNORE INTO collection_items (collection_id, item_id, position) SELECT collection_id, ?2, position FROM "
	"collection_items WHERE item_id = ?1",
	"INSERT OR IGNORE INTO item_people (item_id, name, role) SELECT ?2, name, role FROM item_people WHERE item_id = ?1 AND "
	"(role = '' OR EXISTS (SELECT 1 FROM item_history h WHERE h.item_id = ?1 AND json_type(h.after, '$.people') IS NOT NULL))",
	"UPDATE OR IGNORE external_ids SET item_id = ?2 WHERE item_id = ?1",
	"UPDATE item_history SET item_id = ?2 WHERE item_id = ?1",
};

int filing_carry(struct db *db, int64_t from, int64_t to, struct err *err)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (db_run(db, err, steps[i], "ii", from, to) < 0)
			return -(int)ERR_STORE;
	return search_update(db, to, err);
}

/* Up from `heir` to an item of the kind that `item_id` is; 0: none. */
static int find_heir(struct db *db, int64_t item_id, int64_t *heir, struct err *err)
{
	return db_int(db, heir, 0, err,
		      "WITH RECURSIVE up (id, parent, kind) AS (SELECT id, parent_id, kind FROM items WHERE id = ?2 UNION ALL "
		      "SELECT i.id, i.parent_id, i.kind FROM items i JOIN up ON i.id = up.parent) SELECT id FROM up WHERE "
		      "kind = (SELECT kind FROM items WHERE id = ?1) LIMIT 1",
		      "ii", item_id, *heir);
}

int filing_prune_for(struct db *db, int64_t item_id, int64_t heir, bool same_kind, struct err *err)
{
	while (item_id) {
		int64_t parent, empty, to = heir;

		if (db_int(db, &parent, 0, err, "SELECT parent_id FROM items WHERE id = ?", "i", item_id) < 0 ||
		    db_int(db, &empty, 0, err,
			   "SELECT count(*) FROM items WHERE id = ?1 AND source = 'file' AND NOT EXISTS "
			   "(SELECT 1 FROM item_files WHERE item_id = ?1) AND NOT EXISTS "
			   "(SELECT 1 FROM items c WHERE c.parent_id = ?1)",
			   "i", item_id) < 0)
			return -(int)ERR_STORE;
		if (!empty)
			return 0;
		if (to && same_kind && find_heir(db, item_id, &to, err) < 0)
			return -(int)ERR_STORE;
		if ((to && to != item_id && filing_carry(db, item_id, to, err) < 0) ||
		    db_run(db, err, "DELETE FROM items WHERE id = ?", "i", item_id) < 0 ||
		    search_update(db, item_id, err) < 0)
			return -(int)ERR_STORE;
		item_id = parent;
		same_kind = true;
	}
	return 0;
}

int filing_prune(struct db *db, int64_t item_id, struct err *err)
{
	return filing_prune_for(db, item_id, 0, true, err);
}
