/* copy.ts - puts a text on the clipboard; also where the browser lets only pages of its own machine or under TLS at it. */

/** False where the browser did not allow it. */
export async function copyText(text: string): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		return copyOld(text);
	}
}

function copyOld(text: string): boolean {
	const before = document.activeElement;
	const area = document.createElement("textarea");
	area.value = text;
	area.className = "unseen";
	document.body.append(area);
	area.select();
	const done = document.execCommand("copy");
	area.remove();
	if (before instanceof HTMLElement) before.focus({ preventScroll: true });
	return done;
}
