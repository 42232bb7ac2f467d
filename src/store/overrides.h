/* overrides.h - what segments show instead of what the log says, as rows. Which segments may still change is
 * station/override.h's business; here is only what is stored. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "store/db.h"
#include "store/timeline.h"

struct override {
	int64_t id, channel_id;
	int64_t seq_from, seq_to; /* seq_from <= n < seq_to */
	int64_t alert_id;	  /* 0: none */
	int64_t priority;	  /* the highest is on; of equals the newest */
	const char *kind;	  /* alert failed fallback slow */
	const char *card;	  /* the alert's text, which is shown; NULL: the clip, or slate. Not written */
	const char *reason;
	int64_t k0;		  /* segment of the clip that is shown at seq_from */
	struct clip_row clip;	  /* what is shown; id 0: slate or a card. Only its id is written */
};

struct override_list {
	struct override *overrides;
	size_t count;
};

/* The one that is in force at a number; ret->id is 0 when there is none. One probe of an index. */
int overrides_at(struct db *db, int64_t channel_id, int64_t seq, struct arena *arena, struct override *ret,
		 struct err *err);
/* Those that touch [from, to), the strongest first. */
int overrides_window(struct db *db, int64_t channel_id, int64_t seq_from, int64_t seq_to, struct arena *arena,
		     struct override_list *ret, struct err *err);
/* An alert's on a channel; ret->id is 0 when there is none. */
int overrides_of_alert(struct db *db, int64_t alert_id, int64_t channel_id, struct arena *arena,
		       struct override *ret, struct err *err);

/* A channel's that show a clip and reach past `seq`, in order. */
int overrides_of_clip(struct db *db, int64_t channel_id, int64_t clip_id, int64_t seq, struct arena *arena,
		      struct override_list *ret, struct err *err);

/* Of all channels, of a kind. */
int overrides_of_kind(struct db *db, const char *kind, struct arena *arena, struct override_list *ret, struct err *err);

/* Slate over files that failed, put there since `since_ms` and never before the files were last seen to be well again: their key is
 * the clip's whose segment it stands over first. */
int overrides_returned(struct db *db, int64_t since_ms, struct arena *arena, struct override_list *ret, struct err *err);

int overrides_get(struct db *db, int64_t id, struct arena *arena, struct override *ret, struct err *err); /* ERR_NOT_FOUND */
int overrides_add(struct db *db, const struct override *override, int64_t *ret_id, struct err *err);
/* Other bounds; what is shown at a number stays: k0 goes with seq_from. */
int overrides_move(struct db *db, int64_t id, int64_t seq_from, int64_t seq_to, struct err *err);
int overrides_remove(struct db *db, int64_t id, struct err *err);
/* The newest faults on the air since `since_ms`, at most `max`, each once for a channel: [{"channel", "channel_id",
 * "at", "reason", "count" (of rows or parts of them), "first", "last"}]; "at" is when it was last. NULL with err. */
json_t *overrides_faults_json(struct db *db, int64_t since_ms, int max, struct err *err);
/* All of a channel, and where its log began: its numbers begin anew. */
int overrides_clear(struct db *db, int64_t channel_id, struct err *err);
