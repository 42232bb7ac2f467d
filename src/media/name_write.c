/* name_write.c - a parsed name as JSON, as lines for people, and explained character by character. */
#include <string.h>

#include "media/name.h"

static const char *const texts[] = { [NAME_NOTHING] = "",
#define X(id, text) [NAME_##id] = text,
				     NAME_PROPERTIES(X)
#undef X
};

const char *name_property_text(enum name_property property)
{
	return property > NAME_NOTHING && property < NAME_PROPERTY_COUNT ? texts[property] : "";
}

static void write_number(struct buf *to, int64_t number)
{
	char digits[24];
	size_t at = sizeof(digits);
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (number < 0)
		digits[--at] = '-';
	buf_add(to, digits + at, sizeof(digits) - at);
}

static void write_value(struct buf *to, const struct name_value *v, bool json)
{
	if (!v->text)
		write_number(to, v->number);
	else if (json && v->property == NAME_ASPECT_RATIO)
		buf_adds(to, v->text);
	else if (json)
		buf_add_json(to, v->text);
	else
		buf_adds(to, v->text);
}

/* How many values of one property begin at i. */
static size_t run(const struct name *name, size_t i)
{
	size_t n = 1;

	while (i + n < name->value_count && name->values[i + n].property == name->values[i].property)
		n++;
	return n;
}

void name_write_json(struct buf *to, const struct name *name)
{
	buf_addc(to, '{');
	for (size_t i = 0; i < name->value_count;) {
		size_t n = run(name, i);

		if (i)
			buf_adds(to, ", ");
		buf_addc(to, '"');
		buf_adds(to, name_property_text(name->values[i].property));
		buf_adds(to, "\": ");
		if (n > 1)
			buf_addc(to, '[');
		for (size_t j = 0; j < n; j++) {
			if (j)
				buf_adds(to, ", ");
			write_value(to, &name->values[i + j], true);
		}
		if (n > 1)
			buf_addc(to, ']');
		i += n;
	}
	buf_addc(to, '}');
}

void name_write_text(struct buf *to, const struct name *name)
{
	for (size_t i = 0; i < name->value_count;) {
		size_t n = run(name, i);

		buf_addf(to, "%s: ", name_property_text(name->values[i].property));
		for (size_t j = 0; j < n; j++) {
			if (j)
				buf_adds(to, ", ");
			write_value(to, &name->values[i + j], false);
		}
		buf_addc(to, '\n');
		i += n;
	}
}

void name_write_explain(struct buf *to, const struct name *name)
{
	buf_addf(to, "%s\n", name->input);
	for (size_t i = 0; i < name->value_count; i++) {
		const struct name_value *v = &name->values[i];

		if (v->len)
			buf_addf(to, "  %4u-%-4u '%.*s' -> ", v->at, v->at + v->len - 1, (int)v->len,
				 name->input + v->at);
		else
			buf_adds(to, "            concluded -> ");
		buf_addf(to, "%s: ", name_property_text(v->property));
		write_value(to, v, false);
		buf_addf(to, "   (%s)\n", v->rule);
	}
}
