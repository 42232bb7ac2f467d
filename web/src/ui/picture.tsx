/* picture.tsx - the 16:9 picture of a channel or item, and what stands there when there is none: the channel's own
 * colour and number. Never stretched: a picture of another shape is cut. */
import { useEffect, useState } from "preact/hooks";
import { line } from "../station.ts";
import css from "./picture.module.css";

interface Props {
	src: string | null | undefined;
	hue?: number;
	/** Drawn large where there is no picture: a number or a letter. */
	mark?: string;
	eager?: boolean;
	class?: string;
}

export function Picture({ src, hue, mark, eager, class: extra }: Props) {
	const [broken, setBroken] = useState(false);
	const up = line.value !== "lost";
	useEffect(() => setBroken(false), [src, up]);
	return (
		<div class={`hue ${css.picture} ${extra ?? ""}`} style={{ "--hue": String(hue ?? 38) }}>
			{mark !== undefined && <span class={css.mark} aria-hidden="true">{mark}</span>}
			{src && !broken && (
				<img class={css.image} src={src} alt="" loading={eager ? "eager" : "lazy"} decoding="async" onError={() => setBroken(true)} />
			)}
		</div>
	);
}
