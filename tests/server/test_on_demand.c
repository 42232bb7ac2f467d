/* What is wished for before it is asked for. This binary is its own worker, which makes up segments. */
#include "lib/producer_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "server/on_demand.h"
#include "server/parts.h"
#include "station/on_air.h"

static int made_up_encode(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(cleanup_free) char *cache = json_path(request, "cache");
	struct clip clip;

	if (clip_from_json(json_object_get(request, "clip"), &arena, &clip, err) < 0)
		return -(int)err->code;
	for (int64_t k = json_int(request, "from", 0); k < json_int(request, "to", 0); k++) {
		if (clip_cache_write(cache, clip.key, k, "made up", 7, err) < 0)
			return -(int)err->code;
		worker_report(job, json_pack("{s:s, s:I}", "event", "segment", "k", (json_int_t)k));
	}
	*ret_done = json_pack("{s:f}", "speed", 20.0);
	return 0;
}

/* An alert stands over five segments of a clip. What it goes on with is made while the alert is on, and it alone. */
static void what_comes_behind_a_card_is_made_before_its_end(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	struct clip clip = clip_of("/films/one", 60);
	struct on_air_segment segments[10] = { 0 };
	struct producer_config config = { .workers = 1, .limits = { .program = "/proc/self/exe" } };
	struct server server = { 0 };
	struct err err = { 0 };

	(void)state;
	server.cache = config.cache = clip_cache_open(dir, 0, &err);
	assert_non_null(server.cache);
	server.producer = producer_start(&config, &err);
	assert_non_null(server.producer);
	for (int i = 0; i < 10; i++)
		segments[i] = (struct on_air_segment){ .seq = 100 + i, .k = 3 + i, .clip = clip, .slate = i < 5, .overridden = i < 5,
						       .start_flicks = i * PLAN_SEGMENT, .duration_flicks = PLAN_SEGMENT };
	on_demand_want(&server, &(struct on_air_segments){ segments, 10 }, PRODUCER_EDGE, 0);
	for (int i = 0; i < 10000 && !clip_cache_has(server.cache, clip.key, 12); i++)
		usleep(2000);
	for (int64_t k = 0; k < 13; k++)
		assert_int_equal(clip_cache_has(server.cache, clip.key, k), k >= 8);
	producer_stop(server.producer);
	clip_cache_close(server.cache);
}

int main(int argc, char **argv)
{
	static const struct worker_handler handlers[] = {
		{ "encode", made_up_encode, NULL },
		{ 0 },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_behind_a_card_is_made_before_its_end),
	};

	if (argc > 1 && strcmp(argv[1], "worker") == 0)
		return worker_main(3, handlers);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
