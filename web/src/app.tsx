/* app.tsx - which room stands in the shell. The first view is On now; the other rooms come in while it is quiet. */
import { useEffect } from "preact/hooks";
import { later } from "./lib/later.tsx";
import { loadHls } from "./player.ts";
import { route } from "./router.ts";
import { OnNow } from "./rooms/onnow/onnow.tsx";
import { Head } from "./ui/head.tsx";
import { Shell } from "./ui/shell.tsx";

const { room } = route.value;
const Watch = later(() => import("./rooms/watch/watch.tsx").then((m) => m.Watch), room === "watch");
const Guide = later(() => import("./rooms/guide/guide.tsx").then((m) => m.Guide), room === "guide");
const Library = later(() => import("./rooms/library/library.tsx").then((m) => m.Library), room === "library");
const ItemRoom = later(() => import("./rooms/library/item.tsx").then((m) => m.ItemRoom), room === "item");
const shelf = room === "shelf" ? route.value.shelf : "";
const Collections = later(() => import("./rooms/library/collections.tsx").then((m) => m.Collections), shelf === "collections");
const Duplicates = later(() => import("./rooms/library/duplicates.tsx").then((m) => m.Duplicates), shelf === "duplicates");
const Junk = later(() => import("./rooms/library/junk.tsx").then((m) => m.Junk), shelf === "junk");
const Unknown = later(() => import("./rooms/library/junk.tsx").then((m) => m.Unknown), shelf === "unknown");
const Trash = later(() => import("./rooms/library/trash.tsx").then((m) => m.Trash), shelf === "trash");
const Organise = later(() => import("./rooms/library/organise.tsx").then((m) => m.Organise), shelf === "organise");
const Folders = later(() => import("./rooms/library/folders.tsx").then((m) => m.Folders), shelf === "folders");
const SHELVES = { collections: Collections, duplicates: Duplicates, junk: Junk, unknown: Unknown, trash: Trash, organise: Organise, folders: Folders };
const Station = later(() => import("./rooms/station/station.tsx").then((m) => m.Station), room === "station");
const Editor = later(() => import("./rooms/station/editor.tsx").then((m) => m.Editor), room === "channel");
const Screens = later(() => import("./rooms/screens/screens.tsx").then((m) => m.Screens), room === "screens");
const Activity = later(() => import("./rooms/activity/activity.tsx").then((m) => m.Activity), room === "activity");

/* The player's code comes with a room that plays, or when somebody points at a channel: what is chosen waits for pictures
 * only, and who sorts a library on a slow line pays for no player. */
const player = () => void loadHls().catch(() => undefined);
if (room === "watch") player();
else if (room === "onnow") addEventListener("load", () => setTimeout(player, 1_000));
for (const event of ["pointerover", "focusin"])
	addEventListener(event, ({ target }) => target instanceof Element && target.closest("a[href^='/watch'], a[href='/']") && player(), { passive: true });

const TITLES: Record<string, string> = { onnow: "On now", guide: "Guide", library: "Library", item: "Library", shelf: "Library", station: "Station", channel: "Station", activity: "Activity", screens: "Other screens", nowhere: "Nothing here" };

export function App() {
	const here = route.value;
	const Shelf = here.room === "shelf" ? SHELVES[here.shelf] : null;
	useEffect(() => {
		if (here.room !== "watch") document.title = `${TITLES[here.room]} · Matinee`;
	}, [here]);
	return (
		<Shell>
			{here.room === "onnow" && <OnNow />}
			{here.room === "watch" && <Watch number={here.number} at={here.at} />}
			{here.room === "guide" && <Guide />}
			{here.room === "library" && <Library />}
			{here.room === "item" && <ItemRoom key={here.id} id={here.id} />}
			{Shelf && <Shelf />}
			{here.room === "station" && <Station />}
			{here.room === "channel" && <Editor key={here.id ?? "new"} id={here.id} />}
			{here.room === "activity" && <Activity />}
			{here.room === "screens" && <Screens />}
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
