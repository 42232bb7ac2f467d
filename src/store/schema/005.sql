-- Identity of files and roots: hashes, sentinels, what watches them.

ALTER TABLE files ADD COLUMN essence_hash TEXT;	-- of the packets, whatever container and tags; NULL unknown
ALTER TABLE files ADD COLUMN hash_error TEXT;	-- why sample or full hash failed; not tried again until it changes
ALTER TABLE files ADD COLUMN essence_error TEXT;
ALTER TABLE files ADD COLUMN links INTEGER NOT NULL DEFAULT 1;	-- names of this file, on the disk
CREATE INDEX files_sample ON files (sample_hash) WHERE sample_hash IS NOT NULL;
CREATE INDEX files_full ON files (full_hash) WHERE full_hash IS NOT NULL;
CREATE INDEX files_essence ON files (essence_hash) WHERE essence_hash IS NOT NULL;
CREATE INDEX files_missing ON files (sample_hash, size, id) WHERE state = 'missing';
-- What waits for a hash: the cursor of the background work.
CREATE INDEX files_unhashed ON files (root_id, id) WHERE full_hash IS NULL AND hash_error IS NULL AND state = 'present';
CREATE INDEX files_unsampled ON files (root_id, id)
	WHERE sample_hash IS NULL AND hash_error IS NULL AND state = 'present';

-- The volume that a root was last seen on: it is recognised elsewhere, and another one in its place is not taken for it.
ALTER TABLE roots ADD COLUMN volume TEXT NOT NULL DEFAULT '';	-- "ext4 6f1c..." by statfs; '' unknown
ALTER TABLE roots ADD COLUMN mount_source TEXT NOT NULL DEFAULT '';	-- "/dev/sdb1", "nas:/films"
ALTER TABLE roots ADD COLUMN mount_point TEXT NOT NULL DEFAULT '';	-- "/mnt/films": the root is it or lies below it
ALTER TABLE roots ADD COLUMN sentinel INTEGER NOT NULL DEFAULT 0;	-- inode of the folder itself; 0 unknown
-- So many files vanished at once that nobody believes it: they are kept until a person agrees or they come back.
ALTER TABLE roots ADD COLUMN vanished INTEGER NOT NULL DEFAULT 0;

-- What the running server does to hear of changes: "watching 120 folders", "polling"; '' nothing.
ALTER TABLE roots ADD COLUMN watch TEXT NOT NULL DEFAULT '';
ALTER TABLE roots ADD COLUMN stalled_ms INTEGER;	-- since when its disk has not answered; NULL it does

ALTER TABLE jobs ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;	-- begun so often; a server died with the others
ALTER TABLE jobs ADD COLUMN result TEXT NOT NULL DEFAULT '{}';
