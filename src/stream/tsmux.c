/* tsmux.c - see tsmux.h.
 *
 * Two passes. Layout: each picture becomes a PES, AAC frames are grouped into PES, the packets of each PID
 * are counted and padded to a multiple of 16 by stretching PES, a packet here and there, over one packet more
 * than they need (stuffing in the adaptation field). Emission: tables, PCR, pictures and sound merged by
 * time, where a PES' time is the DTS of its first access unit and its packets are spread until the next one's.
 *
 * The clock: the packet that begins a picture carries PCR = DTS - delay. What is sent between two PCRs has a
 * time at or after the first, and they are at most delay apart; so every access unit has arrived when it is
 * decoded (T-STD, 2.4.2), and the sound never waits longer than its buffer of 3,584 bytes holds. With a rate (pictures that
 * some other encoder made) a picture may be sent earlier: tsmux_pace.c says when; the clock follows.
 *
 * Invariant: counters start at 0 and end at 15 on every PID; a PES header lies in one packet with at least a
 * byte of its data; every packet that counts carries at least a byte. Not here: the bytes of a packet
 * (ts_packet.c), moving a segment's clock (ts_stamp.c). */
#include "stream/tsmux.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "stream/plan.h"
#include "stream/ts_packet.h"
#include "stream/tsmux_pace.h"

#define DELAY 7200	  /* ticks from a picture's arrival to its decoding, where the segment says none: 80 ms */
#define PCR_GAP 4500	  /* a picture goes without PCR when the next one comes sooner than this: 50 ms */
#define LEAST_GAP 450	  /* between clocks: 5 ms */
#define AUDIO_PACKET 72	  /* ticks in which 188 bytes leave the transport buffer of the sound, at 2 Mbit/s, and some */
#define TABLE_GAP 18000	  /* aimed at; a picture may come between: 200 ms */
#define AUDIO_BUFFER 3584 /* bytes, T-STD main buffer of stereo AAC */
#define MAX_GROUP 4	  /* AAC frames in a PES */
#define MAX_FRAMES 16384  /* of either kind in a segment */
#define MAX_SPAN 5400000  /* ticks of a segment: 60 s */
#define MAX_PICTURE ((size_t)32 << 20)
#define MAX_AAC ((size_t)(0x1FFF - TS_PACKET_ADTS))
#define NEVER INT64_MAX
#define END "\0\0\0\1\x48\1" /* end of sequence, H.265 7.3.2.6 */
#define END_BYTES ((size_t)6)

struct pes {
	const struct tsmux_frame *frames;
	size_t count;	     /* frames */
	size_t header, data; /* bytes */
	size_t packets;
	int64_t at; /* when it is sent, as a DTS */
	bool pcr;
};

struct track {
	unsigned pid, counter;
	struct pes *pes;
	size_t count, next; /* next: to be emitted */
	size_t packet;	    /* of that: the next; 0: it has not begun */
	struct buf scratch; /* its bytes */
	const uint8_t *data;
	size_t left; /* of them */
};

struct mux {
	const struct tsmux_segment *segment;
	struct track video, audio;
	unsigned pat_counter, pmt_counter;
	int64_t from, to;      /* DTS of the first picture; of the picture that would follow */
	int64_t tables, table; /* how many times PAT and PMT are sent; the next */
	int64_t last_pcr;      /* as a DTS */
	int64_t pictures_to;   /* when the last picture is sent: `to`, or sooner where that is shown for longer than the delay */
	int64_t delay;
	struct buf *out;
};

static void mux_free(struct mux *mux)
{
	free(mux->video.pes);
	free(mux->audio.pes);
	buf_free(&mux->video.scratch);
	buf_free(&mux->audio.scratch);
}

static bool begins_with_aud(const struct tsmux_frame *f, bool hevc)
{
	if (hevc)
		return f->len >= 7 && memcmp(f->data, "\0\0\0\1\x46\x01", 6) == 0;
	return f->len >= 6 &&
	       (memcmp(f->data, "\0\0\0\1\x09", 5) == 0 || memcmp(f->data, "\0\0\1\x09", 4) == 0);
}

