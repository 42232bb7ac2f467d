/* fuzz_report.c - JSON from a worker that was taken over, and from whoever edits a title: taken in its ranges or refused. What was
 * taken and written is taken again. Input: JSON. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "library/chapters.h"
#include "media/probe.h"
#include "store/metadata.h"
#include "stream/copy_plan.h"
#include "stream/loudness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void probes(const json_t *json, struct arena *arena)
{
	struct marker_list markers = { 0 };
	struct probe probe;
	json_t *again;

	if (probe_from_json(json, arena, &probe, NULL) < 0)
		return;
	chapters_to_markers(&probe, arena, &markers);
	for (size_t i = 1; i < markers.count; i++)
		if (markers.markers[i].start_ms < 0)
			abort();
	again = probe_to_json(&probe);
	if (!again || probe_from_json(again, arena, &probe, NULL) < 0)
		abort();
	json_decref(again);
}

static void loudnesses(const json_t *json)
{
	struct loudness loudness;
	json_t *again;
	int gain;

	if (loudness_from_json(json, &loudness, NULL) < 0)
		return;
	gain = loudness_gain(&loudness, LOUDNESS_TARGET);
	if (gain > LOUDNESS_BOOST_MAX || gain < LOUDNESS_CUT_MAX)
		abort();
	again = loudness_to_json(&loudness);
	if (loudness_from_json(again, &loudness, NULL) < 0)
		abort();
	json_decref(again);
}

static void plans(const json_t *json, struct arena *arena)
{
	struct copy_plan plan;

	if (copy_plan_from_json(json, arena, &plan, NULL) < 0)
		return;
	if (plan.lengths.count > LENGTHS_MAX)
		abort();
	for (size_t i = 0; i < plan.lengths.count; i++)
		if (plan.lengths.list[i] <= 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(json_cleanup) json_t *json = json_parse((const char *)data, size, NULL);
	struct arena arena = { 0 };
	struct err err = { 0 };

	if (json) {
		probes(json, &arena);
		loudnesses(json);
		plans(json, &arena);
		if (metadata_check(json, &err) < 0 && !err.text[0])
			abort();
	}
	arena_free(&arena);
	return 0;
}
