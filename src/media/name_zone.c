/* name_zone.c - everyday words: "French", "Proper", "Limited", "it", "CC" are meant only outside the titles.
 *
 * Behind the first technical word all of them are. From there back towards the title each is taken while
 * nothing else stands between; never through an episode, never the first word of the title. In brackets that
 * hold nothing else they are taken too. Not here: which languages are those of subtitles (name_language.c).
 */
#include "media/name_parts.h"

#include <string.h>

/* Word i begins a web source. */
static bool before_web(const struct part *part, size_t i)
{
	return i < part->count &&
	       (word_is(part, i, "web") || word_is(part, i, "webdl") || word_is(part, i, "webrip"));
}

/* "Wonderful.Life.BDRip": a service that is an everyday word is meant behind what is no title, or in
 * capitals. */
static bool service_stands_out(const struct part *part, size_t i)
{
	if (!(part->words[i].service->flags & ROW_WEAK))
		return true;
	if (i > 0 && part->words[i].len > 1 && !word_is_upper(part, i) && !word_has_lower(part, i) &&
	    (part->words[i - 1].claim == NAME_EPISODE || part->words[i - 1].claim == NAME_DATE))
		return false; /* "S02E05.It.BluRay" */
	return i > 0 && (part->words[i - 1].claim || (word_is_upper(part, i) && !word_is_upper(part, i - 1)));
}

static bool is_service(const struct part *part, size_t i, size_t *words)
{
	const struct word *w = &part->words[i];
	const struct word *next;
	size_t after;

	if (!w->service || !service_stands_out(part, i))
		return false;
	*words = w->service_words;
	after = i + w->service_words;
	next = after < part->count ? &part->words[after] : NULL;
	if (w->row && w->row->property == NAME_AUDIO_PROFILE && !before_web(part, after))
		return false; /* "DTS-HD.7.1.MA.BluRay" is the sound's */
	if (next && next->claim == NAME_SOURCE &&
	    (!(next->gap & GAP_BRACKET) ||
	     (next->gap & GAP_OPEN && *words == 1 && bracket_alone(part, i) && word_is_upper(part, i))))
		return true;
	if (next && !next->claim && next->row && next->row->property == NAME_SOURCE &&
	    !(next->gap & GAP_BRACKET) && word_is(part, after, "web"))
		return true;
	if (next && next->claim == NAME_OTHER && after + 1 < part->count &&
	    part->words[after + 1].claim == NAME_SOURCE && i > 0 && claim_is_tech(part->words[i - 1].claim))
		return true;
	if (i > 0 && part->words[i - 1].claim == NAME_SOURCE && w->service_words == 1 && w->keylen <= 5 &&
	    (word_is_upper(part, i) ||
	     (!(w->service->flags & ROW_WEAK) && next && claim_is_tech(next->claim))) &&
	    !(w->gap & GAP_DASH) && next)
		return !w->row;
	if (w->keylen >= 6 && i > 0 && part->words[i - 1].claim == NAME_SCREEN_SIZE &&
	    !(w->gap & (GAP_DASH | GAP_BRACKET)))
		return true;
	return next && w->keylen >= 3 && !w->row && i > 0 && part->words[i - 1].claim == NAME_SCREEN_SIZE &&
	       (claim_is_tech(next->claim) || next->gap & GAP_CLOSE) && !(w->gap & GAP_DASH);
}

/* The last word of the name behind a dash is the release group, whatever it spells. */
static bool group_place(const struct part *part, size_t i, size_t words)
{
	const struct word *w = &part->words[i];
	size_t after = i + words;

	if (w->gap != GAP_DASH || i == 0 || w->row->flags & ROW_JUNK || w->row->property == NAME_KEY_SUB)
		return false;
	return (after == part->count || part->words[after].gap & GAP_OPEN) && part->words[i - 1].claim != 0 &&
	       part->words[i - 1].claim != NAME_LANGUAGE;
}

static bool is_language(const struct part *part, size_t i)
{
	return i < part->count && (part->words[i].claim == NAME_LANGUAGE ||
				   (part->words[i].row && part->words[i].row->flags & ROW_LANG));
}

