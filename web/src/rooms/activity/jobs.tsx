/* jobs.tsx - work that takes a while: what waits, what runs, how it ended; a job that waits or runs can be called off. */
import { cancelJob, getJobs, type Job } from "../../api.ts";
import { now } from "../../clock.ts";
import { useAnswer } from "../../lib/ask.ts";
import { lengthWord, pastWord, spoken } from "../../lib/words.ts";
import { jobsEdition } from "../../station.ts";
import { Meter } from "../../ui/bar.tsx";
import ui from "../../ui/controls.module.css";
import { complain } from "../../ui/toast.tsx";
import css from "./activity.module.css";

const KINDS: Record<string, string> = {
	scan: "Look through a folder", prepare: "Prepare a channel", validate: "Check files", markers: "Find break points", breaks: "Find break points in what is new", organize: "Put files in order", organise: "Put files in order",
	undo: "Take it back", duplicates: "Compare files", hash: "Fingerprint files", trash: "Put aside", empty_trash: "Empty the trash", batch: "Move files", recover: "Settle interrupted moves", loudness: "Measure loudness",
};
const STATES: Record<Job["state"], [word: string, lamp: string | undefined]> = {
	queued: ["waits", css.off], running: ["runs", css.busy], done: ["done", css.good], failed: ["failed", css.warn], cancelled: ["called off", css.off],
};

export const jobWord = (job: Pick<Job, "kind">) => KINDS[job.kind] ?? job.kind.charAt(0).toUpperCase() + job.kind.slice(1).replaceAll("_", " ");

export function Jobs({ round }: { round: number }) {
	const jobs = useAnswer(getJobs, [jobsEdition.value, round]);
	if (jobs.absent) return null;
	const list = (jobs.value?.items ?? []).slice(0, 30);
	return (
		<section class={css.jobs}>
			<h2>Jobs</h2>
			<ul>
				{list.map((job) => (
					<Line key={job.id} job={job} again={jobs.again} />
				))}
			</ul>
			{jobs.value && list.length === 0 && <p class={css.dim}>Nothing long is under way.</p>}
			{!jobs.value && jobs.trouble && <p class={css.dim}>{jobs.trouble}</p>}
		</section>
	);
}

function Line({ job, again }: { job: Job; again: () => void }) {
	const [word, lamp] = STATES[job.state] ?? [job.state, css.off];
	const open = job.state === "queued" || job.state === "running";
	const part = job.progress ?? null;
	const since = job.started ? now.value - Date.parse(job.started) : null;
	const callOff = () => cancelJob(job.id).then(again, complain);
	return (
		<li>
			<span class={`${css.lamp} ${lamp}`}><i />{word}</span>
			<span class={css.job}>
				{jobWord(job)}
				{job.message && <em class={job.state === "failed" ? css.bad : ""}>{spoken(job.message, now.value)}</em>}
				{open && part !== null && <Meter part={part} thin />}
			</span>
			<span class={css.since}>
				{job.state === "running" && part !== null ? `${Math.floor(part * 100)} %` : job.state === "running" && since !== null && since > 0 ? lengthWord(since) : job.ended ? pastWord(Date.parse(job.ended), now.value) : ""}
			</span>
			{open ? <button class={`${ui.danger} ${ui.small}`} onClick={callOff} aria-label={`Call off: ${jobWord(job)}`}>Call off</button> : <span />}
		</li>
	);
}
