/** Runs side by side: who is better, by how much, and whether that is more than chance. */
import "./compare.css";
import type { ComparisonAnswer, Run, RunsAnswer } from "../../../../src/studio/schemas.ts";
import { getJson } from "../../api/client.ts";
import { Empty, Show } from "../../parts/states.tsx";
import { useLoaded } from "../../parts/use-loaded.ts";
import { useQuery } from "../../parts/use-query.ts";
import { Curves } from "./curves.tsx";
import { Downloads } from "./downloads.tsx";
import { Leaderboard } from "./leaderboard.tsx";
import { MetricBars } from "./metric-bars.tsx";
import { PopularityBars } from "./popularity-bars.tsx";
import { RunChoice } from "./run-choice.tsx";
import { TradeOff } from "./trade-off.tsx";

export default function Compare() {
  const runs = useLoaded("runs", (signal) => getJson<RunsAnswer>("/api/runs", signal));
  return (
    <>
      <h1>Compare</h1>
      <Show of={runs} what="the runs">
        {({ folder, runs }) => {
          const judged = runs.filter(({ hasPerUser }) => hasPerUser);
          return judged.length === 0 ? (
            <Empty title="Nothing to compare yet">
              No run in <code>{folder}</code> was judged on a test part. <code>lumiere train</code>{" "}
              makes one, and <code>lumiere compare</code> several.
            </Empty>
          ) : (
            <Chosen runs={judged} />
          );
        }}
      </Show>
    </>
  );
}

function Chosen({ runs }: { runs: readonly Run[] }) {
  const [query, change] = useQuery();
  const named = (query.runs ?? "").split(",").filter((id) => id !== "");
  const chosen = named.filter((id) => runs.some((run) => run.id === id));
  return (
    <>
      {named.length > chosen.length && (
        <p class="note">
          {named.length - chosen.length} of the runs in this link are not in the runs folder (any
          more).
        </p>
      )}
      <RunChoice
        runs={runs}
        chosen={chosen}
        choose={(ids) => change({ runs: ids.join(","), metric: undefined, baseline: undefined })}
      />
      {chosen.length === 0 ? (
        <Empty title="Which runs?">
          Choose some above; two or more are tested against each other.
        </Empty>
      ) : (
        <Result chosen={chosen} />
      )}
    </>
  );
}

function Result({ chosen }: { chosen: readonly string[] }) {
  const [{ metric, baseline }, change] = useQuery();
  const address = new URLSearchParams({
    runs: chosen.join(","),
    ...(metric !== undefined && { metric }),
    ...(baseline !== undefined && { baseline }),
  });
  const result = useLoaded(address.toString(), (signal) =>
    getJson<ComparisonAnswer>(`/api/compare?${address}`, signal),
  );
  return (
    <Show of={result} what="the comparison">
      {({ comparison, ...files }) => (
        <div class={result.isLoading ? "compared again" : "compared"} aria-busy={result.isLoading}>
          {comparison.warnings.map((warning) => (
            <p class="note" key={warning}>
              {warning}
            </p>
          ))}
          <Leaderboard comparison={comparison} change={change} />
          <div class="compare-charts">
            <MetricBars comparison={comparison} />
            <TradeOff comparison={comparison} />
            <PopularityBars comparison={comparison} />
            <Curves comparison={comparison} />
          </div>
          <Downloads {...files} />
        </div>
      )}
    </Show>
  );
}
