-- Who a file says took part. Rows of item_people with a role come from here, those without one from people.

ALTER TABLE probes ADD COLUMN people TEXT NOT NULL DEFAULT '[]';	-- JSON: [{"name", "role"}]
