/* container_size.h - how many bytes a file should have by its container's own word. Pure; any bytes are safe. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* From the first bytes of a file: Matroska and WebM (RFC 8794, 6; RFC 9559, 5.1), AVI (RIFF). 0: it does not say. */
int64_t container_size(const uint8_t *head, size_t len);
