/* pool.h - a few threads for work that may block, so that the threads that speak HTTP never do. */
#pragma once

#include <stdbool.h>

struct pool;

/* `threads` to begin with; up to `most` (64) when all of them are at work: each job of a disk that hangs holds one of them. They
 * stay. `limit`: jobs that may wait; more are refused. */
struct pool *pool_start(const char *name, unsigned threads, unsigned most, unsigned limit);

/* False, and nothing happens, when the queue is full or the pool stops. */
bool pool_submit(struct pool *pool, void (*run)(void *context), void *context);

/* Runs what is queued to its end, then ends the threads. NULL is fine. */
void pool_stop(struct pool *pool);
