/* chip_told.c - the words of chip.h, apart from the chip: what is preloaded into every program brings no libraries along. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/chip.h"

bool chip_told(const char *word, int *ret)
{
	const char *path = getenv("TEST_CHIP");
	FILE *file = path ? fopen(path, "re") : NULL;
	char text[64];
	bool found = false;

	while (file && !found && fscanf(file, "%63s", text) == 1)
		found = strcmp(text, word) == 0;
	if (ret && !(found && fscanf(file, "%d", ret) == 1))
		*ret = 0;
	if (file)
		fclose(file);
	return found;
}
