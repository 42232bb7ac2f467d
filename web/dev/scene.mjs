/* scene.mjs - a made-up film still as SVG, for the paper station. The same seed draws the same picture. */

export function scene(seed) {
	let s = Math.imul(seed, 2654435761) >>> 0;
	const r = () => ((s = (Math.imul(s, 1664525) + 1013904223) >>> 0) / 4294967296);
	r();
	const hue = Math.floor(r() * 360);
	const night = r() < 0.4;
	const sky = night ? [`hsl(${hue} 45% 9%)`, `hsl(${(hue + 30) % 360} 50% 30%)`] : [`hsl(${hue} 45% 38%)`, `hsl(${(hue + 45) % 360} 75% 74%)`];
	const layer = (base, rough, light, i) => {
		let d = `M0 360`;
		for (let x = 0; x <= 640; x += 40) d += ` L${x} ${Math.round(base + Math.sin(x / (60 + i * 30) + seed + i) * rough + (r() - 0.5) * rough * 0.6)}`;
		return `<path d="${d} L640 360Z" fill="hsl(${(hue + 20 * i) % 360} ${35 - i * 4}% ${light}%)"/>`;
	};
	const town = () => {
		let out = "";
		for (let x = -10; x < 640; ) {
			const w = 26 + r() * 60;
			const h = 60 + r() * 170;
			out += `<rect x="${x | 0}" y="${(360 - h) | 0}" width="${w | 0}" height="${h | 0}" fill="hsl(${hue} 25% ${6 + r() * 7}%)"/>`;
			for (let i = 0; i < 9; i++) if (r() < 0.5) out += `<rect x="${(x + 6 + r() * (w - 16)) | 0}" y="${(366 - h + r() * (h - 30)) | 0}" width="5" height="7" fill="hsl(42 95% 68%)" opacity="${(0.4 + r() * 0.6).toFixed(2)}"/>`;
			x += w + 2;
		}
		return out;
	};
	const sun = `<circle cx="${100 + r() * 440}" cy="${70 + r() * 120}" r="${24 + r() * 46}" fill="hsl(${night ? 48 : (hue + 50) % 360} ${night ? 30 : 95}% ${night ? 88 : 82}%)" opacity=".92"/>`;
	const kind = r();
	const ground = kind < 0.35 ? town() : kind < 0.7 ? [0, 1, 2, 3].map((i) => layer(190 + i * 42, 46 - i * 8, (night ? 22 : 46) - i * 9, i)).join("")
		: layer(230, 26, night ? 18 : 40, 0) + `<rect y="252" width="640" height="108" fill="url(#w)"/>` + layer(326, 14, 8, 2);
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" width="640" height="360" preserveAspectRatio="xMidYMid slice"><defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="${sky[0]}"/><stop offset=".72" stop-color="${sky[1]}"/></linearGradient><linearGradient id="w" x2="0" y2="1"><stop stop-color="${sky[1]}"/><stop offset="1" stop-color="hsl(${hue} 50% 14%)"/></linearGradient></defs><rect width="640" height="360" fill="url(#s)"/>${sun}${ground}</svg>`;
}