/* "st", "sub" and "subtitle" are words of titles, too: only beside a language. */
static bool sub_beside_language(const struct part *part, size_t i)
{
	if (!word_is(part, i, "st") && !word_is(part, i, "sub") && !word_is(part, i, "subtitle"))
		return true;
	return is_language(part, i + 1) || (i > 0 && is_language(part, i - 1));
}

static bool take_behind(struct part *part, size_t i, size_t *words)
{
	const struct word *w = &part->words[i];

	if (is_service(part, i, words)) {
		tech_apply(part, i, w->service, *words, "service beside a source");
		return true;
	}
	if (!w->row || w->row_at != i + 1 || w->row->flags & ROW_KEY)
		return false;
	*words = w->row_words;
	if (group_place(part, i, *words) || !code_written_as_code(part, i, true) ||
	    w->row->property == NAME_COUNTRY)
		return false;
	tech_apply(part, i, w->row, *words, "behind the title");
	return true;
}

/* "1080p.BluRay.5.1.x264": without a codec in front. */
static bool channels_alone(struct part *part, size_t i, size_t *words)
{
	const struct word *w = &part->words[i], *next = w + 1, *behind = i + 2 < part->count ? w + 2 : NULL;

	if (i == 0 || i + 1 >= part->count || !w->digits || w->ndigits != 1 || !next->digits ||
	    next->ndigits != 1 || next->claim || next->gap != GAP_DOT || !claim_is_tech(w[-1].claim) ||
	    !(w->number == 2 || w->number == 5 || w->number == 7) || next->number > 1 ||
	    (behind && !claim_is_tech(behind->claim) && !(behind->gap & (GAP_BRACKET | GAP_DASH))))
		return false;
	*words = 2;
	part_add(part, NAME_AUDIO_CHANNELS, arena_printf(part->arena, "%d.%d", w->number, next->number), 0, i,
		 i + 1, "5.1 by itself");
	return true;
}

/* Is the row whose last word is `end` - 1 meant, with nothing but meant words behind it? Its first word.
 * `year`: what is behind it is one, and in brackets when it is 2. */
static bool take_before(struct part *part, size_t end, bool anchored, int year, size_t *first)
{
	const struct word *w = &part->words[end - 1];
	const struct name_row *row;
	size_t start, words;

	if (w->row_at == 0)
		return false;
	start = w->row_at - 1u;
	row = part->words[start].row;
	if (start + part->words[start].row_words != end || row->flags & ROW_KEY || start <= part->title_first)
		return false;
	if (is_service(part, start, &words) && start + words == end) {
		tech_apply(part, start, part->words[start].service, words, "service before a source");
		*first = start;
		return true;
	}
	if (row->property == NAME_COUNTRY ||
	    (row->flags & ROW_WEAK && !anchored && !(row->property == NAME_EDITION && end - start > 1)) ||
	    group_place(part, start, end - start) || !code_written_as_code(part, start, false) ||
	    title_ends_with(part, start, end, row, year))
		return false;
	if (row->property == NAME_EPISODE_DETAILS && !part->has_episode)
		return false;
	if (row->property == NAME_KEY_SUB && !sub_beside_language(part, start))
		return false;
	tech_apply(part, start, row, end - start, "before the technical words");
	*first = start;
	return true;
}

static bool is_stop(int claim)
{
	return claim == NAME_EPISODE || claim == NAME_SEASON || claim == NAME_PART;
}

/* From word `from` back while every word is meant. */
static void chain_back(struct part *part, size_t from, bool anchored)
{
	size_t end = from, words;
	int year = 0;

	while (end > 0) {
		size_t first = end - 1;
		struct word *w = &part->words[end - 1];

		*part->steps += 1;
		if (is_stop(w->claim))
			return;
		if (w->claim == NAME_YEAR)
			year = part->year_bracketed ? 2 : 1;
		else if (w->claim == NAME_DATE)
			year = 1;
		if (end > 2 && !part->words[end - 2].claim && !w->claim &&
		    is_service(part, end - 2, &words) && words == 2)
			tech_apply(part, first = end - 2, part->words[end - 2].service, 2,
				   "service before a source");
		else if (!w->claim && is_service(part, end - 1, &words) && words == 1 && end > 1)
			tech_apply(part, end - 1, w->service, 1, "service before a source");
		else if (!w->claim && !take_before(part, end, anchored, year, &first))
			return;
		end = first;
		anchored = true;
	}
}

