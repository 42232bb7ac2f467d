/* waits.h - requests that are suspended, and the one timer that wakes them.
 *
 * libmicrohttpd (0.9.75) spins when a reader returns 0 without being suspended, takes a second resume badly,
 * and must not be stopped while anything is suspended. All of that is kept here: each request has one node,
 * under one lock. Wake-ups may be early or spurious; whoever is woken looks again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct MHD_Connection;
struct waits;

enum wait_class {
	WAIT_ANY,
	WAIT_EVENTS, /* wants to hear of every new event */
};

struct wait_node {			   /* in the request; zeroed to begin with */
	struct MHD_Connection *connection; /* set by the owner */
	bool suspended;
	enum wait_class class;
	int64_t wake_ns; /* boot clock; INT64_MAX never */
	struct wait_node *next, **back;
};

struct waits *waits_start(void);

/* Suspends; on the connection's own thread only. wake_ms < 0: only waits_resume(). False, and nothing
 * happens, once the server stops: end the request. */
bool waits_suspend(struct waits *waits, struct wait_node *node, enum wait_class class, int64_t wake_ms);

/* Changes when a suspended node is woken by the timer. */
void waits_wake_in(struct waits *waits, struct wait_node *node, int64_t wake_ms);

/* From any thread; nothing when it is not suspended. */
void waits_resume(struct waits *waits, struct wait_node *node);
void waits_resume_class(struct waits *waits, enum wait_class class);

/* Wakes everything; nothing can be suspended from now on. */
void waits_end(struct waits *waits);
void waits_free(struct waits *waits); /* after waits_end() and the end of all requests; NULL is fine */
