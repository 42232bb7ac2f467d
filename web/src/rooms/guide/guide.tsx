export function Guide(_: { id?: number }) { return <p>Guide</p>; }