/* "[English Dub]", "(German Audio)": what says of a language in brackets that it is spoken. */
static bool says_spoken(const struct part *part, size_t i)
{
	const struct word *before = i ? &part->words[i - 1] : NULL;

	return before && before->group == part->words[i].group && before->row &&
	       before->row->flags & ROW_LANG &&
	       (word_is(part, i, "dub") || word_is(part, i, "dubbed") || word_is(part, i, "audio"));
}

/* "[eng+ru]", "(fr vhs rip)": two letters in brackets are a code beside another one or what is technical. */
static bool code_in_brackets(const struct part *part, size_t i)
{
	const struct word *w = &part->words[i], *next = i + 1 < part->count ? w + 1 : NULL;
	const unsigned joined = GAP_DASH | GAP_AND | GAP_COMMA | GAP_SLASH;

	if (next && next->group == w->group &&
	    (next->gap & joined || (next->row && !(next->row->flags & ROW_TWO))))
		return true;
	return i > 0 && w[-1].group == w->group && w->gap & joined;
}

/* "[Group][Dual][01][1080P]": the title is in brackets like all the rest. */
static bool nothing_but_brackets(const struct part *part)
{
	return part->words[0].group && part->words[part->count - 1].group && part->tech < part->count &&
	       part->words[part->title_first].gap & GAP_OPEN;
}

/* Brackets that hold nothing but rows and claimed words. */
static void take_brackets(struct part *part)
{
	size_t words;

	for (size_t i = 0; i < part->count;) {
		uint16_t group = part->words[i].group;
		size_t end = i;
		bool all = group && i > 0 && !(i == part->title_first && nothing_but_brackets(part));

		while (end < part->count && part->words[end].group == group) {
			const struct word *w = &part->words[end];

			if (!w->claim && !says_spoken(part, end) &&
			    !(w->row_at && w->row_at > i &&
			      !(part->words[w->row_at - 1].row->flags & ROW_KEY)))
				all = false;
			end++;
		}
		for (size_t j = i; all && j < end; j++) {
			const struct word *w = &part->words[j];

			if (!w->claim && j > i && is_service(part, j, &words) && words == 1)
				tech_apply(part, j, w->service, 1, "service before a source");
			else if (!w->claim && w->row &&
				 (!(w->row->flags & ROW_TWO) || word_is_upper(part, j) ||
				  code_in_brackets(part, j)) &&
				 !(w->row->flags & ROW_WEAK && end - i == 1 && end == part->count && i > 0 &&
				   !(w->row->flags & ROW_LANG) && part->words[i].gap & GAP_DASH))
				tech_apply(part, j, w->row, w->row_words, "alone in brackets");
			else if (!w->claim && says_spoken(part, j))
				part_claim(part, j, j, NAME_LANGUAGE);
		}
		*part->steps += 1;
		i = end;
	}
}

/* "THE.LAST.OF.US.S01": no country. */
static bool goes_on_with_us(const struct part *part, size_t i)
{
	static const char *const words[] = { "of",   "is",  "with", "about", "between", "among",
					     "like", "for", "to",   "than",  "and",	"from" };

	for (size_t n = 0; word_is(part, i, "us") && n < sizeof(words) / sizeof(words[0]); n++) {
		if (word_is(part, i - 1, words[n]))
			return true;
	}
	return false;
}

/* "Show.US.S01", "The Office (US)" */
static void find_country(struct part *part)
{
	for (size_t i = 1; i < part->count && i < part->tech; i++) {
		struct word *w = &part->words[i];
		bool ends = i + 1 < part->count &&
			    (part->words[i + 1].claim == NAME_EPISODE ||
			     part->words[i + 1].claim == NAME_SEASON ||
			     part->words[i + 1].claim == NAME_DATE || part->words[i + 1].claim == NAME_YEAR);

		if (w->claim || !w->row || !word_is_upper(part, i))
			continue;
		if (w->row->property != NAME_COUNTRY || goes_on_with_us(part, i) || i <= part->title_first)
			continue;
		if (bracket_alone(part, i) || (ends && part->has_episode) ||
		    (ends && part->words[i + 1].claim == NAME_DATE))
			tech_apply(part, i, w->row, 1, "country behind the title");
	}
}

