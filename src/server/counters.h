/* counters.h - what has been counted since the server started, for /metrics. Only ever grows; each is added
 * to from any thread without a lock, so that two of them may be a moment apart. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

struct counters {
	_Atomic uint64_t requests[6];		 /* answers by the hundreds of their status; 0 not used */
	_Atomic uint64_t body_bytes;		 /* of answers, as handed to the connection */
	_Atomic uint64_t playlists, playlist_ns; /* live HLS playlists, and the time it took to make them */
	/* Segments sent: as planned, slate as planned, slate in the place of a clip. */
	_Atomic uint64_t clips, slates, stand_ins;
	_Atomic uint64_t waited; /* segments that were not ready when they were asked for */
	_Atomic uint64_t late;	 /* and were not when the wait ended either */
};

static inline void counters_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}
