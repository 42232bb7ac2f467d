/* alerts.tsx - breaking in: a text over the full screen of some channels or of all, for a while; what runs now, how long
 * it still stands, and the way to end it. What an alert is: docs/station.md, "Breaking in". */
import { useState } from "preact/hooks";
import { cancelAlert, raiseAlert, type Alert } from "../../api.ts";
import { now, time } from "../../clock.ts";
import { useKept } from "../../lib/kept.ts";
import { countWord, lengthWord, pastWord } from "../../lib/words.ts";
import { alerts, channels, refreshAlerts } from "../../station.ts";
import { Bar } from "../../ui/bar.tsx";
import ui from "../../ui/controls.module.css";
import { Icon } from "../../ui/icon.tsx";
import { complain, tell } from "../../ui/toast.tsx";
import css from "./alerts.module.css";
import { Where } from "./where.tsx";

const LONGEST = 400;
const NAMED = 8;
const LENGTHS: [ms: number, word: string][] = [[30_000, "30 s"], [120_000, "2 min"], [600_000, "10 min"], [3_600_000, "1 h"]];
const PRIORITIES: [value: number, word: string][] = [[25, "Notice"], [50, "Ordinary"], [80, "Urgent"]];

export function Alerts() {
	const t = now.value;
	const running = alerts.value.filter((alert) => alert.state === "running" && Date.parse(alert.end) > t);
	const past = alerts.value.filter((alert) => !running.includes(alert)).slice(0, 3);
	return (
		<section class={css.alerts} aria-label="Alerts">
			<h2>Break in</h2>
			{running.length > 0 && (
				<ul class={css.running}>
					{running.map((alert) => (
						<Running key={alert.id} alert={alert} t={t} />
					))}
				</ul>
			)}
			<Raise />
			{past.length > 0 && (
				<ul class={css.past} aria-label="Earlier alerts">
					{past.map((alert) => (
						<li key={alert.id}>
							<time class="mono">{pastWord(Date.parse(alert.start), t)}</time> {alert.text} <span>{alert.state === "cancelled" ? "taken off" : "over"}</span>
						</li>
					))}
				</ul>
			)}
		</section>
	);
}

/** on all channels; on channels 1, 4; on 37 channels */
function whereWord(ids: number[] | null): string {
	if (!ids) return "on all channels";
	if (ids.length > NAMED) return `on ${countWord(ids.length)} channels`;
	const numbers = ids.map((id) => channels.value?.find((channel) => channel.id === id)?.number ?? "?");
	return `on ${numbers.length === 1 ? "channel" : "channels"} ${numbers.join(", ")}`;
}

/** notice, ordinary, urgent; the number where it is another */
function priorityWord(priority: number): string {
	return PRIORITIES.find(([value]) => value === priority)?.[1].toLowerCase() ?? `priority ${priority} of 100`;
}

function leftLong(ms: number): string {
	return `${lengthWord(ms < 60_000 ? Math.ceil(ms / 1000) * 1000 : ms)} left`;
}

function Running({ alert, t }: { alert: Alert; t: number }) {
	const [busy, setBusy] = useState(false);
	const start = Date.parse(alert.start);
	const end = Date.parse(alert.end);
	const takeOff = async () => {
		setBusy(true);
		try {
			await cancelAlert(alert.id);
			await refreshAlerts();
			tell("Taken off. The channels go on in a few seconds.", async () => {
				await raiseAlert({ text: alert.text, channels: alert.channels, priority: alert.priority, for_ms: Math.max(1_000, end - time()), ...(alert.resume && { resume: true }) });
				await refreshAlerts();
			});
		} catch (cause) {
			complain(cause);
			setBusy(false);
		}
	};
	return (
		<li>
			<p class={css.text}><Icon name="megaphone" /> {alert.text}</p>
			<p class={css.facts}>
				{start > t ? "On in a moment" : "On the air"} {whereWord(alert.channels)} · <span>{leftLong(end - Math.max(t, start))}</span> · {priorityWord(alert.priority)}
			</p>
			<Bar start={start} end={end} thin />
			<button class={`${ui.danger} ${ui.small}`} disabled={busy} onClick={takeOff}>Take it off</button>
		</li>
	);
}

function Raise() {
	const [text, setText] = useKept("alert", "");
	const [chosen, choose] = useState<number[] | null>(null);
	const [priority, setPriority] = useState(50);
	const [length, setLength] = useState(30_000);
	const [resume, setResume] = useState(false);
	const [busy, setBusy] = useState(false);
	const list = channels.value ?? [];
	const ready = text.trim() !== "" && text.length <= LONGEST && chosen?.length !== 0 && list.length > 0;
	const raise = async (event: Event) => {
		event.preventDefault();
		if (!ready || busy) return;
		setBusy(true);
		try {
			const alert = await raiseAlert({ text: text.trim(), channels: chosen, priority, for_ms: length, ...(resume && { resume }) });
			setText("");
			await refreshAlerts();
			tell("It is on in 4 to 7 seconds.", async () => {
				await cancelAlert(alert.id);
				await refreshAlerts();
			});
		} catch (cause) {
			complain(cause);
		}
		setBusy(false);
	};
	return (
		<form class={css.raise} onSubmit={raise}>
			<label class={ui.field}>
				<span class={ui.name}>What shall stand on the screen?</span>
				<textarea rows={3} maxLength={LONGEST} placeholder="Dinner is ready" value={text} onInput={(event) => setText(event.currentTarget.value)} />
			</label>
			<Where list={list} chosen={chosen} choose={choose} />
			<div class={css.two}>
				<Words name="How long" of={LENGTHS} value={length} set={setLength} />
				<Words name="Priority" of={PRIORITIES} value={priority} set={setPriority} />
			</div>
			<div class={ui.acts}>
				<button class={ui.main} disabled={!ready || busy}><Icon name="megaphone" /> Put it on the air</button>
				<label class={ui.check}>
					<input type="checkbox" checked={resume} onChange={(event) => setResume(event.currentTarget.checked)} />
					<span class={ui.dim}>{resume ? "The programme waits and goes on where it stopped" : "The programme goes on behind it; tick to make it wait"}</span>
				</label>
			</div>
		</form>
	);
}

function Words({ name, of, value, set }: { name: string; of: [number, string][]; value: number; set: (value: number) => void }) {
	return (
		<fieldset class={ui.field}>
			<legend class={ui.name}>{name}</legend>
			<div class={ui.choice}>
				{of.map(([v, word]) => (
					<label key={v}>
						<input type="radio" name={name} checked={value === v} onChange={() => set(v)} />
						{word}
					</label>
				))}
			</div>
		</fieldset>
	);
}
