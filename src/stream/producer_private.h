/* producer_private.h - what producer.c (wishes and waiters) and producer_tasks.c (workers) share. Not for others.
 *
 * All fields are guarded by `lock`; callbacks are called without it. No disk is asked by who holds it, and none by the loop:
 * what needs one is done by workers, and by the thread of producer_disk.c. */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "stream/producer.h"
#include "stream/profile.h"
#include "stream/slate.h"

#define PRODUCER_TASKS (2 * PRODUCER_WORKERS_MAX + 4) /* places for workers: live ones, one spare, background ones */
#define LIVE_PLACES 2		  /* of them only for who waits: a segment, and the slate in its place */
#define SILENCE_LIMIT_MS 30000	  /* a worker that delivers nothing for so long hangs */
#define CHIP_LIMIT_MS 8000	  /* one with a chip, that does nothing at all */
#define HANGING_MAX 6		  /* workers that wait for a disk; the places left are for others */
#define IDLE_LIMIT_MS 30000	  /* an idle worker is let go */
#define WORN_SEGMENTS 500	  /* and one that has made so many: libx265 keeps some 130 kB of each in 720p */
#define WORN_BYTES ((int64_t)768 << 20) /* or holds so much between two jobs */
#define FAILED_STRIKES 2	  /* workers that crashed on a clip, with no segment between */
#define KILLED_STRIKES 6	  /* and that were killed from outside: it need not be the clip's fault */
#define FAILED_FOR_MS 60000	  /* a clip that failed is not tried again for so long */
#define FULL_FOR_MS 60000	  /* after the cache could not be written, nothing is prepared for so long */
#define SAID_FOR_MS 60000	  /* that the cache cannot be written is logged so often at most */
#define CARDS_MAX 32		  /* kept in memory */
#define SLATE_AGAIN_MS 10000	  /* a slate or card that could not be made is tried again after so long */
#define SLATE_LOST_MAX 16	  /* workers lost over one slate, in a row, before it counts as one that cannot be made */
#define RUN_ON_SEGMENTS 8	  /* a job runs on past the wish, so that seeking is rare */

struct owned_clip { /* a clip that holds its own path */
	struct clip clip;
	char *path;
	int32_t *lengths; /* or NULL */
	unsigned refs;
	int64_t each_ms; /* that its segments took lately, by one worker with the effort each_effort; 0 unknown */
	int each_effort;
};

struct wish {
	struct wish *next;
	struct owned_clip *clip;
	int64_t from, to;
	enum producer_rank rank;
	int64_t lapses_ms;
	int64_t origin_ms; /* boot clock: when segment 0 would be needed */
};

struct waiter {
	struct waiter *next;
	uint64_t id;
	struct owned_clip *clip;
	int64_t k, deadline_ms;
	void (*ready)(void *context, int rc);
	void *context;
	bool calling;
};

struct errand { /* producer_run() */
	struct errand *next;
	json_t *request;
	void (*done)(void *context, const json_t *done, const struct err *err);
	void *context;
	bool soon;
};

struct known_slate {
	struct known_slate *next;
	struct profile profile;
	char *text;	     /* of a card; NULL: the slate, which is kept for ever */
	struct slate *slate; /* NULL: wanted */
	struct err err;	     /* why it could not be made */
	bool making, failed;
	bool made; /* a worker says so: what cannot be loaded then failed */
	enum slate_load { LOAD_NONE, LOAD_WANTED, LOAD_RUNS } load;
	unsigned lost; /* workers that died over it */
	int64_t used_ms, failed_ms; /* boot clock */
	unsigned readers; /* of a card, without the lock */
};

struct old_file { /* to be removed */
	struct old_file *next;
	char *path;
};

struct failure { /* of a clip; a job that failed is out at once, a worker that died may have met its end elsewhere */
	struct failure *next;
	char key[CLIP_KEY_SIZE];
	int64_t until_ms;
	int strikes, killed;
	int crashes; /* of the strikes: by the worker's own doing */
	bool out; /* not tried again until then */
};

enum task_kind { TASK_NONE, TASK_IDLE, TASK_ENCODE, TASK_SLATE, TASK_ERRAND };

enum task_level { LEVEL_LIVE, LEVEL_EDGE, LEVEL_BACKGROUND }; /* nice 0, 5, 15 */

struct task {
	enum task_kind kind;
	struct worker *worker;
	enum task_level level; /* of the worker: a niced one is never used for what is more urgent */
	enum producer_rank rank;
	struct owned_clip *clip;
	int64_t next_k, to;
	struct known_slate *slate;
	struct errand *errand;
	unsigned made;		    /* segments, by this worker */
	int64_t since_ms, heard_ms; /* boot clock */
	int64_t made_ms, each_ms;   /* when its last segment was made, or it began; how long one takes, 0 unknown */
	int64_t moved_ms, cpu_ms;   /* when it last used the processor or spoke; how much it has used */
	bool hangs;
	bool cancelling, paused;
	bool slowed; /* it stood still for a while: its speed says nothing */
	int effort;
	int64_t origin_ms; /* of the wish it was begun for */
};

