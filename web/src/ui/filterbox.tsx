/* filterbox.tsx - a filter as text and as words: every term is a chip that can be taken out; a fault that the station
 * found is marked where it stands. Not here: the language (lib/filter.ts), asking the station (the rooms). */
import type { ComponentChildren, Ref } from "preact";
import { faultAt, faultWord, terms, termWord, without } from "../lib/filter.ts";
import css from "./filterbox.module.css";
import { Icon } from "./icon.tsx";

interface ChipsProps {
	text: string;
	change: (text: string) => void;
	children?: ComponentChildren;
}

export function Chips({ text, change, children }: ChipsProps) {
	const found = terms(text).filter((term) => term.field || term.not);
	if (found.length === 0 && !children) return null;
	return (
		<ul class={css.chips} aria-label="Filter">
			{found.map((term) => (
				<li key={`${term.start}${term.text}`}>
					<button type="button" class={css.chip} title={term.text} aria-label={`Take out: ${termWord(term)}`} onClick={() => change(without(text, term))}>
						{termWord(term)} <Icon name="x" />
					</button>
				</li>
			))}
			{children}
		</ul>
	);
}

/** The text once more with the fault marked, and what is wrong with it. */
export function Fault({ id, text, trouble }: { id: string; text: string; trouble: string }) {
	const at = Math.min(faultAt(trouble), text.length);
	const end = at < 0 ? -1 : Math.max(at + 1, terms(text).find((term) => term.start <= at && term.end > at)?.end ?? text.length);
	return (
		<p id={id} class={css.fault} role="alert">
			{at >= 0 && (
				<code>
					{text.slice(0, at)}
					<mark>{text.slice(at, end) || " "}</mark>
					{text.slice(end)}
				</code>
			)}
			<span>{at >= 0 ? faultWord(trouble) : trouble}</span>
		</p>
	);
}

interface InputProps extends ChipsProps {
	id: string;
	label: string;
	placeholder: string;
	trouble: string;
	input?: Ref<HTMLInputElement>;
}

export function FilterBox({ id, label, text, change, placeholder, trouble, input }: InputProps) {
	return (
		<div class={css.box}>
			<label class={css.label} for={id}>{label}</label>
			<input ref={input} id={id} type="text" autoComplete="off" autoCapitalize="off" spellcheck={false} placeholder={placeholder} value={text} aria-invalid={Boolean(trouble)} aria-describedby={trouble ? `${id}-fault` : undefined} onInput={(event) => change(event.currentTarget.value)} />
			{trouble && <Fault id={`${id}-fault`} text={text} trouble={trouble} />}
			<Chips text={text} change={change} />
		</div>
	);
}
