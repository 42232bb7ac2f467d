/* encoders.c - see encoders.h. One thread that mostly sleeps; one try after the other.
 *
 * What is missed (it was asked for, or was in use once, and does not work) is kept in the store, so that it is said after
 * each start, and is tried again after a minute, two, four, up to half an hour, until it works. */
#include "server/encoders.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/waker.h"
#include "server/builder.h"
#include "server/events.h"
#include "server/parts.h"
#include "station/timeline_builder.h"
#include "store/settings.h"

#define PROBED "720p" /* the size that is tried */
#define AGAIN_NS (60 * CLOCK_SECOND)   /* between two tries that failures on the air ask for */
#define SELDOM_NS (3600 * CLOCK_SECOND) /* of one that has been missed for long */
#define MISSED_SETTING "stream.encoder_missed" /* of the store: name of the encoder that should be used */

enum state { UNKNOWN, WORKS, FAILED };

struct encoders {
	struct server *server;
	const char *wanted; /* NULL: the best that works */
	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t changed;
	bool stopping, doubted;
	bool answered; /* the try that runs has ended, with err when it failed */
	struct err err;
	enum state state[PROFILE_ENCODERS];
	struct err why[PROFILE_ENCODERS];
	struct err said; /* of what is missed */
	bool told;
	enum profile_encoder used;
	enum profile_encoder missed; /* PROFILE_X264: nothing is amiss */
	int64_t fell_back_ms;	     /* wall clock */
	pthread_t thread;
};

/* The order in which they are liked; x264 last: it is what there is always. */
static const enum profile_encoder candidates[] = { PROFILE_NVENC, PROFILE_QSV, PROFILE_VAAPI, PROFILE_X264 };

static void on_done(void *context, const json_t *done, const struct err *err)
{
	struct encoders *e = context;

	pthread_mutex_lock(&e->lock);
	e->answered = true;
	e->err = done || !err ? (struct err){ 0 } : *err;
	pthread_cond_signal(&e->changed);
	pthread_mutex_unlock(&e->lock);
}

/* False when the server stops. */
static bool try_one(struct encoders *e, enum profile_encoder encoder)
{
	struct profile profile;
	bool answered;

	if (profile_get(PROBED, 25, 1, &profile, NULL) < 0)
		abort();
	profile = profile_encoded_by(&profile, encoder);
	pthread_mutex_lock(&e->lock);
	e->answered = false;
	pthread_mutex_unlock(&e->lock);
	producer_run_soon(e->server->producer,
			  json_pack("{s:s, s:s, s:i, s:i}", "job", "encoder_probe", "profile", profile.name, "fps_num", 25,
				    "fps_den", 1),
			  on_done, e);
	pthread_mutex_lock(&e->lock);
	while (!e->answered && !e->stopping)
		pthread_cond_wait(&e->changed, &e->lock);
	answered = e->answered;
	if (answered) {
		e->state[encoder] = e->err.code ? FAILED : WORKS;
		e->why[encoder] = e->err;
	}
	pthread_mutex_unlock(&e->lock);
	return answered;
}

static bool asked_for(const struct encoders *e, enum profile_encoder encoder)
{
	return !e->wanted || encoder == PROFILE_X264 || strcmp(e->wanted, profile_encoder_name(encoder)) == 0;
}

/* What was chosen, and what is missed, into the store; what lies beyond the lock is built again when another was chosen
 * than before. */
