/* on_demand.h - who watches what, and what must therefore be ready.
 *
 * For every channel that was asked for in the last 30 s, the segments from the edge to 30 s ahead of it are wanted
 * (producer_want, rank EDGE), across rows. A viewer who misses a segment triggers at once, from that segment on.
 * That a channel was watched is kept in its row, once a minute, and for each row of its log in as_run. Thread-safe; asking never blocks. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/channels.h"
#include "stream/producer.h"

struct on_demand;
struct server;

struct on_demand *on_demand_start(struct server *server);
void on_demand_stop(struct on_demand *on_demand); /* NULL is fine */

/* `client` tells viewers apart. seq: the segment asked for, -1 for the playlist. missed: it is not ready. */
void on_demand_asked(struct on_demand *on_demand, const struct channel *channel, uint64_t client, int64_t seq,
		     bool missed);

/* The same for a viewer of the past: he counts as one, but the channel's edge is not wanted for him. */
void on_demand_past(struct on_demand *on_demand, const struct channel *channel, uint64_t client);

/* Slate went out for a segment that was not ready. */
void on_demand_late(struct on_demand *on_demand, int64_t channel_id, int64_t seq);

/* It did so for one of the two before this one: whoever waits for this has waited already. */
bool on_demand_was_late(struct on_demand *on_demand, int64_t channel_id, int64_t seq);

/* Wishes for these segments, at rank EDGE or PAST; neighbours in a clip are one wish. The first is needed in in_ns. */
struct on_air_segments;
void on_demand_want(struct server *server, const struct on_air_segments *list, enum producer_rank rank, int64_t in_ns);

int on_demand_viewers(struct on_demand *on_demand, int64_t channel_id); /* 0: of all channels */
int on_demand_channels(struct on_demand *on_demand);			/* watched now */
