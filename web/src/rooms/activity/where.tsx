/* where.tsx - which channels: all there are and will be, or some of them, however many the station has. Few stand as
 * buttons in a row; many as a list that can be searched. */
import { useState } from "preact/hooks";
import type { Channel } from "../../api.ts";
import { useVirtual } from "../../lib/virtual.ts";
import { countWord, many } from "../../lib/words.ts";
import ui from "../../ui/controls.module.css";
import css from "./alerts.module.css";

interface Props {
	list: Channel[];
	/** Their ids; null: all. */
	chosen: number[] | null;
	choose: (ids: number[] | null) => void;
}

const FEW = 24;
const ROW = 2.25;

export function Where({ list, chosen, choose }: Props) {
	const toggle = (id: number) => choose(chosen?.includes(id) ? chosen.filter((other) => other !== id) : [...(chosen ?? []), id]);
	const few = list.length <= FEW;
	return (
		<fieldset class={ui.field}>
			<legend class={ui.name}>Where</legend>
			<div class={ui.choice}>
				<button type="button" aria-pressed={chosen === null} onClick={() => choose(null)}>{few ? "All channels" : `All ${countWord(list.length)} channels`}</button>
				{!few && <button type="button" aria-pressed={chosen !== null} onClick={() => chosen === null && choose([])}>{chosen?.length ? `${countWord(chosen.length)} of them` : "Some of them"}</button>}
				{few && list.map((channel) => (
					<button key={channel.id} type="button" title={channel.name} aria-label={`${channel.number} ${channel.name}`} aria-pressed={chosen?.includes(channel.id) ?? false} onClick={() => toggle(channel.id)}>{channel.number}</button>
				))}
			</div>
			{!few && chosen !== null && <Many list={list} chosen={new Set(chosen)} choose={choose} />}
		</fieldset>
	);
}

/** What is typed is a number's beginning, 10-19, or part of a name. */
export function channelsLike(list: Channel[], text: string): Channel[] {
	const words = text.toLowerCase().split(/\s+/).filter(Boolean);
	const span = /^(\d+)\s*[-–]\s*(\d+)$/.exec(text.trim());
	if (span) return list.filter((one) => one.number >= Number(span[1]) && one.number <= Number(span[2]));
	return list.filter((one) => words.every((word) => String(one.number).startsWith(word) || one.name.toLowerCase().includes(word)));
}

function Many({ list, chosen, choose }: { list: Channel[]; chosen: Set<number>; choose: (ids: number[]) => void }) {
	const [text, setText] = useState("");
	const [picked, setPicked] = useState(false);
	const found = channelsLike(list, text).filter((one) => !picked || chosen.has(one.id));
	const put = (ids: number[], on: boolean) => {
		const next = new Set(chosen);
		for (const id of ids) if (on) next.add(id); else next.delete(id);
		choose([...next]);
	};
	const all = found.length > 0 && found.every((one) => chosen.has(one.id));
	return (
		<div class={css.many}>
			<input class={ui.box} type="text" inputMode="search" aria-label="Search the channels" placeholder="Name, number, or 10-19" autoComplete="off" spellcheck={false} value={text}
				onInput={(event) => setText(event.currentTarget.value)} onKeyDown={(event) => event.key === "Enter" && (event.preventDefault(), found.length === 1 && put([found[0]!.id], true))} />
			<div class={ui.acts}>
				<button type="button" class={`${ui.plain} ${ui.small}`} disabled={!found.length || all} onClick={() => put(found.map((one) => one.id), true)}>{text.trim() ? `Choose the ${countWord(found.length)} found` : "Choose all"}</button>
				<button type="button" class={`${ui.plain} ${ui.small}`} disabled={!chosen.size} onClick={() => (setPicked(false), choose([]))}>Choose none</button>
				<label class={ui.check}><input type="checkbox" checked={picked} disabled={!chosen.size && !picked} onChange={(event) => setPicked(event.currentTarget.checked)} /><span class={ui.dim}>Only the chosen</span></label>
				<span class={ui.dim} role="status">{chosen.size ? many(chosen.size, "channel chosen", "channels chosen") : "None chosen yet"}</span>
			</div>
			<Rows found={found} chosen={chosen} put={put} />
			{found.length === 0 && <p class={ui.dim}>{picked && !text ? "None chosen yet." : "No channel is called so."}</p>}
		</div>
	);
}

function Rows({ found, chosen, put }: { found: Channel[]; chosen: Set<number>; put: (ids: number[], on: boolean) => void }) {
	const virtual = useVirtual("alert channels", found.length, ROW);
	return (
		<div ref={virtual.box} class={css.list} role="group" aria-label="Channels" style={{ height: `${Math.min(8, found.length) * ROW}rem` }} onScroll={virtual.onScroll}>
			<div style={{ position: "relative", height: `${virtual.height}px` }}>
				{virtual.rows.map((row) => {
					const one = found[row.index];
					return one && (
						<label key={one.id} class="hue" style={{ "--hue": String(one.hue), transform: `translateY(${row.start}px)`, height: `${row.size}px` }}>
							<input type="checkbox" class={ui.tick} checked={chosen.has(one.id)} onChange={(event) => put([one.id], event.currentTarget.checked)} />
							<b>{one.number}</b> <span dir="auto">{one.name}</span>
						</label>
					);
				})}
			</div>
		</div>
	);
}
