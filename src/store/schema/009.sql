-- Collections: named groups of items, by hand and in an order, or by a filter ("smart"), which is asked anew each time.

CREATE TABLE collections (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE COLLATE NOCASE,
	filter TEXT,				-- NULL: by hand
	notes TEXT NOT NULL DEFAULT '',
	created_ms INTEGER NOT NULL,
	changed_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE collection_items (
	collection_id INTEGER NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
	item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
	position INTEGER NOT NULL,		-- ascending; gaps are fine
	PRIMARY KEY (collection_id, item_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX collection_items_item ON collection_items (item_id);
CREATE INDEX collection_items_position ON collection_items (collection_id, position);

-- As filters ask for it.
CREATE VIEW item_collections (item_id, name) AS
	SELECT m.item_id, c.name FROM collections c JOIN collection_items m ON m.collection_id = c.id;
