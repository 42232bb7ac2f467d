"""Reads an MPEG transport stream as ISO 13818-1 wants it and lists every breach: counters, stamps, clocks, tables.

Stamps are 90 kHz and unwrapped over 33 bits. check() takes bytes of any number of segments in the order they were sent."""

PACKET, WRAP = 188, 1 << 33


class Stream:
    def __init__(self, pid, kind):
        self.pid, self.kind = pid, kind
        self.pts, self.dts = [], []


class Report:
    def __init__(self):
        self.problems, self.streams, self.packets = [], {}, 0
        self.pcr_gap = self.pat_gap = self.pmt_gap = 0.0

    def of(self, kind):
        return next((s for s in self.streams.values() if s.kind == kind), None)


def stamp(data, at):
    return ((data[at] >> 1 & 7) << 30) | data[at + 1] << 22 | (data[at + 2] >> 1) << 15 | data[at + 3] << 7 | data[at + 4] >> 1


def unwrap(value, near):
    return value if near is None else near + ((value - near + WRAP // 2) % WRAP - WRAP // 2)


def crc32(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04c11db7) & 0xffffffff if crc & 0x80000000 else crc << 1
    return crc


KINDS = {0x1b: "video", 0x24: "video", 0x02: "video", 0x0f: "audio", 0x81: "audio", 0x03: "audio", 0x04: "audio"}


def check(data, pcr_limit=0.105, table_limit=0.26):
    report, counters, pmt_pid, pcr_pid = Report(), {}, None, None
    pcr = last_pcr = table_at = None
    seen_at, first_error = {}, set()

    def bad(text):
        if len(report.problems) < 200:
            report.problems.append(text)

    if len(data) % PACKET:
        bad(f"{len(data) % PACKET} bytes more than whole packets")
    for start in range(0, len(data) - PACKET + 1, PACKET):
        index = start // PACKET
        report.packets += 1
        if data[start] != 0x47:
            bad(f"packet {index}: no sync byte")
            break
        pid = (data[start + 1] & 0x1f) << 8 | data[start + 2]
        begins, control, counter = data[start + 1] & 0x40, data[start + 3] >> 4 & 3, data[start + 3] & 15
        if data[start + 1] & 0x80:
            bad(f"packet {index}: error indicator")
        if pid == 0x1fff:
            continue
        payload, discontinuity = start + 4, False
        if control & 2:
            length = data[start + 4]
            payload += 1 + length
            if length > 183 or (control == 3 and length > 182):
                bad(f"packet {index} pid {pid}: adaptation field of {length} bytes")
                continue
            if length:
                discontinuity = bool(data[start + 5] & 0x80)
                if discontinuity:
                    bad(f"packet {index} pid {pid}: discontinuity indicator")
                if data[start + 5] & 0x10:
                    value = data[start + 6] << 25 | data[start + 7] << 17 | data[start + 8] << 9 | data[start + 9] << 1 | data[start + 10] >> 7
                    pcr = unwrap(value, last_pcr)
                    if last_pcr is not None:
                        if pcr <= last_pcr:
                            bad(f"packet {index}: PCR goes back by {(last_pcr - pcr) / 90000:.4f} s")
                        report.pcr_gap = max(report.pcr_gap, (pcr - last_pcr) / 90000)
                    last_pcr, pcr_pid = pcr, pid
        if pid in counters:
            last = counters[pid]
            if control & 1 and counter != (last + 1) % 16:
                bad(f"packet {index} pid {pid}: counter {counter} after {last}")
            if not control & 1 and counter != last:
                bad(f"packet {index} pid {pid}: counter moves without payload")
        if control & 1 or pid not in counters:
            counters[pid] = counter
        if not control & 1:
            continue
        if pid == 0 or pid == pmt_pid:
            if not begins:
                continue
            name = "PAT" if pid == 0 else "PMT"
            section = payload + 1 + data[payload]
            size = (data[section + 1] & 15) << 8 | data[section + 2]
            if crc32(data[section:section + 3 + size]) != 0:
                bad(f"packet {index}: {name} has a wrong checksum")
            if pcr is not None:
                if name in seen_at:
                    gap = (pcr - seen_at[name]) / 90000
                    setattr(report, name.lower() + "_gap", max(getattr(report, name.lower() + "_gap"), gap))
                seen_at[name] = pcr
            if pid == 0:
                pmt_pid = (data[section + 10] & 0x1f) << 8 | data[section + 11]
            else:
                at = section + 12 + ((data[section + 10] & 15) << 8 | data[section + 11])
                while at < section + 3 + size - 4:
                    es = (data[at + 1] & 0x1f) << 8 | data[at + 2]
                    kind = KINDS.get(data[at], f"type {data[at]}")
                    if es in report.streams and report.streams[es].kind != kind:
                        bad(f"packet {index}: pid {es} becomes {kind}")
                    report.streams.setdefault(es, Stream(es, kind))
                    at += 5 + ((data[at + 3] & 15) << 8 | data[at + 4])
            continue
        if pid not in report.streams:
            if pid not in first_error:
                first_error.add(pid)
                bad(f"packet {index}: pid {pid} is not in a PMT" + (" yet" if pmt_pid is None else ""))
            continue
        if begins:
            if data[payload:payload + 3] != b"\0\0\1":
                bad(f"packet {index} pid {pid}: no PES start code")
                continue
            flags = data[payload + 7] >> 6
            if not flags & 2:
                bad(f"packet {index} pid {pid}: PES without PTS")
                continue
            stream = report.streams[pid]
            near = stream.dts[-1] if stream.dts else last_pcr
            pts = unwrap(stamp(data, payload + 9), near)
            dts = unwrap(stamp(data, payload + 14), near) if flags == 3 else pts
            if stream.dts and dts <= stream.dts[-1]:
                bad(f"packet {index} {stream.kind}: DTS goes back by {(stream.dts[-1] - dts) / 90000:.4f} s")
            if dts > pts:
                bad(f"packet {index} {stream.kind}: DTS after PTS")
            if pcr is not None and dts < pcr:
                bad(f"packet {index} {stream.kind}: DTS {(pcr - dts) / 90000:.4f} s before the clock")
            if pcr is not None and dts - pcr > 90000 * 2:
                bad(f"packet {index} {stream.kind}: {(dts - pcr) / 90000:.2f} s ahead of the clock")
            stream.pts.append(pts)
            stream.dts.append(dts)
    if report.pcr_gap > pcr_limit:
        bad(f"PCR {report.pcr_gap * 1000:.0f} ms apart")
    for name in ("pat_gap", "pmt_gap"):
        if getattr(report, name) > table_limit:
            bad(f"{name[:3].upper()} {getattr(report, name) * 1000:.0f} ms apart")
    for kind in ("video", "audio"):
        if not report.of(kind) or not report.of(kind).dts:
            bad(f"no {kind}")
    video = report.of("video")
    if video and len(video.dts) > 2:
        steps = sorted(b - a for a, b in zip(video.dts, video.dts[1:]))
        if steps[-1] - steps[0] > 1:
            bad(f"video: steps of DTS from {steps[0]} to {steps[-1]} ticks")
        shown = sorted(video.pts)[:-2]  # where the capture was cut, a picture shown earlier may be sent later
        steps = [b - a for a, b in zip(shown, shown[1:])]
        if steps and max(steps) - min(steps) > 1:
            bad(f"video: steps of PTS from {min(steps)} to {max(steps)} ticks: a frame is missing or doubled")
    return report
