/* ts_check.c - see ts_check.h. */
#include "lib/ts_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(struct ts_check *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int fail(struct ts_check *r, const char *format, ...)
{
	va_list args;

	if (r->error[0])
		return -1;
	va_start(args, format);
	vsnprintf(r->error, sizeof(r->error), format, args);
	va_end(args);
	return -1;
}

static void *grow(void *array, size_t count, size_t element)
{
	if (count & (count - 1)) /* room is a power of two */
		return array;
	array = realloc(array, (count ? count * 2 : 1) * element);
	if (!array)
		abort();
	return array;
}

/* Room doubles, so that the bytes of a long stream are not copied for each packet. */
static uint8_t *append(uint8_t *to, size_t *len, const uint8_t *data, size_t n)
{
	size_t had = 4096, want = 4096;

	while (had < *len)
		had *= 2;
	while (want < *len + n)
		want *= 2;
	if (!to || want > had) {
		to = realloc(to, want);
		if (!to)
			abort();
	}
	memcpy(to + *len, data, n);
	*len += n;
	return to;
}

static unsigned get16(const uint8_t *p)
{
	return (unsigned)(p[0] << 8 | p[1]);
}

/* The value that is congruent to `raw` modulo 2^33 and nearest to `near`. */
static int64_t unwrap(int64_t raw, int64_t near)
{
	int64_t d = (raw - near) % CLOCK;

	if (d < -CLOCK / 2)
		d += CLOCK;
	if (d >= CLOCK / 2)
		d -= CLOCK;
	return near + d;
}

static int64_t now(const struct reader *rd)
{
	return rd->pcr_count ? rd->pcrs[rd->pcr_count - 1].time : 0;
}

static int read_pcr(struct reader *rd, const uint8_t *p, size_t n)
{
	int64_t base = (int64_t)p[0] << 25 | p[1] << 17 | p[2] << 9 | p[3] << 1 | p[4] >> 7;
	unsigned extension = (unsigned)((p[4] & 1) << 8 | p[5]);
	int64_t time = rd->pcr_count ? unwrap(base, now(rd)) : base;
	struct ts_check *r = rd->r;

	if (extension >= 300 || (p[4] & 0x7E) != 0x7E)
		return fail(r, "packet %zu: PCR extension or reserved bits", n);
	if (rd->pcr_count) {
		int64_t gap = time - now(rd);

		if (gap <= 0)
			return fail(r, "packet %zu: PCR goes back by %lld", n, (long long)-gap);
		if (gap > 9000)
			return fail(r, "packet %zu: PCR after %lld ticks", n, (long long)gap);
		if (gap > r->pcr_gap)
			r->pcr_gap = gap;
	} else {
		r->first_pcr = time;
	}
	rd->pcrs = grow(rd->pcrs, rd->pcr_count, sizeof(*rd->pcrs));
	rd->pcrs[rd->pcr_count++] = (struct stamp) { n, time };
	return 0;
}

/* The adaptation field's length with its length byte, or -1. */
static int read_adaptation(struct reader *rd, const uint8_t *p, size_t n, struct pid *pid, bool payload)
{
	int len = p[4], used = 1;
	uint8_t flags = len ? p[5] : 0;

	if (payload ? len > 182 : len != 183)
		return fail(rd->r, "packet %zu: adaptation field of %d bytes", n, len);
	if (!len)
		return 1;
	if (flags & ~0x50)
		return fail(rd->r, "packet %zu: adaptation flags 0x%02x", n, flags);
	if (flags & 0x10) {
		if (pid != &rd->pids[VIDEO] || len < 7)
			return fail(rd->r, "packet %zu: a PCR that does not belong here", n);
		if (read_pcr(rd, p + 6, n) < 0)
			return -1;
		used += 6;
	}
	pid->random_access |= (flags & 0x40) != 0;
	for (int i = used; i < len; i++)
		if (p[5 + i] != 0xFF)
			return fail(rd->r, "packet %zu: stuffing is not 0xFF", n);
	return 1 + len;
}

static uint32_t crc(const uint8_t *p, size_t len)
{
	uint32_t c = 0xFFFFFFFF;

	for (size_t bit = 0; bit < len * 8; bit++) {
		uint32_t in = p[bit / 8] >> (7 - bit % 8) & 1;
		uint32_t out = c >> 31 ^ in;

		c = c << 1 ^ (out ? 0x04C11DB7 : 0);
	}
	return c;
}

