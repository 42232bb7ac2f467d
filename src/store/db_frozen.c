/* db_frozen.c - see db_frozen.h; and whether there is a database at all, declared in db.h. */
#include "store/db_frozen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "store/db.h"

/* An absolute or relative path as a URI of SQLite: what has a meaning there is escaped. */
static char *uri_of(const char *path)
{
	CLEANUP(buf_free) struct buf uri = { 0 };
	char code[4];

	buf_add(&uri, "file:", 5);
	for (; *path; path++) {
		snprintf(code, sizeof(code), "%%%02X", (unsigned char)*path);
		buf_add(&uri, strchr("?#%", *path) ? code : path, strchr("?#%", *path) ? 3 : 1);
	}
	buf_add(&uri, "?immutable=1", 12);
	return strdup(buf_text(&uri));
}

int db_frozen(const char *data_dir, const char *path, char **ret, struct err *err)
{
	char log[4096];
	struct stat st;

	if (access(data_dir, W_OK) == 0 || (errno != EROFS && errno != EACCES))
		return 0;
	if (snprintf(log, sizeof(log), "%s-wal", path) >= (int)sizeof(log))
		return 0;
	if (stat(log, &st) == 0 && st.st_size > 0)
		return err_set(err, ERR_READ_ONLY,
			       "the library in '%s' was not closed: its last changes are in 'matinee.db-wal', and the folder is "
			       "read-only; make it writable, or copy it elsewhere and name that by --data",
			       data_dir);
	*ret = uri_of(path);
	if (!*ret)
		abort();
	return 1;
}

int db_there(const char *data_dir, struct err *err)
{
	CLEANUP(cleanup_free) char *path = fs_join(data_dir, "matinee.db");

	if (access(path, R_OK) == 0)
		return 0;
	if (errno != ENOENT && errno != ENOTDIR)
		return err_errno(err, "open the library in '%s'", data_dir);
	return err_set(err, ERR_NOT_FOUND,
		       "there is no library in '%s' yet; 'matinee root add PATH' begins one there, --data DIR names another folder",
		       data_dir);
}
