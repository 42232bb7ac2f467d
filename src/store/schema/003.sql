-- The engine: overrides that show a clip, alerts that resume, where the log begins, what was sent before that.

-- What is shown from seq_from on: segments k0, k0 + 1, ... of a clip, each with as many frames as the one it replaces.
-- NULL: the alert's card, or slate.
ALTER TABLE overrides ADD COLUMN clip_id INTEGER REFERENCES clips (id);
ALTER TABLE overrides ADD COLUMN k0 INTEGER NOT NULL DEFAULT 0;
CREATE INDEX overrides_clip ON overrides (clip_id) WHERE clip_id IS NOT NULL;

-- 0: at its end the channel joins what is on; 1: what lies beyond the lock is moved by its length.
ALTER TABLE alerts ADD COLUMN resume INTEGER NOT NULL DEFAULT 0;

-- The checkpoint: all that was aired before has been collapsed into this. The first row that is left begins here.
CREATE TABLE timeline_begin (
	channel_id INTEGER PRIMARY KEY REFERENCES channels (id) ON DELETE CASCADE,
	start_flicks INTEGER NOT NULL,		-- since the channel's epoch
	first_seq INTEGER NOT NULL,
	aired INTEGER NOT NULL			-- 1: a programme is among what was collapsed
) STRICT;

-- What was sent, of rows that are gone: those that somebody watched and those that something stood over.
CREATE TABLE as_run_log (
	channel_id INTEGER NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
	first_seq INTEGER NOT NULL,
	start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, -- wall clock
	kind TEXT NOT NULL,
	title TEXT NOT NULL,
	item_id INTEGER,			-- as it was; no reference
	segments INTEGER NOT NULL,
	status TEXT NOT NULL,
	replaced INTEGER NOT NULL,
	note TEXT NOT NULL,
	watched INTEGER NOT NULL,
	PRIMARY KEY (channel_id, first_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX as_run_log_end ON as_run_log (end_ms);
