/* guide.tsx - Guide: what is on tonight? Channels down, time across, programmes as wide as they are long.
 *
 * Only the rows and the stretch of time in view (and a little around) are drawn and fetched: the view is known in
 * steps (`seen`), so scrolling draws anew only when it crosses a step. The chosen programme is {channel, start};
 * the grid keeps the focus and names it by aria-activedescendant.
 * Not here: positions (layout.ts), programmes (store.ts), one row (row.tsx), the panel (detail.tsx). */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { now, time } from "../../clock.ts";
import { useKeys } from "../../keys.ts";
import { rowsInView } from "../../lib/paging.ts";
import { clockWord, dayStart, dayWord } from "../../lib/words.ts";
import { calm, lastChannel, recall, remember } from "../../prefs.ts";
import { go, route, watchPath } from "../../router.ts";
import { guideEdition, line } from "../../station.ts";
import { Head } from "../../ui/head.tsx";
import { Blank, Detail } from "./detail.tsx";
import { FIRST_ZOOM, fitZoom, HOUR, layoutRow, RUN_PX, slotAt, slotNear, ticks, ZOOMS } from "./layout.ts";
import { blockId, Row, trimEdges } from "./row.tsx";
import { forgetWindows, heard, rows, slotsEdition, slotsOf, want } from "./store.ts";
import { useMeasures } from "./measures.ts";
import { Tools, type Jump } from "./tools.tsx";
import css from "./guide.module.css";

/** What is over can be watched from its start for so long. */
const BACK = 24 * HOUR;
const AHEAD = 72 * HOUR;
/** For so long an arrow after a jump waits for what is on there, and does not go back to where the jump began. */
const PATIENCE = 3_000;
/** So many rows beyond those in view are fetched too: arrows and wheels are quick. */
const MARGIN = 12;
/** Where in the view the present stands when it is jumped to. */
const LEAD = 0.1;

const JUMPS: Record<string, Jump> = { n: "now", t: "tonight", o: "tomorrow", y: "yesterday" };

/** The place that the address names: the time at the view's beginning, and the programme that was chosen. */
function placeAsked(): { at: number; pick: { number: number; start: number } | null } | null {
	const p = new URLSearchParams(location.search);
	const at = /^\d{1,11}$/.test(p.get("at") ?? "") ? Number(p.get("at")) * 1000 : null;
	const pick = /^(\d{1,9})\.(\d{1,11})$/.exec(p.get("pick") ?? "");
	return at === null || at < time() - BACK || at > time() + AHEAD ? null : { at, pick: pick && { number: Number(pick[1]), start: Number(pick[2]) * 1000 } };
}

