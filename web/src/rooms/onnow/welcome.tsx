/* welcome.tsx - what a newcomer sees: no channel yet. Says exactly what to do next, from how far they have come. */
import { useState } from "preact/hooks";
import { addChannel } from "../../api.ts";
import { now } from "../../clock.ts";
import { later } from "../../lib/later.tsx";
import { many } from "../../lib/words.ts";
import { refreshChannels, refreshStatus, status } from "../../station.ts";
import { Meter } from "../../ui/bar.tsx";
import ui from "../../ui/controls.module.css";
import { Head } from "../../ui/head.tsx";
import { complain } from "../../ui/toast.tsx";
import { FRESH } from "../station/rules.ts";
import css from "./welcome.module.css";

const AddFolder = later(() => import("../library/addfolder.tsx").then((m) => m.AddFolder));

/** One press from a library to television. */
function First() {
	const [busy, setBusy] = useState(false);
	const make = async () => {
		setBusy(true);
		try {
			await addChannel({ number: 1, name: "Matinee One", schedule: FRESH });
			refreshChannels();
		} catch (cause) {
			complain(cause);
			setBusy(false);
		}
	};
	return (
		<p class={ui.acts}>
			<button class={ui.main} data-first="" disabled={busy} onClick={make}>{busy ? "One moment" : "Put a bit of everything on channel 1"}</button>
			<a class={ui.plain} href="/station/new">Choose what it plays</a>
		</p>
	);
}

function greeting(t: number): string {
	const hour = new Date(t).getHours();
	return hour >= 5 && hour < 12 ? "Good morning" : hour >= 12 && hour < 18 ? "Good afternoon" : "Good evening";
}

export function Welcome() {
	const s = status.value;
	const items = s?.library.items ?? 0;
	const scanning = s?.scan.running ?? false;
	const stage = items > 0 ? "channel" : scanning ? "scan" : (s?.library.roots ?? 0) > 0 ? "wait" : "folder";
	return (
		<>
			<Head title="On now" />
			<section class={css.welcome}>
				<div class={css.bars} aria-hidden="true">
					{[38, 95, 155, 190, 230, 285, 340].map((hue) => (
						<i key={hue} class="hue" style={{ "--hue": String(hue) }} />
					))}
				</div>
				<p class={css.lead}>
					{stage === "channel" ? "Your library is here. Now give it a channel." : stage === "scan" ? "Looking through your folder." : `${greeting(now.value)}. Your station has no films yet.`}
				</p>
				{stage === "scan" && s && (
					<div class={css.scan}>
						<Meter part={s.scan.to_probe + s.scan.probed ? s.scan.probed / (s.scan.to_probe + s.scan.probed) : 0.03} />
						<p>
							{many(s.scan.seen, "file")} found in <code>{s.scan.root}</code>, {many(s.scan.probed, "one", "of them")} opened and understood. A channel comes on by itself when the first ones are ready.
						</p>
					</div>
				)}
				{stage === "wait" && <p class={css.plain}>A folder is known, and nothing playable was found in it so far. Are there films, shows or clips inside?</p>}
				{(stage === "folder" || stage === "wait") && (
					<>
						<AddFolder word="Show it a folder with films, shows or clips" changed={() => void refreshStatus()} />
						<div class={css.steps}>
							<div>
								<h2>Or from the command line</h2>
								<pre class="mono">matinee root add /path/to/films</pre>
							</div>
							<div>
								<h2>Or start it anew with one, from the source</h2>
								<pre class="mono">make run LIBRARY=/path/to/films</pre>
							</div>
						</div>
					</>
				)}
				{stage === "channel" && (
					<>
						<p class={css.plain}>{many(items, "title")} to choose from.</p>
						<First />
						<div class={css.steps}>
							<div>
								<h2>Or from the command line</h2>
								<pre class="mono">matinee channel add "Matinee One"</pre>
							</div>
						</div>
					</>
				)}
				<p class={css.plain}>This page notices by itself when the station has something to show.</p>
			</section>
		</>
	);
}
