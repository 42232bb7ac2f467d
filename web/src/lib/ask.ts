/* ask.ts - an answer of the station in a component: asked again when what it depends on changes, the old one kept until
 * the new one is there. Not here: lists in pages (rooms/library/pages.ts). */
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../api.ts";

export interface Answer<T> {
	value: T | null;
	trouble: string;
	/** The station has no such thing: an older one, or one that is built without it. */
	absent: boolean;
	asking: boolean;
	again: () => void;
	/** Puts a value in at once; the next answer replaces it. */
	set: (value: T) => void;
}

const RETRY = 4_000;

export function useAnswer<T>(fetch: (signal: AbortSignal) => Promise<T>, on: unknown[]): Answer<T> {
	const [value, set] = useState<T | null>(null);
	const [trouble, setTrouble] = useState("");
	const [absent, setAbsent] = useState(false);
	const [asking, setAsking] = useState(true);
	const [round, setRound] = useState(0);
	const latest = useRef(fetch);
	latest.current = fetch;
	useEffect(() => {
		const abort = new AbortController();
		let timer: ReturnType<typeof setTimeout> | undefined;
		setAsking(true);
		latest
			.current(abort.signal)
			.then(
				(found) => {
					if (abort.signal.aborted) return;
					set(found);
					setTrouble("");
					setAbsent(false);
				},
				(cause: unknown) => {
					if (abort.signal.aborted) return;
					setTrouble(cause instanceof Error ? cause.message : String(cause));
					setAbsent(cause instanceof ApiError && (cause.status === 404 || cause.status === 405));
					if (cause instanceof ApiError && cause.status === 0) timer = setTimeout(() => setRound((n) => n + 1), RETRY);
				},
			)
			.finally(() => !abort.signal.aborted && setAsking(false));
		return () => {
			abort.abort();
			clearTimeout(timer);
		};
	}, [...on, round]);
	return { value, trouble, absent, asking, again: () => setRound((n) => n + 1), set };
}
