/* libraries.c - see libraries.h. */
#include "base/libraries.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void libraries_missing(void)
{
	fputs("matinee: a library is used in a process that has not loaded it\n", stderr);
	abort();
}

/* dlerror() begins with the name that is said already. */
static const char *reason(const char *soname)
{
	const char *text = dlerror();
	size_t len = strlen(soname);

	if (!text)
		return "unknown";
	return strncmp(text, soname, len) == 0 && strncmp(text + len, ": ", 2) == 0 ? text + len + 2 : text;
}

static int complain(const struct library *library, struct err *err)
{
	return err_set(err, ERR_UNSUPPORTED,
		       "load the library %s: %s; install the one that this program was built for, or build it again",
		       library->soname, reason(library->soname));
}

/* Opens the library and finds all that is wanted of it; fills the places with `fill`. */
static int load(const struct library *library, bool fill, struct err *err)
{
	void *handle = dlopen(library->soname, RTLD_LAZY | RTLD_LOCAL);

	if (!handle)
		return complain(library, err);
	for (size_t i = 0; i < library->count; i++) {
		void *address = dlsym(handle, library->names[i]);

		if (!address)
			return complain(library, err);
		if (fill)
			library->places[i] = address;
	}
	return 0;
}

static bool is_loaded(const struct library *library)
{
	return !library->count || library->places[library->count - 1] != (void *)libraries_missing;
}

int libraries_load(const struct library *list, struct err *err)
{
	for (int fill = 0; fill < 2; fill++)
		for (const struct library *library = list; library->soname; library++) {
			int rc = is_loaded(library) ? 0 : load(library, fill, err);

			if (rc < 0)
				return rc;
		}
	return 0;
}
