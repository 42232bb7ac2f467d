/* disk.h - which disk a device number is of, and what kind of disk. Reads /sys and mountinfo, never the disk. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The whole disk that a file system's device lies on: of a partition its disk, of a mapped device (LUKS, LVM) or an array
 * the first that is below it, of btrfs, whose devices are its own, that of its mount's source. `dev` itself when nothing
 * says more. */
int64_t disk_of(int64_t dev);

/* It turns: reading two places at once is slower than one after the other. Unknown is false, and that is what a virtual
 * disk (virtio) is. */
bool disk_turns(int64_t dev);

/* The same with other places for /sys and /proc/self/mountinfo; for tests. */
int64_t disk_of_in(const char *sys, const char *mountinfo, int64_t dev);
bool disk_turns_in(const char *sys, const char *mountinfo, int64_t dev);
