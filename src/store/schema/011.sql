-- What befell the house as a whole: it slept, or its clock was set.
CREATE TABLE house_events (
	id INTEGER PRIMARY KEY,
	kind TEXT NOT NULL,			-- slept clock
	from_ns INTEGER NOT NULL, to_ns INTEGER NOT NULL, -- station time; the same for what takes none
	at_ms INTEGER NOT NULL,			-- wall clock, when it was noticed
	reason TEXT NOT NULL			-- a sentence
) STRICT;
CREATE INDEX house_events_to ON house_events (to_ns);
