/* plan.tsx - what would become of the files, as the tree they would lie in; what stands in the way is marked and can be
 * seen alone. Only the lines in view are drawn. */
import { useMemo, useState } from "preact/hooks";
import type { Move, Plan } from "../../api_library.ts";
import { treeLines } from "../../lib/tree.ts";
import { useVirtual } from "../../lib/virtual.ts";
import { countWord } from "../../lib/words.ts";
import ui from "../../ui/controls.module.css";
import { Icon } from "../../ui/icon.tsx";
import css from "./shelf.module.css";

/** A file of the plan, or what goes along with one. */
interface Leaf {
	to: string;
	from: string;
	state: Move["state"];
	why: string;
	along: boolean;
}

const SHOW = ["all", "ok", "conflict", "same"] as const;
const WORDS = { all: "All", ok: "Change", conflict: "In the way", same: "Stay as they are" } as const;

export function PlanTree({ plan }: { plan: Plan }) {
	const [show, setShow] = useState<(typeof SHOW)[number]>((["ok", "conflict", "same"] as const).find((state) => plan.moves.some((move) => move.state === state)) ?? "all");
	const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
	const count = (state: Move["state"]) => plan.moves.filter((move) => move.state === state).length;
	const lines = useMemo(() => {
		const leaves: Leaf[] = [];
		for (const move of plan.moves) {
			if (show !== "all" && move.state !== show) continue;
			leaves.push({ to: move.to || move.from, from: move.from, state: move.state, why: move.why ?? "", along: false });
			for (const side of move.sidecars ?? []) leaves.push({ to: side.to, from: side.from, state: move.state, why: "", along: true });
		}
		return treeLines(leaves, (leaf) => leaf.to, closed);
	}, [plan, show, closed]);
	const toggle = (path: string) => {
		const next = new Set(closed);
		if (!next.delete(path)) next.add(path);
		setClosed(next);
	};
	const virtual = useVirtual(`plan ${plan.plan}`, lines.length, 2);
	return (
		<section aria-label="What would become of them">
			<div class={css.counts}>
				<div class={ui.choice} role="group" aria-label="Which">
					{SHOW.filter((one) => one === "all" || count(one) > 0).map((one) => (
						<button key={one} aria-pressed={show === one} onClick={() => setShow(one)}>{WORDS[one]} {countWord(one === "all" ? plan.moves.length : count(one))}</button>
					))}
				</div>
			</div>
			<div ref={virtual.box} class={css.tree} role="tree" aria-label="Files as they would lie" tabIndex={0} onScroll={virtual.onScroll}>
				<div class={css.sheet} style={{ height: `${virtual.height}px` }}>
					{virtual.rows.map((row) => {
						const line = lines[row.index]!;
						const style = { transform: `translateY(${row.start}px)`, height: `${row.size}px`, paddingLeft: `${line.depth * 1.25 + 0.25}rem` };
						if (!line.leaf)
							return (
								<div key={`d${line.path}`} class={css.leaf} role="treeitem" aria-level={line.depth + 1} aria-expanded={!closed.has(line.path)} style={style}>
									<button onClick={() => toggle(line.path)}><Icon name={closed.has(line.path) ? "chevron-right" : "chevron-down"} /><Icon name="folder" /> <span dir="auto">{line.name}</span></button>
									<span class={css.from}>{closed.has(line.path) && countWord(line.count)}</span>
								</div>
							);
						const { leaf } = line;
						return (
							<div key={`f${leaf.from}`} class={`${css.leaf} ${css[leaf.state] ?? ""}`} role="treeitem" aria-level={line.depth + 1} style={style} title={`${leaf.from}\n→ ${leaf.to}${leaf.why ? `\n${leaf.why}` : ""}`}>
								<i class={css.mark} />
								<span class={css.to} dir="auto">{line.name}</span>
								<span class={css.from}>{leaf.state === "conflict" ? leaf.why || "something stands in the way" : leaf.state === "same" ? "stays" : `${leaf.along ? "goes along, " : ""}was ${leaf.from.split("/").at(-1)}`}</span>
							</div>
						);
					})}
				</div>
			</div>
		</section>
	);
}
