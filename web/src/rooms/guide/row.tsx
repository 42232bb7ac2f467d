/* row.tsx - one channel's row: its name, which stays, and its programmes in the time that is in view. */
import { memo } from "../../lib/memo.ts";
import { subline } from "../../lib/programme.ts";
import { clockWord, isLong } from "../../lib/words.ts";
import { isPause, layoutRow, pauseWord } from "./layout.ts";
import { slotsOf, type GuideRow } from "./store.ts";
import css from "./guide.module.css";

interface Props {
	row: GuideRow;
	index: number;
	top: number;
	from: number;
	to: number;
	origin: number;
	scale: number;
	/** The slots' edition: another number, other slots. */
	edition: number;
	/** The station has said what is on in the view. */
	known: boolean;
	/** Start of what is on the air, or the time where nothing is. */
	live: number;
	/** What meets this stretch may stand across the view's left edge: its words are cut by hand (trimEdges). */
	edgeFrom: number;
	edgeTo: number;
	/** Start of the chosen block, where it is in this row. */
	chosen: number | null;
	choose: (channel: number, start: number, open: boolean) => void;
}

/** What begins before the view keeps its words in view (they are sticky), cut where the programme ends. */
export function trimEdges(grid: HTMLElement): void {
	const x = grid.scrollLeft;
	for (const block of grid.querySelectorAll<HTMLElement>(`.${css.edge}`)) {
		const words = block.firstElementChild as HTMLElement | null;
		if (words) words.style.maxWidth = `${Math.max(0, Math.min(block.offsetWidth, Number(block.dataset.end) - x))}px`;
	}
}

export const blockId = (channel: number, start: number) => `p${channel}-${start}`;

export const Row = memo(function Row({ row, index, top, from, to, origin, scale, known, live, edgeFrom, edgeTo, chosen, choose }: Props) {
	const blocks = layoutRow(slotsOf(row.id), from, to, origin, scale);
	return (
		<div class={`hue ${css.row}`} role="row" aria-rowindex={index + 2} style={{ top: `${top}px`, "--hue": String(row.hue) }}>
			<div class={css.channel} role="rowheader">
				<a class={css.over} href={`/watch/${row.number}`} tabIndex={-1} aria-label={`Watch channel ${row.number}, ${row.name}`} />
				<span class={css.number} data-long={isLong(row.number)}>{row.number}</span>
				<span class={css.name} dir="auto">{row.name}</span>
			</div>
			<div class={css.lane}>
				{blocks.map((block) => {
					const slot = block.slots[0]!;
					const one = slot.programme;
					const pause = block.slots.length === 1 && isPause(slot);
					const title = pause ? pauseWord(slot) : one.title;
					const tense = block.end <= live ? css.past : block.start <= live ? css.live : "";
					const narrow = block.width < 26;
					const edge = block.start < edgeTo && block.end > edgeFrom;
					const several = block.slots.length > 1;
					return (
						<div
							key={block.start}
							id={blockId(row.id, block.start)}
							role="gridcell"
							class={`${css.block} ${tense} ${several ? css.several : pause ? css.pause : ""} ${edge ? css.edge : ""} ${chosen === block.start ? css.chosen : ""}`}
							aria-selected={chosen === block.start}
							aria-label={several ? `${block.slots.length} shorts, ${clockWord(block.start)} to ${clockWord(block.end)}` : [title, clockWord(block.start), subline(one), `until ${clockWord(block.end)}`].filter(Boolean).join(" ")}
							style={{ left: `${block.left}px`, width: `${block.width}px` }}
							data-end={edge ? block.left + block.width : undefined}
							onClick={() => choose(row.id, block.start, true)}
						>
							{!narrow && (
								<span class={css.words} style={{ maxWidth: edge ? undefined : "100%" }}>
									<span class={css.title} dir="auto">{several ? `${block.slots.length} shorts` : title}</span>{" "}
									{block.width > 90 && <span class={css.sub} dir="auto">{several ? "" : block.width > 190 ? [clockWord(block.start), subline(one)].filter(Boolean).join("  ") : clockWord(block.start)}</span>}
								</span>
							)}
						</div>
					);
				})}
				{blocks.length === 0 && known && <span class={css.quiet}>{edgeFrom + 4 * (edgeTo - edgeFrom) <= live ? "Nothing was on here" : slotsOf(row.id).length > 0 ? "Not planned so far ahead yet" : <>Nothing planned yet. <a href={`/station/${row.id}`}>See its rules</a></>}</span>}
			</div>
		</div>
	);
});