static int read_table(struct reader *rd, const uint8_t *p, size_t len, size_t n, int which)
{
	struct ts_check *r = rd->r;
	unsigned section;
	const uint8_t *s = p + 1;

	if (len < 9 || p[0] != 0)
		return fail(r, "packet %zu: table without its beginning", n);
	section = (get16(s + 1) & 0xFFF) + 3;
	if (section > len - 1 || section < 12)
		return fail(r, "packet %zu: section of %u bytes", n, section);
	if (crc(s, section) != 0)
		return fail(r, "packet %zu: wrong CRC", n);
	if (s[0] != (which == PAT ? 0 : 2) || (s[1] & 0xC0) != 0x80 || !(s[5] & 1) || s[6] || s[7])
		return fail(r, "packet %zu: wrong head of a section", n);
	if (which == PAT && (section != 16 || get16(s + 8) != 1 || (get16(s + 10) & 0x1FFF) != 0x1000))
		return fail(r, "packet %zu: PAT names no programme 1 on 0x1000", n);
	if (which == PMT &&
	    (section != 26 || (get16(s + 8) & 0x1FFF) != 0x100 || (get16(s + 10) & 0xFFF) != 0 ||
	     (s[12] != 0x1B && s[12] != 0x24) || (get16(s + 13) & 0x1FFF) != 0x100 || s[17] != 0x0F ||
	     (get16(s + 18) & 0x1FFF) != 0x101))
		return fail(r, "packet %zu: PMT is not H.264 or HEVC on 0x100 and AAC on 0x101", n);
	for (size_t i = 1 + section; i < len; i++)
		if (p[i] != 0xFF)
			return fail(r, "packet %zu: bytes after the section", n);
	if (which == PMT)
		r->hevc = s[12] == 0x24;
	rd->tables[which] = grow(rd->tables[which], rd->table_count[which], sizeof(struct stamp));
	rd->tables[which][rd->table_count[which]++] = (struct stamp) { n, 0 };
	return 0;
}

static int read_stamp(const uint8_t *p, int prefix, int64_t *ret)
{
	if (p[0] >> 4 != prefix || !(p[0] & 1) || !(p[2] & 1) || !(p[4] & 1))
		return -1;
	*ret = (int64_t)(p[0] >> 1 & 7) << 30 | (int64_t)(get16(p + 1) >> 1) << 15 | get16(p + 3) >> 1;
	return 0;
}

static int add_unit(struct ts_check *r, struct ts_unit **units, size_t *count, struct ts_unit unit)
{
	if (*count && unit.dts <= (*units)[*count - 1].dts)
		return fail(r, "unit %zu, packet %zu: DTS %lld after %lld", *count, unit.first,
			    (long long)unit.dts, (long long)(*units)[*count - 1].dts);
	*units = grow(*units, *count, sizeof(**units));
	(*units)[(*count)++] = unit;
	return 0;
}

static int take_audio(struct ts_check *r, const uint8_t *p, size_t len, struct ts_unit unit)
{
	for (; len; unit.pts += 1920, unit.dts += 1920) {
		size_t frame;

		if (len < 8 || p[0] != 0xFF || p[1] != 0xF1 || (p[2] & 0xFD) != 0x4C || (p[3] & 0xC0) != 0x80)
			return fail(r, "packet %zu: no ADTS header", unit.first);
		frame = (size_t)(p[3] & 3) << 11 | (size_t)p[4] << 3 | p[5] >> 5;
		if (frame > len || frame < 8)
			return fail(r, "packet %zu: ADTS frame of %zu of %zu bytes", unit.first, frame, len);
		unit.at = r->audio_len;
		unit.len = frame - 7;
		r->audio = append(r->audio, &r->audio_len, p + 7, frame - 7);
		if (add_unit(r, &r->frames, &r->frame_count, unit) < 0)
			return -1;
		p += frame;
		len -= frame;
	}
	return 0;
}

