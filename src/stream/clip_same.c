/* clip_same.c - see clip_same.h. */
#include "stream/clip_same.h"

#include <fcntl.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "media/hash.h"

int clip_same_open(const struct clip *clip, struct clip_same *same, struct err *err)
{
	clip_same_close(same);
	if (!clip->known.size)
		return 0;
	same->fd = open(clip->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (same->fd >= 0 && fstat(same->fd, &same->at) < 0)
		return err_errno(err, "look at '%s'", clip->path);
	return 0;
}

/* Who reads it has opened the same when the path leads there still; else it was replaced a moment ago, and what is there is looked at. */
static int follow(const struct clip *clip, struct clip_same *same, struct err *err)
{
	struct stat now;

	if (stat(clip->path, &now) < 0)
		return err_errno(err, "open '%s'", clip->path);
	if (now.st_dev == same->at.st_dev && now.st_ino == same->at.st_ino)
		return 0;
	if (clip_same_open(clip, same, err) < 0)
		return err ? -(int)err->code : -ERR_IO;
	return same->fd < 0 ? err_errno(err, "open '%s'", clip->path) : 1;
}

static int is_another(struct err *err)
{
	return err_set(err, ERR_CONFLICT, "another file lies in its place by now");
}

static int has_changed(struct err *err)
{
	return err_set(err, ERR_CONFLICT, "it was changed since its copy plan was made");
}

int clip_same_check(const struct clip *clip, struct clip_same *same, struct err *err)
{
	int rc = same->fd < 0 ? 0 : follow(clip, same, err);
	bool as_known = same->at.st_size == clip->known.size && fs_mtime_ns(&same->at) == clip->known.mtime_ns;

	if (same->fd < 0 || rc < 0)
		return rc;
	if (!rc && as_known && *clip->known.sample_hash && clip_is_of(clip, clip->known.sample_hash))
		return 0;
	if (hash_sample(same->fd, same->at.st_size, same->found, NULL) < 0) {
		*same->found = '\0';
		return 0; /* who reads it meets its end too, or does not come to it */
	}
	if (rc > 0 || !clip_is_of(clip, same->found))
		return is_another(err);
	*same->found = '\0';
	return clip_is_copy(clip) && !as_known ? has_changed(err) : 0;
}

int clip_same_still(const struct clip_same *same, struct err *err)
{
	struct stat now;

	if (same->fd < 0)
		return 0;
	if (fstat(same->fd, &now) < 0)
		return err_errno(err, "look at it again");
	return now.st_size == same->at.st_size && fs_mtime_ns(&now) == fs_mtime_ns(&same->at) ? 0 : has_changed(err);
}

void clip_same_close(struct clip_same *same)
{
	cleanup_fd(&same->fd);
	*same = CLIP_SAME_NONE;
}
