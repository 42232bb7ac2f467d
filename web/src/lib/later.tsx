/* later.tsx - a component whose code comes by itself soon after the first view, or at once when it is wanted: `first`
 * says that it is the first view. */
import { h, type ComponentChild, type FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";

const RETRY = 3_000;

export function later<P extends object>(fetch: () => Promise<FunctionComponent<P>>, first = false): FunctionComponent<P> {
	let ready: FunctionComponent<P> | undefined;
	let coming: Promise<void> | undefined;
	const bring = () => (coming ??= fetch().then(
		(component) => void (ready = component),
		(cause) => {
			coming = undefined;
			throw cause;
		},
	));
	const soon = () => void bring().catch(() => undefined);
	if (first) soon();
	else addEventListener("load", () => ("requestIdleCallback" in window ? requestIdleCallback(soon) : setTimeout(soon, 800)));

	return function Later(props: P): ComponentChild {
		const [, redraw] = useState(0);
		useEffect(() => {
			let gone = false;
			let timer: ReturnType<typeof setTimeout> | undefined;
			const attempt = () => void bring().then(() => !gone && redraw(1), () => (timer = setTimeout(attempt, RETRY)));
			attempt(); /* also when it has come since: what was drawn was nothing */
			return () => {
				gone = true;
				clearTimeout(timer);
			};
		}, []);
		return ready ? h(ready, props) : null;
	};
}
