/* fuzz_env.c - any bytes as the .env file beside the configuration: its values are taken, or a sentence says what is wrong. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/config_file.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64], config[80], env[80];

static void tidy(void)
{
	unlink(config);
	unlink(env);
	rmdir(dir);
}

static void keep(const char *path, const void *data, size_t size)
{
	FILE *file = fopen(path, "wb");

	if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0)
		abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char text[] = "server:\n  port: ${A:-1}\n  listen: ${B}x${A}\n";

	(void)argc;
	(void)argv;
	snprintf(dir, sizeof(dir), "%s", "/tmp/matinee-fuzz.XXXXXX");
	if (!mkdtemp(dir))
		abort();
	snprintf(config, sizeof(config), "%s/matinee.yaml", dir);
	snprintf(env, sizeof(env), "%s/.env", dir);
	keep(config, text, strlen(text));
	atexit(tidy);
	return 0;
}

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
	struct err err = { 0 };
	size_t count = 0;

	if (size > 4096)
		return 0;
	keep(env, data, size);
	clearenv(); /* values of the environment win over the file's */
	if (config_file_read(config, NULL, take, &count, &err) < 0 ? err.code == ERR_OK : count != 2)
		abort();
	return 0;
}
