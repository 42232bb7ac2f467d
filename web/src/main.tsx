/* main.tsx - starts the page. */
import "./base.css";
import { render } from "preact";
import { App } from "./app.tsx";
import { startKeys } from "./keys.ts";
import { applyHours, applyTheme } from "./prefs.ts";
import { startRouter } from "./router.ts";
import { startStation } from "./station.ts";

applyTheme();
applyHours();
matchMedia("(prefers-color-scheme: light)").addEventListener("change", applyTheme);
startRouter();
startKeys();
startStation();
render(<App />, document.getElementById("page")!);
