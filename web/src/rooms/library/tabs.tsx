/* tabs.tsx - the rooms of the library, in one row above each of them. */
import css from "./tabs.module.css";

const TABS: [path: string, word: string][] = [
	["/library", "Titles"], ["/library/duplicates", "Duplicates"], ["/library/junk", "Junk"], ["/library/unknown", "Unknown"], ["/library/trash", "Trash"],
	["/library/organise", "Organise"], ["/library/folders", "Folders"],
];

export function Tabs({ here }: { here: string }) {
	return (
		<nav class={css.tabs} aria-label="Library">
			{TABS.map(([path, word]) => (
				<a key={path} href={path} aria-current={path === here ? "page" : undefined}>{word}</a>
			))}
		</nav>
	);
}
