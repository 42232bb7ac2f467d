/* safe_name.c - see safe_name.h. Rules of the DOS family: Microsoft, "Naming Files, Paths, and Namespaces". */
#include "library/safe_name.h"

#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <strings.h>
#include <sys/statfs.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/utf8.h"

/* Not in linux/magic.h of every system. */
#define MAGIC_EXFAT 0x2011BAB0
#define MAGIC_NTFS 0x5346544E
#define MAGIC_NTFS3 0x7366746E

static bool is_dos(long type)
{
	switch ((unsigned long)type) {
	case MSDOS_SUPER_MAGIC:
	case MAGIC_EXFAT:
	case MAGIC_NTFS:
	case MAGIC_NTFS3:
	case SMB_SUPER_MAGIC:
	case SMB2_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
		return true;
	default:
		return false;
	}
}

enum name_rules safe_name_rules(const char *path)
{
	char at[PATH_MAX];
	struct statfs st;

	if (strlen(path) >= sizeof(at))
		return NAME_RULES_POSIX;
	memcpy(at, path, strlen(path) + 1);
	while (*at) {
		char *slash;

		if (statfs(at, &st) == 0)
			return is_dos((long)st.f_type) ? NAME_RULES_DOS : NAME_RULES_POSIX;
		slash = strrchr(at, '/');
		if (!slash)
			break;
		*slash = '\0';
	}
	return NAME_RULES_POSIX;
}

/* What stands for one character that cannot stay. */
static const char *replacement(unsigned char c)
{
	switch (c) {
	case '"':
		return "'";
	case '?':
	case '*':
		return "";
	case ':':
		return " -";
	default:
		return "-";
	}
}

static bool is_illegal(unsigned char c, enum name_rules rules)
{
	return c == '/' || (rules == NAME_RULES_DOS && strchr("<>:\"\\|?*", c));
}

static void add_clean(struct buf *to, const char *text, size_t len, enum name_rules rules)
{
	while (len) {
		size_t n = utf8_char(text, len);
		unsigned char c = (unsigned char)*text;

		if (!n) {
			buf_addc(to, '_');
			n = 1;
		} else if (c < 0x20 || c == 0x7F) {
			buf_addc(to, ' ');
		} else if (c == ':' && rules == NAME_RULES_DOS && to->len && to->data[to->len - 1] == ' ') {
			buf_addc(to, '-');
		} else if (is_illegal(c, rules)) {
			buf_adds(to, replacement(c));
		} else {
			buf_add(to, text, n);
		}
		text += n;
		len -= n;
	}
}

/* CON, COM1.txt and the like name devices there, whatever follows the first dot. */
static bool is_reserved(const char *name)
{
	static const char *const words[] = { "CON", "PRN", "AUX", "NUL" };
	size_t len = strcspn(name, ".");

	while (len && name[len - 1] == ' ')
		len--;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (len == 3 && strncasecmp(name, words[i], 3) == 0)
			return true;
	return len == 4 && (strncasecmp(name, "COM", 3) == 0 || strncasecmp(name, "LPT", 3) == 0) &&
	       name[3] >= '1' && name[3] <= '9';
}

/* The longest part of `text` that ends at a character and has at most `max` bytes. */
static size_t cut(const char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max && ((unsigned char)text[max] & 0xC0) == 0x80)
		max--;
	return max;
}

static bool is_trailing(char c, enum name_rules rules)
{
	return c == ' ' || (c == '.' && rules == NAME_RULES_DOS);
}

const char *safe_name(const char *text, size_t keep, enum name_rules rules, size_t max, struct arena *arena)
{
	CLEANUP(buf_free) struct buf stem = { 0 };
	CLEANUP(buf_free) struct buf tail = { 0 };
	size_t len = strlen(text), start = 0, end;
	const char *front;

	if (keep > len)
		keep = len;
	add_clean(&tail, text + len - keep, keep, rules);
	if (tail.len >= max / 2)
		tail.data[tail.len = cut(tail.data, tail.len, max / 2)] = '\0';
	while (tail.len && is_trailing(tail.data[tail.len - 1], rules))
		tail.data[--tail.len] = '\0';
	buf_reserve(&stem, 1);
	add_clean(&stem, text, len - keep, rules);
	while (start < stem.len && (stem.data[start] == ' ' || stem.data[start] == '.'))
		start++;
	front = start < stem.len && (stem.data[start] == '-' || is_reserved(stem.data + start)) ? "_" : "";
	if (rules == NAME_RULES_POSIX && *front && stem.data[start] != '-')
		front = "";
	end = cut(stem.data + start, stem.len - start, max - tail.len - 1) + start;
	/* a stem that ends before its extension keeps its dots: "Mr..mkv" is somebody's title */
	while (end > start && (stem.data[end - 1] == ' ' || (!tail.len && is_trailing(stem.data[end - 1], rules))))
		end--;
	if (end == start)
		front = "_";
	return arena_printf(arena, "%s%.*s%s", front, (int)(end - start), stem.data + start,
			    buf_text(&tail));
}

bool safe_name_same(const char *a, const char *b, enum name_rules rules)
{
	return rules == NAME_RULES_DOS ? strcasecmp(a, b) == 0 : strcmp(a, b) == 0;
}