static int finish_pes(struct reader *rd, int which)
{
	struct pid *pid = &rd->pids[which];
	struct ts_check *r = rd->r;
	const uint8_t *p = pid->pes;
	struct ts_unit unit = { .first = pid->first, .last = pid->last };
	size_t header;

	if (!pid->open)
		return 0;
	pid->open = false;
	if (get16(p + 4) ? get16(p + 4) + 6 != pid->len : which != VIDEO || pid->len <= 0xFFFF + 6)
		return fail(r, "packet %zu: PES says %u bytes, has %zu", pid->first, get16(p + 4) + 6,
			    pid->len);
	header = 9 + p[8];
	if (read_stamp(p + 9, p[7] >> 6, &unit.pts) < 0 ||
	    (p[7] & 0x40 ? read_stamp(p + 14, 1, &unit.dts) < 0 : (unit.dts = unit.pts, 0)))
		return fail(r, "packet %zu: PTS or DTS", pid->first);
	unit.pts = unwrap(unit.pts, now(rd));
	unit.dts = unwrap(unit.dts, now(rd));
	unit.random_access = pid->random_access;
	pid->random_access = false;
	if (unit.pts < unit.dts)
		return fail(r, "packet %zu: PTS before DTS", pid->first);
	if (which == AUDIO)
		return take_audio(r, p + header, pid->len - header, unit);
	unit.at = r->video_len;
	unit.len = pid->len - header;
	r->video = append(r->video, &r->video_len, p + header, unit.len);
	return add_unit(r, &r->pictures, &r->picture_count, unit);
}

static int begin_pes(struct reader *rd, int which, const uint8_t *p, size_t len, size_t n)
{
	struct pid *pid = &rd->pids[which];

	if (len < 10 || memcmp(p, which == VIDEO ? "\0\0\1\xE0" : "\0\0\1\xC0", 4) != 0)
		return fail(rd->r, "packet %zu: no PES begins", n);
	if ((p[6] & 0xF0) != 0x80 || !(p[6] & 4) || (p[7] != 0x80 && p[7] != 0xC0))
		return fail(rd->r, "packet %zu: PES flags 0x%02x%02x", n, p[6], p[7]);
	if (p[8] != (p[7] == 0xC0 ? 10 : 5) || len < (size_t)9 + p[8] + 1)
		return fail(rd->r, "packet %zu: the PES header is split or long", n);
	pid->open = true;
	pid->first = n;
	pid->len = 0;
	return 0;
}

static int read_payload(struct reader *rd, int which, const uint8_t *p, size_t len, bool start, size_t n)
{
	struct pid *pid = &rd->pids[which];

	if (start && rd->start_count < 4)
		rd->starts[rd->start_count++] = (unsigned)which;
	if (which == PAT || which == PMT)
		return start ? read_table(rd, p, len, n, which) : fail(rd->r, "packet %zu: a long table", n);
	if (start && begin_pes(rd, which, p, len, n) < 0)
		return -1;
	if (!pid->open)
		return fail(rd->r, "packet %zu: data before any PES", n);
	pid->pes = append(pid->pes, &pid->len, p, len);
	pid->last = n;
	return 0;
}

static int check_counter(struct reader *rd, struct pid *pid, const uint8_t *p, size_t n, bool neutral)
{
	int counter = p[3] & 15;

	if (p[3] & 0x10) {
		if (pid->counter >= 0 ? counter != ((pid->counter + 1) & 15) : neutral && counter != 0)
			return fail(rd->r, "packet %zu: counter %d after %d on 0x%x", n, counter,
				    pid->counter, pid->pid);
	} else if (pid->counter >= 0 && counter != pid->counter) {
		return fail(rd->r, "packet %zu: counter %d without payload after %d", n, counter,
			    pid->counter);
	}
	pid->counter = counter;
	return 0;
}

static int read_packet(struct reader *rd, const uint8_t *p, size_t n, bool neutral)
{
	struct ts_check *r = rd->r;
	bool start = p[1] & 0x40;
	int which = 0, payload = 4;
	struct pid *pid;

	if (p[0] != 0x47 || p[1] & 0xA0 || p[3] & 0xC0 || !(p[3] & 0x30))
		return fail(r, "packet %zu: head %02x %02x %02x %02x", n, p[0], p[1], p[2], p[3]);
	while (which < PIDS && rd->pids[which].pid != (get16(p + 1) & 0x1FFF))
		which++;
	if (which == PIDS)
		return fail(r, "packet %zu: PID 0x%x", n, get16(p + 1) & 0x1FFF);
	pid = &rd->pids[which];
	rd->owners = grow(rd->owners, rd->owner_count, 1);
	rd->payloads = grow(rd->payloads, rd->owner_count, 1);
	rd->payloads[rd->owner_count] = 0;
	rd->owners[rd->owner_count++] = (uint8_t)which;
	if (check_counter(rd, pid, p, n, neutral) < 0)
		return -1;
	if (start && which >= VIDEO && finish_pes(rd, which) < 0)
		return -1;
	if (p[3] & 0x20) {
		int len = read_adaptation(rd, p, n, pid, p[3] & 0x10);

		if (len < 0)
			return -1;
		payload += len;
	}
	if (!(p[3] & 0x10)) {
		r->pcr_only++;
		return start ? fail(r, "packet %zu: begins a unit without payload", n) : 0;
	}
	*(size_t *[]) { &r->pat, &r->pmt, &r->video_packets, &r->audio_packets }[which] += 1;
	rd->payloads[n] = (uint8_t)(PACKET - payload);
	return read_payload(rd, which, p + payload, PACKET - (size_t)payload, start, n);
}

