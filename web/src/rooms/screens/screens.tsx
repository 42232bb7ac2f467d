/* screens.tsx - Other screens: how do I watch elsewhere? The station's addresses, each taken along with one press, and what
 * to do with them in the players people have. What the tuner is: docs/tuner.md. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { copyText } from "../../lib/copy.ts";
import { lastChannel } from "../../prefs.ts";
import { byNumber, channels } from "../../station.ts";
import ui from "../../ui/controls.module.css";
import { Head } from "../../ui/head.tsx";
import { Icon } from "../../ui/icon.tsx";
import { complain } from "../../ui/toast.tsx";
import css from "./screens.module.css";

/** Addresses that no other machine can reach. */
const alone = (host: string) => host === "localhost" || host === "[::1]" || /^127\./.test(host);

export function Screens() {
	const { origin, host, hostname, port, protocol } = location;
	const m3u = `${origin}/channels.m3u`;
	const guide = `${origin}/xmltv.xml`;
	return (
		<>
			<Head title="Other screens" />
			<div class={css.room}>
				<p class={css.lead}>Whatever plays a stream can watch: take an address along and put it in. Every screen shows the same second.</p>
				{alone(hostname) && (
					<p class={css.alone}>
						<b>{host}</b> is this machine only. To let the others in the house watch, start the station with{" "}
						<code>matinee serve --listen 0.0.0.0:{port || (protocol === "https:" ? "443" : "80")} --allow-network</code> and
						open this page by the machine's name: the addresses below follow.
					</p>
				)}
				<section class={css.addresses} aria-label="Addresses">
					<Address name="All channels" note="M3U: VLC, Kodi, IPTV apps" address={m3u} first />
					<Address name="The guide" note="XMLTV: Kodi, Plex, Jellyfin" address={guide} />
					<Address name="The tuner" note="HDHomeRun: Plex, Jellyfin, Emby" address={host} />
					<OneChannel origin={origin} />
				</section>
				<div class={css.ways}>
					<Way name="VLC"><li><i>Media, Open Network Stream</i></li><li>Put in the address of all channels, <i>Play</i></li><li><kbd>n</kbd> is the next channel</li></Way>
					<Way name="Kodi"><li><i>Add-ons, My add-ons, PVR clients, IPTV Simple Client</i></li><li>M3U playlist URL: all channels</li><li>EPG, XMLTV URL: the guide</li></Way>
					<Way name="Plex"><li><i>Settings, Live TV &amp; DVR, Set up</i></li><li>Not in the list? Type the tuner's address</li><li>Guide: <i>Have an XMLTV guide</i>, its address</li></Way>
					<Way name="Jellyfin, Emby"><li><i>Dashboard, Live TV, Tuner devices, +</i></li><li><i>HD Homerun</i>, the tuner's address</li><li><i>TV guide data providers, +, XMLTV</i>, the guide's address</li></Way>
					<Way name="mpv"><li><code>mpv {m3u}</code></li><li><kbd>&gt;</kbd> is the next channel</li></Way>
					<Way name="Phone or tablet"><li>Open this page there</li><li><i>Add to the home screen</i>: it opens like an app</li><li>Swipe for the next channel</li></Way>
				</div>
			</div>
		</>
	);
}

function Way({ name, children }: { name: string; children: ComponentChildren }) {
	return (
		<section>
			<h2>{name}</h2>
			<ol>{children}</ol>
		</section>
	);
}

function Address({ name, note, address, first }: { name: string; note: string; address: string; first?: boolean }) {
	const [copied, setCopied] = useState(false);
	const copy = async () => {
		if (!(await copyText(address))) return complain("This browser lets no page use the clipboard. Mark the address and copy it by hand.");
		setCopied(true);
		setTimeout(() => setCopied(false), 2_500);
	};
	return (
		<div class={css.address}>
			<span class={css.what}><b>{name}</b><span>{note}</span></span>
			<code>{address}</code>
			<button class={ui.plain} data-first={first ? "" : undefined} aria-label={copied ? `Copied: ${name}` : `Copy: ${name}`} onClick={copy}>
				<Icon name={copied ? "check" : "copy"} /> {copied ? "Copied" : "Copy"}
			</button>
		</div>
	);
}

function OneChannel({ origin }: { origin: string }) {
	const list = channels.value ?? [];
	const [chosen, choose] = useState<number | null>(null);
	const channel = byNumber.value.get(chosen ?? lastChannel() ?? -1) ?? list[0];
	if (!channel) return null;
	return (
		<>
			<label class={css.one}>
				<b>One channel</b>
				<select value={channel.number} onChange={(event) => choose(Number(event.currentTarget.value))}>
					{list.map((one) => <option key={one.id} value={one.number}>{one.number} {one.name}</option>)}
				</select>
			</label>
			<Address name={`${channel.name}, HLS`} note="browsers, phones, VLC, mpv" address={new URL(channel.stream, origin).href} />
			<Address name={`${channel.name}, MPEG-TS`} note="set-top boxes, ffmpeg, recorders" address={new URL(channel.ts, origin).href} />
		</>
	);
}
