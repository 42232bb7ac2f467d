/* faults.c - see faults.h.
 *
 * What the file itself is to blame for (it cannot be decoded) lasts: slate for the rest of its rows, the file is marked,
 * and what lies beyond the lock is built again without it. So does one on which workers crash. What may pass (it cannot be seen, its disk hangs) gets slate
 * until the producer tries again, a minute later; where its disk failed, it is not scheduled until it can be read. A worker that was killed says nothing of the file.
 *
 * Another file in the place of the clip's is shown in its stead, as a clip of its own; where pictures are copied there is slate,
 * since its cuts are others.
 *
 * A clip that a graphics chip encodes may fail because of the chip: the same frames by libx264 stand over the rest of it. When
 * it is the file after all, that fails too, and says so. */
#include "server/faults.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "server/encoders.h"
#include "server/events.h"
#include "server/parts.h"
#include "station/fault.h"
#include "station/slow.h"
#include "store/house_events.h"
#include "store/probes.h"
#include "store/validations.h"
#include "stream/plan.h"

#define PASSES_NS (60 * CLOCK_SECOND)
#define AGAIN_NS (60 * CLOCK_SECOND)

static bool is_there(void *context, const char *key, int64_t k)
{
	const struct server *server = context;

	return clip_cache_has(server->cache, key, k);
}

/* rc 1: the builder must know, which looks by itself: it starts after the producer and ends before it. */
static void note(struct server *server, const struct clip *clip, int rc, const struct err *err)
{
	if (rc < 0)
		log_warning("encode", "keep what was found out about '%s': %s", clip->path, err->text);
	if (rc > 0)
		server->files_changed = true;
}

static void mark_file(struct server *server, const struct clip *clip, const char *why)
{
	struct db *writer = store_writer(server->store);
	struct err err = { 0 };
	int rc;

	db_lock(writer);
	rc = probes_fail_on_air(writer, clip->file_id, why, &err);
	db_unlock(writer);
	note(server, clip, rc, &err);
}

/* It is not scheduled until it can be read again, which the measurer tries. */
static void mark_unread(struct server *server, const struct clip *clip, const char *why)
{
	struct db *writer = store_writer(server->store);
	struct err err = { 0 };
	int rc;

	db_lock(writer);
	rc = validation_set_unread(writer, clip->file_id, why, clock_wall_ms(), &err);
	db_unlock(writer);
	if (rc > 0)
		log_warning("encode", "%s; it is tried again every ten minutes", why);
	note(server, clip, rc, &err);
}

/* The clip itself was read; what failed may be the chip that encodes it, its driver or the worker that holds them. */
static bool may_be_the_encoder(const struct clip *clip, const struct err *err)
{
	return profile_is_hardware(&clip->profile) && (err->code == ERR_INTERNAL || err->code == ERR_UNSUPPORTED ||
						       err->code == ERR_WORKER || err->code == ERR_CRASH ||
						       err->code == ERR_TIMEOUT);
}

static void fall_back(struct server *server, const struct clip *clip, const struct err *err)
{
	struct profile instead = profile_encoded_by(&clip->profile, PROFILE_X264);
	struct err cause = { 0 };

	log_warning("encode", "'%s' goes on with %s: %s", clip->path ? clip->path : "slate",
		    profile_encoder_name(PROFILE_X264), err->text);
	if (fault_fall_back(store_writer(server->store), server->time, clip, &instead, err->text, is_there, server, &cause) < 0)
		log_error("encode", "%s", cause.text);
	encoders_doubt(server->encoders);
}

/* Another file lies in its place: a better copy, the same with another title, or a film of another name. It is shown from where
 * the clip would be, by a clip of its own; the scan that follows has the rest built again. */
static void exchange(struct server *server, const struct clip *clip, const struct err *err)
{
	struct err cause = { 0 };

	log_warning("encode", "'%s' goes on with what lies there now: %s", clip->path, err->text);
	if (fault_exchange(store_writer(server->store), server->time, clip, clip->known.sample_hash, err->text, is_there, server,
			   &cause) < 0)
		log_error("encode", "%s", cause.text);
}

