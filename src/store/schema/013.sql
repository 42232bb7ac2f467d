-- Plans for copying say by which rules they were made (store/copy_plans.h, COPY_PLAN_VERSION): those of others are made anew.

ALTER TABLE copy_plans ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

-- What channels that copy have in the log is decoded at other times than before. What the cache holds of it would not follow what
-- is made from now on, so it is left behind: the folder's name is the clip's key.
UPDATE clips SET key = lower(hex(randomblob(16))) WHERE profile = 'source';
