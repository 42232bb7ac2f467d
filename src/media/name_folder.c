/* name_folder.c - puts the file and the folders above it together.
 *
 * The file speaks first. A season's folder gives the season, the folder above it the show; a release's folder
 * gives everything when the file inside has a name that says nothing; a film's folder gives the year. Not
 * here: cutting the path (name.c), extras (name_extra.c). */
#include "media/name_parts.h"

#include <string.h>

static const char *text_of(const struct part *part, enum name_property property)
{
	const struct name_value *v = part_value(part, property);

	return v ? v->text : NULL;
}

/* Letters and digits only, lower case: the same title? */
static bool same_title(const char *a, const char *b)
{
	if (!a || !b)
		return false;
	for (;;) {
		while (*a && strchr(" .,_-:!?'&()", *a))
			a++;
		while (*b && strchr(" .,_-:!?'&()", *b))
			b++;
		if (!*a || !*b)
			return *a == *b;
		if ((*a | 0x20) != (*b | 0x20))
			return false;
		a++, b++;
	}
}

static int capitals(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += *s >= 'A' && *s <= 'Z';
	return n;
}

/* The file's own name says which film or episode it is. */
static bool says_something(const struct part *part)
{
	return part_has(part, NAME_SEASON) || part_has(part, NAME_EPISODE) || part_has(part, NAME_YEAR) ||
	       part_has(part, NAME_DATE) || part->tech < part->count || part_has(part, NAME_BONUS) ||
	       part_has(part, NAME_FILM);
}

static bool like_release(const struct part *part)
{
	return part->tech < part->count || part_has(part, NAME_CD_COUNT) ||
	       (part_has(part, NAME_SEASON) && part_has(part, NAME_EPISODE)) ||
	       part_has(part, NAME_RELEASE_GROUP);
}

static void copy(struct part *to, const struct part *from, enum name_property property)
{
	if (part_has(to, property))
		return;
	for (size_t i = 0; i < from->value_count; i++) {
		const struct name_value *v = &from->values[i];
		struct name_value *added;

		if (v->property != property)
			continue;
		added = part_add(to, property, v->text, v->number, 1, 0, v->rule);
		added->at = v->at;
		added->len = v->len;
	}
}

/* `identity`: its year and country, too; a season's year is not its show's. */
static void copy_technical(struct part *to, const struct part *from, bool identity)
{
	static const enum name_property list[] = { NAME_YEAR,
						   NAME_COUNTRY,
						   NAME_SCREEN_SIZE,
						   NAME_SOURCE,
						   NAME_STREAMING_SERVICE,
						   NAME_VIDEO_CODEC,
						   NAME_VIDEO_PROFILE,
						   NAME_COLOR_DEPTH,
						   NAME_AUDIO_CODEC,
						   NAME_AUDIO_PROFILE,
						   NAME_AUDIO_CHANNELS,
						   NAME_LANGUAGE,
						   NAME_EDITION,
						   NAME_OTHER,
						   NAME_RELEASE_GROUP,
						   NAME_WEBSITE,
						   NAME_TMDB,
						   NAME_IMDB,
						   NAME_TVDB,
						   NAME_EPISODE_FORMAT };

	for (size_t i = identity ? 0 : 2; i < sizeof(list) / sizeof(list[0]); i++)
		copy(to, from, list[i]);
}

static void replace_title(struct part *to, const struct part *from)
{
	part_drop(to, NAME_TITLE);
	copy(to, from, NAME_TITLE);
}

/* The nearest folder that can name a show or a film; NULL. */
static const struct part *naming_folder(const struct part *parts, size_t count)
{
	for (size_t i = count - 1; i-- > 0;) {
		if (parts[i].kind == KIND_TITLE && part_has(&parts[i], NAME_TITLE))
			return &parts[i];
		if (parts[i].kind == KIND_GENERIC)
			return NULL;
	}
	return NULL;
}

static void take_season(struct part *file, const struct part *folder)
{
	if (!part_has(file, NAME_SEASON)) {
		copy(file, folder, NAME_SEASON);
		if (part_has(file, NAME_EPISODE))
			part_drop(file, NAME_ABSOLUTE_EPISODE);
	}
	copy_technical(file, folder, false);
}

