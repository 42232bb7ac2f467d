/* kept.ts - what is being typed outlasts a look into another room: it is kept for the visit, by a name, until it is saved
 * or put back. Not here: what stays when the page is closed (prefs.ts). */
import { useState } from "preact/hooks";

const kept = new Map<string, unknown>();

/** As useState, with a name; forget: it is saved or put back, nothing is to be kept. */
export function useKept<T>(name: string, first: T): [value: T, put: (value: T) => void, forget: (value: T) => void] {
	const [value, set] = useState<T>(() => (kept.has(name) ? (kept.get(name) as T) : first));
	const put = (next: T) => {
		kept.set(name, next);
		set(next);
	};
	const forget = (next: T) => {
		kept.delete(name);
		set(next);
	};
	return [value, put, forget];
}
