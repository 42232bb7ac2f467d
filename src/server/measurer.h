/* measurer.h - has the files that air measured, one after the other, by workers of the lowest rank: ten windows of each
 * at once, all of it while nothing is encoded; and read whole where a channel copies pictures. While nothing is
 * encoded new and changed files are validated, too, those that air first. What comes of it changes the log beyond the lock. */
#pragma once

#include <stdbool.h>

struct measurer;
struct server;

/* `loudness`: sound is brought to one level (station/gain.h). `validate`: files are validated before they air. Started
 * after the producer stands. */
struct measurer *measurer_start(struct server *server, bool loudness, bool validate);
void measurer_poke(struct measurer *measurer); /* there may be more to do; NULL is fine */
void measurer_stop(struct measurer *measurer); /* before the producer's; NULL is fine */
void measurer_free(struct measurer *measurer); /* after the producer has stopped; NULL is fine */
