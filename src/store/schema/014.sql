-- A file's plan is one for the pictures that a channel copies, H.264 or HEVC: that it has no H.264 says nothing of HEVC.

CREATE TABLE copy_plans_by_codec (
	file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
	codec TEXT NOT NULL,			-- that it was made for: 'h264', 'hevc'
	version INTEGER NOT NULL,
	sample_hash TEXT NOT NULL,
	width INTEGER NOT NULL DEFAULT 0, height INTEGER NOT NULL DEFAULT 0,
	lengths BLOB,				-- of the segments, see base/lengths.h; NULL: it cannot be copied
	error TEXT,				-- why not
	made_ms INTEGER NOT NULL,
	PRIMARY KEY (file_id, codec)
) STRICT, WITHOUT ROWID;

INSERT INTO copy_plans_by_codec (file_id, codec, version, sample_hash, width, height, lengths, error, made_ms)
	SELECT file_id, 'h264', version, sample_hash, width, height, lengths, error, made_ms FROM copy_plans;
DROP TABLE copy_plans;
ALTER TABLE copy_plans_by_codec RENAME TO copy_plans;
