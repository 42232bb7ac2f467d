-- The house, first form. Times: *_ms are ms since 1970 UTC or durations in ms; *_flicks are 1/705,600,000 s.

CREATE TABLE settings (
	name TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Folders to know. A root that cannot be seen is 'missing'; its files are left as they are.
CREATE TABLE roots (
	id INTEGER PRIMARY KEY,
	path BLOB NOT NULL UNIQUE,		-- absolute, bytes as the file system has them
	kind TEXT NOT NULL DEFAULT 'auto',	-- auto movies shows music commercials bumpers idents promos filler
	state TEXT NOT NULL DEFAULT 'new',	-- new ok missing
	added_ms INTEGER NOT NULL,
	scanned_ms INTEGER			-- end of the last complete walk
) STRICT;

-- Every file below a root that can be media. Never deleted by a scan: what cannot be seen is 'missing'.
CREATE TABLE files (
	id INTEGER PRIMARY KEY,
	root_id INTEGER NOT NULL REFERENCES roots (id) ON DELETE CASCADE,
	path BLOB NOT NULL,			-- relative to the root
	dev INTEGER NOT NULL,
	inode INTEGER NOT NULL,
	size INTEGER NOT NULL,
	mtime_ns INTEGER NOT NULL,
	sample_hash TEXT,			-- XXH3-128 of head, middle, tail, size; hex
	full_hash TEXT,
	state TEXT NOT NULL DEFAULT 'present',	-- present missing
	media_state TEXT NOT NULL DEFAULT 'new',-- new ok failed; failed says why in media_error
	media_error TEXT,
	added_ms INTEGER NOT NULL,
	seen_ms INTEGER NOT NULL,		-- when it was last there or changed
	UNIQUE (root_id, path)
) STRICT;
CREATE INDEX files_inode ON files (dev, inode);
CREATE INDEX files_new ON files (id) WHERE media_state = 'new' AND state = 'present';

-- What libavformat says of a file.
CREATE TABLE probes (
	file_id INTEGER PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
	duration_ms INTEGER NOT NULL,
	duration_flicks INTEGER NOT NULL,	-- of what can be played, from the first picture; 0 unknown
	container TEXT NOT NULL,
	bit_rate INTEGER,
	has_video INTEGER NOT NULL,
	video_codec TEXT, width INTEGER, height INTEGER,
	fps_num INTEGER, fps_den INTEGER,
	interlaced INTEGER NOT NULL DEFAULT 0,
	sar_num INTEGER, sar_den INTEGER,
	pixel_format TEXT, bit_depth INTEGER, color TEXT,
	audio_codec TEXT, audio_channels INTEGER, audio_rate INTEGER,
	audio_tracks INTEGER NOT NULL DEFAULT 0,
	subtitle_tracks INTEGER NOT NULL DEFAULT 0,
	chapters TEXT NOT NULL DEFAULT '[]',	-- JSON: [{"start_ms":0,"end_ms":1,"title":""}]
	streams TEXT NOT NULL DEFAULT '[]',	-- JSON: every stream, for people
	decode_speed REAL,			-- times real time, measured; NULL unknown
	true_duration_flicks INTEGER,		-- found while encoding, when the container was wrong
	probed_ms INTEGER NOT NULL
) STRICT;

-- What a file is to people. Shows and seasons are items too: parents of episodes.
CREATE TABLE items (
	id INTEGER PRIMARY KEY,
	kind TEXT NOT NULL,			-- movie show season episode commercial bumper ident promo filler
						-- intro outro interstitial track podcast article book image document other
	parent_id INTEGER REFERENCES items (id) ON DELETE CASCADE,
	title TEXT NOT NULL,
	sort_title TEXT NOT NULL,
	year INTEGER,
	season INTEGER, episode INTEGER, episode_last INTEGER,
	absolute_episode INTEGER, part INTEGER,
	air_date TEXT,
	episode_title TEXT,
	duration_ms INTEGER,
	-- scheduling metadata (R15)
	daypart TEXT, air_season TEXT, rating TEXT, company TEXT, category TEXT, audience TEXT,
	warnings TEXT, notes TEXT, expires_ms INTEGER,
	hidden INTEGER NOT NULL DEFAULT 0,	-- extras, samples
	source TEXT NOT NULL DEFAULT 'file',	-- file manual plex nfo
	added_ms INTEGER NOT NULL,
	changed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX items_parent ON items (parent_id, season, episode);
CREATE INDEX items_kind ON items (kind, sort_title, year, season, episode, id);
CREATE INDEX items_sort ON items (sort_title, year, season, episode, id, kind) WHERE hidden = 0;
CREATE INDEX items_added ON items (added_ms, id) WHERE hidden = 0;

CREATE TABLE item_files (
	item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
	file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
	part INTEGER NOT NULL DEFAULT 1,	-- 1.. for films in several files
	PRIMARY KEY (item_id, file_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX item_files_file ON item_files (file_id);

CREATE TABLE external_ids (
	provider TEXT NOT NULL,
	external_id TEXT NOT NULL,
	item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
	PRIMARY KEY (provider, external_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX external_ids_item ON external_ids (item_id);

-- Break points and chapters (R13): rows only, files stay untouched.
CREATE TABLE markers (
	id INTEGER PRIMARY KEY,
	item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
	kind TEXT NOT NULL DEFAULT 'break',	-- break chapter intro credits
	start_ms INTEGER NOT NULL,
	end_ms INTEGER,				-- a break that replaces a stretch
	title TEXT NOT NULL DEFAULT '',
	source TEXT NOT NULL DEFAULT 'manual',	-- manual chapter black
	UNIQUE (item_id, kind, start_ms)
) STRICT;

-- Search text of every visible item.
CREATE VIRTUAL TABLE item_search USING fts5 (text, tokenize='trigram');

CREATE TABLE channels (
	id INTEGER PRIMARY KEY,
	number INTEGER NOT NULL UNIQUE,
	name TEXT NOT NULL,
	description TEXT NOT NULL DEFAULT '',
	audience TEXT, rating_limit TEXT,
	hue INTEGER,				-- 0..359, NULL: drawn from the number
	logo_path BLOB,
	enabled INTEGER NOT NULL DEFAULT 1,
	prepare TEXT NOT NULL DEFAULT 'watched',-- watched always never
	profile TEXT NOT NULL DEFAULT '720p',
	fps_num INTEGER, fps_den INTEGER,	-- chosen from the sources at the first build; then fixed
	generation INTEGER NOT NULL,		-- seconds since 2020 when made; also its first sequence number
	epoch_ns INTEGER NOT NULL,		-- station time of position 0; a whole second
	watched_ms INTEGER,			-- when somebody last watched, for preparing
	created_ms INTEGER NOT NULL
) STRICT;

-- What airs on a channel, coarse. The builder reads only this and the library.
CREATE TABLE schedules (
	channel_id INTEGER PRIMARY KEY REFERENCES channels (id) ON DELETE CASCADE,
	rules TEXT NOT NULL,			-- JSON, see docs/station.md
	seed INTEGER NOT NULL,
	changed_ms INTEGER NOT NULL
) STRICT;

-- A clip: a stretch of a file in one profile. Shared by channels and reruns; the unit of preparation.
CREATE TABLE clips (
	id INTEGER PRIMARY KEY,
	key TEXT NOT NULL UNIQUE,		-- XXH3-128 hex of all below; the folder in the cache
	file_id INTEGER REFERENCES files (id) ON DELETE SET NULL, -- NULL: slate
	in_flicks INTEGER NOT NULL,		-- from the first picture of the file
	frames INTEGER NOT NULL,		-- output frames
	profile TEXT NOT NULL,
	fps_num INTEGER NOT NULL, fps_den INTEGER NOT NULL,
	gain_mb INTEGER NOT NULL DEFAULT 0	-- millibel added to the sound
) STRICT;
CREATE INDEX clips_file ON clips (file_id);

-- The coarse log: one programme on one channel, its breaks and the filler after it included.
CREATE TABLE airings (
	id INTEGER PRIMARY KEY,
	channel_id INTEGER NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
	start_flicks INTEGER NOT NULL,		-- since the channel's epoch
	end_flicks INTEGER NOT NULL,
	item_id INTEGER REFERENCES items (id) ON DELETE SET NULL,
	kind TEXT NOT NULL,			-- programme slate offair
	title TEXT NOT NULL,
	cursor TEXT NOT NULL,			-- JSON: the schedule's state after this airing
	UNIQUE (channel_id, start_flicks)
) STRICT;
CREATE INDEX airings_item ON airings (item_id, start_flicks);

-- The fine log: what is on, to the frame. Contiguous; append-only behind the lock.
CREATE TABLE timeline (
	channel_id INTEGER NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
	start_flicks INTEGER NOT NULL,
	frames INTEGER NOT NULL,
	first_seq INTEGER NOT NULL,
	segments INTEGER NOT NULL,
	clip_id INTEGER NOT NULL REFERENCES clips (id),
	k0 INTEGER NOT NULL DEFAULT 0,		-- first segment of the clip that is aired
	kind TEXT NOT NULL,			-- programme commercial bumper ident promo filler slate offair
	item_id INTEGER,			-- as it was when it was built; no reference, which would need an index
	airing_id INTEGER NOT NULL REFERENCES airings (id) ON DELETE CASCADE,
	title TEXT NOT NULL,
	PRIMARY KEY (channel_id, start_flicks)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX timeline_seq ON timeline (channel_id, first_seq);
CREATE INDEX timeline_airing ON timeline (airing_id);
CREATE INDEX timeline_clip ON timeline (clip_id);

-- Station time: anchors of the boot clock, and how wall time follows from station time.
CREATE TABLE station_anchor (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	boot_id TEXT NOT NULL,
	boot_ns INTEGER NOT NULL,
	station_ns INTEGER NOT NULL,
	high_water_ns INTEGER NOT NULL
) STRICT;
CREATE TABLE station_wall (
	from_station_ns INTEGER PRIMARY KEY,
	wall_minus_station_ns INTEGER NOT NULL
) STRICT;

CREATE TABLE jobs (
	id INTEGER PRIMARY KEY,
	kind TEXT NOT NULL,
	state TEXT NOT NULL DEFAULT 'queued',	-- queued running done failed cancelled
	payload TEXT NOT NULL DEFAULT '{}',
	progress REAL,
	message TEXT NOT NULL DEFAULT '',
	created_ms INTEGER NOT NULL,
	started_ms INTEGER, ended_ms INTEGER
) STRICT;
CREATE INDEX jobs_state ON jobs (state, id);
