/** A choice among the runs that can recommend. */
import type { ComponentChildren } from "preact";
import type { Run, RunsAnswer } from "../../../src/studio/schemas.ts";
import { getJson } from "../api/client.ts";
import { Empty, Failure, Show } from "./states.tsx";
import { type Loaded, useLoaded } from "./use-loaded.ts";
import { useQuery } from "./use-query.ts";

/** The runs of the runs folder, the latest first. */
export const useRuns = (): Loaded<RunsAnswer> =>
  useLoaded("runs", (signal) => getJson<RunsAnswer>("/api/runs", signal));

/** "LightGCN · demo" */
export const runName = ({ model, folder }: Pick<Run, "model" | "folder">): string =>
  folder === "" ? model.title : `${model.title} · ${folder}`;

export interface RunPickerProps {
  readonly label: string;
  readonly runs: readonly Run[];
  /** Id; "" = none, which `none` names. */
  readonly value: string;
  /** What choosing no run is called; absent: one has to be chosen. */
  readonly none?: string;
  readonly onPick: (id: string) => void;
}

export function RunPicker({ label, runs, value, none, onPick }: RunPickerProps) {
  const byData = Map.groupBy(runs, ({ dataset }) => dataset.title);
  return (
    <label class="picker">
      <span>{label}</span>
      <select value={value} onChange={(event) => onPick(event.currentTarget.value)}>
        {none !== undefined && <option value="">{none}</option>}
        {[...byData].map(([title, group]) => (
          <optgroup key={title} label={title}>
            {group.map((run) => (
              <option key={run.id} value={run.id}>
                {runName(run)}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

/** Shows something of the run that the address names, among those whose models are kept; or how to come by one. */
export function WithModel({
  children,
}: {
  children: (run: Run, runs: readonly Run[]) => ComponentChildren;
}) {
  const [query, change] = useQuery();
  const runs = useRuns();
  return (
    <Show of={runs} what="the runs">
      {({ folder, runs }) => {
        const kept = runs.filter(({ hasBundle }) => hasBundle);
        if (kept.length === 0) {
          return (
            <Empty title="No model yet">
              Nothing in <code>{folder}</code> holds a model. <a href="/train">Train</a> one here,
              or <code>lumiere demo</code> makes a small one.
            </Empty>
          );
        }
        const run = kept.find(({ id }) => id === (query.run ?? kept[0]!.id));
        if (run) return children(run, kept);
        return (
          <Failure
            error={new Error(`There is no run “${query.run}” with a model.`)}
            retry={() => change({ run: undefined })}
          />
        );
      }}
    </Show>
  );
}