static int check_video(const struct tsmux_segment *s, struct err *err)
{
	const struct tsmux_frame *v = s->video;

	if (!s->video_count || s->video_count > MAX_FRAMES || !v[0].key)
		return err_set(
			err, ERR_INVALID,
			"make a segment: %zu pictures, and the first %s a key picture; a segment begins with "
			"one and has at most %d",
			s->video_count, s->video_count && v[0].key ? "is" : "is not", MAX_FRAMES);
	for (size_t i = 0; i < s->video_count; i++) {
		if (!v[i].data || !begins_with_aud(&v[i], s->hevc) || v[i].len > MAX_PICTURE)
			return err_set(
				err, ERR_INVALID,
				"make a segment: picture %zu (%zu bytes) does not begin with an access unit "
				"delimiter or is too large",
				i, v[i].len);
		if (v[i].pts < v[i].dts || (i && v[i].dts <= v[i - 1].dts))
			return err_set(err, ERR_INVALID, "make a segment: picture %zu is out of order", i);
		if (v[i].dts < -MAX_SPAN || v[i].pts > INT64_MAX / 4 || v[i].pts - v[0].dts > MAX_SPAN)
			return err_set(err, ERR_INVALID,
				       "make a segment: picture %zu is at %" PRIi64 " ticks", i, v[i].pts);
	}
	if (s->end_pts <= v[s->video_count - 1].pts || s->end_pts > INT64_MAX / 4 ||
	    s->end_pts - v[0].dts > MAX_SPAN)
		return err_set(err, ERR_INVALID, "make a segment: it cannot end at %" PRIi64 " ticks",
			       s->end_pts);
	return 0;
}

static int check_audio(const struct tsmux_segment *s, struct err *err)
{
	const struct tsmux_frame *a = s->audio;

	if (!s->audio_count || s->audio_count > MAX_FRAMES)
		return err_set(err, ERR_INVALID, "make a segment: %zu audio frames; it has 1 to %d",
			       s->audio_count, MAX_FRAMES);
	for (size_t i = 0; i < s->audio_count; i++) {
		if (!a[i].data || !a[i].len || a[i].len > MAX_AAC)
			return err_set(err, ERR_INVALID,
				       "make a segment: audio frame %zu has %zu bytes; it has 1 to %zu", i,
				       a[i].len, MAX_AAC);
		if (a[i].pts < s->video[0].dts || a[i].pts > s->end_pts || (i && a[i].pts <= a[i - 1].pts))
			return err_set(err, ERR_INVALID,
				       "make a segment: audio frame %zu at %" PRIi64
				       " ticks is out of order or outside",
				       i, a[i].pts);
	}
	return 0;
}

static size_t packets_of(const struct pes *pes)
{
	size_t room = pes->pcr ? TS_PACKET_ROOM_PCR : TS_PACKET_ROOM;
	size_t bytes = pes->header + pes->data;

	return bytes <= room ? 1 : 1 + (bytes - room + TS_PACKET_ROOM - 1) / TS_PACKET_ROOM;
}

static struct pes *pes_array(size_t count)
{
	struct pes *pes = calloc(count, sizeof(*pes));

	if (!pes)
		abort();
	return pes;
}

static void lay_out_video(struct mux *mux)
{
	const struct tsmux_segment *s = mux->segment;
	int64_t last_pcr = mux->from;

	mux->video.pes = pes_array(s->video_count);
	mux->video.count = s->video_count;
	for (size_t i = 0; i < s->video_count; i++) {
		const struct tsmux_frame *f = &s->video[i];
		int64_t next = i + 1 < s->video_count ? f[1].dts : mux->to;
		struct pes *pes = &mux->video.pes[i];

		*pes = (struct pes) { .frames = f, .count = 1, .data = f->len, .at = f->dts };
		if (s->ends && i + 1 == s->video_count)
			pes->data += END_BYTES;
		pes->header = f->pts == f->dts ? 14 : 19;
		pes->pcr = f->key || s->rate || next - last_pcr > PCR_GAP;
		if (pes->pcr)
			last_pcr = f->dts;
		pes->packets = packets_of(pes);
	}
}