/* The show's name from above; what the file says in its place is the episode's title. */
static void take_show(struct part *file, const struct part *show, bool in_season)
{
	const char *own = text_of(file, NAME_TITLE), *name = text_of(show, NAME_TITLE);
	struct name_value *title = NULL;

	if (!own || (in_season && !part_has(file, NAME_EPISODE) && !same_title(own, name)) ||
	    (file->title_behind && !same_title(own, name))) {
		if (own) {
			part_drop(file, NAME_TITLE);
			if (file->title_behind)
				part_drop(file, NAME_EPISODE_TITLE);
			if (!part_has(file, NAME_EPISODE_TITLE))
				part_add(file, NAME_EPISODE_TITLE, own, 0, 1, 0, "in a season's folder");
		}
		copy(file, show, NAME_TITLE);
		own = name;
	}
	for (size_t i = 0; i < file->value_count; i++) {
		struct name_value *v = &file->values[i];

		if (v->property == NAME_EPISODE_TITLE && v->text && same_title(v->text, name))
			v->property = NAME_NOTHING;
		else if (v->property == NAME_TITLE)
			title = v;
	}
	if (!same_title(own, name))
		return;
	if (title && capitals(name) > capitals(title->text))
		title->text = name;
	if (part_has(show, NAME_EPISODE) && part_has(file, NAME_EPISODE) &&
	    part_value(show, NAME_EPISODE)->number == part_value(file, NAME_EPISODE)->number)
		copy(file, show, NAME_EPISODE_TITLE);
	copy_technical(file, show, true);
}

/* "Show - Episode" behind a number, where the folder says the show. */
static void split_episode_title(struct part *file, const char *show)
{
	struct name_value *title = NULL;
	size_t len;

	for (size_t i = 0; i < file->value_count; i++) {
		if (file->values[i].property == NAME_EPISODE_TITLE)
			title = &file->values[i];
	}
	if (!title || !title->text || !show)
		return;
	len = strlen(show);
	if (!strncasecmp(title->text, show, len) && !strncmp(title->text + len, " - ", 3))
		title->text = title->text + len + 3;
}

static void take_film(struct part *file, const struct part *folder)
{
	const char *own = text_of(file, NAME_TITLE), *name = text_of(folder, NAME_TITLE);

	if (own && strchr(own, '-') && same_title(strchr(own, '-') + 1, name) && !strchr(name, '-')) {
		replace_title(file, folder); /* "grp-title" in "Title" */
		own = name;
	}
	if (same_title(own, name)) {
		if (capitals(name) > capitals(own))
			replace_title(file, folder);
		copy_technical(file, folder, true);
	} else if (!part_has(file, NAME_YEAR) && part_has(folder, NAME_YEAR) && !part_has(file, NAME_BONUS)) {
		replace_title(file, folder);
		copy_technical(file, folder, true);
	} else if (!own) {
		copy(file, folder, NAME_TITLE);
		copy_technical(file, folder, true);
	}
}

/* "directory/Film-f01-Title/file.mkv" and releases whose file is named by chance. */
static bool folder_speaks(const struct part *parts, size_t count)
{
	const struct part *file = &parts[count - 1], *folder;

	if (count < 2)
		return false;
	folder = &parts[count - 2];
	if (folder->kind != KIND_TITLE)
		return false;
	if (part_has(folder, NAME_FILM) || part_has(folder, NAME_BONUS))
		return true;
	if (file->kind == KIND_HASH)
		return part_has(folder, NAME_TITLE);
	if (!says_something(file))
		return like_release(folder) &&
		       !same_title(text_of(file, NAME_TITLE), text_of(folder, NAME_TITLE));
	return file->tech == file->count && folder->tech < folder->count && !file->has_episode &&
	       !part_has(file, NAME_YEAR) && !part_has(file, NAME_DATE) && !part_has(file, NAME_BONUS) &&
	       (part_has(folder, NAME_EPISODE) ||
		(part_has(folder, NAME_YEAR) && !part_has(folder, NAME_SEASON)));
}

