/* fuzz_text.c - the small things that people, folders and file systems write: times, parts of the day, titles, ratings, names of
 * files in the cache, cursors. First byte chooses; what is understood is written and understood as the same. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "library/folder_hints.h"
#include "library/garbage_words.h"
#include "library/media_type.h"
#include "library/safe_name.h"
#include "library/title.h"
#include "library/window.h"
#include "server/listen.h"
#include "station/schedule.h"
#include "store/rating.h"
#include "store/search_fold.h"
#include "stream/clip_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void times(const char *text)
{
	struct window window;
	char again[64];
	int64_t ms, back;

	if (clock_parse(text, &ms, NULL) >= 0) {
		clock_format(again, sizeof(again), ms);
		if (strlen(again) == 24 && (clock_parse(again, &back, NULL) < 0 || back != ms))
			abort();
	}
	if (clock_parse_duration(text, &ms, NULL) >= 0 && ms < 0)
		abort();
	if (window_parse(text, &window, NULL) >= 0 && (window.from < -1 || window.from >= 1440 || window.to < -1 || window.to > 1440))
		abort();
}

static void check_title(const char *title)
{
	size_t len = strlen(title);

	if (!len || title[0] == ' ' || title[len - 1] == ' ' || strstr(title, "  ") || !utf8_valid(title, len))
		abort();
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)title[i] < 0x20 || title[i] == 0x7F)
			abort();
}

static void titles(const char *text, struct arena *arena)
{
	const char *clean = title_clean(text, text, arena);

	check_title(clean);
	check_title(title_pretty(text, NULL, arena));
	check_title(title_clean(title_from_path(text, arena), NULL, arena));
	title_sort(clean, arena);
	for (int rules = NAME_RULES_POSIX; rules <= NAME_RULES_DOS; rules++) {
		const char *name = safe_name(text, strlen(text) % 9, (enum name_rules)rules, SAFE_NAME_MAX, arena);

		if (!*name || *name == '.' || *name == '-' || strchr(name, '/') || strlen(name) > SAFE_NAME_MAX ||
		    !utf8_valid(name, strlen(name)))
			abort();
		safe_name_same(name, text, (enum name_rules)rules);
	}
}

static void words(const char *text)
{
	struct search_word list[32];
	size_t count = search_fold(text, true, list, 32);
	int age = rating_age(text);

	if (count > 32 || age < -1 || age > 18)
		abort();
	for (size_t i = 0; i < count; i++)
		if (!list[i].len || list[i].len > SEARCH_WORD_MAX || strlen(list[i].text) != list[i].len)
			abort();
	media_type_of(text, strlen(text));
	listen_reach(text);
}

static void cached(const char *text)
{
	struct clip_file file, again;
	char name[CLIP_FILE_NAME_SIZE];
	const char *rest = clip_file_parse(text, &file);

	clip_file_is_key(text);
	if (!rest)
		return;
	clip_file_format(name, &file);
	if (!(rest = clip_file_parse(name, &again)) || *rest || !clip_file_same(&file, &again))
		abort();
}

static void cursors(const char *text, struct arena *arena)
{
	struct schedule_cursor cursor = schedule_cursor_parse(text, arena);
	const char *written = schedule_cursor_format(&cursor, arena);

	cursor = schedule_cursor_parse(written, arena);
	if (strcmp(schedule_cursor_format(&cursor, arena), written) != 0)
		abort();
}

static void folders(const char *text, struct arena *arena)
{
	static const char *const kinds[] = { "auto", "movies", "shows", "commercials", "bumpers" };
	struct metadata_hints hints;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		memset(&hints, 0, sizeof(hints));
		folder_hints_of(kinds[i], text, arena, &hints);
	}
}

/* The file of words up to the first form feed, the title after it. */
static void garbage(const char *text, struct arena *arena)
{
	size_t len = strcspn(text, "\f");
	struct garbage_words list;
	int fd = memfd_create("words", MFD_CLOEXEC);
	char path[64];

	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (garbage_words_load(path, arena, &list, NULL) >= 0) {
		const char *title = text[len] ? text + len + 1 : "The PROPER x264 Title";

		if (*title && !*garbage_words_clean(&list, title, arena))
			abort();
	}
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	char *text;

	if (!size || size > 16384)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	if (!text)
		abort();
	switch (data[0] % 7) {
	case 0:
		times(text);
		break;
	case 1:
		titles(text, &arena);
		break;
	case 2:
		words(text);
		break;
	case 3:
		cached(text);
		break;
	case 4:
		cursors(text, &arena);
		break;
	case 5:
		folders(text, &arena);
		break;
	default:
		garbage(text, &arena);
	}
	free(text);
	arena_free(&arena);
	return 0;
}
