-- Items that were looked at for break points: holds while their files have this size together.
CREATE TABLE break_looks (
	item_id INTEGER PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
	size INTEGER NOT NULL,
	error TEXT,				-- why it could not be; NULL: it was
	looked_ms INTEGER NOT NULL
) STRICT;
