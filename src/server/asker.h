/* asker.h - has a worker do one thing and waits for it: for threads that go through many things one by one. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/json.h"
#include "stream/producer.h"

struct asker; /* for one thread */

struct asker *asker_new(void);
/* Blocks. False when the asker was stopped meanwhile. *ret_done is a new reference, or NULL with err. `soon`: before what else
 * is done at the lowest rank. */
bool asker_ask(struct asker *asker, struct producer *producer, json_t *request /* stolen */, bool soon, json_t **ret_done,
	       struct err *err);
void asker_stop(struct asker *asker);
void asker_free(struct asker *asker); /* after the producer has stopped; NULL is fine */
