/* err.c - see err.h. The table ERR_CODES is the only list of codes. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	const char *sentence;
	int status;
	int exit_code;
} codes[] = {
#define X(name_, json_, status_, exit_code_, text_) { json_, text_, status_, exit_code_ },
	ERR_CODES(X)
#undef X
};

#define CODES (sizeof(codes) / sizeof(codes[0]))

static size_t index_of(enum err_code code)
{
	return (size_t)code < CODES ? (size_t)code : (size_t)ERR_INTERNAL;
}

/* Names from outside must not forge lines or drive a terminal. */
static void no_controls(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7F)
			*text = '?';
}

int err_set(struct err *err, enum err_code code, const char *format, ...)
{
	va_list args;

	if (!err || err->code != ERR_OK)
		return -(int)(err ? err->code : code);
	err->code = code;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	no_controls(err->text);
	return -(int)code;
}

static enum err_code code_of_errno(int number)
{
	switch (number) {
	case ENOENT:
	case ENOTDIR:
		return ERR_NOT_FOUND;
	case EEXIST:
	case ENOTEMPTY:
		return ERR_EXISTS;
	case EACCES:
	case EPERM:
		return ERR_DENIED;
	case EROFS:
		return ERR_READ_ONLY;
	case ENOSPC:
	case EDQUOT:
		return ERR_NO_SPACE;
	case EAGAIN:
	case EBUSY:
	case EADDRINUSE:
		return ERR_BUSY;
	case ETIMEDOUT:
		return ERR_TIMEOUT;
	case EFBIG:
	case ENAMETOOLONG:
		return ERR_TOO_LARGE;
	default:
		return ERR_IO;
	}
}

int err_errno(struct err *err, const char *format, ...)
{
	int number = errno;
	char what[400];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return err_set(err, code_of_errno(number), "%s: %s", what, strerror(number));
}

int err_under(struct err *err, const char *format, ...)
{
	char old[sizeof(err->text)];
	char what[256];
	va_list args;

	if (!err)
		return -(int)ERR_INTERNAL;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	memcpy(old, err->text, sizeof(old));
	snprintf(err->text, sizeof(err->text), "%s: %.*s", what,
		 (int)(sizeof(err->text) - strlen(what) - 3), old);
	no_controls(err->text);
	return -(int)err->code;
}

void err_clear(struct err *err)
{
	if (err)
		*err = (struct err){ 0 };
}

const char *err_name(enum err_code code)
{
	return codes[index_of(code)].name;
}

const char *err_sentence(enum err_code code)
{
	return codes[index_of(code)].sentence;
}

int err_http_status(enum err_code code)
{
	return codes[index_of(code)].status;
}

int err_exit_code(enum err_code code)
{
	return codes[index_of(code)].exit_code;
}
