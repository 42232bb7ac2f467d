-- The organiser's journal: batches, moves, trash. Everything that moves files writes here first; undo reads it.

CREATE TABLE batches (
	id INTEGER PRIMARY KEY,
	kind TEXT NOT NULL,			-- organize duplicates junk undo
	title TEXT NOT NULL DEFAULT '',		-- for people: the preset, the folder
	state TEXT NOT NULL,			-- planned running done stopped undone; waiting: its process
						-- died, and the disk of the file in flight is not there
	message TEXT NOT NULL DEFAULT '',	-- why it stopped
	undoes INTEGER REFERENCES batches (id),	-- of kind undo: what it takes back
	files INTEGER NOT NULL DEFAULT 0,	-- of the moves below, sidecars included
	bytes INTEGER NOT NULL DEFAULT 0,
	files_done INTEGER NOT NULL DEFAULT 0,
	bytes_done INTEGER NOT NULL DEFAULT 0,
	failed INTEGER NOT NULL DEFAULT 0,
	created_ms INTEGER NOT NULL,
	changed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX batches_running ON batches (id) WHERE state IN ('running', 'waiting');

-- One step with one file, in the order of doing. Where the file is after a crash is asked of the disk: it has the identity
-- below at the one place or at the other, and never at both without the copy's own identity being here.
CREATE TABLE moves (
	id INTEGER PRIMARY KEY,
	batch_id INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
	team INTEGER NOT NULL DEFAULT 0,	-- a film and its sidecars: when the first fails, the others stay
	file_id INTEGER,			-- row in files, as it was; NULL: a sidecar
	action TEXT NOT NULL,			-- move copy hardlink reflink trash restore remove mtime title
	from_base BLOB NOT NULL, from_path BLOB NOT NULL,	-- a folder, and below it
	to_base BLOB NOT NULL DEFAULT x'', to_path BLOB NOT NULL DEFAULT x'',
	to_dev INTEGER NOT NULL DEFAULT 0,	-- disk of the target when it was planned
	dev INTEGER NOT NULL, inode INTEGER NOT NULL,		-- the source as it was planned
	size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
	strict INTEGER NOT NULL DEFAULT 1,	-- size and time must be those, too
	new_inode INTEGER NOT NULL DEFAULT 0,	-- of the copy at the target (on the disk to_dev), from its first byte on
	old_value TEXT, new_value TEXT,		-- of mtime (ns) and title
	undoes INTEGER,				-- the move that this one takes back
	state TEXT NOT NULL DEFAULT 'planned',	-- planned copying done skipped failed undone
	message TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX moves_batch ON moves (batch_id, id);
CREATE INDEX moves_undoes ON moves (undoes) WHERE undoes IS NOT NULL;
CREATE INDEX moves_trash ON moves (file_id) WHERE action = 'trash' AND state = 'done';

-- Folders that a batch made: undoing it removes those, and only those, when they are empty again.
CREATE TABLE batch_folders (
	batch_id INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
	base BLOB NOT NULL,
	path BLOB NOT NULL,
	PRIMARY KEY (batch_id, base, path)
) STRICT, WITHOUT ROWID;
