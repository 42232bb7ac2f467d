/* control.c - see control.h. Frames: one type byte ('q' query, 'o' out, 'e' err, 'x' exit), a little-endian uint32
 * length, the bytes. Paths longer than a socket address can hold go through /proc/self/fd. */
#include "cli/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "store/store.h"

#define FRAME_MAX ((size_t)1 << 20)
#define STOP_LOOK_MS 100

struct frame {
	char type;
	struct buf data;
};

struct control {
	struct run_house house;
	int listen_fd, stop_fd[2];
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	int running;
	volatile bool stopping;
};

struct session {
	struct control *control;
	int fd;
	volatile bool cancelled;
	volatile bool finished;
};

static int send_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int send_frame(int fd, char type, const void *data, size_t len)
{
	unsigned char head[5] = { (unsigned char)type, (unsigned char)len, (unsigned char)(len >> 8),
				  (unsigned char)(len >> 16), (unsigned char)(len >> 24) };

	return send_all(fd, head, sizeof(head)) < 0 || send_all(fd, data, len) < 0 ? -1 : 0;
}

/* `stop`, when it is not NULL, ends the waiting: it is set by a signal, also by one that comes just before the wait. */
static int receive_all(int fd, void *data, size_t len, const volatile bool *stop)
{
	char *at = data;

	while (len) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n;

		if (stop && *stop)
			return -1;
		if (stop && poll(&p, 1, STOP_LOOK_MS) <= 0)
			continue;
		n = recv(fd, at, len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int receive_frame(int fd, struct frame *ret, const volatile bool *stop)
{
	unsigned char head[5];
	size_t len;
	char *to;

	if (receive_all(fd, head, sizeof(head), stop) < 0)
		return -1;
	len = (size_t)head[1] | (size_t)head[2] << 8 | (size_t)head[3] << 16 | (size_t)head[4] << 24;
	if (len > FRAME_MAX)
		return -1;
	buf_reset(&ret->data);
	to = buf_reserve(&ret->data, len);
	if (!to || receive_all(fd, to, len, stop) < 0)
		return -1;
	ret->data.len = len;
	to[len] = '\0';
	ret->type = (char)head[0];
	return 0;
}

static int address_of(const char *data_dir, int *dir_fd, struct sockaddr_un *ret, struct err *err)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	*dir_fd = open(data_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*dir_fd < 0)
		return err_errno(err, "open the data folder '%s'", data_dir);
	snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d/control.sock", *dir_fd);
	return 0;
}

/* ---- the server's side ---- */

struct stream {
	struct session *session;
	char type;
};

static ssize_t stream_write(void *cookie, const char *data, size_t len)
{
	struct stream *stream = cookie;
	size_t left = len;

	while (left) {
		size_t part = left < 65536 ? left : 65536;

		if (send_frame(stream->session->fd, stream->type, data, part) < 0) {
			stream->session->cancelled = true;
			return 0;
		}
		data += part;
		left -= part;
	}
	return (ssize_t)len;
}

static FILE *open_stream(struct stream *stream)
{
	FILE *file = fopencookie(stream, "w", (cookie_io_functions_t){ .write = stream_write });

	if (!file)
		abort();
	setvbuf(file, NULL, stream->type == 'e' ? _IOLBF : _IOFBF, 16384);
	return file;
}

/* Notices that the client left while the command works. */
static void *watch_client(void *argument)
{
	struct session *session = argument;

	while (!session->finished && !session->cancelled) {
		struct pollfd p = { .fd = session->fd, .events = POLLRDHUP };

		if (poll(&p, 1, 200) > 0 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR)))
			session->cancelled = true;
		if (session->control->stopping)
			session->cancelled = true;
	}
	return NULL;
}