static bool is_episode(const struct part *part)
{
	if (part_has(part, NAME_SEASON) || part_has(part, NAME_EPISODE) ||
	    part_has(part, NAME_ABSOLUTE_EPISODE) || part_has(part, NAME_EPISODE_FORMAT) ||
	    part_has(part, NAME_EPISODE_DETAILS) || (part->anime && part_has(part, NAME_EXTRA)))
		return true;
	for (size_t i = 0; part->anime && i < part->value_count; i++) {
		if (part->values[i].property == NAME_OTHER &&
		    !strncmp(part->values[i].text, "Original ", 9) &&
		    strcmp(part->values[i].text, "Original Audio") != 0)
			return true;
	}
	if (!part_has(part, NAME_DATE))
		return false;
	return !part_has(part, NAME_YEAR) ||
	       (part->year_bracketed && part_value(part, NAME_YEAR)->at < part_value(part, NAME_DATE)->at);
}

/* The season's folder of the file, pieces of it between; NULL. */
static struct part *season_folder(struct part *parts, size_t count)
{
	size_t i = count - 1;

	while (i > 0 && part_is_piece(&parts[i - 1]))
		i--;
	if (i == 0 || parts[i - 1].kind != KIND_SEASON)
		return NULL;
	for (size_t j = i; j + 1 < count; j++)
		parts[j].kind = KIND_PIECE;
	return &parts[i - 1];
}

/* The folder above "CD1" and the like. */
static const struct part *above_pieces(const struct part *parts, size_t count)
{
	size_t i = count - 2;

	while (i > 0 && parts[i].kind == KIND_PIECE)
		i--;
	return &parts[i];
}

static struct part *join(struct part *parts, size_t count)
{
	struct part *file = &parts[count - 1], *season;
	const struct part *named;
	bool spoke = folder_speaks(parts, count);

	if (spoke) {
		struct part *folder = &parts[count - 2];

		copy(folder, file, NAME_UUID);
		copy(folder, file, NAME_OTHER);
		count--;
		file = folder;
	}
	if (count < 2)
		return file;
	season = season_folder(parts, count);
	named = naming_folder(parts, count);
	if (season)
		take_season(file, season);
	if (named && (season || is_episode(file))) {
		split_episode_title(file, text_of(named, NAME_TITLE));
		take_show(file, named, season != NULL);
		for (size_t i = 0; i + 1 < count; i++) {
			if (parts[i].kind == KIND_TITLE &&
			    same_title(text_of(file, NAME_TITLE), text_of(&parts[i], NAME_TITLE)))
				copy_technical(file, &parts[i], true);
		}
		if (named == &parts[count - 2] &&
		    same_title(text_of(file, NAME_TITLE), text_of(named, NAME_TITLE)))
			copy(file, named, NAME_SEASON);
	} else if (named && named == above_pieces(parts, count) && !is_episode(named)) {
		take_film(file, named);
		for (size_t i = count - 1; i-- > 0 && parts[i].kind == KIND_PIECE;) {
			copy(file, &parts[i], NAME_CD);
			copy(file, &parts[i], NAME_DISC);
			copy(file, &parts[i], NAME_PART);
		}
	}
	return file;
}

static const struct name_value *extreme(const struct name *name, enum name_property property, bool last)
{
	const struct name_value *best = NULL;

	for (size_t i = 0; i < name->value_count; i++) {
		const struct name_value *v = &name->values[i];

		if (v->property == property &&
		    (!best || (last ? v->number > best->number : v->number < best->number)))
			best = v;
	}
	return best;
}

static int number_of(const struct name *name, enum name_property property, bool last, int fallback)
{
	const struct name_value *v = extreme(name, property, last);

	return v ? (int)v->number : fallback;
}

static const char *string_of(const struct name *name, enum name_property property)
{
	const struct name_value *v = name_value(name, property, 0);

	return v ? v->text : NULL;
}

static bool repeated(const struct name_value *values, size_t count, const struct name_value *v)
{
	for (size_t i = count; i-- > 0 && values[i].property == v->property;) {
		if (v->text ? !strcasecmp(values[i].text, v->text) : values[i].number == v->number)
			return true;
	}
	return false;
}

