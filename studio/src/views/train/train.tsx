/** A training from data to bundle: choose, start, watch, stop, go on. */
import "./train.css";
import type { ModelForms } from "../../../../src/studio/schemas/jobs.ts";
import type { DatasetsAnswer } from "../../../../src/studio/schemas.ts";
import { getJson } from "../../api/client.ts";
import { Show } from "../../parts/states.tsx";
import { useLoaded } from "../../parts/use-loaded.ts";
import { JobList } from "./job-list.tsx";
import { OrderForm } from "./order-form.tsx";
import { useJobs } from "./use-jobs.ts";

export default function Train() {
  const known = useLoaded("train", async (signal) => {
    const [{ models }, { datasets }] = await Promise.all([
      getJson<ModelForms>("/api/models", signal),
      getJson<DatasetsAnswer>("/api/datasets", signal),
    ]);
    return { models, datasets };
  });
  const jobs = useJobs();
  return (
    <>
      <h1>Train</h1>
      <div class="train">
        <Show of={known} what="the models">
          {(known) => <OrderForm {...known} jobs={jobs} />}
        </Show>
        <JobList jobs={jobs} />
      </div>
    </>
  );
}
