/* title.ts - what a title is called in two lines. Pure. */
import type { Item } from "../../api.ts";
import { episodeWord } from "../../lib/words.ts";

export function titleOf(item: Pick<Item, "show" | "title" | "season" | "episode" | "episode_title">): [title: string, sub: string] {
	if (!item.show) return [item.title, ""];
	return [item.show, [episodeWord(item.season, item.episode), item.episode_title ?? (item.title !== item.show ? item.title : "")].filter(Boolean).join(" · ")];
}
