/* disk.h - what kind of disk a device number is. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* It turns (/sys/dev/block): reading two places at once is slower than one after the other. Unknown is false,
 * and that is what a virtual disk (virtio) is. */
bool disk_turns(int64_t dev);
