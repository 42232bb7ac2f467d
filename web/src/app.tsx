/* app.tsx - which room stands in the shell. */
import { useEffect } from "preact/hooks";
import { route } from "./router.ts";
import { Activity } from "./rooms/activity/activity.tsx";
import { Guide } from "./rooms/guide/guide.tsx";
import { ItemRoom } from "./rooms/library/item.tsx";
import { Library } from "./rooms/library/library.tsx";
import { OnNow } from "./rooms/onnow/onnow.tsx";
import { Watch } from "./rooms/watch/watch.tsx";
import { Head } from "./ui/head.tsx";
import { Shell } from "./ui/shell.tsx";

const TITLES: Record<string, string> = { onnow: "On now", guide: "Guide", library: "Library", item: "Library", activity: "Activity", nowhere: "Nothing here" };

export function App() {
	const here = route.value;
	useEffect(() => {
		if (here.room !== "watch") document.title = `${TITLES[here.room]} · Matinee`;
	}, [here]);
	return (
		<Shell>
			{here.room === "onnow" && <OnNow />}
			{here.room === "watch" && <Watch number={here.number} />}
			{here.room === "guide" && <Guide />}
			{here.room === "library" && <Library />}
			{here.room === "item" && <ItemRoom key={here.id} id={here.id} />}
			{here.room === "activity" && <Activity />}
			{here.room === "nowhere" && <Nowhere path={here.path} />}
		</Shell>
	);
}

function Nowhere({ path }: { path: string }) {
	return (
		<>
			<Head title="No such room" />
			<p style={{ padding: "0 var(--gutter)" }}>
				Nothing is kept at <code>{path}</code>. <a href="/" style={{ textDecoration: "underline" }}>See what is on now</a>.
			</p>
		</>
	);
}
