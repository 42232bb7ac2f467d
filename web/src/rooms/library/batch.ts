/* batch.ts - what moves files is a batch that a job carries out: waits for its end, and takes it back. Not here: how that
 * looks (working.tsx). */
import { getJob, type Job } from "../../api.ts";
import { getBatch, undoBatch, type Done } from "../../api_library.ts";
import { libraryEdition } from "../../station.ts";
import { complain, tell } from "../../ui/toast.tsx";

/** The job was called off: what it had done until then stays done. */
export class Stopped extends Error {}

/** Waits until a job has ended, and tells what it is at; fails with its own words. */
export async function finished(id: number | null | undefined, tell: (job: Job | null) => void = () => undefined): Promise<void> {
	try {
		while (id) {
			const job = await getJob(id);
			if (job.state === "done") break;
			if (job.state === "cancelled") throw new Stopped("Stopped.");
			if (job.state === "failed") throw new Error(job.message || "It failed.");
			tell(job);
			await new Promise((wake) => setTimeout(wake, 400));
		}
	} finally {
		tell(null);
		libraryEdition.value++;
	}
}

/** How many files it could not do, and why; "" when all went well. */
export async function left(batch: number | null | undefined): Promise<string> {
	if (!batch) return "";
	const { failed, message } = await getBatch(batch);
	return failed ? ` ${failed} stayed${message ? `: ${message}` : "."}` : "";
}

/** Says how a batch ended that did not end well; one that was called off can be taken back. */
export function endedBadly(cause: unknown, batch: number | null | undefined): void {
	if (cause instanceof Stopped && batch) tell("Stopped. What was done until then can be taken back.", () => takeBack(batch));
	else complain(cause);
}

/** The number of the batch that takes it back. */
export async function takeBack(batch: number): Promise<number | null> {
	const back: Done = await undoBatch(batch);
	await finished(back.job);
	return back.batch;
}

const BATCHES: Record<string, string> = { organize: "Put in order", organise: "Put in order", duplicates: "Duplicates put aside", junk: "Junk put aside", undo: "Taken back", trash: "Put aside" };
/** What a batch did; of one whose files are gone from the trash, too, what became of them. */
export const batchWord = (kind: string, state = "") => (state === "emptied" ? "Emptied from the trash" : (BATCHES[kind] ?? kind));
