/* thumbnail.h - pictures of items: made once by a worker, kept in <data>/thumbs/. Who asks waits a while. */
#pragma once

struct server;
struct thumbnails;

struct thumbnails *thumbnails_new(struct server *server);
void thumbnails_free(struct thumbnails *thumbnails); /* after the producer has stopped; NULL is fine */
