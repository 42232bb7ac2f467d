/* builder.h - the background thread that keeps the station going: ticks its clock, builds timelines
 * ahead, prepares ahead of air, checkpoints the store, trims the cache. The one place that calls
 * timeline_build(). */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct builder;
struct server;

struct builder *builder_start(struct server *server);
void builder_stop(struct builder *builder); /* NULL is fine */

/* A channel or its schedule changed, or with 0 all of them: what lies beyond the lock is built again. At once. */
void builder_changed(struct builder *builder, int64_t channel_id);
/* The library changed: the same for the channels that would air something else now. */
void builder_library_changed(struct builder *builder);

/* Something that a channel waits for has come. NULL is fine. */
void builder_wake(struct builder *builder);

/* How many channels wait for being built on. */
size_t builder_due(const struct builder *builder);
