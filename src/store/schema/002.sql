-- What breaks into the log: overrides of segments, and the alerts that people raise.

-- A full-screen text on some channels or on all. It ends by itself; its row stays.
CREATE TABLE alerts (
	id INTEGER PRIMARY KEY,
	text TEXT NOT NULL,
	channels TEXT,				-- JSON: ids of channels; NULL: all
	priority INTEGER NOT NULL,		-- of two at once the higher one is on, of equals the later
	for_ms INTEGER NOT NULL,		-- how long on each channel
	start_ns INTEGER NOT NULL,		-- station time at which it was raised
	end_ns INTEGER NOT NULL,		-- station time after which it is on nowhere
	cancelled_ns INTEGER,			-- station time; NULL: it was not
	created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX alerts_end ON alerts (end_ns);

-- Segments seq_from <= n < seq_to of a channel show something else, one for one, with equal frame counts: numbers,
-- lengths and stamps never move. What has been published is never touched (station/override.h).
CREATE TABLE overrides (
	id INTEGER PRIMARY KEY,
	channel_id INTEGER NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
	seq_from INTEGER NOT NULL,
	seq_to INTEGER NOT NULL,
	kind TEXT NOT NULL,			-- alert: the alert's card; failed: slate
	priority INTEGER NOT NULL,		-- 0 below every alert
	alert_id INTEGER REFERENCES alerts (id),
	reason TEXT NOT NULL DEFAULT '',	-- a sentence, for people
	created_ms INTEGER NOT NULL,
	CHECK (seq_from < seq_to)
) STRICT;
CREATE INDEX overrides_seq ON overrides (channel_id, seq_to, seq_from);
CREATE UNIQUE INDEX overrides_alert ON overrides (alert_id, channel_id) WHERE alert_id IS NOT NULL;

-- Rows of the log that somebody watched, and how many of their segments were not ready in time. All else about what was
-- sent follows from the log and the overrides (station/as_run.h).
CREATE TABLE as_run (
	channel_id INTEGER NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
	first_seq INTEGER NOT NULL,		-- of the row
	late INTEGER NOT NULL DEFAULT 0,	-- segments in whose place slate went out
	watched_ms INTEGER NOT NULL,		-- when somebody was first there
	PRIMARY KEY (channel_id, first_seq)
) STRICT, WITHOUT ROWID;
