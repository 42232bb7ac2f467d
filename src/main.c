/* main.c - where it starts: a command from the table in commands.c, with this terminal around it. */
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/run.h"
#include "store/db.h"

static volatile bool cancelled; /* set by SIGINT and SIGTERM; long work looks at it */

static void on_signal(int number)
{
	(void)number;
	cancelled = true;
}

static int terminal_width(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

int main(int argc, char **argv)
{
	struct sigaction stop = { .sa_handler = on_signal }, ignore = { .sa_handler = SIG_IGN };
	char cwd[PATH_MAX];
	struct err err = { 0 };
	struct run_terminal terminal = {
		.in = stdin,
		.out = stdout,
		.err = stderr,
		.out_tty = isatty(STDOUT_FILENO) == 1,
		.err_tty = isatty(STDERR_FILENO) == 1,
		.columns = terminal_width(),
		.cancelled = &cancelled,
	};

	db_prepare_process();
	setlocale(LC_CTYPE, "C.UTF-8");
	tzset();
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	terminal.color = terminal.out_tty && !getenv("NO_COLOR");
	terminal.cwd = getcwd(cwd, sizeof(cwd)) ? cwd : "/";
	if (clock_init(&err) < 0) {
		fprintf(stderr, "matinee: %s\n", err.text);
		return err_exit_code(err.code);
	}
	return run_command(argc - 1, argv + 1, &terminal, NULL);
}