void faults_clip_failed(void *context, const struct clip *clip, const struct err *err)
{
	struct server *server = context;
	json_t *path = json_from_path(clip->path ? clip->path : "");
	bool lasts = err->code == ERR_MEDIA || err->code == ERR_CRASH;
	struct err cause = { 0 };

	events_publish(server->events, "job",
		       json_pack("{s:s, s:s, s:I, s:o}", "job", "encode", "state", "failed", "file_id",
				 (json_int_t)clip->file_id, "path", path));
	if (clip->id && may_be_the_encoder(clip, err)) {
		fall_back(server, clip, err);
		return;
	}
	if (clip->id && err->code == ERR_CONFLICT && !clip_is_copy(clip) && !clip_is_of(clip, clip->known.sample_hash)) {
		exchange(server, clip, err);
		return;
	}
	if (!clip->id || err->code == ERR_WORKER || err->code == ERR_NO_SPACE)
		return;
	if (fault_put(store_writer(server->store), server->time, clip, lasts ? 0 : PASSES_NS, err->text, is_there,
		      server, &cause) < 0)
		log_error("encode", "%s", cause.text);
	if (lasts && clip->file_id)
		mark_file(server, clip, err->text);
	if (err->code == ERR_IO && clip->file_id)
		mark_unread(server, clip, err->text);
}

/* In the log and the status; as-run knows by the length itself. */
static void tell_shorter(struct server *server, const struct clip *clip, int64_t true_duration_flicks)
{
	const char *slash = clip->path ? strrchr(clip->path, '/') : NULL;
	int64_t now_ns = station_now_ns(server->time);
	char length[32], name[200], reason[300];
	struct house_event event = { "file", now_ns, now_ns, clock_wall_ms(), reason };
	struct err err = { 0 };

	snprintf(reason, sizeof(reason), "'%s' ends after %s, sooner than it said",
		 utf8_clean(name, sizeof(name), slash ? slash + 1 : ""),
		 clock_format_duration(length, sizeof(length), true_duration_flicks / (PLAN_FLICKS / 1000)));
	log_warning("encode", "%s; slate stands for the rest", reason);
	if (house_events_add(store_writer(server->store), &event, &err) < 0)
		log_error("encode", "note that %s: %s", reason, err.text);
}

void faults_clip_shorter(void *context, const struct clip *clip, int64_t true_duration_flicks)
{
	struct server *server = context;
	struct db *writer = store_writer(server->store);
	struct err err = { 0 };
	int rc;

	db_lock(writer);
	rc = probes_set_true_duration(writer, clip->file_id, true_duration_flicks, &err);
	db_unlock(writer);
	note(server, clip, rc, &err);
	if (rc > 0)
		tell_shorter(server, clip, true_duration_flicks);
}

/* One that is too slow is looked after by the builder (station/slow.h). */
void faults_clip_decoded(void *context, const struct clip *clip, double speed)
{
	struct server *server = context;
	struct db *writer = store_writer(server->store);
	struct err err = { 0 };

	db_lock(writer);
	if (probes_set_decode_speed(writer, clip->file_id, speed, &err) < 0)
		log_warning("encode", "keep how fast '%s' is decoded: %s", clip->path, err.text);
	db_unlock(writer);
	if (speed < SLOW_DECODE)
		log_info("encode", "'%s' is decoded at %.1f x real time: it is shown only where it is prepared", clip->path,
			 speed);
}

static void try_again(void *context, const char *key)
{
	producer_try_again(((struct server *)context)->producer, key);
}

void faults_look_again(struct server *server)
{
	struct err err = { 0 };
	int count = fault_lift(store_writer(server->store), server->time, try_again, server, &err);

	if (count < 0)
		log_error("encode", "%s", err.text);
	else if (count > 0)
		log_info("encode", "files that failed on the air are there again, and shown: %d", count);
}

void faults_look_at_cache(struct server *server, struct faults_cache *cache)
{
	int64_t now_ns = station_now_ns(server->time);
	char why[CLIP_CACHE_WHY_SIZE], reason[CLIP_CACHE_WHY_SIZE + 80];
	struct house_event event = { .kind = "cache", .to_ns = now_ns, .reason = reason };
	struct err err = { 0 };
	int64_t refusals = clip_cache_refusals(server->cache, why);

	if (refusals == cache->refusals && !clip_cache_refuses(server->cache, NULL))
		return;
	cache->refusals = refusals;
	if (!cache->last_ns || now_ns - cache->last_ns > AGAIN_NS) {
		cache->from_ns = now_ns;
		cache->at_ms = clock_wall_ms();
		memcpy(cache->why, why, sizeof(cache->why));
	}
	cache->last_ns = now_ns;
	event.from_ns = cache->from_ns;
	event.at_ms = cache->at_ms;
	snprintf(reason, sizeof(reason), "the cache could not be written: %s; what was on was held in memory", cache->why);
	if (house_events_add(store_writer(server->store), &event, &err) < 0)
		log_error("station", "note that %s: %s", reason, err.text);
}
