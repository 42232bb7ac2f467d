/* testlib.h - what unit tests share: temporary folders, generated media, running programs. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"

/* A fresh folder below the temporary directory, removed at exit. Never fails (aborts). Free the string. */
char *test_dir(void);

/* Runs argv (NULL-terminated, found by PATH) to its end, output discarded unless it fails. Exit status. */
int test_run(const char *const argv[]);

/* Generates a media file at `path` by `ffmpeg -v error -y ARGS path`; args is split at spaces. Aborts when it fails. */
void test_media(const char *path, const char *args);
/* The path of dir/name, where the file is made, too, unless args is NULL; free it. */
char *test_made(const char *dir, const char *name, const char *args);

/* Fails with err's sentence unless rc >= 0. */
void test_ok(int rc, const struct err *err);
