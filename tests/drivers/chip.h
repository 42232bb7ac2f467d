/* chip.h - what the test drivers have in place of a graphics chip: libx264, and the faults that a test asks for.
 *
 * TEST_CHIP names a file of words, which is read again each time, so that a test can break a chip that is in use. No
 * variable, no file, no words: the chip works.
 *
 *	absent		it is not there at all (no device, no driver)
 *	forbidden	(VA) this user may not open the device
 *	refuse		it is there, and no encoder opens
 *	sessions N	no more than N encoders at a time in all processes, as cheap cards have it
 *	fail N		picture N of each encoder (from 0) and all after it fail
 *	crash N, hang N	picture N kills the process (SIGSEGV), or never comes
 *	lasts N		... of these, but not before N pictures were made from then on, by all encoders in all processes
 *	own		parameter sets are the driver's own, and no delimiters
 *	sps		and others than before
 *	nosync		(VA) an old driver, without vaSyncBuffer
 *	cqp		(VA, QSV) an old chip: constant quantizer is all that it can do
 *	strange		(QSV) the runtime does not know the chip
 *	vbr		(QSV) an old chip: no bit rate led by quality
 *	old		(NVENC) a driver from before libavcodec's
 *	lost N		(QSV) picture N of each encoder was taken, and then the device is lost
 *	busy N		(QSV) picture N was taken, and is in execution for ever
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True when the word stands there; *ret (may be NULL) is the number behind it, 0 when there is none. */
bool chip_told(const char *word, int *ret);

struct chip_setup {
	int width, height; /* as shown */
	int fps_num, fps_den;
	int level, qp;
};

struct chip;

/* NULL: refused, or all sessions are taken. */
struct chip *chip_open(void);
void chip_close(struct chip *chip); /* NULL is fine */

/* Before the first picture. */
bool chip_set_up(struct chip *chip, const struct chip_setup *setup);

struct chip_picture {
	const uint8_t *luma, *chroma; /* NV12 */
	int pitch;
	int64_t number;
	bool key;
};

/* NULL: no more come. False: it fails. What comes out is asked for by chip_output(). */
bool chip_input(struct chip *chip, const struct chip_picture *picture);

/* What the words ask for has come, at the picture that is next. */
bool chip_suffers(const struct chip *chip, const char *fault);

/* SPS and PPS behind start codes, once it is set up; valid until it is closed. */
void chip_sets(const struct chip *chip, const uint8_t **data, size_t *len);

/* The next access unit, valid until the next call; false: none yet. The first has parameter sets. */
bool chip_output(struct chip *chip, const uint8_t **data, size_t *len, int64_t *number, bool *key);
