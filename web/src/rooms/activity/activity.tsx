/* activity.tsx - Activity: is all well? A lamp and a word for every channel and worker, the cache, the scan. A lamp is
 * never colour alone: its shape says the same. Events move it; what has none (speed, cache, workers) is asked every 3 s.
 * Not here: alerts (alerts.tsx), jobs (jobs.tsx), the log (log.tsx). */
import { useEffect, useState } from "preact/hooks";
import { getLog, type Befallen, type Channel, type Status } from "../../api.ts";
import { now } from "../../clock.ts";
import { useVirtual } from "../../lib/virtual.ts";
import { isIdle } from "../../lib/programme.ts";
import { clockWord, countWord, dayWord, isLong, lengthWord, many, pastWord, sizeWord, spoken, uptimeWord } from "../../lib/words.ts";
import { hours, setHours, setTheme, theme, type Hours, type Theme } from "../../prefs.ts";
import { airing, alertOn, channels, line, refreshAlerts, refreshStatus, status } from "../../station.ts";
import { Meter } from "../../ui/bar.tsx";
import { Head } from "../../ui/head.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Alerts } from "./alerts.tsx";
import { Jobs } from "./jobs.tsx";
import { Log } from "./log.tsx";
import css from "./activity.module.css";

export function Activity() {
	const [log, setLog] = useState<string[]>([]);
	const [round, setRound] = useState(0);
	useEffect(() => {
		void refreshAlerts();
		const look = () => {
			if (document.hidden) return;
			void refreshStatus();
			setRound((n) => n + 1);
			getLog(300).then((answer) => setLog(answer.lines), () => undefined);
		};
		look();
		const timer = setInterval(look, 3_000);
		return () => clearInterval(timer);
	}, []);
	const s = status.value;
	return (
		<>
			<Head title="Activity">{s && verdict(s)}</Head>
			<div class={css.room}>
				{s && <Numbers s={s} />}
				<div class={css.column}>
					<Lamps />
					{s && <Work s={s} />}
				</div>
				<div class={css.column}>
					<Alerts />
					{s?.faults && s.faults.length > 0 && <Faults title="What failed on the air" faults={s.faults} />}
					{s?.notes && s.notes.length > 0 && <Faults title="On purpose" faults={s.notes} />}
					<Jobs round={Math.floor(round / 2)} />
				</div>
				<Log lines={log} offset={s?.utc_offset_s} />
				<section class={css.look}>
					<h2>This page</h2>
					<div role="group" aria-label="Theme">
						{(["dark", "light", "system"] as Theme[]).map((value) => (
							<button key={value} aria-pressed={theme.value === value} onClick={() => setTheme(value)}>
								{value === "system" ? "As the system" : value === "dark" ? "Dark" : "Light"}
							</button>
						))}
					</div>
					<div role="group" aria-label="Clock">
						{(["24", "12", "system"] as Hours[]).map((value) => (
							<button key={value} aria-pressed={hours.value === value} onClick={() => setHours(value)}>
								{value === "system" ? "As my region" : value === "24" ? "20:30" : "8:30 pm"}
							</button>
						))}
					</div>
					<p class={css.dim}>{zoneWord(s)}</p>
					<p><a class={css.elsewhere} href="/screens"><Icon name="cast" /> Watch on other screens</a></p>
				</section>
			</div>
		</>
	);
}

/** Times are the viewer's; says so where the station's are others. */
function zoneWord(s: Status | null): string {
	const mine = -new Date(now.value).getTimezoneOffset();
	const theirs = s?.utc_offset_s === undefined ? mine : s.utc_offset_s / 60;
	if (mine === theirs) return "Times are those of the station's house.";
	const apart = lengthWord(Math.abs(mine - theirs) * 60_000);
	return `Times are yours here, ${apart} ${mine > theirs ? "ahead of" : "behind"} the station's house.`;
}

