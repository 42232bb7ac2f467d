export function Activity(_: { id?: number }) { return <p>Activity</p>; }
