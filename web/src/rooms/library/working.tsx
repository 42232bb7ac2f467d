/* working.tsx - a job of this page's while it runs: what it is at, how far, and the way to call it off. What was done until
 * then stays done, and can be taken back as a batch. */
import { useState } from "preact/hooks";
import { cancelJob, type Job } from "../../api.ts";
import { Meter } from "../../ui/bar.tsx";
import ui from "../../ui/controls.module.css";
import { complain } from "../../ui/toast.tsx";
import css from "./working.module.css";

export function Working({ job, text }: { job: Job | null; text: string }) {
	const [called, call] = useState(false);
	const part = job?.progress ?? null;
	const callOff = () => {
		call(true);
		cancelJob(job!.id).catch(complain);
	};
	return (
		<div class={css.working}>
			<span class={css.words} role="status">{job?.state === "queued" ? "Waits for its turn." : job?.message?.replace(/, 0 of 0 MB$/, "") || text}</span>
			{part !== null && <span class={css.part}>{Math.floor(part * 100)} %</span>}
			{job && <button type="button" class={`${ui.danger} ${ui.small}`} disabled={called} onClick={callOff}>{called ? "Stops" : "Call off"}</button>}
			<Meter part={part ?? 0} thin />
		</div>
	);
}