static void keep(struct encoders *e, enum profile_encoder chosen, enum profile_encoder missed)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct db *writer = store_writer(e->server->store);
	const char *name = profile_encoder_name(chosen), *was = NULL;
	struct err err = { 0 };
	bool other;
	int rc;

	db_lock(writer);
	rc = settings_get(writer, TIMELINE_ENCODER_SETTING, &arena, &was, &err);
	other = strcmp(was ? was : profile_encoder_name(PROFILE_X264), name) != 0;
	if (rc >= 0 && other)
		rc = settings_set(writer, TIMELINE_ENCODER_SETTING, name, &err);
	if (rc >= 0)
		rc = settings_set(writer, MISSED_SETTING, profile_encoder_name(missed), &err);
	db_unlock(writer);
	if (rc < 0)
		log_warning("encode", "keep which encoder is used: %s", err.text);
	if (rc >= 0 && other)
		builder_changed(e->server->builder, 0);
	if (other || !e->told)
		log_info("encode", "%s encodes", name);
	e->told = true;
}

static void say_fallback(struct encoders *e, enum profile_encoder missed, enum profile_encoder chosen)
{
	const char *why = e->why[missed].text;

	log_warning("encode", "%s does not work, %s encodes instead: %s", profile_encoder_name(missed),
		    profile_encoder_name(chosen), why);
	events_publish(e->server->events, "status",
		       json_pack("{s:s, s:s, s:s}", "encoder", profile_encoder_name(chosen), "instead_of",
				 profile_encoder_name(missed), "reason", why));
}

static void say_return(struct encoders *e, enum profile_encoder chosen)
{
	log_info("encode", "%s works again", profile_encoder_name(chosen));
	events_publish(e->server->events, "status", json_pack("{s:s}", "encoder", profile_encoder_name(chosen)));
}

static enum profile_encoder kept(struct encoders *e, const char *setting)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct db *db = store_writer(e->server->store);
	const char *name = NULL;

	db_lock(db);
	settings_get(db, setting, &arena, &name, NULL);
	db_unlock(db);
	return profile_encoder_named(name);
}

/* The best that works; what of those that were asked for or in use does not. */
static enum profile_encoder judge(struct encoders *e, enum profile_encoder *ret_missed)
{
	enum profile_encoder chosen = PROFILE_X264, before = kept(e, TIMELINE_ENCODER_SETTING), missed = kept(e, MISSED_SETTING);

	for (size_t i = ARRAY_LEN(candidates); i-- > 0;)
		if (asked_for(e, candidates[i]) && e->state[candidates[i]] == WORKS)
			chosen = candidates[i];
	if (e->wanted)
		missed = profile_encoder_named(e->wanted);
	else if (missed == PROFILE_X264 || e->state[missed] != FAILED)
		missed = before;
	*ret_missed = e->state[missed] == FAILED && missed != chosen ? missed : PROFILE_X264;
	return chosen;
}

static void choose(struct encoders *e)
{
	enum profile_encoder missed, chosen = judge(e, &missed), missed_before;
	bool other_reason;

	pthread_mutex_lock(&e->lock);
	missed_before = e->missed;
	other_reason = missed != missed_before || strcmp(e->said.text, e->why[missed].text) != 0;
	e->said = e->why[missed];
	e->used = chosen;
	e->missed = missed;
	if (missed != missed_before)
		e->fell_back_ms = clock_wall_ms();
	pthread_mutex_unlock(&e->lock);
	if (missed != PROFILE_X264 && other_reason)
		say_fallback(e, missed, chosen);
	else if (missed == PROFILE_X264 && missed_before != PROFILE_X264)
		say_return(e, chosen);
	keep(e, chosen, missed);
}

/* Until one failed on the air or it is time to look after what is missed; false when the server stops. */
static bool wait_for_doubt(struct encoders *e, int64_t tried_ns, int64_t patience_ns)
{
	bool go_on;

	pthread_mutex_lock(&e->lock);
	while (!e->stopping) {
		int64_t past_ns = clock_boot_ns() - tried_ns;

		if ((e->doubted && past_ns >= AGAIN_NS) || (e->missed != PROFILE_X264 && past_ns >= patience_ns))
			break;
		waker_wait(&e->changed, &e->lock, e->doubted || e->missed != PROFILE_X264 ? CLOCK_SECOND : -1);
	}
	e->doubted = false;
	go_on = !e->stopping;
	pthread_mutex_unlock(&e->lock);
	return go_on;
}