/* Values in the order of the properties, each once. */
static void fill(const struct part *part, struct arena *arena, struct name *ret)
{
	struct name_value *values = arena_alloc(arena, (part->value_count + 1) * sizeof(*values));
	size_t count = 0, at[NAME_PROPERTY_COUNT + 1] = { 0 };

	for (size_t i = 0; i < part->value_count; i++)
		at[part->values[i].property + 1]++;
	for (size_t p = 1; p <= NAME_PROPERTY_COUNT; p++)
		at[p] += at[p - 1];
	for (size_t i = 0; i < part->value_count; i++)
		values[at[part->values[i].property]++] = part->values[i];
	for (size_t i = 0; i < part->value_count; i++) {
		if (values[i].property != NAME_NOTHING && !repeated(values, count, &values[i]))
			values[count++] = values[i];
	}
	ret->values = values;
	ret->value_count = count;
}

/* "S01E05 - Show - The Flood", and no folder says the show. */
static void title_in_episode_title(struct part *part)
{
	for (size_t i = 0; i < part->value_count; i++) {
		struct name_value *v = &part->values[i], *title;
		const char *dash =
			v->property == NAME_EPISODE_TITLE && v->text ? strstr(v->text, " - ") : NULL;

		if (!dash)
			continue;
		title = part_add(part, NAME_TITLE,
				 arena_strndup(part->arena, v->text, (size_t)(dash - v->text)), 0, 1, 0,
				 "S01E05 - Show - Title");
		v = &part->values[i]; /* they may have moved */
		title->at = v->at;
		title->len = v->len;
		v->text = dash + 3;
		return;
	}
}

void folder_join(struct part *parts, size_t count, enum name_hint hint, struct arena *arena, struct name *ret)
{
	const struct name_value *v;
	const char *extra;
	struct part *part;
	bool episode;

	parts_classify(parts, count);
	extra = folder_extra(parts, count);
	part = join(parts, count);
	if (!part_has(part, NAME_TITLE) && part->has_episode)
		title_in_episode_title(part);
	if (extra && !part_has(part, NAME_EXTRA))
		part_add(part, NAME_EXTRA, extra, 0, 1, 0, "folder or suffix of extras");
	episode = hint == NAME_AS_SHOW || (hint == NAME_AUTO && is_episode(part)) ||
		  (hint == NAME_AS_MOVIE && part_has(part, NAME_EPISODE) && part->has_episode);
	part_add(part, NAME_TYPE, episode ? "episode" : "movie", 0, 1, 0, "what it says");
	if (part != &parts[count - 1])
		copy(part, &parts[count - 1], NAME_CONTAINER);
	fill(part, arena, ret);
	ret->type = episode ? NAME_IS_EPISODE : NAME_IS_MOVIE;
	ret->title = string_of(ret, NAME_TITLE);
	ret->episode_title = string_of(ret, NAME_EPISODE_TITLE);
	ret->date = string_of(ret, NAME_DATE);
	ret->special = part->special;
	ret->extra = string_of(ret, NAME_EXTRA);
	ret->container = string_of(ret, NAME_CONTAINER);
	ret->is_sample = ret->extra && !strcmp(ret->extra, "sample");
	ret->is_3d = string_of(ret, NAME_FORMAT_3D) != NULL;
	for (size_t i = 0; (v = name_value(ret, NAME_OTHER, i)); i++) {
		ret->is_sample = ret->is_sample || !strcmp(v->text, "Sample");
		ret->is_3d = ret->is_3d || !strcmp(v->text, "3D");
	}
	ret->imdb_id = string_of(ret, NAME_IMDB);
	ret->tmdb_id = number_of(ret, NAME_TMDB, false, 0);
	ret->tvdb_id = number_of(ret, NAME_TVDB, false, 0);
	ret->year = number_of(ret, NAME_YEAR, false, 0);
	ret->season = number_of(ret, NAME_SEASON, false, -1);
	ret->season_last = number_of(ret, NAME_SEASON, true, -1);
	ret->episode = number_of(ret, NAME_EPISODE, false, -1);
	ret->episode_last = number_of(ret, NAME_EPISODE, true, -1);
	ret->absolute_episode = number_of(ret, NAME_ABSOLUTE_EPISODE, false, -1);
	ret->part = number_of(ret, NAME_PART, false,
			      number_of(ret, NAME_CD, false, number_of(ret, NAME_DISC, false, 0)));
}
