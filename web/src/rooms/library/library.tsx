export function Library(_: { id?: number }) { return <p>Library</p>; }