/* Frames in groups of up to `group`, as long as they follow each other without a gap. Returns the packets. */
static size_t group_audio(struct track *audio, const struct tsmux_segment *s, size_t group)
{
	size_t packets = 0;

	audio->count = 0;
	for (size_t i = 0; i < s->audio_count;) {
		struct pes *pes = &audio->pes[audio->count++];

		*pes = (struct pes) { .frames = &s->audio[i], .header = 14, .at = s->audio[i].pts };
		do {
			pes->data += TS_PACKET_ADTS + s->audio[i++].len;
			pes->count++;
		} while (pes->count < group && i < s->audio_count &&
			 s->audio[i].pts - s->audio[i - 1].pts == PLAN_AUDIO_TICKS);
		pes->packets = packets_of(pes);
		packets += pes->packets;
	}
	return packets;
}

static size_t round_up_16(size_t n)
{
	return (n + 15) & ~(size_t)15;
}

/* The largest group whose last frame does not overflow the decoder's buffer while it waits. */
static size_t longest_group(const struct tsmux_segment *s, int64_t delay)
{
	size_t bytes = 0;

	for (size_t i = 0; i < s->audio_count; i++)
		bytes += TS_PACKET_ADTS + s->audio[i].len;
	for (size_t group = MAX_GROUP; group > 1; group--) {
		int64_t wait = delay + PCR_GAP + (int64_t)group * PLAN_AUDIO_TICKS;

		if ((int64_t)(bytes / s->audio_count) * wait <= AUDIO_BUFFER * PLAN_AUDIO_TICKS)
			return group;
	}
	return 1;
}

/* The grouping that costs the fewest packets once they are padded; among equals the smallest. */
static void lay_out_audio(struct mux *mux)
{
	const struct tsmux_segment *s = mux->segment;
	size_t longest = longest_group(s, mux->delay), best = 1, fewest = SIZE_MAX;

	mux->audio.pes = pes_array(s->audio_count);
	for (size_t group = 1; group <= longest; group++) {
		size_t packets = round_up_16(group_audio(&mux->audio, s, group));

		if (packets < fewest) {
			fewest = packets;
			best = group;
		}
	}
	group_audio(&mux->audio, s, best);
}

/* Adds up to `want` packets to a PES: each needs a byte of its own, the first one beside the header. */
static size_t stretch(struct pes *pes, size_t want)
{
	size_t most = pes->data > pes->packets ? pes->data - pes->packets : 0;

	if (want > most)
		want = most;
	pes->packets += want;
	return want;
}

/* Makes the track's packets a multiple of 16, evenly over its PES. */
static int make_neutral(struct track *track, struct err *err)
{
	size_t total = 0, pad, done = 0;

	for (size_t i = 0; i < track->count; i++)
		total += track->pes[i].packets;
	pad = round_up_16(total) - total;
	for (size_t i = 0; i < track->count; i++)
		done += stretch(&track->pes[i], (i + 1) * pad / track->count - i * pad / track->count);
	for (size_t i = 0; i < track->count && done < pad; i++)
		done += stretch(&track->pes[i], pad - done);
	if (done < pad)
		return err_set(err, ERR_INVALID,
			       "make a segment: too few bytes on PID 0x%x to fill %zu packets", track->pid,
			       round_up_16(total));
	return 0;
}

/* A clock comes with it then, so that what follows it does not hold it up. */
static int64_t end_of_pictures(const struct mux *mux)
{
	const struct tsmux_segment *s = mux->segment;
	int64_t decoded = s->video[s->video_count - 1].dts + mux->delay;

	return s->rate && decoded < mux->to ? (decoded < mux->to - LEAST_GAP ? decoded : mux->to - LEAST_GAP) : mux->to;
}

/* Pictures at the rate that they may have. */
static void pace_pictures(struct mux *mux)
{
	struct track *video = &mux->video;
	struct tsmux_pace *pictures = calloc(video->count, sizeof(*pictures));

	if (!pictures)
		abort();
	for (size_t i = 0; i < video->count; i++)
		pictures[i] = (struct tsmux_pace) { video->pes[i].frames->dts + mux->delay, (int64_t)video->pes[i].packets, 0 };
	tsmux_pace(pictures, video->count, mux->from, mux->pictures_to, mux->segment->rate);
	for (size_t i = 0; i < video->count; i++)
		video->pes[i].at = pictures[i].start;
	free(pictures);
}

/* Sound a little earlier at the end: the last pictures are sent before the last of it is due, and behind them it would come all at
 * once. */
