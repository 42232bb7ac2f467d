/* rating.h - content ratings of several countries on one scale: the age from which one may watch. */
#pragma once

/* 0..18, or -1 for a rating that is not known. Case, spaces and '-' or '_' do not count. */
int rating_age(const char *rating);

/* The known ratings in order of age, NULL at the end. */
extern const char *const rating_names[];

/* Private to src/store: an SQL expression that is the age of the rating that `expression` gives, NULL when unknown. */
struct buf;
void rating_sql(struct buf *sql, const char *expression);
