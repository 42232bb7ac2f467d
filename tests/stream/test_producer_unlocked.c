/* The producer's lock is never held while a disk is asked, or the end of a worker is waited for: those who want something of others,
 * or of memory, go on meanwhile. This binary is its own worker. */
#include "lib/disk_probe.h"
#include "lib/producer_fixture.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "stream/clip_file.h"
#include "stream/producer.h"

#define CARDS 40 /* more than are kept */

static int made_up_encode(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(cleanup_free) char *cache = json_path(request, "cache");
	char name[CLIP_FILE_NAME_SIZE];
	struct clip clip;

	if (clip_from_json(json_object_get(request, "clip"), &arena, &clip, err) < 0)
		return -(int)err->code;
	for (int64_t k = json_int(request, "from", 0); k < json_int(request, "to", 0) && k < worker_until(job); k++) {
		struct clip_file file = clip_file_of(k, "segment", 7, 0);
		json_t *report = json_pack("{s:s, s:I}", "event", "segment", "k", (json_int_t)k);

		usleep(strstr(clip.path, "slow") ? 100000 : 3000);
		if (clip_cache_write(cache, clip.key, k, "segment", 7, err) < 0)
			return -(int)err->code;
		clip_file_format(name, &file);
		if (!strstr(clip.path, "silent"))
			json_object_set_new(report, "file", json_string(name));
		worker_report(job, report);
	}
	*ret_done = json_pack("{s:f}", "speed", 2.0);
	return 0;
}

static int slate_alone(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	if (json_object_get(request, "text"))
		return err_set(err, ERR_MEDIA, "no card is made");
	return slate_job(job, request, ret_done, err);
}

static void take_producer(void *producer)
{
	producer_speed(producer);
}

static void wait_for_all(struct clip_cache *cache, const struct clip *clip, int64_t to)
{
	for (int64_t k = 0; k < to; k++)
		wait_until_has(cache, clip, k);
}

/* Made before, from the disk; new, by workers that name their files and by one that does not; one that is dropped on the way. */
static void make_clips(struct producer *producer, struct clip_cache *cache)
{
	struct clip there = clip_of("/films/there", 40), fresh = clip_of("/films/fresh", 40);
	struct clip silent = clip_of("/films/silent", 40), slow = clip_of("/films/slow", 400);

	producer_want(producer, &there, 0, 20, PRODUCER_EDGE);
	producer_want(producer, &fresh, 0, 20, PRODUCER_EDGE);
	producer_want(producer, &silent, 0, 20, PRODUCER_EDGE);
	wait_for_all(cache, &there, 20);
	wait_for_all(cache, &fresh, 20);
	wait_for_all(cache, &silent, 20);
	producer_want(producer, &slow, 0, 150, PRODUCER_PREPARE);
	wait_until_has(cache, &slow, 1);
	producer_want(producer, &slow, 5, 6, PRODUCER_EDGE); /* its worker goes on the spot */
	wait_until_has(cache, &slow, 5);
}

static void make_slates(struct producer *producer)
{
	struct clip clip = clip_of("/films/a", 40);
	struct err err = { 0 };
	char text[20];

	for (int i = 0; i < CARDS; i++) {
		snprintf(text, sizeof(text), "card %d", i);
		producer_card_want(producer, &clip.profile, text);
		usleep(20000);
	}
	assert_non_null(producer_slate(producer, &clip.profile, 120000, &err));
}

static void nothing_is_asked_under_the_lock(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	struct clip there = clip_of("/films/there", 40);
	struct producer_config config = { .workers = 1, .limits = { .program = "/proc/self/exe" } };
	struct producer *producer;
	struct err err = { 0 };

	(void)state;
	for (int64_t k = 3; k < 20; k += 5)
		test_ok(clip_cache_write(dir, there.key, k, "there", 5, &err), &err);
	config.cache = clip_cache_open(dir, 0, &err);
	assert_non_null(config.cache);
	producer = producer_start(&config, &err);
	assert_non_null(producer);
	probe_begins(dir, take_producer, producer);
	make_clips(producer, config.cache);
	make_slates(producer);
	probe_ends(60);
	producer_stop(producer);
	clip_cache_close(config.cache);
}

int main(int argc, char **argv)
{
	static const struct worker_handler handlers[] = { { "encode", made_up_encode, NULL }, { "slate", slate_alone, NULL }, { 0 } };
	const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_is_asked_under_the_lock) };

	if (argc > 1 && strcmp(argv[1], "worker") == 0)
		return worker_main(3, handlers);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
