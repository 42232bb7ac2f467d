/* modal.ts - a dialog that is open as long as it is drawn. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** For the dialog's ref. When it goes, the focus is where it was, before anybody can type. */
export function useModal(): RefObject<HTMLDialogElement | null> {
	const ref = useRef<HTMLDialogElement>(null);
	useLayoutEffect(() => {
		const dialog = ref.current;
		const before = document.activeElement;
		dialog?.showModal();
		return () => {
			dialog?.close(); /* nothing beside it takes the focus while it is open */
			if (before instanceof HTMLElement) before.focus();
		};
	}, []);
	return ref;
}
