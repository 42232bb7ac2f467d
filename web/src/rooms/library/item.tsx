export function ItemRoom(_: { id?: number }) { return <p>ItemRoom</p>; }
