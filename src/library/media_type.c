/* media_type.c - see media_type.h. An extension of at most eight bytes is one number, found by halving. */
#include "library/media_type.h"

#include <stdint.h>

#include "base/cleanup.h"

/* Bytes of the extension, first one in the highest place: sorts as text does. */
#define E1(a) ((uint64_t)(a) << 56)
#define E2(a, b) (E1(a) | (uint64_t)(b) << 48)
#define E3(a, b, c) (E2(a, b) | (uint64_t)(c) << 40)
#define E4(a, b, c, d) (E3(a, b, c) | (uint64_t)(d) << 32)

static const struct row { /* ascending */
	uint64_t extension;
	enum media_type type;
} rows[] = {
	{ E3('3', 'g', '2'), MEDIA_VIDEO },	 { E3('3', 'g', 'p'), MEDIA_VIDEO },
	{ E3('a', 'a', 'c'), MEDIA_AUDIO },	 { E3('a', 'c', '3'), MEDIA_AUDIO },
	{ E3('a', 'i', 'f'), MEDIA_AUDIO },	 { E4('a', 'i', 'f', 'f'), MEDIA_AUDIO },
	{ E3('a', 'p', 'e'), MEDIA_AUDIO },	 { E3('a', 's', 'f'), MEDIA_VIDEO },
	{ E3('a', 'v', 'i'), MEDIA_VIDEO },	 { E4('d', 'i', 'v', 'x'), MEDIA_VIDEO },
	{ E3('d', 't', 's'), MEDIA_AUDIO },	 { E2('d', 'v'), MEDIA_VIDEO },
	{ E4('e', 'a', 'c', '3'), MEDIA_AUDIO }, { E3('f', '4', 'v'), MEDIA_VIDEO },
	{ E4('f', 'l', 'a', 'c'), MEDIA_AUDIO }, { E3('f', 'l', 'v'), MEDIA_VIDEO },
	{ E4('m', '2', 't', 's'), MEDIA_VIDEO }, { E3('m', '2', 'v'), MEDIA_VIDEO },
	{ E3('m', '4', 'a'), MEDIA_AUDIO },	 { E3('m', '4', 'b'), MEDIA_AUDIO },
	{ E3('m', '4', 'v'), MEDIA_VIDEO },	 { E3('m', 'k', 'a'), MEDIA_AUDIO },
	{ E3('m', 'k', 'v'), MEDIA_VIDEO },	 { E3('m', 'o', 'v'), MEDIA_VIDEO },
	{ E3('m', 'p', '2'), MEDIA_VIDEO },	 { E3('m', 'p', '3'), MEDIA_AUDIO },
	{ E3('m', 'p', '4'), MEDIA_VIDEO },	 { E3('m', 'p', 'e'), MEDIA_VIDEO },
	{ E4('m', 'p', 'e', 'g'), MEDIA_VIDEO }, { E3('m', 'p', 'g'), MEDIA_VIDEO },
	{ E3('m', 't', 's'), MEDIA_VIDEO },	 { E3('m', 'x', 'f'), MEDIA_VIDEO },
	{ E3('n', 'u', 't'), MEDIA_VIDEO },	 { E3('o', 'g', 'a'), MEDIA_AUDIO },
	{ E3('o', 'g', 'g'), MEDIA_AUDIO },	 { E3('o', 'g', 'm'), MEDIA_VIDEO },
	{ E3('o', 'g', 'v'), MEDIA_VIDEO },	 { E4('o', 'p', 'u', 's'), MEDIA_AUDIO },
	{ E2('q', 't'), MEDIA_VIDEO },		 { E2('r', 'm'), MEDIA_VIDEO },
	{ E4('r', 'm', 'v', 'b'), MEDIA_VIDEO }, { E2('t', 's'), MEDIA_VIDEO },
	{ E3('v', 'o', 'b'), MEDIA_VIDEO },	 { E3('w', 'a', 'v'), MEDIA_AUDIO },
	{ E4('w', 'e', 'b', 'm'), MEDIA_VIDEO }, { E3('w', 'm', 'a'), MEDIA_AUDIO },
	{ E3('w', 'm', 'v'), MEDIA_VIDEO },	 { E3('w', 't', 'v'), MEDIA_VIDEO },
	{ E2('w', 'v'), MEDIA_AUDIO },
};

static uint64_t pack(const char *name, size_t len)
{
	uint64_t packed = 0;
	size_t n = 0;

	while (n < len && n < 9 && name[len - 1 - n] != '.')
		n++;
	if (n == 0 || n > 8 || n == len)
		return 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)name[len - n + i];

		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c + 32);
		packed |= (uint64_t)c << (56 - 8 * i);
	}
	return packed;
}

enum media_type media_type_of(const char *name, size_t len)
{
	uint64_t extension = pack(name, len);
	size_t from = 0, to = ARRAY_LEN(rows);

	while (extension && from < to) {
		size_t middle = (from + to) / 2;

		if (rows[middle].extension == extension)
			return rows[middle].type;
		if (rows[middle].extension < extension)
			from = middle + 1;
		else
			to = middle;
	}
	return MEDIA_NONE;
}
