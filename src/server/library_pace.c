/* library_pace.c - see library_pace.h. */
#include "server/library_pace.h"

void library_pace_note(struct library_pace *pace)
{
	pace->noted = true;
}

int64_t library_pace_due(const struct library_pace *pace)
{
	if (!pace->noted)
		return INT64_MAX;
	return pace->working ? pace->begun_ns + LIBRARY_PACE_MAX_NS : pace->next_ns;
}

bool library_pace_take(struct library_pace *pace, int64_t now_ns)
{
	if (now_ns < library_pace_due(pace))
		return false;
	*pace = (struct library_pace){ .working = true, .begun_ns = now_ns };
	return true;
}

void library_pace_done(struct library_pace *pace, int64_t now_ns)
{
	int64_t took_ns = now_ns - pace->begun_ns;

	if (!pace->working)
		return;
	pace->working = false;
	pace->next_ns = now_ns + (took_ns < LIBRARY_PACE_MAX_NS ? took_ns : LIBRARY_PACE_MAX_NS);
}
