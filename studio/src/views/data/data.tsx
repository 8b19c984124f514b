/** What a dataset looks like: how much there is, who has how much of it, when, and what training draws from it. */
import "./data.css";
import type { DatasetsAnswer, Portrait, RunsAnswer } from "../../../../src/studio/schemas.ts";
import { getJson } from "../../api/client.ts";
import { Empty, Failure, Loading, Show } from "../../parts/states.tsx";
import { useLoaded } from "../../parts/use-loaded.ts";
import { useQuery } from "../../parts/use-query.ts";
import { Choice, choiceOf } from "./choice.tsx";
import { Activity, Ratings } from "./columns.tsx";
import { Degrees } from "./degrees.tsx";
import { Figures } from "./figures.tsx";
import { Sampling } from "./sampling.tsx";
import { Sparsity } from "./sparsity.tsx";
import { usePortrait, type Working } from "./use-portrait.ts";

export default function Data() {
  const known = useLoaded("data", async (signal) => {
    const [{ datasets }, { runs }] = await Promise.all([
      getJson<DatasetsAnswer>("/api/datasets", signal),
      getJson<RunsAnswer>("/api/runs", signal),
    ]);
    return { datasets, runs };
  });
  return (
    <>
      <h1>Data</h1>
      <Show of={known} what="the datasets">
        {(known) => <Chosen {...known} />}
      </Show>
    </>
  );
}

function Chosen(known: Pick<DatasetsAnswer, "datasets"> & Pick<RunsAnswer, "runs">) {
  const [query] = useQuery();
  const choice = choiceOf(query, known);
  const { value, error, isLoading, reload, working } = usePortrait(choice?.address ?? null);
  return (
    <>
      <Choice {...known} chosen={choice} />
      {choice === null ? (
        <Empty title="No data here yet">
          None of the known datasets is on this machine. <code>lumiere train --data ml-100k</code>{" "}
          fetches one, and <a href="/data?data=synthetic">made-up data</a> are always at hand.
        </Empty>
      ) : error ? (
        <Failure error={error} retry={reload} />
      ) : isLoading || value === null ? (
        <Progress working={working} />
      ) : (
        <PortraitOf portrait={value} />
      )}
    </>
  );
}

const STAGES: Readonly<Record<string, string>> = {
  wait: "its turn",
  describe: "counting and drawing samples",
};

function Progress({ working }: { working: Working | null }) {
  if (working === null) return <Loading what="the data" />;
  const { stage, done, total } = working;
  return (
    <div class="state">
      <Loading what={`the data: ${STAGES[stage] ?? stage}`} />
      <progress
        aria-label="Loading the data"
        {...(total !== null && { value: done, max: total })}
      />
    </div>
  );
}

function PortraitOf({ portrait }: { portrait: Portrait }) {
  return (
    <>
      <Figures portrait={portrait} />
      <Degrees {...portrait} />
      <div class="columns data-pair">
        {portrait.valueHistogram && <Ratings bins={portrait.valueHistogram} />}
        {portrait.activity && <Activity activity={portrait.activity} />}
      </div>
      <div class="columns data-pair">
        <Sparsity {...portrait} />
        {portrait.sampling && <Sampling sampling={portrait.sampling} />}
      </div>
    </>
  );
}
