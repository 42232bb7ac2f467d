/* fuzz_config.c - the configuration reader on any bytes: no crash, and either values or a sentence. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/config_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take(void *context, const struct config_value *value, struct err *err)
{
	size_t *count = context;

	(void)err;
	if (!value->name || !value->text || !value->line)
		abort();
	(*count)++;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("config", MFD_CLOEXEC);
	char path[64];
	size_t count = 0;
	struct err err = { 0 };

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (config_file_read(path, "road", take, &count, &err) < 0 && err.code == ERR_OK)
		abort();
	close(fd);
	return 0;
}
