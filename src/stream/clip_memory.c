/* clip_memory.c - see clip_memory.h. A few places, looked through one by one: there are none as long as the disk works. */
#include "stream/clip_memory.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "stream/clip.h"

#define PLACES 512
#define BYTES_MAX (INT64_C(128) << 20)
#define KEEP_NS (600 * CLOCK_SECOND)
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

struct held {
	char key[CLIP_KEY_SIZE];
	int64_t k, len, since_ns; /* boot clock */
	int fd, effort;
};

struct clip_memory {
	pthread_mutex_t lock;
	struct held held[PLACES]; /* the oldest first */
	_Atomic size_t count;
	int64_t bytes;
};

struct clip_memory *clip_memory_new(void)
{
	struct clip_memory *m = calloc(1, sizeof(*m));

	if (!m)
		abort();
	pthread_mutex_init(&m->lock, NULL);
	return m;
}

/* Under the lock. */
static void drop(struct clip_memory *m, size_t at)
{
	close(m->held[at].fd);
	m->bytes -= m->held[at].len;
	m->count--;
	memmove(&m->held[at], &m->held[at + 1], (m->count - at) * sizeof(*m->held));
}

void clip_memory_free(struct clip_memory *memory)
{
	if (!memory)
		return;
	while (memory->count)
		drop(memory, memory->count - 1);
	pthread_mutex_destroy(&memory->lock);
	free(memory);
}

static const struct held *find(const struct clip_memory *m, const char *key, int64_t k)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->held[i].k == k && memcmp(m->held[i].key, key, CLIP_KEY_SIZE - 1) == 0)
			return &m->held[i];
	return NULL;
}

int clip_memory_add(struct clip_memory *memory, const char *key, int64_t k, int fd, int64_t len, int effort,
		    struct err *err)
{
	struct held held = { .k = k, .len = len, .effort = effort, .since_ns = clock_boot_ns(), .fd = fd };
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);

	if (strlen(key) != CLIP_KEY_SIZE - 1 || seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &st) < 0 ||
	    st.st_size != len || len <= 0 || len > BYTES_MAX) {
		close(fd);
		return err_set(err, ERR_INVALID, "hold segment %lld in memory: it is no sealed memory of %lld bytes",
			       (long long)k, (long long)len);
	}
	memcpy(held.key, key, CLIP_KEY_SIZE);
	pthread_mutex_lock(&memory->lock);
	if (find(memory, key, k))
		drop(memory, (size_t)(find(memory, key, k) - memory->held));
	while (memory->count == PLACES || memory->bytes + len > BYTES_MAX)
		drop(memory, 0);
	memory->held[memory->count] = held;
	memory->count++;
	memory->bytes += len;
	pthread_mutex_unlock(&memory->lock);
	return 0;
}

bool clip_memory_has(struct clip_memory *memory, const char *key, int64_t k)
{
	bool has;

	if (!memory->count)
		return false;
	pthread_mutex_lock(&memory->lock);
	has = find(memory, key, k) != NULL;
	pthread_mutex_unlock(&memory->lock);
	return has;
}

int clip_memory_get(struct clip_memory *memory, const char *key, int64_t k, int64_t *ret_len, int *ret_effort)
{
	const struct held *held;
	int fd = -1;

	if (!memory->count)
		return -1;
	pthread_mutex_lock(&memory->lock);
	held = find(memory, key, k);
	if (held && (fd = fcntl(held->fd, F_DUPFD_CLOEXEC, 3)) >= 0) {
		*ret_len = held->len;
		*ret_effort = held->effort;
	}
	pthread_mutex_unlock(&memory->lock);
	return fd;
}

void clip_memory_tidy(struct clip_memory *memory)
{
	int64_t now = clock_boot_ns();

	pthread_mutex_lock(&memory->lock);
	while (memory->count && now - memory->held[0].since_ns > KEEP_NS)
		drop(memory, 0);
	pthread_mutex_unlock(&memory->lock);
}

int64_t clip_memory_bytes(struct clip_memory *memory)
{
	int64_t bytes;

	pthread_mutex_lock(&memory->lock);
	bytes = memory->bytes;
	pthread_mutex_unlock(&memory->lock);
	return bytes;
}

static int fill(int fd, const char *data, size_t len, struct err *err)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, data + done, len - done);

		if (n <= 0)
			return err_errno(err, "hold a segment of %zu bytes in memory", len);
		done += (size_t)n;
	}
	return fcntl(fd, F_ADD_SEALS, SEALS | F_SEAL_SEAL) < 0 ? err_errno(err, "seal a segment in memory") : 0;
}

int clip_memory_make(const void *data, size_t len, struct err *err)
{
	int fd = memfd_create("matinee segment", MFD_CLOEXEC | MFD_ALLOW_SEALING), rc;

	if (fd < 0)
		return err_errno(err, "hold a segment in memory");
	rc = fill(fd, data, len, err);
	if (rc < 0)
		close(fd);
	return rc < 0 ? rc : fd;
}

int clip_memory_fetch(pid_t pid, int fd, struct err *err)
{
	char path[64];
	int own;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
	own = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return own < 0 ? err_errno(err, "take a segment over from worker %d", (int)pid) : own;
}
