/* programme.ts - what a programme and a channel's moment are called in one line. Pure. */
import type { Channel, OnAir, Programme } from "../api.ts";
import { clockWord, episodeWord, kindWord } from "./words.ts";

/** S2 E5 · The Letter; or Film · 1962; empty where nothing is known beyond the title */
export function subline(p: Pick<Programme, "subtitle" | "season" | "episode" | "year" | "item_kind">): string {
	const episode = episodeWord(p.season, p.episode);
	if (episode || p.subtitle) return [episode, p.subtitle].filter(Boolean).join(" · ");
	const kind = p.item_kind && p.item_kind !== "unknown" ? kindWord(p.item_kind) : "";
	return [kind, p.year].filter(Boolean).join(" · ");
}

/** What the fine row says when it is not the programme itself: "In a break, back at 20:12" */
export function breakLine(on: OnAir | null): string {
	if (!on) return "";
	const back = clockWord(Date.parse(on.end));
	switch (on.kind) {
		case "commercial":
		case "promo":
			return `In a break · ${on.title}`;
		case "bumper":
		case "ident":
		case "interstitial":
			return "Back in a moment";
		case "slate":
			return `A short pause until ${back}`;
		case "alert":
			return on.title;
		default:
			return "";
	}
}

/** What is on and what comes next are both nothing: no title passes its rules. */
export function isIdle(now: Programme | null, next: Programme | null): boolean {
	return now?.kind === "slate" && (!next || next.kind === "slate");
}

/** What is on is not known: the station does not answer, and what was heard of it is over. */
export const UNHEARD = { title: "Not known just now", help: "The station does not answer." };

/** Why a channel shows nothing, in words, with what helps. */
export function quietLine(channel: Pick<Channel, "state">): { title: string; help: string } {
	switch (channel.state) {
		case "building":
			return { title: "Getting its first evening ready", help: "The schedule is being made. It comes on by itself." };
		case "off":
			return { title: "Off the air", help: "This channel is switched off." };
		case "empty":
			return { title: "Nothing to play yet", help: "No title in the library is what this channel plays." };
		default:
			return { title: "Nothing on just now", help: "The next programme starts by itself." };
	}
}
