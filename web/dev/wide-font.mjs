/* wide-font.mjs - makes src/fonts/archivo-wide.woff2: Archivo at width 120, weight 760, as one small static font.
 *
 * The variable font with its width axis weighs 90 kB, this 12 kB. Needed only when the cut changes:
 *   npm install --no-save subset-font && node dev/wide-font.mjs
 * Archivo is under the SIL Open Font License 1.1 with no reserved name; its LICENSE lies beside the result. */
import fs from "node:fs";
import subset from "subset-font";

const from = new URL("../node_modules/@fontsource-variable/archivo/files/archivo-latin-wdth-normal.woff2", import.meta.url);
const to = new URL("../src/fonts/archivo-wide.woff2", import.meta.url);

let text = "–—‘’“”…·×−";
for (let i = 0x20; i < 0x7f; i++) text += String.fromCharCode(i);
for (let i = 0xa0; i < 0x100; i++) text += String.fromCharCode(i);

const font = await subset(fs.readFileSync(from), text, { targetFormat: "woff2", variationAxes: { wdth: 120, wght: 760 } });
fs.writeFileSync(to, font);
console.log(`${font.length} bytes`);
