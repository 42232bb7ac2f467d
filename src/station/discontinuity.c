/* discontinuity.c - see discontinuity.h. */
#include "station/discontinuity.h"

#include "base/cleanup.h"
#include "station/on_air.h"

/* The override in force at a number; 0 none. */
static int64_t in_force(const struct override_list *list, int64_t seq)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->overrides[i].seq_from <= seq && seq < list->overrides[i].seq_to)
			return list->overrides[i].id;
	return 0;
}

/* Something else is shown from this number on, and it was not counted for one of the first `before` in the list. */
static bool is_border(const struct override_list *list, int64_t seq, size_t before)
{
	for (size_t i = 0; i < before; i++)
		if (list->overrides[i].seq_from == seq || list->overrides[i].seq_to == seq)
			return false;
	return in_force(list, seq) != in_force(list, seq - 1);
}

/* In (from, to]. */
static int64_t borders(const struct override_list *list, int64_t from, int64_t to)
{
	int64_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct override *o = &list->overrides[i];

		count += o->seq_from > from && o->seq_from <= to && is_border(list, o->seq_from, i);
		count += o->seq_to > from && o->seq_to <= to && is_border(list, o->seq_to, i);
	}
	return count;
}

int64_t discontinuity_at(const struct timeline_row *row, const struct override_list *overrides, int64_t seq)
{
	return row->discontinuity + borders(overrides, row->first_seq, seq);
}

int discontinuity_behind(struct db *db, const struct timeline_row *row, int64_t *ret, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct override_list list = { 0 };
	int64_t end = row->first_seq + row->segments;
	int rc = overrides_window(db, row->channel_id, row->first_seq, end, &arena, &list, err);

	if (rc == 0)
		*ret = discontinuity_at(row, &list, end - 1) + 1;
	return rc;
}

int discontinuity_renumber(struct db *writer, const struct channel *channel, int64_t seq_from, int64_t seq_to,
			   struct err *err)
{
	struct timeline_row row, next;
	int rc = 0;

	if (!on_air_copies(channel))
		return 0;
	for (int64_t seq = seq_from; rc == 0 && seq < seq_to; seq = next.first_seq) {
		CLEANUP(arena_free) struct arena arena = { 0 };
		int64_t number;

		if (timeline_by_seq(writer, channel->id, seq, &arena, &row, NULL) < 0 ||
		    timeline_by_seq(writer, channel->id, row.first_seq + row.segments, &arena, &next, NULL) < 0)
			return 0; /* the end of the log */
		rc = discontinuity_behind(writer, &row, &number, err);
		if (rc == 0 && number != next.discontinuity)
			rc = timeline_shift_discontinuity(writer, channel->id, next.first_seq, number - next.discontinuity, err);
	}
	return rc;
}
