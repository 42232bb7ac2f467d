/* welcome.tsx - what a newcomer sees: no channel yet. Says exactly what to do next, from how far they have come. */
import { now } from "../../clock.ts";
import { many } from "../../lib/words.ts";
import { status } from "../../station.ts";
import { Meter } from "../../ui/bar.tsx";
import { Head } from "../../ui/head.tsx";
import css from "./welcome.module.css";

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
					<ol class={css.steps}>
						<li>
							<h2><a href="/library/folders">Show it a folder</a> with films, shows or clips</h2>
							<pre class="mono">matinee root add /path/to/films</pre>
						</li>
						<li>
							<h2>Or start it anew with one, from the source</h2>
							<pre class="mono">make run LIBRARY=/path/to/films</pre>
						</li>
					</ol>
				)}
				{stage === "channel" && (
					<ol class={css.steps}>
						<li>
							<h2><a href="/station/new" data-first="">Make a channel</a> from what you own</h2>
							<pre class="mono">matinee channel add "Matinee One"</pre>
						</li>
					</ol>
				)}
				<p class={css.plain}>Nothing is copied or changed in your folder. This page notices by itself when the station has something to show.</p>
			</section>
		</>
	);
}
