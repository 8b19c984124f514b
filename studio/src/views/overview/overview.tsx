/** All runs of the runs folder: where a visit begins. */
import type { Run, RunsAnswer } from "../../../../src/studio/schemas.ts";
import { getJson } from "../../api/client.ts";
import { FigureHead } from "../../parts/figure-head.tsx";
import { count, date, figure } from "../../parts/format.ts";
import { Empty, Show } from "../../parts/states.tsx";
import { useLoaded } from "../../parts/use-loaded.ts";

export function Overview() {
  const runs = useLoaded("runs", (signal) => getJson<RunsAnswer>("/api/runs", signal));
  return (
    <Show of={runs} what="the runs">
      {({ folder, runs, unreadable }) => (
        <>
          <h1>Runs</h1>
          {runs.length === 0 ? (
            <Empty title="No run yet">
              Nothing in <code>{folder}</code> has a report. <code>lumiere train</code> makes one.
            </Empty>
          ) : (
            <RunTable runs={runs} />
          )}
          {unreadable.map(({ folder, message }) => (
            <p class="note" key={folder}>
              <code>{folder}</code> was left out: {message}
            </p>
          ))}
        </>
      )}
    </Show>
  );
}

const SHOWN = ["recall@20", "precision@20", "ndcg@20"];

function RunTable({ runs }: { runs: readonly Run[] }) {
  return (
    <section class="scroll" tabindex={0} aria-label="Runs">
      <table>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Data</th>
            {SHOWN.map((name) => (
              <FigureHead key={name}>{name}</FigureHead>
            ))}
            <th scope="col">Made</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <th scope="row">
                {run.model.title}
                <small>{run.folder || "the folder itself"}</small>
              </th>
              <td>
                {run.dataset.title}
                {run.dataset.synthetic && <strong> (made up)</strong>}
                <small>
                  {count(run.dataset.interactions)} interactions, {run.split}
                </small>
              </td>
              {SHOWN.map((name) => (
                <td class="figure" key={name}>
                  {figure(run.metrics[name])}
                  {run.sampled && <small>sampled</small>}
                </td>
              ))}
              <td>{date(run.created)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
