/* bare_probe.c - the least that probing with libavformat can cost: open, find stream information, close; for each file
 * named on the command line, in one process and one thread. The peer of `matinee scan` in bench/run.py. */
#include <libavformat/avformat.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	int opened = 0;

	av_log_set_level(AV_LOG_QUIET);
	for (int i = 1; i < argc; i++) {
		AVFormatContext *file = NULL;

		if (avformat_open_input(&file, argv[i], NULL, NULL) < 0)
			continue;
		if (avformat_find_stream_info(file, NULL) >= 0)
			opened++;
		avformat_close_input(&file);
	}
	printf("%d\n", opened);
	return opened == argc - 1 ? 0 : 1;
}
