/* ask.tsx - the question before something that cannot simply be taken back. One at a time, over the whole page. */
import { signal } from "@preact/signals";
import { useModal } from "../lib/modal.ts";
import css from "./ask.module.css";

interface Question {
	title: string;
	text: string;
	/** The button that does it, as a verb: "Remove the channel". */
	yes: string;
	answer: (yes: boolean) => void;
}

const question = signal<Question | null>(null);

/** Resolves to true when the person wants it. */
export function ask(title: string, text: string, yes: string): Promise<boolean> {
	question.value?.answer(false);
	return new Promise((answer) => (question.value = { title, text, yes, answer }));
}

function settle(yes: boolean): void {
	const open = question.value;
	question.value = null;
	open?.answer(yes);
}

export function Asking() {
	const open = question.value;
	return open && <Box key={open.title} open={open} />;
}

function Box({ open }: { open: Question }) {
	const dialog = useModal();
	return (
		<dialog ref={dialog} class={css.ask} aria-labelledby="ask-title" aria-describedby="ask-text" onCancel={() => settle(false)} onClick={(event) => event.target === dialog.current && settle(false)}>
			<div>
				<h2 id="ask-title">{open.title}</h2>
				<p id="ask-text">{open.text}</p>
				<p class={css.acts}>
					<button class={css.no} autoFocus onClick={() => settle(false)}>Leave it</button>
					<button class={css.yes} onClick={() => settle(true)}>{open.yes}</button>
				</p>
			</div>
		</dialog>
	);
}
