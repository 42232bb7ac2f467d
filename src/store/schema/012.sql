-- Moves of a file, for files that are known again under another row.

CREATE INDEX moves_file ON moves (file_id) WHERE file_id IS NOT NULL;