static int check_tables(struct reader *rd)
{
	for (int t = PAT; t <= PMT; t++) {
		for (size_t i = 1; i < rd->table_count[t]; i++) {
			int64_t to = ts_arrival(rd, rd->tables[t][i].packet);
			int64_t gap = to - ts_arrival(rd, rd->tables[t][i - 1].packet);

			if (to == UNKNOWN)
				break;
			if (gap > 22500)
				return fail(rd->r, "packet %zu: table after %lld ticks",
					    rd->tables[t][i].packet, (long long)gap);
			if (gap > rd->r->table_gap)
				rd->r->table_gap = gap;
		}
	}
	return 0;
}

static int check_units(struct reader *rd, const struct ts_unit *units, size_t count, const char *what)
{
	for (size_t i = 0; i < count; i++) {
		int64_t arrived = ts_arrival(rd, units[i].last);

		if (arrived == UNKNOWN)
			break;
		if (arrived > units[i].dts)
			return fail(rd->r, "%s %zu (packet %zu) arrives %lld ticks late", what, i,
				    units[i].last, (long long)(arrived - units[i].dts));
		if (units[i].dts - arrived < rd->r->gap_to_decode)
			rd->r->gap_to_decode = units[i].dts - arrived;
	}
	return 0;
}

static int check_whole(struct reader *rd, bool neutral)
{
	struct ts_check *r = rd->r;
	static const unsigned order[] = { PAT, PMT, VIDEO, AUDIO };

	if (rd->start_count < 4 || memcmp(rd->starts, order, sizeof(order)) != 0)
		return fail(r, "it does not begin with PAT, PMT, picture, sound");
	if (!r->pictures[0].random_access || r->pictures[0].first != 2)
		return fail(r, "the first picture is not marked for random access");
	if (neutral && (r->pat % 16 || r->pmt % 16 || r->video_packets % 16 || r->audio_packets % 16))
		return fail(r, "counters are not neutral: %zu %zu %zu %zu", r->pat, r->pmt, r->video_packets,
			    r->audio_packets);
	r->gap_to_decode = INT64_MAX;
	if (check_tables(rd) < 0 || check_units(rd, r->pictures, r->picture_count, "picture") < 0 ||
	    check_units(rd, r->frames, r->frame_count, "audio frame") < 0)
		return -1;
	ts_measure_audio_buffer(rd);
	ts_measure_transport(rd);
	if (r->video_buffer_max && r->video_buffer > r->video_buffer_max)
		return fail(r, "pictures of %zu bytes wait for being decoded, of %zu", r->video_buffer, r->video_buffer_max);
	for (int i = 0; i < PIDS; i++)
		r->counters[i] = (unsigned)rd->pids[i].counter;
	return 0;
}

int ts_check(struct ts_check *ret, const uint8_t *data, size_t len, bool neutral)
{
	static const unsigned pids[] = { 0, 0x1000, 0x100, 0x101 };
	struct reader rd = { .r = ret };
	int rc = 0;

	*ret = (struct ts_check) { 0 };
	for (int i = 0; i < PIDS; i++)
		rd.pids[i] = (struct pid) { .pid = pids[i], .counter = -1 };
	if (!len || len % PACKET)
		rc = fail(ret, "%zu bytes are no whole packets", len);
	for (size_t n = 0; rc == 0 && n < len / PACKET; n++, ret->packets++)
		rc = read_packet(&rd, data + n * PACKET, n, neutral);
	if (rc == 0 && (finish_pes(&rd, VIDEO) < 0 || finish_pes(&rd, AUDIO) < 0))
		rc = -1;
	if (rc == 0)
		rc = check_whole(&rd, neutral);
	for (int i = 0; i < PIDS; i++)
		free(rd.pids[i].pes);
	free(rd.tables[PAT]);
	free(rd.tables[PMT]);
	free(rd.pcrs);
	free(rd.owners);
	free(rd.payloads);
	return rc;
}

void ts_check_free(struct ts_check *check)
{
	free(check->video);
	free(check->audio);
	free(check->pictures);
	free(check->frames);
	*check = (struct ts_check) { 0 };
}
