/* activity.tsx - Activity: is all well? A lamp and a word for every channel and worker, the cache, the scan, and the
 * log in words. A lamp is never colour alone: its shape says the same. */
import { useEffect, useState } from "preact/hooks";
import { getLog, type Channel, type Status } from "../../api.ts";
import { now } from "../../clock.ts";
import { countWord, lengthWord, many, sizeWord, uptimeWord } from "../../lib/words.ts";
import { setTheme, theme, type Theme } from "../../prefs.ts";
import { airing, channels, line, refreshStatus, status } from "../../station.ts";
import { Meter } from "../../ui/bar.tsx";
import { Head } from "../../ui/head.tsx";
import css from "./activity.module.css";

export function Activity() {
	const [log, setLog] = useState<string[]>([]);
	useEffect(() => {
		const look = () => {
			if (document.hidden) return;
			void refreshStatus();
			getLog(200).then((answer) => setLog(answer.lines), () => undefined);
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
				<section class={css.channels}>
					<h2>Channels</h2>
					<ul>
						{(channels.value ?? []).map((channel) => (
							<Lamp key={channel.id} channel={channel} />
						))}
					</ul>
					{channels.value?.length === 0 && <p class={css.dim}>No channel yet.</p>}
				</section>
				{s && <Work s={s} />}
				<section class={css.log}>
					<h2>What happened</h2>
					<ol>
						{log.toReversed().map((text, i) => (
							<Entry key={`${text}${i}`} text={text} />
						))}
					</ol>
					{log.length === 0 && <p class={css.dim}>Nothing noted yet.</p>}
				</section>
				<section class={css.look}>
					<h2>This page</h2>
					<div role="group" aria-label="Theme">
						{(["dark", "light", "system"] as Theme[]).map((value) => (
							<button key={value} aria-pressed={theme.value === value} onClick={() => setTheme(value)}>
								{value === "system" ? "As the system" : value === "dark" ? "Dark" : "Light"}
							</button>
						))}
					</div>
				</section>
			</div>
		</>
	);
}

function verdict(s: Status): string {
	if (line.value === "lost") return "";
	if (s.library.failed > 0) return `The station is well; ${many(s.library.failed, "file")} can't be played.`;
	return "All is well.";
}

function Numbers({ s }: { s: Status }) {
	const full = s.cache.limit > 0 ? s.cache.bytes / s.cache.limit : 0;
	const gone = now.value - Date.parse(s.started);
	return (
		<dl class={css.numbers}>
			<Number name="On the air for" value={uptimeWord(Math.max(s.uptime_ms, gone))} note={`matinee ${s.version}`} />
			<Number name="Watching" value={countWord(s.viewers)} note={`${countWord(s.channels.watched)} of ${many(s.channels.total, "channel")}`} />
			<Number name="Library" value={countWord(s.library.items)} note={`${many(s.library.files, "file")} in ${many(s.library.roots, "folder")}`} />
			<Number name="Not well" value={countWord(s.library.missing + s.library.failed)} note={`${countWord(s.library.missing)} gone, ${countWord(s.library.failed)} can't be played`} />
			<div>
				<dt>Prepared</dt>
				<dd>{sizeWord(s.cache.bytes)}</dd>
				<dd class={css.note}>{many(s.cache.segments, "segment")}{s.cache.limit > 0 && `, room for ${sizeWord(s.cache.limit)}`}</dd>
				<Meter part={Math.min(1, full)} thin />
			</div>
		</dl>
	);
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

function Lamp({ channel }: { channel: Channel }) {
	const [word, shape] = LAMPS[channel.state] ?? [channel.state, css.off];
	const programme = airing(channel, now.value).now;
	return (
		<li class="hue" style={{ "--hue": String(channel.hue) }}>
			<a href={`/watch/${channel.number}`}>
				<b>{channel.number}</b>
				<span class={css.name}>{channel.name}</span>
				<span class={css.title}>{programme?.title ?? ""}</span>
				<span class={css.viewers}>{channel.viewers > 0 ? `${countWord(channel.viewers)} watching` : ""}</span>
				<span class={`${css.lamp} ${shape}`}><i />{word}</span>
			</a>
		</li>
	);
}

const JOBS: Record<string, string> = { encode: "Encodes", probe: "Opens", prepare: "Prepares", thumbnail: "Takes a picture of", hash: "Fingerprints", scan: "Looks through", validate: "Checks", identify: "Identifies" };

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
							<span class={css.since}>{job && worker.since ? lengthWord(Math.max(0, t - Date.parse(worker.since))) : `worker ${worker.pid}`}</span>
						</li>
					);
				})}
			</ul>
			{s.workers.length === 0 && <p class={css.dim}>No workers are running.</p>}
			{s.encode.speed ? <p class={css.dim}>Encoding runs at {s.encode.speed.toFixed(1)} times real time.</p> : null}
			{s.library.unprobed > 0 && <p class={css.dim}>{many(s.library.unprobed, "file")} not opened yet.</p>}
		</section>
	);
}

function Entry({ text }: { text: string }) {
	/* 2026-11-21 05:39:18.724 INFO    server: what it says */
	const cut = /^\d{4}-\d\d-\d\d[T ](\d\d:\d\d:\d\d)\S*\s+(?:(DEBUG|INFO|WARNING|ERROR|CRITICAL)\s+)?(.*)$/s.exec(text);
	const said = cut ? cut[3]! : text;
	const bad = cut?.[2] ? !/DEBUG|INFO/.test(cut[2]) : /^(warning|error)\b/i.test(said);
	return (
		<li class={bad ? css.bad : ""}>
			<time class="mono">{cut ? cut[1] : ""}</time>
			<span>{said}</span>
		</li>
	);
}
