/* detail.tsx - the chosen programme, over the grid (a sheet at the foot on phones). */
import { now } from "../../clock.ts";
import { subline } from "../../lib/programme.ts";
import { clockWord, dayWord, leftWord, lengthWord, whenWord } from "../../lib/words.ts";
import { watchPath } from "../../router.ts";
import { Bar } from "../../ui/bar.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Picture } from "../../ui/picture.tsx";
import { isPause, pauseWord, type Block } from "./layout.ts";
import type { GuideRow } from "./store.ts";
import css from "./detail.module.css";

interface Props {
	row: GuideRow;
	block: Block;
	sheet: boolean;
	close: () => void;
	closer: () => void;
}

/** The panel's room, before there is something to say. */
export function Blank({ hue }: { hue: number }) {
	return (
		<div class={css.detail} aria-hidden="true">
			<div class={css.picture}><Picture src={null} hue={hue} /></div>
		</div>
	);
}

export function Detail({ row, block, sheet, close, closer }: Props) {
	const t = now.value;
	const several = block.slots.length > 1;
	const slot = block.slots[0]!;
	const { programme } = slot;
	const pause = !several && isPause(slot);
	const live = block.start <= t && block.end > t;
	const day = dayWord(block.start, t);
	const when = `${day === "today" ? "" : `${day.charAt(0).toUpperCase()}${day.slice(1)} `}${clockWord(block.start)} to ${clockWord(block.end)}`;
	return (
		<section class={`hue ${css.detail} ${sheet ? css.sheet : ""}`} style={{ "--hue": String(row.hue) }} aria-label="Chosen programme" aria-live="polite">
			<div class={css.picture}>
				<Picture src={several ? null : programme.thumbnail} hue={row.hue} mark={String(row.number)} eager />
			</div>
			<div class={css.text}>
				<p class={css.over}>
					<span class={css.channel}>{row.number} {row.name}</span>
					<span>{when}</span>
					{live ? <span class={css.live}><i />On now, {leftWord(block.end, t)}</span> : <span>{block.end <= t ? "over" : whenWord(block.start, t)}</span>}
				</p>
				<h2 class={css.title} dir="auto">{several ? `${block.slots.length} short programmes` : pause ? pauseWord(slot) : programme.title}</h2>
				<p class={css.sub} dir="auto">{several ? block.slots.slice(0, 6).map((slot) => slot.programme.title).join(", ") : [subline(programme), lengthWord(block.end - block.start)].filter(Boolean).join(" · ")}</p>
				{live && !several && <div class={css.progress}><Bar start={block.start} end={block.end} /></div>}
				<p class={css.acts}>
					{(live || several) && (
						<a class={css.watch} href={`/watch/${row.number}`}>
							<Icon name="play" fill /> Watch
						</a>
					)}
					{!several && block.start <= t && programme.catchup !== false && (
						<a class={live ? css.other : css.watch} href={watchPath(row.number, block.start)}>
							{!live && <Icon name="skip-back" />} Watch from the start
						</a>
					)}
					{!live && !several && (
						<a class={css.other} href={`/watch/${row.number}`}>
							Watch {row.name} now
						</a>
					)}
					{several && <button class={css.other} onClick={closer}>Look closer</button>}
					{!several && programme.item_id !== null && programme.item_id !== undefined && (
						<a class={css.other} href={`/library/${programme.item_id}`}>In the library</a>
					)}
				</p>
			</div>
			{sheet && (
				<button class={css.close} onClick={close} aria-label="Close">
					<Icon name="x" />
				</button>
			)}
		</section>
	);
}