function verdict(s: Status): string {
	if (line.value === "lost") return "";
	const hour = s.faults?.filter((fault) => now.value - Date.parse(fault.at) < 3_600_000).length ?? 0;
	if (hour > 0) return `${many(hour, "fault")} in the last hour; the channels play on.`;
	if (s.cache.state === "unwritable") return "The cache cannot be written: the channels play on, and nothing is prepared.";
	if (s.library.failed > 0) return `The station is well; ${many(s.library.failed, "file")} can't be played.`;
	return "All is well.";
}

/** today's clock, or the day */
function sinceWord(start: number): string {
	const day = dayWord(start, now.value);
	return day === "today" ? clockWord(start) : day;
}

/** As the library counts: shows are titles, too. */
const titlesOf = (s: Status) => s.library.items + (s.library.kinds?.show ?? 0);

function Numbers({ s }: { s: Status }) {
	const full = s.cache.limit > 0 ? s.cache.bytes / s.cache.limit : 0;
	const gone = now.value - Date.parse(s.started);
	return (
		<dl class={css.numbers}>
			<Number name="On the air for" value={uptimeWord(Math.max(s.uptime_ms, gone))} note={`since ${sinceWord(Date.parse(s.started))}, matinee ${s.version}`} />
			<Number name="Watching" value={countWord(s.viewers)} note={`${countWord(s.channels.watched)} of ${many(s.channels.total, "channel")}`} />
			<Number name="Library" value={countWord(titlesOf(s))} note={`${many(s.library.files, "file")} in ${many(s.library.roots, "folder")}`} />
			<Number name="Not well" value={countWord(s.library.missing + s.library.failed)} note={`${countWord(s.library.missing)} gone, ${countWord(s.library.failed)} can't be played`} />
			<div>
				<dt>Prepared</dt>
				<dd>{sizeWord(s.cache.bytes)}</dd>
				<dd class={css.note}>{s.cache.limit > 0 ? `of the ${sizeWord(s.cache.limit)} there is room for` : "of pictures and sound"}{s.cache.write_errors ? `; the disk refused ${many(s.cache.write_errors, "time")}` : ""}</dd>
				{s.cache.state === "unwritable" && <dd class={css.note}>◇ It cannot be written{s.cache.why ? `: ${s.cache.why}` : ""}. What is watched is kept in memory.</dd>}
				<Meter part={Math.min(1, full)} thin />
			</div>
			{s.cache.hits !== undefined && <Number name="Served as prepared" value={hitWord(s.cache.hits, s.cache.misses ?? 0)} note={`${countWord(s.cache.hits)} found, ${countWord(s.cache.misses ?? 0)} made when asked${s.cache.evicted ? `, ${countWord(s.cache.evicted)} let go` : ""}`} />}
			<Number name="Encodes at" value={s.encode.speed ? `${s.encode.speed.toFixed(s.encode.speed < 10 ? 1 : 0)} ×` : "—"} note={s.encode.effort_off ? "times real time, with less effort, to keep up" : s.encode.speed ? "times real time" : "nothing was encoded yet"} />
		</dl>
	);
}

/** 98 %; how much of what was asked for lay there already */
function hitWord(hits: number, misses: number): string {
	const part = hits / Math.max(1, hits + misses);
	return hits + misses === 0 ? "—" : `${part > 0.99 && misses > 0 ? "99" : Math.round(part * 100)} %`;
}

function Number({ name, value, note }: { name: string; value: string; note: string }) {
	return (
		<div>
			<dt>{name}</dt>
			<dd>{value}</dd>
			<dd class={css.note}>{note}</dd>
		</div>
	);
}

const LAMPS = { ready: ["on the air", css.good], building: ["being made", css.busy], empty: ["nothing to play", css.warn], off: ["off", css.off] } as const;

function Faults({ title, faults }: { title: string; faults: Befallen[] }) {
	return (
		<section class={css.faults}>
			<h2>{title}</h2>
			<ul>
				{[...faults].sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, 12).map((fault) => (
					<li key={`${fault.channel}${fault.at}${fault.reason}`}>
						<time class="mono">{pastWord(Date.parse(fault.at), now.value)}</time>
						<span>{fault.channel !== null && <b>{fault.channel}</b>} {spoken(fault.reason, now.value)}{often(fault)}</span>
					</li>
				))}
			</ul>
		</section>
	);
}