static int run_query(struct session *session, const json_t *query)
{
	const json_t *words = json_object_get(query, "argv");
	size_t argc = json_array_size(words);
	CLEANUP(cleanup_free) char **argv = calloc(argc + 1, sizeof(char *));
	CLEANUP(cleanup_free) char *cwd = json_path(query, "cwd");
	struct stream out = { session, 'o' }, err = { session, 'e' };
	struct run_terminal terminal = {
		.out = open_stream(&out),
		.err = open_stream(&err),
		.out_tty = json_flag(query, "out_tty", false),
		.err_tty = json_flag(query, "err_tty", false),
		.color = json_flag(query, "color", false),
		.columns = (int)json_int(query, "columns", 80),
		.cwd = cwd ? cwd : "/",
		.cancelled = &session->cancelled,
	};
	int exit_code;

	if (!argv)
		abort();
	for (size_t i = 0; i < argc; i++) {
		CLEANUP(json_cleanup) json_t *one = json_pack("{s:O}", "w", json_array_get(words, i));

		argv[i] = json_path(one, "w");
		if (!argv[i])
			argv[i] = strdup("");
	}
	exit_code = run_command((int)argc, argv, &terminal, &session->control->house);
	fclose(terminal.out);
	fclose(terminal.err);
	for (size_t i = 0; i < argc; i++)
		free(argv[i]);
	return exit_code;
}

static bool is_ours(int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0 &&
	       (cred.uid == geteuid() || cred.uid == 0);
}

static void serve_client(struct session *session)
{
	CLEANUP(json_cleanup) json_t *query = NULL;
	struct frame frame = { 0 };
	struct timeval limit = { .tv_sec = 10 };
	pthread_t watcher;
	int exit_code;
	char text[16];

	setsockopt(session->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	frame.data.max = FRAME_MAX;
	if (!is_ours(session->fd) || receive_frame(session->fd, &frame, NULL) < 0 || frame.type != 'q')
		goto out;
	query = json_parse(buf_text(&frame.data), frame.data.len, NULL);
	if (!query || pthread_create(&watcher, NULL, watch_client, session) != 0)
		goto out;
	exit_code = run_query(session, query);
	session->finished = true;
	pthread_join(watcher, NULL);
	snprintf(text, sizeof(text), "%d", exit_code);
	send_frame(session->fd, 'x', text, strlen(text));
out:
	buf_free(&frame.data);
}

static void *session_thread(void *argument)
{
	struct session *session = argument;
	struct control *control = session->control;

	serve_client(session);
	close(session->fd);
	free(session);
	pthread_mutex_lock(&control->lock);
	control->running--;
	pthread_cond_signal(&control->ended);
	pthread_mutex_unlock(&control->lock);
	return NULL;
}

static void begin_session(struct control *control, int fd)
{
	struct session *session = calloc(1, sizeof(*session));
	pthread_attr_t attr;
	pthread_t thread;

	if (!session)
		abort();
	*session = (struct session){ .control = control, .fd = fd };
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_mutex_lock(&control->lock);
	if (pthread_create(&thread, &attr, session_thread, session) == 0) {
		control->running++;
	} else {
		close(fd);
		free(session);
	}
	pthread_mutex_unlock(&control->lock);
	pthread_attr_destroy(&attr);
}

static void *accept_thread(void *argument)
{
	struct control *control = argument;

	while (!control->stopping) {
		struct pollfd p[2] = { { .fd = control->listen_fd, .events = POLLIN },
				       { .fd = control->stop_fd[0], .events = POLLIN } };
		int fd;

		if (poll(p, 2, -1) < 0 && errno != EINTR)
			break;
		if (!(p[0].revents & POLLIN))
			continue;
		fd = accept4(control->listen_fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			begin_session(control, fd);
	}
	return NULL;
}

static int listen_at(const char *data_dir, int *ret_fd, struct err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	struct sockaddr_un address;
	int fd;

	if (address_of(data_dir, &dir, &address, err) < 0)
		return -(int)err->code;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(err, "open the control socket");
	unlinkat(dir, "control.sock", 0); /* ours by the store's lock; a killed server left it */
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    fchmodat(dir, "control.sock", 0600, 0) < 0 || listen(fd, 32) < 0) {
		err_errno(err, "listen on '%s/control.sock'", data_dir);
		close(fd);
		return -(int)ERR_IO;
	}
	*ret_fd = fd;
	return 0;
}

struct control *control_start(const struct run_house *house, struct err *err)
{
	struct control *control = calloc(1, sizeof(*control));

	if (!control)
		abort();
	control->house = *house;
	control->listen_fd = -1;
	pthread_mutex_init(&control->lock, NULL);
	pthread_cond_init(&control->ended, NULL);
	if (listen_at(store_dir(house->store), &control->listen_fd, err) < 0) {
		free(control);
		return NULL;
	}
	if (pipe2(control->stop_fd, O_CLOEXEC) < 0 ||
	    pthread_create(&control->thread, NULL, accept_thread, control) != 0)
		abort();
	return control;
}

void control_stop(struct control *control)
{
	if (!control)
		return;
	control->stopping = true;
	if (write(control->stop_fd[1], "x", 1) < 0)
		log_warning("control", "the accept thread could not be woken");
	pthread_join(control->thread, NULL);
	pthread_mutex_lock(&control->lock);
	while (control->running > 0)
		pthread_cond_wait(&control->ended, &control->lock);
	pthread_mutex_unlock(&control->lock);
	close(control->listen_fd);
	close(control->stop_fd[0]);
	close(control->stop_fd[1]);
	pthread_mutex_destroy(&control->lock);
	pthread_cond_destroy(&control->ended);
	free(control);
}

/* ---- the client's side ---- */

static int connect_to(const char *data_dir, struct err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	struct sockaddr_un address;
	int fd;

	if (address_of(data_dir, &dir, &address, err) < 0)
		return -(int)err->code;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(err, "open a socket");
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return err_set(err, ERR_BUSY,
			       "another matinee holds '%s' and takes no commands; wait until it has ended", data_dir);
	}
	return fd;
}

