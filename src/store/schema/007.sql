-- Metadata: tags, people, history of items, edits of many at once, validation; what search has to read anew.

CREATE TABLE item_tags (
	item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
	tag TEXT NOT NULL COLLATE NOCASE,
	PRIMARY KEY (item_id, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX item_tags_tag ON item_tags (tag);

CREATE TABLE item_people (
	item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
	name TEXT NOT NULL COLLATE NOCASE,
	role TEXT NOT NULL DEFAULT '',		-- director actor writer host ...
	PRIMARY KEY (item_id, name, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX item_people_name ON item_people (name);

-- One change of many items, to be undone as one.
CREATE TABLE edits (
	id INTEGER PRIMARY KEY,
	at_ms INTEGER NOT NULL,
	who TEXT NOT NULL,
	query TEXT NOT NULL DEFAULT '',		-- the filter, or the ids
	changes TEXT NOT NULL,			-- JSON: {"set": {...}, "add_tags": [], "remove_tags": []}
	undone_ms INTEGER
) STRICT;

-- What was changed on an item: JSON objects with the fields that differ.
CREATE TABLE item_history (
	id INTEGER PRIMARY KEY,
	item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
	at_ms INTEGER NOT NULL,
	who TEXT NOT NULL,			-- command api folder ...
	what TEXT NOT NULL,			-- edit bulk undo add markers
	before TEXT NOT NULL,
	after TEXT NOT NULL,
	edit_id INTEGER REFERENCES edits (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX item_history_item ON item_history (item_id, id);
CREATE INDEX item_history_edit ON item_history (edit_id) WHERE edit_id IS NOT NULL;

-- Values that people added to the lists of a field.
CREATE TABLE metadata_values (
	field TEXT NOT NULL,
	value TEXT NOT NULL COLLATE NOCASE,
	PRIMARY KEY (field, value)
) STRICT, WITHOUT ROWID;

-- Whether a file can be played from end to end. It holds for the size and time that the file had then.
CREATE TABLE validations (
	file_id INTEGER PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
	result TEXT NOT NULL,			-- ok failed
	report TEXT NOT NULL DEFAULT '[]',	-- JSON: sentences
	size INTEGER NOT NULL,
	mtime_ns INTEGER NOT NULL,
	checked_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX validations_failed ON validations (file_id) WHERE result = 'failed';

-- Items whose search text changed, in order: a search in memory reads on from the last stamp that it has seen.
CREATE TABLE search_changes (
	stamp INTEGER PRIMARY KEY AUTOINCREMENT,
	item_id INTEGER NOT NULL UNIQUE
) STRICT;
INSERT INTO search_changes (item_id) SELECT id FROM items WHERE hidden = 0 AND kind <> 'season';
CREATE TRIGGER items_search_gone AFTER DELETE ON items BEGIN
	INSERT OR REPLACE INTO search_changes (item_id) VALUES (old.id);
END;

-- For filters: what is looked for among 100,000 items is in an index, and counting reads nothing else.
CREATE INDEX items_shown ON items (kind, sort_title, year, season, episode, id) WHERE hidden = 0;
CREATE INDEX files_copies ON files (sample_hash, dev, inode, state) WHERE state = 'present' AND sample_hash IS NOT NULL;
CREATE INDEX files_failed ON files (id) WHERE media_state = 'failed' AND state = 'present';
CREATE INDEX probes_video ON probes (video_codec COLLATE NOCASE, file_id);
CREATE INDEX probes_audio ON probes (audio_codec COLLATE NOCASE, file_id);
CREATE INDEX probes_container ON probes (container COLLATE NOCASE, file_id);
CREATE INDEX probes_height ON probes (height, file_id);
CREATE INDEX probes_width ON probes (width, file_id);
CREATE INDEX probes_channels ON probes (audio_channels, file_id);
