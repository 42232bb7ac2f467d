/* mock_rooms.mjs - the paper station's answers to what changes something: alerts, jobs, channels, items, markers,
 * duplicates, junk, order on the disk. It keeps what is done to it until it ends. Development only. */

/** answer(method, path, url, body) gives {status, body}, or null for what is not its own. */
export function rooms({ library, channels, random, rfc }) {
	const alerts = [];
	const jobs = [
		{ id: 3, kind: "prepare", state: "running", progress: 0.42, message: "Matinee One, until 23:00", created: rfc(Date.now() - 90_000), started: rfc(Date.now() - 80_000), ended: null },
		{ id: 2, kind: "hash", state: "queued", progress: null, message: null, created: rfc(Date.now() - 60_000), started: null, ended: null },
		{ id: 1, kind: "validate", state: "failed", progress: null, message: "/srv/films/Fog.avi: no frame in the first 30 s", created: rfc(Date.now() - 600_000), started: rfc(Date.now() - 600_000), ended: rfc(Date.now() - 500_000) },
	];
	const rules = new Map();
	const markers = new Map();
	const history = new Map();
	const batches = [];
	const undos = new Map();
	const roots = [
		{ id: 1, path: "/srv/films", kind: "movies", state: "ok", files: 1_204, watch: "watching" },
		{ id: 2, path: "/srv/shows", kind: "shows", state: "ok", files: 8_755, watch: "polling" },
		{ id: 3, path: "/mnt/nas/old", kind: "auto", state: "ok", files: 412, watch: "stalled", stalled_s: 43 },
		{ id: 4, path: "/media/usb", kind: "movies", state: "missing", files: 41, watch: "" },
	];
	const list = (items, url) => ({ status: 200, body: { total: items.length, items: items.slice(Number(url?.searchParams.get("offset") ?? 0), Number(url?.searchParams.get("offset") ?? 0) + Number(url?.searchParams.get("limit") ?? 1000)) } });
	const ok = (body, status = 200) => ({ status, body });
	const fail = (status, code, message) => ({ status, body: { error: { code, message } } });
	const fresh = (items) => Math.max(0, ...items.map((one) => one.id)) + 1;

	const pathOf = (item) => `/srv/${item.kind === "movie" ? "films" : "shows"}/${item.title}/${item.show ? `${item.show} ${item.season}x${String(item.episode).padStart(2, "0")}` : item.title}.mkv`;
	const copies = (item, n, kind) => Array.from({ length: n }, (_, i) => ({
		id: item.id * 10 + i, item_id: item.id, path: i ? pathOf(item).replace("/srv/", "/mnt/nas/old/").replace(".mkv", kind === "essence" ? ".mp4" : ".mkv") : pathOf(item), size: kind === "near" && i ? Math.round(item.size / 3) : item.size,
		hard_links: 1, resolution: kind === "near" && i ? "720 × 576" : `${item.width} × ${item.height}`, codecs: kind === "near" && i ? "MPEG-2, MP2" : "H.264, AAC", bit_rate: 5_200_000, keep: i === 0, why: i ? (kind === "near" ? "smaller picture" : "lies outside the folder of its kind") : kind === "near" ? "larger picture, better codec" : "named in order, seen first",
	}));
	const groups = library.filter((item) => item.id % 97 === 5).slice(0, 60).map((item, i) => {
		const kind = ["full", "essence", "near", "sample"][i % 4];
		const files = copies(item, i % 5 === 0 ? 3 : 2, kind);
		return { id: item.id, kind, evidence: kind === "near" ? { text: "other encodes of the same item" } : { text: "the same hash of all bytes" }, reclaim_bytes: files.filter((f) => !f.keep).reduce((n, f) => n + f.size, 0), files };
	});
	const junk = library.filter((item) => item.id % 53 === 1).map((item, i) => ({ id: item.id, file_id: item.id, folder: false, path: pathOf(item).replace(/[^/]*$/, i % 3 ? "sample.mkv" : "Thumbs.db"), size: i % 3 ? 21_000_000 : 18_432, reason: i % 3 ? "sample" : "thumbs" }));
	const unknown = library.filter((item) => item.id % 71 === 2).map((item) => ({ id: item.id, file_id: item.id, folder: false, path: `/mnt/nas/old/VTS_0${item.id % 9}_${item.id}.VOB`, size: item.size, reason: "no title in its name" }));
	const batch = (kind, files, bytes) => {
		batches.unshift({ id: fresh(batches), kind, at: rfc(Date.now()), files, bytes, state: "done", undoable: true });
		return batches[0].id;
	};

	const marks = (id) => {
		if (!markers.has(id)) markers.set(id, [{ id: 1, kind: "break", start_ms: 412_000, end_ms: 414_400, title: "", source: "black" }, { id: 2, kind: "chapter", start_ms: 900_000, end_ms: null, title: "The storm", source: "chapter" }]);
		return markers.get(id);
	};
	function answer(method, p, url, body) {
		let m;
		const at = (pattern) => (m = pattern.exec(`${method} ${p}`));
		if (at(/^GET \/api\/alerts$/)) return list(alerts.map((a) => ({ ...a, state: a.state === "running" && Date.parse(a.end) < Date.now() ? "ended" : a.state })));
		if (at(/^POST \/api\/alerts$/)) {
			alerts.unshift({ id: fresh(alerts), state: "running", ...body, start: rfc(Date.now() + 5_000), end: rfc(Date.now() + 5_000 + body.for_ms) });
			return ok(alerts[0], 201);
		}
		if (at(/^DELETE \/api\/alerts\/(\d+)$/)) {
			for (const alert of alerts) if (alert.id === Number(m[1])) alert.state = "cancelled";
			return ok(undefined, 204);
		}
		if (at(/^GET \/api\/jobs$/)) return list(jobs);
		if (at(/^GET \/api\/jobs\/1003$/)) return ok({ id: 1003, kind: "markers", state: "done", progress: 1, message: null, result: { total: 2, applied: false, items: [{ at_ms: 401_240, score: 0.92, chosen: true, why: "", black_ms: 1800, silence_ms: 2100 }, { at_ms: 1_902_000, score: 0.71, chosen: true, why: "", black_ms: 600, silence_ms: 400 }] } });
		if (at(/^GET \/api\/jobs\/(\d+)$/)) return ok(jobs.find((job) => job.id === Number(m[1])) ?? { id: Number(m[1]), kind: "done", state: "done", progress: 1, message: null });
		if (at(/^DELETE \/api\/jobs\/(\d+)$/)) {
			for (const job of jobs) if (job.id === Number(m[1])) Object.assign(job, { state: "cancelled", ended: rfc(Date.now()) });
			return ok(undefined, 204);
		}
		if (at(/^POST \/api\/channels$/)) {
			const { schedule, ...rest } = body;
			const id = fresh(channels);
			rules.set(id, schedule);
			channels.push({ id, description: null, hue: 200, enabled: true, profile: "720p", prepare: "watched", logo: "", stream: `/channel/${body.number}.m3u8`, ts: `/channel/${body.number}.ts`, viewers: 0, state: "ready", ...rest });
			return ok(channels.at(-1), 201);
		}
		if (at(/^PATCH \/api\/channels\/(\d+)$/)) {
			const { schedule, ...rest } = body;
			if (schedule) rules.set(Number(m[1]), schedule);
			return ok(Object.assign(channels.find((c) => c.id === Number(m[1])), rest));
		}
		if (at(/^DELETE \/api\/channels\/(\d+)$/)) {
			channels.splice(channels.findIndex((c) => c.id === Number(m[1])), 1);
			return ok(undefined, 204);
		}
		if (at(/^GET \/api\/channels\/(\d+)\/schedule$/)) return ok({ seed: 1, schedule: rules.get(Number(m[1])) ?? { query: { kind: Number(m[1]) % 3 === 2 ? "movie" : "episode", show: "", root: "", search: Number(m[1]) % 4 === 1 ? "year:1950..1979 -tag:war" : "" }, order: "shuffle", grid: Number(m[1]) % 2 ? 30 : 0, spots: true, bumpers: true, loops: 0, break_every: 0, break_length: 0 } });
		if (at(/^GET \/api\/channels\/(\d+)\/timeline$/)) {
			const rows = [];
			const to = Date.parse(url.searchParams.get("to"));
			const r = random(Number(m[1]));
			for (let t = Date.parse(url.searchParams.get("from")), i = 0; t < to; i++) {
				const kind = ["programme", "bumper", "commercial", "commercial", "bumper", "programme", "commercial", "filler", "slate"][i % 9];
				const item = library[Math.floor(r() * library.length)];
				const ms = kind === "programme" ? 600_000 + Math.floor(r() * 900_000) : kind === "bumper" ? 5_000 : 15_000 + Math.floor(r() * 45_000);
				rows.push({ start: new Date(t).toISOString(), end: new Date(t + ms).toISOString(), duration_ms: ms, kind, title: kind === "slate" ? "" : item.title, item_id: kind === "slate" ? null : item.id, frames: 0 });
				t += ms;
			}
			return list(rows);
		}
		if (at(/^GET \/api\/roots$/)) return list(roots);
		if (at(/^GET \/api\/folders$/)) {
			const path = url.searchParams.get("path") || "/home/ann";
			const start = (url.searchParams.get("start") ?? "").toLowerCase();
			if (path.split("/").length > 6) return fail(403, "denied", `look into '${path}': the account that runs matinee may not read it; give it the right to, or choose another folder`);
			const items = ["Films", "Music", "Old disk", "Shows", "Sound of 100%25 wool"].filter((name) => name.toLowerCase().startsWith(start))
				.map((name) => ({ name, path: `${path === "/" ? "" : path}/${name}`, hidden: false, link: name === "Shows", closed: name === "Music", mounted: name === "Old disk" }));
			return ok({ path, parent: path === "/" ? null : path.slice(0, path.lastIndexOf("/")) || "/", total: items.length, hidden: 3, videos: path.length % 7, sounds: 0, more: false, items,
				places: [{ name: "home", path: "/home/ann" }, { name: "disks", path: "/media" }, ...roots.map((root) => ({ name: "root", path: root.path }))] });
		}
		if (at(/^POST \/api\/roots$/)) {
			if (!body.path.startsWith("/")) return fail(400, "invalid", `'${body.path}' is no absolute path`);
			roots.push({ id: fresh(roots), state: "new", files: 0, watch: "", ...body });
			return ok(roots.at(-1), 201);
		}
		if (at(/^DELETE \/api\/roots\/(\d+)$/)) {
			roots.splice(roots.findIndex((root) => root.id === Number(m[1])), 1);
			return ok(undefined, 204);
		}
		if (at(/^GET \/api\/metadata\/values$/)) return ok({ daypart: ["morning", "afternoon", "evening", "late_night"], air_season: ["spring", "summer", "autumn", "winter", "holiday"], rating: ["G", "PG", "PG-13", "R", "TV-Y", "TV-PG", "TV-MA"], category: ["drama", "comedy", "nature"], audience: ["children", "family", "adults"], company: ["Acme", "Kestrel Coffee"], tags: ["western", "war", "noir", "rainy day"] });
		if (at(/^PATCH \/api\/items\/(\d+)$/)) {
			const item = library[Number(m[1]) - 1];
			const past = history.get(item.id) ?? [];
			for (const [what, after] of Object.entries(body)) past.unshift({ at: rfc(Date.now()), what, before: item[what] ?? null, after });
			history.set(item.id, past);
			return ok(Object.assign(item, body));
		}
		if (at(/^POST \/api\/items\/bulk$/)) {
			const chosen = body.ids ? library.filter((item) => body.ids.includes(item.id)) : library;
			if (body.dry_run) return ok({ matched: chosen.length, changed: Math.ceil(chosen.length * 0.9) });
			undos.set(1 + undos.size, chosen.map((item) => [item, { ...item }]));
			for (const item of chosen) Object.assign(item, body.set);
			return ok({ matched: chosen.length, changed: chosen.length, undo: undos.size });
		}
		if (at(/^POST \/api\/items\/bulk\/(\d+)\/undo$/)) {
			for (const [item, before] of undos.get(Number(m[1])) ?? []) Object.assign(item, before);
			return ok({});
		}
		if (at(/^GET \/api\/items\/(\d+)\/history$/)) return list(history.get(Number(m[1])) ?? []);
		if (at(/^POST \/api\/items\/(\d+)\/markers\/generate$/)) return ok({ job: 1003 }, 202);
		if (at(/^POST \/api\/items\/(\d+)\/validate$/)) return ok({ job: 1001 });
		if (at(/^POST \/api\/items\/(\d+)\/markers$/)) {
			const own = marks(Number(m[1]));
			own.push({ id: fresh(own), kind: "break", end_ms: null, title: "", source: "manual", ...body });
			return ok(own.at(-1), 201);
		}
		if (at(/^PATCH \/api\/items\/(\d+)\/markers\/(\d+)$/)) return ok(Object.assign(marks(Number(m[1])).find((one) => one.id === Number(m[2])), body));
		if (at(/^DELETE \/api\/items\/(\d+)\/markers\/(\d+)$/)) {
			const own = marks(Number(m[1]));
			own.splice(own.findIndex((one) => one.id === Number(m[2])), 1);
			return ok(undefined, 204);
		}
		if (at(/^GET \/api\/duplicates$/)) return list(groups, url);
		if (at(/^POST \/api\/duplicates\/apply$/)) {
			const gone = body.groups.flatMap(({ id, keep }) => groups.find((group) => group.id === id).files.filter((file) => !keep.includes(file.id)));
			const sum = { files: gone.length, bytes: gone.reduce((n, file) => n + file.size, 0) };
			if (body.dry_run) return ok(sum);
			for (const { id } of body.groups) groups.splice(groups.findIndex((group) => group.id === id), 1);
			return ok({ batch: batch("duplicates", sum.files, sum.bytes), ...sum });
		}
		if (at(/^GET \/api\/junk$/)) return list(junk, url);
		if (at(/^POST \/api\/junk\/apply$/)) {
			const gone = junk.filter((file) => body.ids.includes(file.id));
			const sum = { files: gone.length, bytes: gone.reduce((n, file) => n + file.size, 0) };
			if (body.dry_run) return ok(sum);
			for (const file of gone) junk.splice(junk.indexOf(file), 1);
			return ok({ batch: batch("junk", sum.files, sum.bytes), ...sum });
		}
		if (at(/^GET \/api\/unknown$/)) return list(unknown, url);
		if (at(/^POST \/api\/organize\/preview$/)) {
			if (body.template && !body.template.includes("{")) return fail(400, "invalid", "the template names no field; a file needs at least {title}{ext}");
			const moves = library.filter((item) => item.kind === "episode" || item.kind === "movie").slice(0, 3000).map((item, i) => ({
				file_id: item.id, from: pathOf(item), state: i % 40 === 7 ? "conflict" : i % 6 === 0 ? "same" : "ok", why: i % 40 === 7 ? "another file has that name" : null,
				to: item.show ? `/srv/shows/${item.show}/Season ${String(item.season).padStart(2, "0")}/${item.show} - S${String(item.season).padStart(2, "0")}E${String(item.episode).padStart(2, "0")} - ${item.episode_title} ${item.id}.mkv` : `/srv/films/${item.title} (${item.year})/${item.title} (${item.year}) ${item.id}.mkv`,
				sidecars: i % 9 === 0 ? [{ from: pathOf(item).replace(".mkv", ".srt"), to: `/srv/films/${item.title} (${item.year})/${item.title} ${item.id}.srt` }] : [],
			}));
			return ok({ plan: 7, moves, counts: {} });
		}
		if (at(/^POST \/api\/organize\/apply$/)) return ok({ batch: batch("organize", 2431, 0), job: 1002 });
		if (at(/^GET \/api\/batches$/)) return list(batches);
		if (at(/^GET \/api\/batches\/(\d+)$/)) return ok(batches.find((one) => one.id === Number(m[1])));
		if (at(/^POST \/api\/batches\/(\d+)\/undo$/)) {
			Object.assign(batches.find((one) => one.id === Number(m[1])), { state: "undone", undoable: false });
			return ok({ batch: Number(m[1]) });
		}
		if (at(/^POST \/api\/scan$/)) return ok({ scan: 1 }, 202);
		return null;
	}
	return { answer, marks };
}
