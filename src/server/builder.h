/* builder.h - the background thread that keeps the station going: ticks its clock, builds timelines three
 * days ahead, prepares ahead of air, checkpoints the store, trims the cache. The one place that calls
 * timeline_build(). */
#pragma once

#include <stdint.h>

struct builder;
struct server;

struct builder *builder_start(struct server *server);
void builder_stop(struct builder *builder); /* NULL is fine */

/* A channel, its schedule, or with 0 the library changed: what lies beyond the lock is built again. At once.
 */
void builder_changed(struct builder *builder, int64_t channel_id);

/* Something that a channel waits for has come. NULL is fine. */
void builder_wake(struct builder *builder);
