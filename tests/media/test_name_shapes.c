/* What libraries hold, shape by shape: each name and what it says. A property with "-" must not be said; of
 * what is not asked anything may be. All names are made up. Where another reading is common, docs/names.md
 * has the reason. */
#include "lib/testlib.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "media/name.h"
#include "name_shapes_film.h"
#include "name_shapes_show.h"

static enum name_property property_of(const char *text, size_t len)
{
	for (int p = NAME_NOTHING + 1; p < NAME_PROPERTY_COUNT; p++) {
		const char *name = name_property_text((enum name_property)p);

		if (strlen(name) == len && !memcmp(name, text, len))
			return (enum name_property)p;
	}
	fail_msg("no property '%.*s'", (int)len, text);
	return NAME_NOTHING;
}

/* "5", "1..3", "en+it", "-" */
static void value_text(struct buf *to, const struct name *name, enum name_property property)
{
	const struct name_value *v = name_value(name, property, 0), *last = v;
	size_t count = 0;
	bool run = true;

	for (const struct name_value *next; (next = name_value(name, property, count)); count++) {
		run = run && !next->text && next->number == v->number + (int64_t)count;
		last = next;
	}
	buf_reset(to);
	if (!count)
		buf_addc(to, '-');
	else if (run && count > 1)
		buf_addf(to, "%lld..%lld", (long long)v->number, (long long)last->number);
	for (size_t i = 0; i < count && !(run && count > 1); i++) {
		v = name_value(name, property, i);
		if (i)
			buf_addc(to, '+');
		if (v->text)
			buf_adds(to, v->text);
		else
			buf_addf(to, "%lld", (long long)v->number);
	}
}

static bool says(const struct name *name, const char *wanted, struct buf *got)
{
	while (*wanted) {
		size_t key = strcspn(wanted, ":"), len = strcspn(wanted, ";");

		value_text(got, name, property_of(wanted, key));
		if (got->len != len - key - 2 || memcmp(got->data, wanted + key + 2, got->len) != 0)
			return false;
		wanted += len;
		wanted += strspn(wanted, "; ");
	}
	return true;
}

static size_t wrong_ones(const struct name_shape *rows, size_t count)
{
	size_t wrong = 0;

	for (size_t i = 0; i < count; i++) {
		CLEANUP(buf_free) struct buf got = BUF_MAX(1 << 20);
		struct arena arena = { 0 };
		struct name name;

		name_parse(rows[i].path, NAME_AUTO, &arena, &name);
		if (!says(&name, rows[i].says, &got)) {
			buf_reset(&got);
			name_write_explain(&got, &name);
			fprintf(stderr, "wanted %s\n%s", rows[i].says, buf_text(&got));
			wrong++;
		}
		arena_free(&arena);
	}
	return wrong;
}

static void shapes(void **state)
{
	(void)state;
	assert_int_equal(wrong_ones(name_shapes_show, ARRAY_LEN(name_shapes_show)), 0);
	assert_int_equal(wrong_ones(name_shapes_film, ARRAY_LEN(name_shapes_film)), 0);
}

static void explained(const struct name_shape *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct arena arena = { 0 };
		struct name name;

		name_parse(rows[i].path, NAME_AUTO, &arena, &name);
		for (size_t v = 0; v < name.value_count; v++) {
			const struct name_value *value = &name.values[v];

			if (!value->rule || !*value->rule ||
			    (size_t)value->at + value->len > strlen(name.input))
				fail_msg("%s: %s", rows[i].path, name_property_text(value->property));
			if (!value->len &&
			    (value->property == NAME_EPISODE || value->property == NAME_YEAR ||
			     value->property == NAME_DATE || value->property == NAME_RELEASE_GROUP))
				fail_msg("%s: %s comes from nowhere", rows[i].path,
					 name_property_text(value->property));
		}
		arena_free(&arena);
	}
}

/* Every value says which rule found it, and from which characters, unless it was concluded. */
static void every_value_is_explained(void **state)
{
	(void)state;
	explained(name_shapes_show, ARRAY_LEN(name_shapes_show));
	explained(name_shapes_film, ARRAY_LEN(name_shapes_film));
}

/* What the numbering does not count is told apart: no version of episode 2 or 12. */
static void specials(void **state)
{
	static const struct {
		const char *path, *special;
	} names[] = {
		{ "[Ember] Copper Valley - OVA 02 [1080p].mkv", "OVA 02" },
		{ "[Ember] Copper Valley - 12.5 [1080p].mkv", "12.5" },
		{ "[Ember] Copper Valley - SP1 [1080p].mkv", "SP1" },
		{ "[Ember] Copper Valley - 12 [1080p].mkv", NULL },
		{ "Copper Valley - S01E02.mkv", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct arena arena = { 0 };
		struct name name;

		name_parse(names[i].path, NAME_AUTO, &arena, &name);
		if (names[i].special) {
			assert_string_equal(name.special, names[i].special);
			assert_int_equal(name.absolute_episode, -1);
		} else {
			assert_null(name.special);
		}
		arena_free(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes),
		cmocka_unit_test(every_value_is_explained),
		cmocka_unit_test(specials),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
