/** Which data are looked at, and through which filters. */
import type { DatasetsAnswer, RunsAnswer } from "../../../../src/studio/schemas.ts";
import { type Query, useQuery } from "../../parts/use-query.ts";

/** What there is to choose from. */
type Known = Pick<DatasetsAnswer, "datasets"> & Pick<RunsAnswer, "runs">;

/** Data that were chosen, and where their portrait is. */
export interface Chosen {
  readonly kind: "dataset" | "run";
  /** Name of the dataset, or id of the run. */
  readonly name: string;
  readonly address: string;
}

const FILTERS = ["minRating", "kCore"] as const;

/** What the address says; without a word the first dataset that is here, else the latest run's. */
export function choiceOf(query: Query, { datasets, runs }: Known): Chosen | null {
  const here = datasets.find(({ isHere }) => isHere)?.name;
  const run = query.run ?? (query.data || here ? undefined : runs[0]?.id);
  if (run !== undefined) {
    return { kind: "run", name: run, address: `/api/runs/${encodeURIComponent(run)}/statistics` };
  }
  const name = query.data ?? here;
  if (name === undefined) return null;
  const filters = new URLSearchParams();
  for (const filter of FILTERS) if (query[filter]) filters.set(filter, query[filter]);
  const address = `/api/datasets/${encodeURIComponent(name)}/statistics`;
  return { kind: "dataset", name, address: filters.size ? `${address}?${filters}` : address };
}

export function Choice({ datasets, runs, chosen }: Known & { chosen: Chosen | null }) {
  const [query, change] = useQuery();
  const choose = (value: string) => {
    const [kind, name] = [value.slice(0, value.indexOf(":")), value.slice(value.indexOf(":") + 1)];
    const nothing = { data: undefined, run: undefined, minRating: undefined, kCore: undefined };
    change({ ...nothing, [kind === "run" ? "run" : "data"]: name });
  };
  return (
    <section class="card row" aria-label="Which data">
      <label class="data-choice">
        <span>Data</span>
        <select
          value={chosen ? `${chosen.kind}:${chosen.name}` : ""}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          {chosen === null && <option value="">choose …</option>}
          <optgroup label="Datasets">
            {datasets
              .filter(({ isHere }) => isHere)
              .map(({ name, title }) => (
                <option key={name} value={`dataset:${name}`}>
                  {title}
                </option>
              ))}
            <option value="dataset:synthetic">Made-up data</option>
          </optgroup>
          {runs.length > 0 && (
            <optgroup label="As a run read them">
              {runs.map((run) => (
                <option key={run.id} value={`run:${run.id}`}>
                  {run.folder || "this folder"} · {run.dataset.title}
                </option>
              ))}
            </optgroup>
          )}
        </select>
      </label>
      {chosen?.kind === "dataset" && (
        <>
          <Filter
            name="minRating"
            title="Ratings from"
            step="0.5"
            value={query.minRating}
            onChange={(minRating) => change({ minRating })}
          />
          <Filter
            name="kCore"
            title="Core (k)"
            step="1"
            value={query.kCore}
            onChange={(kCore) => change({ kCore })}
          />
        </>
      )}
    </section>
  );
}

interface FilterProps {
  readonly name: string;
  readonly title: string;
  readonly step: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

/** A number that may be left out. */
function Filter({ name, title, step, value, onChange }: FilterProps) {
  return (
    <label class="data-filter">
      <span>{title}</span>
      <input
        name={name}
        type="number"
        min="0"
        step={step}
        placeholder="all"
        value={value ?? ""}
        onChange={(event) => onChange(event.currentTarget.value || undefined)}
      />
    </label>
  );
}