/* "2005.Directors.Cut.Roadshow.Version.1080p": behind a film's year an edition is one, whatever follows it.
 */
static void edition_behind_year(struct part *part)
{
	for (size_t i = 1; !part->has_episode && i < part->count && i < part->tech; i++) {
		struct word *w = &part->words[i];

		*part->steps += 1;
		if (part->words[i - 1].claim == NAME_YEAR && !w->claim && w->row && w->row_at == i + 1 &&
		    w->row->property == NAME_EDITION)
			tech_apply(part, i, w->row, w->row_words, "edition behind the year");
	}
}

/* "S01Extras", "Complete Series S01", "S01E02 Title REPACK-GROUP" */
static void around_episode(struct part *part)
{
	bool seen = false, mixed = false;

	for (size_t i = 0; i < part->count && i <= part->tech; i++) {
		const struct word *w = &part->words[i];
		bool season = i + 1 < part->count && part->words[i + 1].claim == NAME_SEASON;

		*part->steps += 1;
		if (w->claim == NAME_SEASON || w->claim == NAME_EPISODE)
			seen = true;
		else if (seen)
			mixed = mixed || (!word_is_upper(part, i) && !w->claim);
		if (w->claim || !w->row || w->row_at != i + 1 || !i)
			continue;
		if (w->row->property == NAME_SOURCE && part->words[i - 1].claim == NAME_SEASON)
			tech_apply(part, i, w->row, w->row_words, "source behind the season");
		if (w->row->property != NAME_OTHER || w->claim)
			continue;
		season = i + w->row_words < part->count && part->words[i + w->row_words].claim == NAME_SEASON;
		if ((part->words[i - 1].claim == NAME_SEASON && w->row->flags & ROW_WEAK &&
		     (word_is(part, i, "extras") || word_is(part, i, "bonus"))) ||
		    (season && !part_has(part, NAME_EPISODE) && !strcmp(w->row->value, "Complete")) ||
		    (seen && mixed && w->row->flags & ROW_TECH && w->len > 4 && word_is_upper(part, i) &&
		     part->has_episode)) {
			tech_apply(part, i, w->row, w->row_words, "beside the episode");
			if (seen && part->words[i - 1].claim != NAME_SEASON && part->tech > i) {
				part->tech = i;
				return;
			}
		}
	}
}

/* "1080 HDTV", "[720 x264]": a picture's height without its p. */
static void bare_height(struct part *part)
{
	static const int heights[] = { 480, 576, 720, 1080, 2160 };
	bool sure = part->has_episode || part_has(part, NAME_YEAR) || part_has(part, NAME_DATE);

	for (size_t i = 1; i < part->count && !part_has(part, NAME_SCREEN_SIZE); i++) {
		const struct word *w = &part->words[i];
		bool beside = claim_is_tech(part->words[i - 1].claim) ||
			      part->words[i - 1].claim == NAME_DATE ||
			      (i + 1 < part->count && claim_is_tech(part->words[i + 1].claim));

		if (!w->digits || w->claim || w->bad_dash || !beside || !(sure || w->group))
			continue;
		for (size_t h = 0; h < sizeof(heights) / sizeof(heights[0]); h++) {
			if (w->number != heights[h])
				continue;
			part_add(part, NAME_SCREEN_SIZE, arena_printf(part->arena, "%dp", w->number), 0, i, i,
				 "1080 beside");
			if (i < part->tech)
				part->tech = i;
			break;
		}
	}
}

/* "UHD 2160p BluRay": the one source that both words mean. */
static void join_uhd(struct part *part)
{
	struct name_value *disc = NULL, *uhd = NULL;

	for (size_t i = 0; i < part->value_count; i++) {
		struct name_value *v = &part->values[i];

		if (v->property == NAME_SOURCE && !strcmp(v->text, "Blu-ray"))
			disc = v;
		if (v->property == NAME_OTHER && !strcmp(v->text, "Ultra HD"))
			uhd = v;
	}
	if (disc && uhd) {
		disc->text = "Ultra HD Blu-ray";
		uhd->property = NAME_NOTHING;
	}
}

