/* nofolder.tsx - what an empty list says: its own word, or, in a house without a folder, what to do about that. */
import type { ComponentChildren } from "preact";
import { status } from "../../station.ts";
import ui from "../../ui/controls.module.css";

export function NoFolder({ children }: { children: ComponentChildren }) {
	if (status.value?.library.roots !== 0) return <>{children}</>;
	return <>There is no folder to look through yet. <a class={ui.link} href="/library/folders">Show the station a folder</a>.</>;
}
