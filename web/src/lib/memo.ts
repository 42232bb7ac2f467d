/* memo.ts - a component that is drawn again only when one of its props is another. */
import { Component, h, type ComponentChild, type FunctionComponent } from "preact";

export function memo<P extends object>(draw: FunctionComponent<P>): FunctionComponent<P> {
	class Memo extends Component<P> {
		override shouldComponentUpdate(next: Readonly<P>): boolean {
			const a = this.props as Record<string, unknown>;
			const b = next as Record<string, unknown>;
			for (const key in b) if (a[key] !== b[key]) return true;
			for (const key in a) if (!(key in b)) return true;
			return false;
		}
		override render(props: P): ComponentChild {
			return h(draw, props);
		}
	}
	return Memo as unknown as FunctionComponent<P>;
}
