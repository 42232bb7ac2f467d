/* tree.ts - paths as a tree of lines: folders first named once, then what lies in them. Pure. */

export interface TreeLine<T> {
	depth: number;
	name: string;
	/** Of the folder, or of the leaf. */
	path: string;
	/** Nothing for a folder. */
	leaf: T | null;
	/** Leaves below a folder. */
	count: number;
}

interface Folder<T> {
	folders: Map<string, Folder<T>>;
	leaves: { name: string; path: string; leaf: T }[];
	count: number;
}

const order = new Intl.Collator("en", { numeric: true });

/** Folders that hold nothing but one folder are one line; those in `closed` show nothing below them. */
export function treeLines<T>(leaves: T[], pathOf: (leaf: T) => string, closed: ReadonlySet<string>): TreeLine<T>[] {
	const root: Folder<T> = { folders: new Map(), leaves: [], count: 0 };
	for (const leaf of leaves) {
		const path = pathOf(leaf);
		const parts = path.split("/");
		const name = parts.pop()!;
		if (parts[0] === "" && parts.length > 1) parts.splice(0, 2, `/${parts[1]}`);
		let at = root;
		at.count++;
		for (const part of parts) {
			let next = at.folders.get(part);
			if (!next) at.folders.set(part, (next = { folders: new Map(), leaves: [], count: 0 }));
			next.count++;
			at = next;
		}
		at.leaves.push({ name, path, leaf });
	}
	const lines: TreeLine<T>[] = [];
	const walk = (folder: Folder<T>, prefix: string, depth: number) => {
		for (const [name, first] of [...folder.folders].sort(([a], [b]) => order.compare(a, b))) {
			let below = first;
			let path = `${prefix}${name}`;
			let said = name;
			while (below.leaves.length === 0 && below.folders.size === 1) {
				const [[next, deeper]] = [...below.folders] as [[string, Folder<T>]];
				said += `/${next}`;
				path += `/${next}`;
				below = deeper;
			}
			lines.push({ depth, name: said || "/", path, leaf: null, count: below.count });
			if (!closed.has(path)) walk(below, `${path}/`, depth + 1);
		}
		for (const { name, path, leaf } of folder.leaves.sort((a, b) => order.compare(a.name, b.name))) lines.push({ depth, name, path, leaf, count: 1 });
	};
	walk(root, "", 0);
	return lines;
}
