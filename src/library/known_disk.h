/* known_disk.h - whether what lies at a base is the disk that the journal wrote down, now under another
 * device number: a reboot or another mount gives one to btrfs, NFS, device mapper and USB. The volume says
 * so, as the last scan saw it at the root. Asks the disk: never under the writer's lock. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/moves.h"

struct known_disk;

/* What was asked already, for as long as a batch runs. Zeroed: nothing. */
struct known_disks {
	struct db *db;
	struct arena arena;
	struct known_disk *list;
	size_t count, cap;
};

void known_disks_free(struct known_disks *disks);

/* The device number under which the disk `was` is found at base/path now; `was` itself when it is not another
 * one, or when nothing says that it is the same disk. A file there must be proven by more than its inode. */
int64_t known_disk_now(struct known_disks *disks, const char *base, const char *path, int64_t was);

/* The same for what lay in the base's own folder, which is a root: nothing but the number need agree. */
bool known_disk_is_root(struct known_disks *disks, const char *base, int64_t was, int64_t *ret_now);

/* Gives a move the numbers of today; its file must be of the same size and time then. `settling`: that of its
 * target, too, which a move that is still to be done has from today. */
void known_disks_adopt(struct known_disks *disks, struct move *move, bool settling);
