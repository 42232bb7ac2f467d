/* worker_fixture.h - jobs that answer, fail, count, crash, hang, flood, lie and eat memory. The test binary is its own
 * child. */
#pragma once

#include "lib/testlib.h"

#include "jobs/worker.h"

extern const struct worker_handler worker_fixture_handlers[];

/* Runs the tests, or the worker when the arguments say so. */
int worker_fixture_main(int argc, char **argv, const struct CMUnitTest *tests, size_t count);
