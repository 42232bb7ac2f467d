/* producer_fixture.c - see producer_fixture.h. */
#include "lib/producer_fixture.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"

void made_note(const char *cache, const char *text)
{
	CLEANUP(buf_free) struct buf path = { 0 };
	int fd;

	buf_addf(&path, "%s/made", cache);
	fd = open(path.data, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		_exit(9);
	close(fd);
}

size_t made_count(const char *cache, const char *text)
{
	CLEANUP(buf_free) struct buf path = { 0 }, all = { 0 };
	size_t count = 0;

	buf_addf(&path, "%s/made", cache);
	if (buf_read_file(&all, path.data, NULL) < 0)
		return 0;
	for (const char *at = buf_text(&all); (at = strstr(at, text)); at++)
		count++;
	return count;
}

struct clip clip_of(const char *path, int seconds)
{
	struct clip clip = { .path = path, .file_id = 1, .frames = 25 * seconds };

	assert_int_equal(profile_get("480p", 25, 1, &clip.profile, NULL), 0);
	clip_set_key(&clip, path);
	return clip;
}

void wait_until_has(struct clip_cache *cache, const struct clip *clip, int64_t k)
{
	while (!clip_cache_has(cache, clip->key, k))
		usleep(2000);
}
