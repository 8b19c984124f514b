/** The trainings, asked for again and again while one of them moves. */
import { useEffect, useState } from "preact/hooks";
import type { Job, JobsAnswer } from "../../../../src/studio/schemas/jobs.ts";
import { getJson, postJson } from "../../api/client.ts";

/** Milliseconds between two looks while something runs, and while nothing does. */
const BUSY = 400;
const IDLE = 4000;

export interface JobsState {
  /** null: not known yet */
  readonly jobs: readonly Job[] | null;
  readonly error: Error | null;
  /** Sends a change, and looks at once. @throws ApiError */
  readonly send: (path: string, body: unknown) => Promise<Job>;
}

export const isMoving = ({ state }: Job): boolean =>
  state === "waiting" || state === "running" || state === "stopping";

export function useJobs(): JobsState {
  const [jobs, setJobs] = useState<readonly Job[] | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [round, setRound] = useState(0);
  // Every round looks again.
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      let pause = IDLE;
      try {
        const answer = await getJson<JobsAnswer>("/api/jobs", abort.signal);
        setJobs(answer.jobs);
        setError(null);
        if (answer.jobs.some(isMoving)) pause = BUSY;
      } catch (error) {
        if (abort.signal.aborted) return;
        setError(error as Error);
      }
      timer = setTimeout(look, pause);
    };
    void look();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [round]);
  const send = async (path: string, body: unknown) => {
    const job = await postJson<Job>(path, body);
    setRound((count) => count + 1);
    return job;
  };
  return { jobs, error, send };
}