static void pace_sound(struct mux *mux)
{
	struct track *audio = &mux->audio;
	int64_t next = mux->to;

	for (size_t i = audio->count; i-- > 0; next = audio->pes[i].at)
		if (audio->pes[i].at > next - (int64_t)audio->pes[i].packets * AUDIO_PACKET)
			audio->pes[i].at = next - (int64_t)audio->pes[i].packets * AUDIO_PACKET;
}

static void emit(struct mux *mux, const struct ts_packet *packet, const uint8_t *payload, size_t len)
{
	char *to = buf_reserve(mux->out, TSMUX_PACKET);

	if (!to)
		return;
	ts_packet_write((uint8_t *)to, packet, payload, len);
	mux->out->len += TSMUX_PACKET;
}

static void emit_tables(struct mux *mux)
{
	uint8_t table[64];
	size_t len = ts_packet_pat(table, TSMUX_PID_PMT);

	emit(mux, &(struct ts_packet) { 0, mux->pat_counter++, true, false, TS_PACKET_NO_PCR }, table, len);
	len = ts_packet_pmt(table, TSMUX_PID_VIDEO, mux->segment->hevc ? 0x24 : 0x1B, TSMUX_PID_AUDIO, 0x0F);
	emit(mux, &(struct ts_packet) { TSMUX_PID_PMT, mux->pmt_counter++, true, false, TS_PACKET_NO_PCR },
	     table, len);
	mux->table++;
}

/* Without payload, so that it does not count: it repeats the last counter (2.4.3.3). */
static void emit_pcr(struct mux *mux, int64_t at)
{
	struct ts_packet packet = { TSMUX_PID_VIDEO, mux->video.counter - 1, false, false, at - mux->delay };

	emit(mux, &packet, NULL, 0);
	mux->last_pcr = at;
}

static void assemble(struct buf *to, const struct pes *pes, bool video, bool ends)
{
	uint8_t head[TS_PACKET_PES_MAX];
	const struct tsmux_frame *f = pes->frames;
	size_t len =
		ts_packet_pes_header(head, video ? 0xE0 : 0xC0, pes->data, f->pts, video ? f->dts : f->pts);

	buf_reset(to);
	buf_add(to, head, len);
	for (size_t i = 0; i < pes->count; i++) {
		if (!video) {
			ts_packet_adts(head, f[i].len);
			buf_add(to, head, TS_PACKET_ADTS);
		}
		buf_add(to, f[i].data, f[i].len);
	}
	if (ends)
		buf_add(to, END, END_BYTES);
}

static void begin_pes(struct track *track, bool ends)
{
	const struct pes *pes = &track->pes[track->next];
	bool video = track->pid == TSMUX_PID_VIDEO;

	assemble(&track->scratch, pes, video, video && ends && track->next + 1 == track->count);
	track->data = (const uint8_t *)track->scratch.data;
	track->left = track->scratch.len;
}

/* Full packets first; a stretched PES keeps one byte for each packet that must follow. */
static void emit_packet(struct mux *mux, struct track *track)
{
	const struct pes *pes = &track->pes[track->next];
	struct ts_packet packet = { track->pid, track->counter++, track->packet == 0, false, TS_PACKET_NO_PCR };
	size_t room = TS_PACKET_ROOM, len;

	if (track->packet == 0)
		begin_pes(track, mux->segment->ends);
	if (track->packet == 0 && pes->pcr) {
		packet.random_access = pes->frames->key;
		packet.pcr = pes->at - mux->delay;
		mux->last_pcr = pes->at;
		room = TS_PACKET_ROOM_PCR;
	}
	len = track->left - (pes->packets - 1 - track->packet);
	if (len > room)
		len = room;
	emit(mux, &packet, track->data, len);
	track->data += len;
	track->left -= len;
	if (++track->packet == pes->packets) {
		track->packet = 0;
		track->next++;
	}
}

/* When a PCR of its own is due: the pictures leave a longer gap than the delay. */
static int64_t pcr_due(const struct mux *mux)
{
	int64_t next = mux->to;

	for (size_t i = mux->video.next + (mux->video.packet > 0); i < mux->video.count; i++) {
		if (!mux->video.pes[i].pcr)
			continue;
		next = mux->video.pes[i].at;
		break;
	}
	if (mux->video.next == mux->video.count && mux->last_pcr < mux->pictures_to && mux->pictures_to < mux->to)
		return mux->pictures_to;
	return next - mux->last_pcr > mux->delay ? mux->last_pcr + PCR_GAP : NEVER;
}

