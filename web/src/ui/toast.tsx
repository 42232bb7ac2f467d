/* toast.tsx - a word at the foot of the page about what has just been done, with a way back where there is one: only the
 * last thing done can be taken back here, so that "Undo" never means two things. It stays while somebody points at it or has the focus in it. Not here: questions before something is done (ask.tsx). */
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../api.ts";
import css from "./toast.module.css";

interface Toast {
	id: number;
	text: string;
	bad: boolean;
	undo?: () => Promise<unknown>;
}

const toasts = signal<Toast[]>([]);
let count = 0;

/** Says it; with `undo` for twenty seconds and a button that takes it back. */
export function tell(text: string, undo?: () => Promise<unknown>): void {
	toasts.value = [...toasts.value.filter((toast) => toast.bad), { id: ++count, text, bad: false, ...(undo && { undo }) }];
}

/** Says what went wrong. */
export function complain(cause: unknown): void {
	const text = cause instanceof ApiError && cause.status === 0 ? "The station does not answer: nothing was changed. Try again when it does." : cause instanceof Error ? cause.message : String(cause);
	toasts.value = [...toasts.value.filter((toast) => toast.text !== text).slice(-2), { id: ++count, text, bad: true }];
}

const drop = (id: number) => (toasts.value = toasts.value.filter((toast) => toast.id !== id));

export function Toasts() {
	return (
		<div class={css.toasts} role="status" aria-live="polite">
			{toasts.value.map((toast) => (
				<One key={toast.id} toast={toast} />
			))}
		</div>
	);
}

function One({ toast }: { toast: Toast }) {
	const [held, hold] = useState(false);
	const [busy, setBusy] = useState(false);
	useEffect(() => {
		if (held || busy) return;
		const timer = setTimeout(() => drop(toast.id), toast.undo ? 20_000 : toast.bad ? 9_000 : 5_000);
		return () => clearTimeout(timer);
	}, [held, busy]);
	const undo = async () => {
		setBusy(true);
		try {
			await toast.undo!();
			tell("Taken back.");
		} catch (cause) {
			complain(cause);
		}
		drop(toast.id);
	};
	return (
		<div class={`${css.toast} ${toast.bad ? css.bad : ""}`} onMouseEnter={() => hold(true)} onMouseLeave={() => hold(false)} onFocusCapture={() => hold(true)} onBlurCapture={() => hold(false)}>
			<span>{toast.text}</span>
			{toast.undo && <button disabled={busy} onClick={undo}>Undo</button>}
			<button class={css.close} aria-label="Close" onClick={() => drop(toast.id)}>×</button>
		</div>
	);
}