static int send_query(int fd, int argc, char **argv, const struct run_terminal *terminal)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	CLEANUP(json_cleanup) json_t *query = NULL;
	json_t *words = json_array();

	for (int i = 0; i < argc; i++)
		json_array_append_new(words, json_from_path(argv[i]));
	query = json_pack("{s:o, s:o, s:b, s:b, s:b, s:i}", "argv", words, "cwd", json_from_path(terminal->cwd),
			  "out_tty", terminal->out_tty, "err_tty", terminal->err_tty, "color", terminal->color,
			  "columns", terminal->columns);
	json_write(&text, query);
	return send_frame(fd, 'q', text.data, text.len);
}

/* 0 when it was the last one, else -1. */
static int take_frame(const struct frame *frame, const struct run_terminal *terminal, int *ret_exit_code)
{
	FILE *to = frame->type == 'o' ? terminal->out : terminal->err;

	if (frame->type == 'x') {
		*ret_exit_code = atoi(buf_text(&frame->data));
		return 0;
	}
	if (frame->type == 'o' || frame->type == 'e')
		fwrite(frame->data.data, 1, frame->data.len, to);
	fflush(to);
	return -1;
}

int control_send(const char *data_dir, int argc, char **argv, const struct run_terminal *terminal, int *ret_exit_code,
		 struct err *err)
{
	CLEANUP(cleanup_fd) int fd = connect_to(data_dir, err);
	struct frame frame = { .data = { .max = FRAME_MAX } };
	int rc = -1;

	if (fd < 0)
		return -(int)err->code;
	if (send_query(fd, argc, argv, terminal) < 0)
		return err_set(err, ERR_IO, "the server closed the connection");
	while (rc < 0 && receive_frame(fd, &frame, terminal->cancelled) == 0)
		rc = take_frame(&frame, terminal, ret_exit_code);
	buf_free(&frame.data);
	if (rc < 0 && *terminal->cancelled)
		return err_set(err, ERR_CONFLICT,
			       "interrupted; the server was told to stop the command too, and what it had done stays");
	if (rc < 0)
		return err_set(err, ERR_IO, "the server ended before the command did");
	return 0;
}