struct producer {
	struct producer_config config;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* a slate came, or a callback ended */
	int wake_fd;
	bool stopping;
	uint64_t next_id;
	struct wish *wishes;
	struct waiter *waiters;
	struct errand *errands, **errands_end;
	struct known_slate *slates;
	pthread_t disk_thread;	     /* producer_disk.c */
	pthread_cond_t disk_changed; /* there is something to do for it */
	struct old_file *old_files;
	struct failure *failures;
	struct task tasks[PRODUCER_TASKS];
	int64_t looked_ms; /* when the loop last went round */
	double speed[PROFILE_EFFORTS]; /* by effort; 0 unknown */
	int effort, past_effort;       /* that is left off for live edges; for who watches the past, never less of it */
	int64_t refused_ms;	       /* when it was last logged that the cache cannot be written; 0: it can */
	int64_t full_until_ms;	       /* nothing is prepared until then: the cache could not be written */
	int64_t effort_ms;	       /* when it was last looked at */
};

#define NO_DUE (INT64_MAX / 4)
#define SEGMENT_MS 2000

static inline int64_t wish_due(const struct wish *wish, int64_t k)
{
	return wish->origin_ms + k * SEGMENT_MS;
}


int64_t producer_now_ms(void);
void producer_wake(struct producer *producer);

struct owned_clip *owned_clip_new(const struct clip *clip);
struct owned_clip *owned_clip_ref(struct owned_clip *clip);
void owned_clip_drop(struct owned_clip *clip); /* NULL is fine */

bool producer_failed_lately(const struct producer *producer, const char *key, int64_t now_ms);
/* Answers every waiter of (key, k) with rc; k -1: every segment of the clip. Unlocks while it calls. */
void producer_answer(struct producer *producer, const char *key, int64_t k, int rc);
/* Calls one waiter and removes it. The lock is given up during the call; producer_forget() waits for its end. */
void producer_call(struct producer *producer, struct waiter *waiter, int rc);
void producer_answer_late(struct producer *producer, int64_t now_ms);

/* Gives free workers their next job, hears running ones, lets idle ones go. Locked. */
void tasks_assign(struct producer *producer, int64_t now_ms);
void tasks_hear(struct producer *producer, struct task *task, int64_t now_ms);
void tasks_watch(struct producer *producer, int64_t now_ms);
void tasks_end_all(struct producer *producer);

void tasks_drop(struct task *task); /* ends its worker, whatever it does; waits for nothing */
unsigned tasks_count(const struct producer *producer, bool background); /* that work and do not hang */

/* producer_order.c: whose turn it is. Locked. */
enum task_level order_level(enum producer_rank rank);
/* The wish whose turn it is, and its first segment that nobody makes; NULL none. */
const struct wish *order_best(const struct producer *producer, bool background, int64_t now_ms, int64_t *ret_k);
int order_effort(const struct producer *producer, enum producer_rank rank);
/* The job that has (key, k) before it; NULL none. */
struct task *order_maker(struct producer *producer, const char *key, int64_t k);
int64_t order_job_end(struct producer *producer, const struct clip *clip, int64_t k, enum producer_rank rank);
bool order_still_wanted(const struct producer *producer, const struct task *task);
/* Stops the workers that prepare where they are, or lets them go on. */
void order_pause(struct producer *producer, bool pause, int64_t now_ms);
/* Sets the effort, and ends jobs that hold up what is more urgent, at their next segment. */
void order_give_way(struct producer *producer, int64_t now_ms);

/* producer_effort.c. Locked. By what is needed soon and how fast it is made; looks once a second. */
void producer_set_effort(struct producer *producer, int64_t now_ms);

/* producer_hang.c. Locked. A worker's source does not answer: who waits for it is told. */
void producer_watch_hanging(struct producer *producer, int64_t now_ms);
bool producer_hangs(const struct producer *producer, const struct owned_clip *clip); /* its file does, for some worker */
/* Once a turn of the loop: time that nobody could use (the machine slept) is counted against nobody. */
void producer_forgive(struct producer *producer, int64_t now_ms);

/* producer_take.c. Locked. The report says where it is. */
void producer_take_memory(struct producer *producer, const struct task *task, int64_t k, const json_t *report,
			  int64_t now_ms);
void producer_take_file(struct producer *producer, const struct task *task, int64_t k, const char *name /* or NULL */,
			int64_t now_ms);
/* What lies in the place of the clip's file: for who is told that it failed. */
void producer_take_found(struct task *task, const json_t *report);

/* producer_disk.c: what the disk is asked for, by a thread of its own. */
void producer_disk_start(struct producer *producer);
void producer_disk_stop(struct producer *producer); /* `stopping` is set */
/* Locked. `made`: by a worker, just now; else it may not be there. */
void producer_slate_load(struct producer *producer, struct known_slate *known, bool made);
void producer_slate_failed(struct producer *producer, struct known_slate *known, const struct err *why);
void producer_remove(struct producer *producer, char *path /* taken */);

/* producer_slates.c: both at the start or the end, with no other thread. */
void producer_tidy_cards(struct producer *producer);
void producer_free_slates(struct producer *producer);
