/** The trainings that run, wait or ended. */
import { useState } from "preact/hooks";
import type { Job } from "../../../../src/studio/schemas/jobs.ts";
import { count, duration } from "../../parts/format.ts";
import { Failure, Loading } from "../../parts/states.tsx";
import { JobCurves } from "./job-curves.tsx";
import { isMoving, type JobsState } from "./use-jobs.ts";

const STATES: Readonly<Record<Job["state"], string>> = {
  waiting: "waits for its turn",
  running: "training",
  stopping: "stopping after this batch",
  stopped: "stopped; its checkpoint is kept",
  failed: "failed",
  done: "done",
};

export function JobList({ jobs: { jobs, error, send } }: { jobs: JobsState }) {
  if (error) return <Failure error={error} />;
  if (jobs === null) return <Loading what="the trainings" />;
  return (
    <section class="jobs" aria-label="Trainings">
      {jobs.length === 0 ? (
        <p class="state empty">
          Nothing has been trained here yet. The form's defaults are a good start: with MovieLens
          100K they take less than a minute.
        </p>
      ) : (
        jobs.map((job) => <JobCard key={job.name} job={job} send={send} />)
      )}
    </section>
  );
}

function JobCard({ job, send }: { job: Job; send: JobsState["send"] }) {
  const { name, state, model, data, notices, error, canResume } = job;
  const [trouble, setTrouble] = useState<string | null>(null);
  const ask = (what: "stop" | "resume") => () => {
    setTrouble(null);
    send(`/api/jobs/${encodeURIComponent(name)}/${what}`, {}).catch((error: Error) =>
      setTrouble(error.message),
    );
  };
  return (
    <article class="card job" aria-labelledby={`job-${name}`}>
      <div class="row job-head">
        <h2 id={`job-${name}`}>{name}</h2>
        <p class={`job-state ${state}`} role="status">
          {STATES[state]}
        </p>
      </div>
      <p class="muted small">
        {model} on {data}
      </p>
      {isMoving(job) && <Progress job={job} />}
      {job.curve.length > 1 && <JobCurves job={job} />}
      {state !== "stopped" && error !== null && <p class="failure small">{error}</p>}
      {notices.map((notice) => (
        <p class="note small" key={notice}>
          {notice}
        </p>
      ))}
      {trouble !== null && (
        <p class="failure small" role="alert">
          {trouble}
        </p>
      )}
      <div class="row">
        {(state === "running" || state === "waiting") && (
          <button type="button" onClick={ask("stop")}>
            Stop
          </button>
        )}
        {canResume && (
          <button type="button" onClick={ask("resume")}>
            Go on
          </button>
        )}
        {state === "done" && <Links run={name} />}
      </div>
    </article>
  );
}

function Progress({ job: { progress, secondsLeft } }: { job: Job }) {
  if (progress === null) return <progress aria-label="Beginning" />;
  const { stage, done, total, unit } = progress;
  return (
    <div>
      <progress
        aria-label={stage}
        {...(total !== null && { value: Math.min(done, total), max: total })}
      />
      <p class="muted small job-progress">
        {stage}: {count(Math.floor(done))}
        {total !== null && ` of ${count(total)}`} {unit}
        {secondsLeft !== null && `, at most ${duration(secondsLeft)} left`}
      </p>
    </div>
  );
}

function Links({ run }: { run: string }) {
  const id = encodeURIComponent(run);
  return (
    <>
      <a href={`/demo?run=${id}`}>Try it</a>
      <a href={`/compare?runs=${id}`}>Compare it</a>
      <a href={`/map?run=${id}`}>Its map</a>
    </>
  );
}
