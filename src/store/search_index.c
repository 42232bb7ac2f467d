/* search_index.c - see search_index.h. */
#include "store/search_index.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/by_id.h"
#include "base/cleanup.h"
#include "store/search_fold.h"

#define ENTRY_WORDS 96 /* of one item at most */

struct search_index *search_index_new(void)
{
	struct search_index *index = calloc(1, sizeof(*index));

	if (!index || pthread_rwlock_init(&index->lock, NULL) != 0)
		abort();
	return index;
}

static void forget(struct search_index *index)
{
	free(index->entries);
	free(index->words);
	free(index->terms);
	free(index->slots);
	free(index->text);
	index->entries = NULL;
	index->words = NULL;
	index->terms = NULL;
	index->slots = NULL;
	index->text = NULL;
	index->count = index->entries_cap = index->word_count = index->words_cap = index->term_count = 0;
	index->terms_cap = index->slot_count = index->text_len = index->text_cap = index->wasted =
		index->kind_count = 0;
	index->stamp = 0;
}

void search_index_free(struct search_index *index)
{
	if (!index)
		return;
	forget(index);
	pthread_rwlock_destroy(&index->lock);
	free(index);
}

/* Room for `more` elements. */
static void *room(void *array, size_t count, size_t more, size_t *cap, size_t size)
{
	if (count + more <= *cap)
		return array;
	*cap = *cap + *cap / 2 > count + more ? *cap + *cap / 2 : count + more + 64;
	array = realloc(array, *cap * size);
	if (!array)
		abort();
	return array;
}

static uint32_t add_text(struct search_index *index, const char *text, size_t len)
{
	uint32_t at = (uint32_t)index->text_len;

	index->text = room(index->text, index->text_len, len + 1, &index->text_cap, 1);
	memcpy(index->text + at, text, len);
	index->text[at + len] = '\0';
	index->text_len += len + 1;
	return at;
}

/* ---- terms ---- */

uint64_t search_letters(const char *text, size_t len)
{
	uint64_t letters = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		letters |= UINT64_C(1) << (c >= 'a' && c <= 'z' ? c - 'a'
					   : isdigit(c)		? 26 + c - '0'
								: 36 + c % 24);
	}
	return letters;
}

static size_t slot_of(const struct search_index *index, const char *text, size_t len)
{
	size_t slot = XXH3_64bits(text, len) & (index->slot_count - 1);

	for (;; slot = (slot + 1) & (index->slot_count - 1)) {
		const struct search_term *term;

		if (!index->slots[slot])
			return slot;
		term = &index->terms[index->slots[slot] - 1];
		if (term->len == len && memcmp(index->text + term->at, text, len) == 0)
			return slot;
	}
}

int64_t search_index_term(const struct search_index *index, const char *text, size_t len)
{
	return index->slot_count ? (int64_t)index->slots[slot_of(index, text, len)] - 1 : -1;
}

static void grow_slots(struct search_index *index)
{
	if (index->slot_count > index->term_count * 2 + 2)
		return;
	index->slot_count = index->slot_count ? index->slot_count * 2 : 1024;
	free(index->slots);
	index->slots = calloc(index->slot_count, sizeof(*index->slots));
	if (!index->slots)
		abort();
	for (size_t i = 0; i < index->term_count; i++)
		index->slots[slot_of(index, index->text + index->terms[i].at, index->terms[i].len)] =
			(uint32_t)i + 1;
}

static uint32_t term_number(struct search_index *index, const struct search_word *word)
{
	size_t slot;

	grow_slots(index);
	slot = slot_of(index, word->text, word->len);
	if (!index->slots[slot]) {
		index->terms =
			room(index->terms, index->term_count, 1, &index->terms_cap, sizeof(*index->terms));
		index->terms[index->term_count++] = (struct search_term) {
			.letters = search_letters(word->text, word->len),
			.at = add_text(index, word->text, word->len),
			.len = (uint8_t)word->len,
		};
		index->slots[slot] = (uint32_t)index->term_count;
	}
	return index->slots[slot] - 1;
}

/* ---- entries ---- */

static uint8_t kind_number(struct search_index *index, const char *kind)
{
	size_t i = 0;

	while (i < index->kind_count && strncmp(index->kinds[i], kind, sizeof(index->kinds[i]) - 1) != 0)
		i++;
	if (i == index->kind_count && i < ARRAY_LEN(index->kinds) - 1) {
		strncpy(index->kinds[i], kind, sizeof(index->kinds[i]) - 1);
		index->kind_count++;
	}
	return (uint8_t)i;
}

static bool is_article(const struct search_word *word)
{
	return strcmp(word->text, "the") == 0 || strcmp(word->text, "a") == 0 ||
	       strcmp(word->text, "an") == 0;
}