export function Guide() {
	const t = now.value;
	const edition = slotsEdition.value;
	const list = rows.value;
	const origin = useMemo(() => Math.floor((time() - BACK) / HOUR) * HOUR, []);
	const end = origin + BACK + AHEAD;
	const grid = useRef<HTMLDivElement>(null);
	const m = useMeasures(grid);
	const [zoom, setZoom] = useState<number | null>(() => {
		const known = ZOOMS.findIndex((one) => one.word === recall("zoom"));
		return known < 0 ? null : known;
	});
	const level = ZOOMS[zoom ?? FIRST_ZOOM]!;
	const scale = m.lane / level.across;
	const [seen, setSeen] = useState({ step: -1, first: 0, last: -1, day: "" });
	const [chosen, setChosen] = useState<{ channel: number; start: number } | null>(null);
	const [open, setOpen] = useState(false);
	const asked = useRef(useMemo(placeAsked, []));
	const keep = useRef<{ t: number; at: number }>({ t: asked.current?.at ?? time(), at: LEAD });
	const following = useRef(asked.current === null);
	const anchor = useRef(asked.current?.at ?? time());
	/** The instant jumped to, until something is chosen there. */
	const reaching = useRef<{ t: number; until: number } | null>(null);
	const noting = useRef<ReturnType<typeof setTimeout>>(undefined);

	const step = level.across / 4;
	const from = (seen.step - 1) * step;
	const to = from + level.across + 3 * step;

	const look = () => {
		const box = grid.current;
		if (!box || m.lane === 0) return;
		const leftTime = origin + box.scrollLeft / scale;
		trimEdges(box);
		const [first, last] = rowsInView(box.scrollTop, box.clientHeight - m.ruler, m.row, rows.value?.length ?? 0, 3);
		const next = { step: Math.floor(leftTime / step), first, last, day: dayWord(leftTime + (level.across * LEAD) / 2, time()) };
		setSeen((was) => (was.step === next.step && was.first === next.first && was.last === next.last && was.day === next.day ? was : next));
	};

	/* Where one is stands in the address, so that coming back shows it again; the present has none. */
	const note = () => {
		const box = grid.current;
		if (!box || location.pathname !== "/guide" || m.lane === 0) return;
		const row = chosen && rows.value?.find((r) => r.id === chosen.channel);
		const at = Math.round((origin + (box.scrollLeft + m.lane * LEAD) / scale) / 1000);
		const path = following.current ? "/guide" : `/guide?at=${at}${row ? `&pick=${row.number}.${Math.floor(chosen.start / 1000)}` : ""}`;
		if (path !== location.pathname + location.search) history.replaceState(null, "", path);
	};
	const noteSoon = () => {
		clearTimeout(noting.current);
		noting.current = setTimeout(note, 250);
	};
	useEffect(noteSoon, [chosen, seen]);
	useEffect(() => () => clearTimeout(noting.current), []);

	const scrollToTime = (to: number, at = LEAD, smooth = false) => {
		const box = grid.current;
		if (!box) return;
		box.scrollTo({ left: (to - origin) * scale - m.lane * at, behavior: smooth && !calm() ? "smooth" : "auto" });
		look();
	};

	/* The time that was being looked at stays where it was when the zoom or the window changes. */
	useLayoutEffect(() => {
		scrollToTime(keep.current.t, keep.current.at);
	}, [scale]);
	useEffect(look, [m, scale, list?.length]);
	useLayoutEffect(() => {
		if (grid.current) trimEdges(grid.current);
	}, [seen, edition, scale]);
	useEffect(() => {
		if (!list?.length) return;
		if (seen.step >= 0) want(Math.max(origin, from), Math.min(end, to), seen.first - MARGIN, Math.min(list.length - 1, seen.last + MARGIN));
		else want(time(), time() + 1, 0, 0);
	}, [seen.step, seen.first, seen.last, scale, list, edition, guideEdition.value]);
	useEffect(() => {
		if (guideEdition.value > 0) forgetWindows();
	}, [guideEdition.value]);

	/* The first programmes heard of say how long they are here: the zoom follows, until somebody chooses one. */
	useEffect(() => {
		const known = zoom === null && m.lane > 0 ? (list ?? []).flatMap((row) => slotsOf(row.id)) : [];
		if (known.length === 0) return;
		keep.current = { t: following.current ? time() : anchor.current, at: LEAD };
		setZoom(fitZoom(known, m.lane));
	}, [list, m.lane, zoom, edition]);

	/* Something is chosen from the start: what is on, on the channel last watched. */
	useEffect(() => {
		if (chosen || !list) return;
		const pick = asked.current?.pick;
		const place = pick && list.find((r) => r.number === pick.number);
		if (pick && place) {
			if (slotAt(slotsOf(place.id), pick.start)) setChosen({ channel: place.id, start: pick.start });
			else want(pick.start, pick.start + 1, list.indexOf(place), list.indexOf(place));
			return;
		}
		const row = list.find((r) => r.number === lastChannel() && slotAt(slotsOf(r.id), time())) ?? list.find((r) => slotAt(slotsOf(r.id), time()));
		const slot = row && slotAt(slotsOf(row.id), time());
		if (row && slot) setChosen({ channel: row.id, start: slot.start });
	}, [list, edition]);
	useEffect(() => grid.current?.focus({ preventScroll: true }), [list !== null]);

	/* Left alone, the guide keeps up with the present. */
	useEffect(() => {
		const box = grid.current;
		if (following.current && box && m.lane > 0 && (t - origin) * scale - box.scrollLeft > m.lane * 0.55) scrollToTime(t, LEAD, true);
	}, [t]);

	const changeZoom = (next: number) => {
		const box = grid.current;
		if (!box || next < 0 || next >= ZOOMS.length || next === zoom) return;
		const at = (moment: number) => ((moment - origin) * scale - box.scrollLeft) / m.lane;
		const present = at(time());
		const pick = chosen ? at(chosen.start) : -1;
		keep.current = pick > 0 && pick < 0.9 ? { t: chosen!.start, at: pick } : present > 0 && present < 1 ? { t: time(), at: Math.min(present, 0.5) } : { t: origin + (box.scrollLeft + m.lane * LEAD) / scale, at: LEAD };
		remember("zoom", ZOOMS[next]!.word);
		setZoom(next);
	};

	const jump = (where: Jump) => {
		following.current = where === "now";
		const present = time();
		const moment = where === "now" ? present : where === "tonight" ? Math.max(present, dayStart(present) + 20 * HOUR) : where === "yesterday" ? Math.max(origin, dayStart(present, -1) + 20 * HOUR) : dayStart(present, where === "tomorrow" ? 1 : 2) + 8 * HOUR;
		anchor.current = moment;
		scrollToTime(moment, LEAD, Math.abs((moment - origin) * scale - (grid.current?.scrollLeft ?? 0)) < m.lane * 3);
		reaching.current = { t: moment + 1, until: Date.now() + PATIENCE };
		reach();
	};

	/* What is chosen moves along with a jump, as soon as what is on there is known. */
	const reach = () => {
		const slot = reaching.current && chosen && slotAt(slotsOf(chosen.channel), reaching.current.t);
		if (!slot) return;
		reaching.current = null;
		setChosen({ channel: chosen.channel, start: slot.start });
	};
	useEffect(reach, [edition, chosen]);

	/* "Guide" in the menu, while it is open: the present. */
	const here = route.value;
	const opened = useRef(here);
	useEffect(() => {
		if (here === opened.current || here.room !== "guide") return;
		opened.current = here;
		if (!location.search) jump("now");
	}, [here]);

	const choose = useMemo(
		() => (channel: number, start: number, opens: boolean) => {
			reaching.current = null;
			setChosen({ channel, start });
			anchor.current = Math.max(start, origin);
			following.current = false;
			if (opens) setOpen(true);
		},
		[],
	);

	const row = chosen && list?.find((r) => r.id === chosen.channel);
	const slot = row && slotNear(slotsOf(row.id), chosen.start);
	const block = slot ? layoutRow(slotsOf(row.id), slot.start - RUN_PX / (scale || 1e-4), slot.end + RUN_PX / (scale || 1e-4), origin, scale || 1e-4).find((b) => b.start <= slot.start && b.end > slot.start) : undefined;

	/* Brings a block of a row into view. */
	const show = (index: number, start: number, stop: number) => {
		const box = grid.current!;
		const x = (start - origin) * scale;
		const wide = (stop - start) * scale;
		if (x < box.scrollLeft || x + Math.min(wide, 120) > box.scrollLeft + m.lane) scrollToTime(start, wide > m.lane * 0.8 ? 0.02 : LEAD);
		const y = index * m.row;
		if (y < box.scrollTop) box.scrollTop = y;
		else if (y + m.row > box.scrollTop + box.clientHeight - m.ruler) box.scrollTop = y + m.row - box.clientHeight + m.ruler;
		look();
	};

	useKeys((event) => {
		const focused = document.activeElement;
		if (event.key === "+" || event.key === "=") return changeZoom((zoom ?? FIRST_ZOOM) - 1), true;
		if (event.key === "-") return changeZoom((zoom ?? FIRST_ZOOM) + 1), true;
		const leap = JUMPS[event.key];
		if (leap) return jump(leap), true;
		if (event.key === "Escape" && open && m.phone) return setOpen(false), true;
		if (!list || (focused !== grid.current && focused !== document.body)) return false;
		const index = list.findIndex((r) => r.id === chosen?.channel);
		if (index < 0 || !block) return false;
		if (event.key === "Enter") {
			if (block.slots.length > 1) changeZoom((zoom ?? FIRST_ZOOM) - 1);
			else if (block.end > time() && block.start <= time()) go(watchPath(row!.number));
			else if (block.start <= time() && slot!.programme.catchup !== false) go(watchPath(row!.number, block.start));
			else if (m.phone) setOpen(true);
			else document.querySelector<HTMLElement>("section[aria-label='Chosen programme'] a")?.focus();
			return true;
		}
		if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
			if (reaching.current && Date.now() < reaching.current.until) return true;
			const other = event.key === "ArrowRight" ? slotNear(slotsOf(row!.id), block.end + 1) : slotNear(slotsOf(row!.id), block.start - 1);
			if (!other || other.start === slot!.start || other.end <= origin) return event.key === "ArrowRight";
			choose(row!.id, other.start, false);
			show(index, other.start, other.end);
			return true;
		}
		if (event.key === "ArrowUp" || event.key === "ArrowDown") {
			for (let i = index + (event.key === "ArrowUp" ? -1 : 1); i >= 0 && i < list.length; i += event.key === "ArrowUp" ? -1 : 1) {
				const at = Math.max(anchor.current, block.start <= time() && block.end > time() ? Math.min(time(), block.end) : anchor.current);
				if (!heard(i, at)) return true;
				const other = slotNear(slotsOf(list[i]!.id), at);
				if (!other) continue;
				setChosen({ channel: list[i]!.id, start: other.start });
				following.current = false;
				show(i, other.start, other.end);
				return true;
			}
			return event.key === "ArrowDown";
		}
		return false;
	});

	const shown = list && seen.last >= 0 ? list.slice(seen.first, seen.last + 1) : [];
	return (
		<div class={css.room}>
			<Head title="Guide">
				<Tools zoom={zoom ?? FIRST_ZOOM} setZoom={changeZoom} jump={jump} now={t} day={seen.day} />
			</Head>
			{row && block && (!m.phone || open) && <Detail row={row} block={block} sheet={m.phone} close={() => setOpen(false)} closer={() => changeZoom((zoom ?? FIRST_ZOOM) - 1)} />}
			{!m.phone && !(row && block) && list && list.length > 0 && <Blank hue={list[0]!.hue} />}
			<div
				ref={grid}
				class={css.grid}
				role="grid"
				tabIndex={0}
				data-first=""
				aria-label="Guide: channels down, time across"
				aria-rowcount={(list?.length ?? 0) + 1}
				aria-activedescendant={row && block && block.end > from && block.start < to && shown.includes(row) ? blockId(row.id, block.start) : undefined}
				onScroll={look}
				onWheel={() => (following.current = false)}
				onTouchMove={() => (following.current = false)}
			>
				<div class={css.sheet} style={{ width: `${m.column + (end - origin) * scale}px`, height: `${m.ruler + (list?.length ?? 0) * m.row}px`, "--column": `${m.column}px`, "--row": `${m.row}px`, "--ruler": `${m.ruler}px` }}>
					<div class={css.ruler} role="row" aria-rowindex={1}>
						<div class={css.corner} role="columnheader">{seen.day.charAt(0).toUpperCase() + seen.day.slice(1)}</div>
						{seen.step >= 0 && ticks(from, to, level.tick, origin, scale).map((tick) => {
							const hidden = Math.abs(tick.t - t) * scale < (clockWord(t).length > 6 ? 116 : 84) && tick.t <= t + 40 / scale;
							return (
								<span key={tick.t} role={hidden ? "presentation" : "columnheader"} class={`mono ${css.tick} ${tick.day ? css.midnight : ""}`} style={{ left: `${m.column + tick.left}px` }}>
									{hidden ? "" : level.tick * scale < 84 ? clockWord(tick.t).replace(/\u00a0[ap]m$/, "") : clockWord(tick.t)}
								</span>
							);
						})}
						<span class={`mono ${css.flag}`} style={{ left: `${m.column + (t - origin) * scale}px` }} aria-hidden="true">{clockWord(t)}</span>
					</div>
					{shown.map((r, i) => (
						<Row
							key={r.id}
							row={r}
							index={seen.first + i}
							top={m.ruler + (seen.first + i) * m.row}
							from={from}
							to={to}
							origin={origin}
							scale={scale}
							edition={edition}
							known={heard(seen.first + i, from + step) && heard(seen.first + i, from + 2 * step)}
							live={slotAt(slotsOf(r.id), t)?.start ?? t - (t % 60_000)}
							edgeFrom={from + step}
							edgeTo={from + 2 * step}
							chosen={chosen?.channel === r.id && block ? block.start : null}
							choose={choose}
						/>
					))}
					{list && list.length > 0 && <div class={css.nowline} style={{ left: `${m.column + (t - origin) * scale}px` }} aria-hidden="true" />}
				</div>
			</div>
			{list && list.length === 0 && <p class={css.word}>There is no channel yet. <a href="/">See how to make the first one</a>.</p>}
			{!list && <p class={css.word} role="status">{line.value === "lost" ? "The station does not answer. The guide comes by itself when it does." : "Fetching the evening."}</p>}
		</div>
	);
}