/* libx264 is tried once: it is what there is. */
static bool worth_a_try(const struct encoders *e, enum profile_encoder encoder)
{
	return asked_for(e, encoder) && (encoder != PROFILE_X264 || e->state[encoder] == UNKNOWN);
}

static void *run(void *context)
{
	struct encoders *e = context;
	int64_t tried_ns = 0, patience_ns = AGAIN_NS;

	do {
		tried_ns = tried_ns ? clock_boot_ns() : 1; /* the first doubt is looked at once */
		for (size_t i = 0; i < ARRAY_LEN(candidates); i++)
			if (worth_a_try(e, candidates[i]) && !try_one(e, candidates[i]))
				return NULL;
		choose(e);
		if (tried_ns == 1 && e->missed != PROFILE_X264)
			tried_ns = clock_boot_ns();
		patience_ns = e->missed == PROFILE_X264 ? AGAIN_NS : patience_ns * 2 > SELDOM_NS ? SELDOM_NS : patience_ns * 2;
	} while (wait_for_doubt(e, tried_ns, patience_ns / 2));
	return NULL;
}

struct encoders *encoders_start(struct server *server, const char *wanted)
{
	struct encoders *e = calloc(1, sizeof(*e));

	if (!e)
		abort();
	e->server = server;
	e->wanted = wanted && strcmp(wanted, "auto") != 0 ? profile_encoder_name(profile_encoder_named(wanted)) : NULL;
	e->used = kept(e, TIMELINE_ENCODER_SETTING);
	pthread_mutex_init(&e->lock, NULL);
	waker_condition_init(&e->changed);
	if (pthread_create(&e->thread, NULL, run, e) != 0)
		abort();
	pthread_setname_np(e->thread, "encoders");
	return e;
}

void encoders_doubt(struct encoders *e)
{
	if (!e)
		return;
	pthread_mutex_lock(&e->lock);
	e->doubted = true;
	pthread_cond_signal(&e->changed);
	pthread_mutex_unlock(&e->lock);
}

void encoders_stop(struct encoders *e)
{
	if (!e)
		return;
	pthread_mutex_lock(&e->lock);
	e->stopping = true;
	pthread_cond_signal(&e->changed);
	pthread_mutex_unlock(&e->lock);
	pthread_join(e->thread, NULL);
}

void encoders_free(struct encoders *e)
{
	if (!e)
		return;
	pthread_cond_destroy(&e->changed);
	pthread_mutex_destroy(&e->lock);
	free(e);
}

static json_t *fault_json(const struct encoders *e)
{
	char at[40];
	json_t *reason = json_sprintf("%s does not work, %s encodes instead: %s", profile_encoder_name(e->missed),
				      profile_encoder_name(e->used), e->why[e->missed].text);

	clock_format(at, sizeof(at), e->fell_back_ms);
	return json_pack("{s:n, s:n, s:s, s:o, s:i, s:s, s:s}", "channel", "channel_id", "at", at, "reason", reason, "count", 1,
			 "first", at, "last", at);
}

void encoders_status(struct encoders *e, json_t *status, json_t *faults)
{
	static const char *const states[] = { "unknown", "works", "failed" };
	json_t *list = json_array();

	pthread_mutex_lock(&e->lock);
	for (size_t i = 0; i < ARRAY_LEN(candidates); i++) {
		enum profile_encoder one = candidates[i];

		if (asked_for(e, one))
			json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "name", profile_encoder_name(one), "state",
							      states[e->state[one]], "why", e->why[one].text));
	}
	json_object_set_new(status, "encoder", json_string(profile_encoder_name(e->used)));
	json_object_set_new(status, "encoders", list);
	if (e->missed != PROFILE_X264)
		json_array_insert_new(faults, 0, fault_json(e));
	pthread_mutex_unlock(&e->lock);
}