static void single_row(struct part *part)
{
	const struct word *w = &part->words[0];

	if (languages_alone(part))
		return;
	if (w->claim || !w->row || w->row_words != part->count || w->row->flags & ROW_KEY)
		return;
	if (!(w->row->flags & ROW_STRONG) && part->count == 1 && !part_is_subtitle(part) &&
	    (!part->is_file || part_has(part, NAME_CONTAINER)))
		return; /* "Cam.mkv", "Extended/Season 1" */
	if (w->row->flags & (ROW_STRONG | ROW_TECH) || w->row->property == NAME_EDITION ||
	    (w->row->property == NAME_LANGUAGE && (word_is_upper(part, 0) || word_is(part, 0, "pt"))) ||
	    (w->row->property == NAME_OTHER && w->len <= 2))
		tech_apply(part, 0, w->row, w->row_words, "nothing else");
}

/* "REPACK2": the second one. */
static int times_said(const struct part *part, size_t i)
{
	char last = word_key(part, i)[part->words[i].keylen - 1];

	return last >= '2' && last <= '9' ? last - '0' : 1;
}

/* How often the release was corrected. */
static void count_propers(struct part *part)
{
	int count = 0;
	bool real = false;
	size_t first = part->count;

	for (size_t i = 0; i < part->count; i++) {
		const struct word *w = &part->words[i];

		if (w->claim != NAME_OTHER || !w->row || w->row_at != i + 1 || !(w->row->flags & ROW_PROPER))
			continue;
		count += w->row_words == 1 ? times_said(part, i) : w->row_words;
		real = real || word_is(part, i, "real");
		if (first == part->count)
			first = i;
	}
	if (count)
		part_add(part, NAME_PROPER_COUNT, NULL, count == 1 && real ? 2 : count, 1, 0,
			 "corrections counted");
}

/* "2019.MULTi-GRP": no technical words but a language, and a group behind it. */
static bool group_behind_language(const struct part *part)
{
	const struct word *last = &part->words[part->count - 1];

	return part->count > 2 && last->gap == GAP_DASH && !last->claim && last[-1].row &&
	       last[-1].row->flags & ROW_LANG && !last[-1].claim && stands_out(part, part->count - 2);
}

void title_first_find(struct part *part)
{
	size_t i = 0;

	part->title_first = 0;
	if (!part->count)
		return;
	if (part->words[0].gap & GAP_OPEN && part->words[0].group) {
		while (i < part->count && part->words[i].at < part->brackets[part->words[0].group].close)
			i++;
	}
	while (i < part->count && (part->words[0].group || part->words[i].claim == NAME_WEBSITE) &&
	       (claim_is_tech(part->words[i].claim) || part->words[i].claim == NAME_WEBSITE))
		i++;
	while (i + 1 < part->count && part->words[i].digits && part->words[i].ndigits <= 3 &&
	       !part->words[i].claim && (part->words[i + 1].bad_dash || part->hint == NAME_AS_SHOW))
		i++; /* "01 - Title" */
	part->title_first = i < part->count ? i : 0;
}

void zone_find(struct part *part)
{
	size_t words;
	bool anchored = part->has_episode || part_has(part, NAME_YEAR) || part_has(part, NAME_DATE);

	if (!part->count)
		return;
	single_row(part);
	bare_height(part);
	subtitle_file_find(part);
	take_brackets(part);
	edition_behind_year(part);
	around_episode(part);
	for (size_t i = part->tech; i < part->count; i++) {
		*part->steps += 1;
		if (!part->words[i].claim &&
		    (take_behind(part, i, &words) || channels_alone(part, i, &words)))
			i += words - 1;
	}
	if (part->tech < part->count)
		chain_back(part, part->tech, true);
	else
		chain_back(part, part->count - (anchored && group_behind_language(part)), anchored);
	find_country(part);
	language_find(part);
	count_propers(part);
	join_uhd(part);
	language_drop_unknown(part);
	for (size_t i = 1; i < part->tech; i++) { /* the zone may begin earlier now */
		if (claim_is_tech(part->words[i].claim) && part->words[i].claim != NAME_EDITION &&
		    part->words[i].claim != NAME_VERSION && !part->words[i - 1].claim) {
			part->tech = i;
			break;
		}
	}
}
