/* cover.tsx - what stands where the picture will be: the flash of a channel change, the waking channel, and an honest
 * word when the picture does not come. */
import { useEffect, useState } from "preact/hooks";
import type { Channel } from "../../api.ts";
import type { Picture as State } from "../../player.ts";
import { channels } from "../../station.ts";
import css from "./cover.module.css";

/** 120 ms of the channel's hue and number. */
export function Flash({ number }: { number: number }) {
	return (
		<div class={css.flash} aria-hidden="true">
			<span>{number}</span>
		</div>
	);
}

interface Props {
	number: number;
	channel: Channel | undefined;
	picture: State;
	missing: boolean;
	/** "20:30" where the past is watched, else "". */
	from: string;
	quiet: { title: string; help: string } | null;
}

export function Cover({ number, channel, picture, missing, from, quiet }: Props) {
	const [since, setSince] = useState(0);
	const waking = !missing && !quiet && picture.state === "waking";
	useEffect(() => {
		setSince(0);
		const timer = setInterval(() => setSince((s) => s + 1), 1_000);
		return () => clearInterval(timer);
	}, [number, from, picture.state]);
	let title = from ? `Going back to ${from}` : `Waking ${channel?.name ?? `channel ${number}`}`;
	let help = since < 4 ? "" : since < 15 ? (from ? "Its pictures are being made once more." : "Nobody was watching, so its first pictures are being made.") : "It takes longer than it should. The station is still at it.";
	if (missing) {
		title = `There is no channel ${number}`;
		help = channels.value?.length ? "Choose one of the others." : "";
	} else if (quiet) ({ title, help } = quiet);
	else if (picture.state === "lost") {
		title = since < 3 ? "One moment" : picture.why;
		help = since < 3 ? "" : "Trying again, for as long as you stay. The picture comes back by itself.";
	} else if (picture.state === "unable") ({ title, help } = { title: "No picture here", help: picture.why });
	return (
		<div class={`${css.cover} ${waking ? css.waking : ""}`} role="status">
			<div class={css.rings} aria-hidden="true">
				<i /><i /><i /><i />
			</div>
			<div class={css.number} aria-hidden="true">{number}</div>
			<div class={css.words}>
				<p class={css.title}>{title}</p>
				<p class={css.help}>{help}</p>
			</div>
		</div>
	);
}