static int64_t table_due(const struct mux *mux)
{
	if (mux->table == mux->tables)
		return NEVER;
	return mux->from + (mux->to - mux->from) * mux->table / mux->tables;
}

/* A PES takes its time until the next one: sound between pictures comes packet by packet and not all at once, which its
 * transport buffer of 512 bytes would not hold (2.4.2.3). The last one of a segment may have to begin earlier for that. */
static int64_t packet_due(const struct mux *mux, const struct track *track)
{
	int64_t from, to, packets;

	if (track->next == track->count)
		return NEVER;
	packets = (int64_t)track->pes[track->next].packets;
	from = track->pes[track->next].at;
	to = track->next + 1 < track->count ? track->pes[track->next + 1].at : track == &mux->video ? mux->pictures_to : mux->to;
	if (track == &mux->audio && to - from < packets * AUDIO_PACKET)
		from = to - packets * AUDIO_PACKET;
	if (to - from > mux->delay / 2 && (track == &mux->audio || !mux->segment->rate))
		to = from + mux->delay / 2;
	return to > from ? from + (to - from) * (int64_t)track->packet / packets : from;
}

static void emit_all(struct mux *mux)
{
	emit_tables(mux);
	emit_packet(mux, &mux->video);
	emit_packet(mux, &mux->audio);
	for (;;) {
		int64_t table = table_due(mux), pcr = pcr_due(mux);
		int64_t video = packet_due(mux, &mux->video), audio = packet_due(mux, &mux->audio);

		if (table != NEVER && table <= pcr && table <= video && table <= audio)
			emit_tables(mux);
		else if (pcr != NEVER && pcr <= video && pcr <= audio)
			emit_pcr(mux, pcr);
		else if (video != NEVER && video <= audio)
			emit_packet(mux, &mux->video);
		else if (audio != NEVER)
			emit_packet(mux, &mux->audio);
		else
			break;
	}
}

/* Of HEVC pictures some may be shown before the key picture that they are decoded after. */
static int64_t first_shown(const struct tsmux_segment *s)
{
	int64_t pts = s->video[0].pts;

	for (size_t i = 1; i < s->video_count; i++)
		pts = s->video[i].pts < pts ? s->video[i].pts : pts;
	return pts;
}

int tsmux_write(struct buf *to, const struct tsmux_segment *segment, struct err *err)
{
	CLEANUP(mux_free) struct mux mux = { .segment = segment, .out = to };
	size_t before = to->len;

	if (check_video(segment, err) < 0 || check_audio(segment, err) < 0)
		return -ERR_INVALID;
	mux.video.pid = TSMUX_PID_VIDEO;
	mux.audio.pid = TSMUX_PID_AUDIO;
	mux.delay = segment->delay ? segment->delay : DELAY;
	mux.from = segment->video[0].dts;
	mux.to = segment->end_pts - (first_shown(segment) - mux.from);
	if (mux.to <= segment->video[segment->video_count - 1].dts)
		return err_set(err, ERR_INVALID, "make a segment: the pictures reach past its end");
	mux.pictures_to = end_of_pictures(&mux);
	mux.tables = 16 * ((mux.to - mux.from + 16 * TABLE_GAP - 1) / (16 * TABLE_GAP));
	lay_out_video(&mux);
	lay_out_audio(&mux);
	if (make_neutral(&mux.video, err) < 0 || make_neutral(&mux.audio, err) < 0)
		return -ERR_INVALID;
	if (segment->rate)
		pace_pictures(&mux);
	pace_sound(&mux);
	emit_all(&mux);
	if (to->failed || mux.video.scratch.failed || mux.audio.scratch.failed) {
		to->len = before;
		err_set(err, ERR_TOO_LARGE, "make a segment: it is larger than the buffer may grow");
	}
	if (to->data)
		to->data[to->len] = '\0';
	return to->failed || mux.video.scratch.failed || mux.audio.scratch.failed ? -ERR_TOO_LARGE : 0;
}
