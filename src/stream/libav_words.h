/* libav_words.h - what libav says when something fails: its numbers alone are often "Unknown error occurred". Worker only. */
#pragma once

struct libav_words {
	char text[240]; /* the first errors, one behind another; "" none */
};

/* Errors of this thread are added there from now on, instead of being written; NULL: nowhere any more. */
void libav_words_listen(struct libav_words *words);
