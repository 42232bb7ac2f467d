/* shell.tsx - what stands around every room: the rail (a bar at the foot on phones), the dial, the help. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { dialled, helpOpen, KEYS } from "../keys.ts";
import { useModal } from "../lib/modal.ts";
import { moveFocus } from "../lib/spatial.ts";
import { lastChannel, setTheme, theme, type Theme } from "../prefs.ts";
import { route } from "../router.ts";
import { byNumber, channels } from "../station.ts";
import { Asking } from "./ask.tsx";
import { Icon, type IconName } from "./icon.tsx";
import { Toasts } from "./toast.tsx";
import css from "./shell.module.css";

/** The channel watched last, where there still is one. */
function watchPlace(): string {
	const last = lastChannel();
	const list = channels.value;
	return `/watch/${last !== null && (!list?.length || byNumber.value.has(last)) ? last : (list?.[0]?.number ?? 1)}`;
}

const ROOMS: { word: string; icon: IconName; rooms: string[]; path: () => string }[] = [
	{ word: "On now", icon: "layout-grid", rooms: ["onnow"], path: () => "/" },
	{ word: "Watch", icon: "tv", rooms: ["watch"], path: watchPlace },
	{ word: "Guide", icon: "calendar-range", rooms: ["guide"], path: () => "/guide" },
	{ word: "Library", icon: "library", rooms: ["library", "item", "shelf"], path: () => "/library" },
	{ word: "Station", icon: "radio-tower", rooms: ["station", "channel"], path: () => "/station" },
	{ word: "Activity", icon: "activity", rooms: ["activity"], path: () => "/activity" },
];

const THEMES: Record<Theme, { next: Theme; icon: IconName; word: string }> = {
	dark: { next: "light", icon: "moon", word: "Dark" },
	light: { next: "system", icon: "sun", word: "Light" },
	system: { next: "dark", icon: "monitor", word: "As system" },
};

export function Shell({ children }: { children: ComponentChildren }) {
	return (
		<>
			<a class={css.skip} href="#main" onClick={skip}>Skip the menu</a>
			<Rail />
			<main id="main" class={css.main}>{children}</main>
			<Dial />
			<Toasts />
			<Asking />
			<Said />
			{helpOpen.value && <Help />}
		</>
	);
}

/** The first thing in the room that can be pressed, typed into or chosen. */
function skip(event: Event): void {
	event.preventDefault();
	(event.currentTarget as HTMLElement).blur();
	moveFocus("right");
}

/** Tells those who do not see it that another room is open. */
function Said() {
	const [word, say] = useState("");
	const here = route.value;
	const first = useRef(true);
	useEffect(() => {
		if (first.current) return void (first.current = false);
		const timer = setTimeout(() => say(document.title.replace(/ · Matinee$/, "")), 300);
		return () => clearTimeout(timer);
	}, [here]);
	return <p class="unseen" role="status">{word}</p>;
}

function Rail() {
	const here = route.value.room;
	const look = THEMES[theme.value];
	return (
		<nav class={css.rail} aria-label="Rooms">
			<a class={css.sign} href="/" aria-label="Matinee, on now">
				<svg viewBox="0 0 64 64" aria-hidden="true">
					<path d="M10 50V18l22 21 22-21v32" fill="none" stroke="var(--amber)" stroke-width="9" stroke-linejoin="bevel" />
					<circle cx="32" cy="15" r="5.5" fill="var(--air)" />
				</svg>
			</a>
			{ROOMS.map(({ word, icon, rooms, path }) => (
				<a key={word} class={css.room} href={path()} aria-current={rooms.includes(here) ? "page" : undefined}>
					<Icon name={icon} />
					<span>{word}</span>
				</a>
			))}
			<div class={css.foot}>
				<a class={css.tool} href="/screens" aria-label="Other screens" title="Other screens: VLC, Kodi, Plex, a phone" aria-current={here === "screens" ? "page" : undefined}>
					<Icon name="cast" />
				</a>
				<button class={css.tool} onClick={() => setTheme(look.next)} aria-label={`Theme: ${look.word}. Change.`} title={`Theme: ${look.word}`}>
					<Icon name={look.icon} />
				</button>
				<button class={css.tool} onClick={() => (helpOpen.value = true)} aria-label="Keys" title="Keys (?)">
					<Icon name="keyboard" />
				</button>
			</div>
		</nav>
	);
}

function Dial() {
	const typed = dialled.value;
	if (!typed) return null;
	const channel = byNumber.value.get(Number(typed));
	return (
		<div class={`hue ${css.dial}`} role="status" style={{ "--hue": String(channel?.hue ?? 38) }}>
			<strong>{typed}</strong>
			<span>{channel ? channel.name : "No such channel yet"}</span>
		</div>
	);
}

function Help() {
	const dialog = useModal();
	const close = () => (helpOpen.value = false);
	return (
		<dialog ref={dialog} class={css.help} onClose={close} onClick={(event) => event.target === dialog.current && close()} aria-label="Keys">
			<div class={css.helpInner}>
				<div class={css.helpHead}>
					<h1>Keys</h1>
					<button class={css.tool} onClick={close} aria-label="Close">
						<Icon name="x" />
					</button>
				</div>
				<div class={css.tables}>
					{KEYS.map(({ where, keys }) => (
						<section key={where}>
							<h2>{where}</h2>
							<dl>
								{keys.map(([key, does]) => (
									<div key={key}>
										<dt>{key.split(" ").map((k) => <kbd key={k}>{k}</kbd>)}</dt>
										<dd>{does}</dd>
									</div>
								))}
							</dl>
						</section>
					))}
				</div>
			</div>
		</dialog>
	);
}
