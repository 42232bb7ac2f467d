/* tabs.tsx - the rooms of the library, in one row above each of them. */
import { useLayoutEffect, useRef } from "preact/hooks";
import css from "./tabs.module.css";

const TABS: [path: string, word: string][] = [
	["/library", "Titles"], ["/library/collections", "Collections"], ["/library/duplicates", "Duplicates"], ["/library/junk", "Junk"], ["/library/unknown", "Unknown"], ["/library/trash", "Trash"],
	["/library/organise", "Organise"], ["/library/folders", "Folders"],
];

export function Tabs({ here }: { here: string }) {
	const row = useRef<HTMLElement>(null);
	/* A narrow row shows the one that is open, and a piece of its neighbours. */
	useLayoutEffect(() => {
		const tab = row.current?.querySelector<HTMLElement>("[aria-current]");
		if (tab) row.current!.scrollLeft = tab.offsetLeft - (row.current!.clientWidth - tab.offsetWidth) / 2;
	}, [here]);
	return (
		<nav ref={row} class={css.tabs} aria-label="Library">
			{TABS.map(([path, word]) => (
				<a key={path} href={path} aria-current={path === here ? "page" : undefined}>{word}</a>
			))}
		</nav>
	);
}
