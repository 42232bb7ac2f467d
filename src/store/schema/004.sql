-- How loud files are, and how they can be sent without being encoded.

-- EBU R128 of a file in stereo. Hundredths of LUFS, dB and LU.
CREATE TABLE loudness (
	file_id INTEGER PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
	sample_hash TEXT NOT NULL,		-- the file's when it was measured; with another this row says nothing
	complete INTEGER NOT NULL,		-- 0: ten windows of it were heard; 1: all of it
	silent INTEGER NOT NULL DEFAULT 0,
	integrated INTEGER NOT NULL DEFAULT 0,
	true_peak INTEGER, range INTEGER,	-- NULL until all of it was heard
	error TEXT,				-- why it cannot be measured; is not tried again
	measured_ms INTEGER NOT NULL
) STRICT;

-- Where a file may be cut when its pictures are sent as they are (profile 'source').
CREATE TABLE copy_plans (
	file_id INTEGER PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
	sample_hash TEXT NOT NULL,
	width INTEGER NOT NULL DEFAULT 0, height INTEGER NOT NULL DEFAULT 0,
	lengths BLOB,				-- of the segments, see base/lengths.h; NULL: it cannot be copied
	error TEXT,				-- why not
	made_ms INTEGER NOT NULL
) STRICT;

ALTER TABLE clips ADD COLUMN lengths BLOB;	-- of a copied clip's segments in its frames; NULL: by arithmetic
ALTER TABLE timeline ADD COLUMN discontinuity INTEGER; -- how many EXT-X-DISCONTINUITY lie before the row; NULL: there are none