static uint64_t initials_of(const struct search_word *words, size_t count)
{
	uint64_t initials = 0;
	int n = 0;

	for (size_t i = 0; i < count && n < 8; i++)
		if (!words[i].joined)
			initials |= (uint64_t)(unsigned char)words[i].text[0] << (56 - 8 * n++);
	return n > 1 ? initials : 0;
}

static size_t lower_bound(const struct search_index *index, int64_t id)
{
	if (index->count && index->entries[index->count - 1].id < id)
		return index->count;
	return by_id_place(index->entries, index->count, sizeof(*index->entries), id);
}

static struct search_entry *entry_of(struct search_index *index, int64_t id, bool make)
{
	size_t at = lower_bound(index, id);

	if (at < index->count && index->entries[at].id == id)
		return &index->entries[at];
	if (!make)
		return NULL;
	index->entries = room(index->entries, index->count, 1, &index->entries_cap, sizeof(*index->entries));
	memmove(&index->entries[at + 1], &index->entries[at],
		(index->count++ - at) * sizeof(*index->entries));
	index->entries[at] = (struct search_entry) { .id = id };
	return &index->entries[at];
}

static void fill_entry(struct search_index *index, struct search_entry *entry, const char *title,
		       const char *rest)
{
	struct search_word words[ENTRY_WORDS];
	size_t titled = search_fold(title, true, words, ENTRY_WORDS / 2), plain = 0, count;
	bool article = titled > 2 && is_article(&words[0]);

	count = titled + search_fold(rest, true, words + titled, ENTRY_WORDS - titled);
	for (size_t i = 0; i < titled; i++)
		plain += !words[i].joined;
	entry->title_plain = (uint8_t)plain;
	entry->initials = initials_of(words, titled);
	entry->rest = article ? initials_of(words + 1, titled - 1) : 0;
	index->words = room(index->words, index->word_count, count, &index->words_cap, sizeof(*index->words));
	index->wasted += entry->count;
	entry->words = (uint32_t)index->word_count;
	entry->count = (uint16_t)count;
	entry->title = (uint16_t)titled;
	entry->live = true;
	for (size_t i = 0; i < count; i++)
		index->words[index->word_count++] = term_number(index, &words[i]);
}

/* item_id, kind, title, the whole text, sort key */
static void take_row(struct search_index *index, sqlite3_stmt *stmt)
{
	const char *title = (const char *)sqlite3_column_text(stmt, 3),
		   *text = (const char *)sqlite3_column_text(stmt, 4);
	const char *key = (const char *)sqlite3_column_text(stmt, 5);
	struct search_entry *entry = entry_of(index, sqlite3_column_int64(stmt, 1), text != NULL);
	size_t len;

	if (!entry)
		return;
	if (!text || !title) {
		entry->live = false;
		return;
	}
	len = strlen(title);
	fill_entry(index, entry, title, strncmp(text, title, len) == 0 ? text + len : text);
	entry->kind = kind_number(index, (const char *)sqlite3_column_text(stmt, 2));
	entry->key = add_text(index, key ? key : "", key ? strlen(key) : 0);
}

static int read_changes(struct search_index *index, struct db *db, struct err *err)
{
	sqlite3_stmt *stmt = db_query(
		db,
		"SELECT c.stamp, c.item_id, i.kind, i.title, t.c0, substr(i.sort_title, 1, 60) || "
		"printf(' %05d %05d %05d', ifnull(i.year, 0), ifnull(i.season, 0), ifnull(i.episode, 0)) "
		"FROM search_changes c LEFT JOIN items i ON i.id = c.item_id "
		"LEFT JOIN item_search_content t ON t.id = c.item_id WHERE c.stamp > ? ORDER BY c.stamp",
		err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", index->stamp);
	while ((rc = db_step(db, stmt, err)) > 0) {
		take_row(index, stmt);
		index->stamp = sqlite3_column_int64(stmt, 0);
	}
	db_done(db, stmt);
	return rc;
}

int search_index_refresh(struct search_index *index, struct db *db, struct err *err)
{
	int64_t newest, seen;
	int rc = 0;

	if (db_int(db, &newest, 0, err, "SELECT max(stamp) FROM search_changes", "") < 0)
		return -(int)ERR_STORE;
	pthread_rwlock_rdlock(&index->lock);
	seen = index->stamp;
	pthread_rwlock_unlock(&index->lock);
	if (newest <= seen)
		return 0;
	pthread_rwlock_wrlock(&index->lock);
	/* Replaced entries leave their words behind, until they are half of all: then everything is read
	 * anew. */
	if (index->wasted > 10000 && index->wasted > index->word_count / 2)
		forget(index);
	if (newest > index->stamp)
		rc = read_changes(index, db, err);
	pthread_rwlock_unlock(&index->lock);
	return rc;
}
