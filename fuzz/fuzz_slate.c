/* fuzz_slate.c - any bytes as a .slate file of the cache: refused, or a slate whose segments are written from its bytes alone. The
 * hash at the end and the profile's are mended, or nothing behind them would ever be reached. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/buf.h"
#include "stream/slate.h"
#include "stream/slate_file.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct profile profile;
static char dir[64], folder[80], *path;

static void tidy(void)
{
	unlink(path);
	rmdir(folder);
	rmdir(dir);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	snprintf(dir, sizeof(dir), "%s", "/tmp/matinee-fuzz.XXXXXX");
	if (!mkdtemp(dir) || profile_get("480p", 25, 1, &profile, NULL) < 0)
		abort();
	snprintf(folder, sizeof(folder), "%s/slate", dir);
	mkdir(folder, 0700);
	path = slate_path(dir, &profile, NULL);
	atexit(tidy);
	return 0;
}

static void keep(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + 8);
	FILE *file = fopen(path, "wb");

	if (!copy || !file)
		abort();
	memcpy(copy, data, size);
	if (size >= SLATE_HEADER) {
		memcpy(copy, SLATE_MAGIC, 8);
		slate_put32(copy + 8, SLATE_VERSION);
		slate_put64(copy + 24, profile.hash);
	}
	slate_put64(copy + size, XXH3_64bits(copy, size));
	if (fwrite(copy, 1, size + 8, file) != size + 8 || fclose(file) != 0)
		abort();
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct plan_rate rate = { profile.fps_num, profile.fps_den };
	struct slate *slate;
	struct err err = { 0 };

	if (size > 65536)
		return 0;
	keep(data, size);
	slate = slate_load(dir, &profile, &err);
	if (!slate && err.code == ERR_OK)
		abort();
	for (int64_t k = 0; slate && k < 3; k++) { /* two of a clip at its rate, one of a copied clip */
		struct plan_rate at = k < 2 ? rate : (struct plan_rate){ PROFILE_COPY_RATE, 1 };
		struct plan_segment segment = k < 2 ? plan_segment(110, rate, k) : plan_stretch(123457, 200003, at);
		struct buf to = BUF_MAX((size_t)64 << 20);

		if (slate_write_at(&to, slate, at, &segment, NULL) >= 0 && (!to.len || to.len % 188))
			abort();
		buf_free(&to);
	}
	slate_free(slate);
	return 0;
}
