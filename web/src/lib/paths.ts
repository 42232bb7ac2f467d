/* paths.ts - paths of the station's machine as text, as the API writes them: crumbs; where a typed path is cut for its completion. Pure. */

export interface Crumb {
	name: string;
	path: string;
}

/** "/", "home", "ann" with their paths */
export function crumbs(path: string): Crumb[] {
	const found: Crumb[] = [{ name: "/", path: "/" }];
	let at = "";
	for (const part of path.split("/").filter(Boolean)) found.push({ name: part, path: (at += `/${part}`) });
	return found;
}

/** The folder that is typed whole, and the beginning of the next name: /home/an is /home and an. */
export function cutPath(text: string): { folder: string; start: string } {
	const at = text.lastIndexOf("/");
	return at < 0 ? { folder: "", start: text } : { folder: text.slice(0, at) || "/", start: text.slice(at + 1) };
}

/** In one of the folders, or one of them. */
export function isWithin(path: string, folders: string[]): boolean {
	return folders.some((folder) => path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`));
}

/** "Films" of /media/disk/Films */
export function lastPart(path: string): string {
	return path.split("/").filter(Boolean).at(-1) ?? "/";
}
