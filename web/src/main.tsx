/* main.tsx - starts the page. */
import "./base.css";
import { render } from "preact";
import { App } from "./app.tsx";
import { startKeys } from "./keys.ts";
import { applyTheme } from "./prefs.ts";
import { startRouter } from "./router.ts";
import { startStation } from "./station.ts";

applyTheme();
matchMedia("(prefers-color-scheme: light)").addEventListener("change", applyTheme);
startRouter();
startKeys();
startStation();
render(<App />, document.getElementById("page")!);
