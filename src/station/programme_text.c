/* programme_text.c - see programme_text.h. */
#include "station/programme_text.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/utf8.h"

bool programme_no_character(const char *text, size_t n)
{
	return n == 3 && memcmp(text, "\xEF\xBF", 2) == 0 && (unsigned char)text[2] >= 0xBD;
}

bool programme_is_control(const char *text)
{
	return (unsigned char)text[0] == 0xC2 && (unsigned char)text[1] >= 0x80 && (unsigned char)text[1] < 0xA0;
}

const char *programme_channel_name(const struct channel *channel, struct arena *arena)
{
	char *name = arena_strdup(arena, channel->name), *to = name;
	size_t left = strlen(name);

	for (const char *c = name; left;) {
		size_t n = utf8_char(c, left), skip = n ? n : 1;

		if (!n || programme_no_character(c, n))
			*to++ = '?';
		else
			to = (char *)memmove(to, c, n) + n;
		c += skip;
		left -= skip;
	}
	*to = '\0';
	for (char *c = name; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7F)
			*c = ' ';
		else if (*c == '"')
			*c = '\'';
		/* U+0085, U+2028 and U+2029 are line breaks to some readers. */
		else if (programme_is_control(c))
			c[0] = c[1] = ' ';
		else if ((unsigned char)c[0] == 0xE2 && (unsigned char)c[1] == 0x80 &&
			 ((unsigned char)c[2] == 0xA8 || (unsigned char)c[2] == 0xA9))
			c[0] = c[1] = c[2] = ' ';
	}
	return name;
}

char *programme_channel_id(char *to, size_t size, int number)
{
	int sum = 0;

	for (int n = number; n > 0; n /= 10)
		sum += n % 10;
	snprintf(to, size, "C%d.%d.matinee", number, sum);
	return to;
}

bool programme_is_episode(const struct programme *programme)
{
	return strcmp(programme->item_kind, "episode") == 0;
}

const char *programme_title(const struct programme *programme)
{
	return programme->airing.title;
}

const char *programme_subtitle(const struct programme *programme)
{
	if (!programme_is_episode(programme))
		return NULL;
	if (*programme->episode_title)
		return programme->episode_title;
	if (*programme->item_title && strcmp(programme->item_title, programme_title(programme)) != 0)
		return programme->item_title;
	return NULL;
}