/** ", 12 times since 20:30" */
function often(fault: Befallen): string {
	return fault.count && fault.count > 1 && fault.first ? `, ${fault.count} times since ${sinceWord(Date.parse(fault.first))}` : "";
}

const ROW = 2.3125;

function Lamps() {
	const list = channels.value ?? [];
	const virtual = useVirtual("lamps", list.length, ROW);
	return (
		<section class={css.channels}>
			<h2>Channels</h2>
			<div ref={virtual.box} class={css.lamps} role="list" style={{ height: `${Math.min(14, list.length) * ROW}rem` }} onScroll={virtual.onScroll}>
				<div style={{ position: "relative", height: `${virtual.height}px` }}>
					{virtual.rows.map((row) => (
						<div key={row.index} class={css.row} role="listitem" aria-setsize={list.length} aria-posinset={row.index + 1} style={{ transform: `translateY(${row.start}px)`, height: `${row.size}px` }}>
							{list[row.index] && <Lamp channel={list[row.index]!} />}
						</div>
					))}
				</div>
			</div>
			{channels.value?.length === 0 && <p class={css.dim}>No channel yet. <a href="/station/new">Make one</a></p>}
		</section>
	);
}

function Lamp({ channel }: { channel: Channel }) {
	const alert = alertOn(channel.id, now.value);
	const { now: programme, next } = airing(channel, now.value);
	const idle = isIdle(programme, next);
	const [word, shape] = line.value === "lost" ? ["not known", css.off] : alert ? ["alert", css.warn] : (LAMPS[idle ? "empty" : channel.state] ?? [channel.state, css.off]);
	return (
		<div class="hue" style={{ "--hue": String(channel.hue) }}>
			<a href={`/watch/${channel.number}`}>
				<b data-long={isLong(channel.number)}>{channel.number}</b>
				<span class={css.name} dir="auto">{channel.name}</span>
				<span class={css.title} dir="auto">{alert?.text ?? (idle ? "" : programme?.title) ?? ""}</span>
				<span class={css.viewers}>{channel.viewers > 0 ? `${countWord(channel.viewers)} watching` : ""}</span>
				<span class={`${css.lamp} ${shape}`}><i />{word}</span>
			</a>
		</div>
	);
}

const JOBS: Record<string, string> = { encode: "Encodes", probe: "Opens", prepare: "Prepares", thumbnail: "Takes a picture of", hash: "Fingerprints", scan: "Looks through", validate: "Checks", frames: "Looks for breaks in", identify: "Identifies", encoder_probe: "Tries the encoders", loudness: "Listens to", walk: "Looks through folders", stat: "Looks at files", junk: "Looks for junk", folders: "Looks at folders", essence: "Fingerprints", slate: "Draws a still picture", copy_plan: "Plans copying" };

function Work({ s }: { s: Status }) {
	const t = now.value;
	const { scan } = s;
	const all = scan.probed + scan.to_probe;
	return (
		<section class={css.work}>
			<h2>Work</h2>
			<ul>
				{scan.running && (
					<li class={css.scan}>
						<span>
							Looking through <code>{scan.root}</code>: {many(scan.seen, "file")} seen, {countWord(scan.to_probe)} still to open
						</span>
						<Meter part={all ? scan.probed / all : 0} thin />
					</li>
				)}
				{s.workers.map((worker) => {
					const job = worker.job && worker.job !== "idle" ? worker.job : null;
					return (
						<li key={worker.pid}>
							<span class={`${css.lamp} ${job ? css.good : css.off}`}><i />{job ? (JOBS[job] ?? job) : "Resting"}</span>
							<span class={css.detail}>{worker.detail ?? ""}</span>
							<span class={css.since}>{job && worker.since ? lengthWord(Math.max(0, t - Date.parse(worker.since))) : `process ${worker.pid}`}</span>
						</li>
					);
				})}
			</ul>
			{s.workers.length === 0 && <p class={css.dim}>Nothing is being worked on.</p>}
			{s.library.unprobed > 0 && <p class={css.dim}>{many(s.library.unprobed, "file")} not opened yet.</p>}
		</section>
	);
}
