/** Which interactions a training learns from, and how they are cut. */
import type { DatasetsAnswer } from "../../../../src/studio/schemas.ts";
import type { Query } from "../../parts/use-query.ts";
import { Labelled } from "./labelled.tsx";
import type { Complaints } from "./refusal.tsx";

/** Splits that most people want, in the words of the split language. */
const SPLITS = [
  ["default", "the one that the data ship, else a random 80 %"],
  ["random:0.8", "a random 80 % of all interactions"],
  ["user-random:0.8", "a random 80 % of each user's"],
  ["temporal:0.8", "the earliest 80 %: one cut in time"],
  ["loo", "each user's latest is the test"],
  ["held-out:100", "100 users are kept out, and folded in"],
] as const;

export interface DataFieldsProps {
  /** Datasets on this machine. */
  readonly here: DatasetsAnswer["datasets"];
  readonly data: string;
  readonly query: Query;
  readonly change: (change: Query) => void;
  readonly complaints: Complaints;
}

export function DataFields({ here, data, query, change, complaints }: DataFieldsProps) {
  const isKnown = data === "synthetic" || here.some(({ name }) => name === data);
  const text = (key: string, value: string, fallback = "") =>
    change({ [key]: value === fallback ? undefined : value });
  const shared = { complaints };
  return (
    <fieldset>
      <legend>Data</legend>
      <div class="row">
        <label>
          <span>Dataset</span>
          <select
            value={isKnown ? data : "other"}
            onChange={({ currentTarget: { value } }) =>
              change({ data: value === "other" ? "ratings.csv" : value })
            }
          >
            {here.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
            <option value="synthetic">Made-up data</option>
            <option value="other">A file, a folder, an address …</option>
          </select>
        </label>
        {!isKnown && (
          <Labelled field="data" label="Path, address or SQL query" class="wide" {...shared}>
            {(control) => (
              <input
                {...control}
                value={data}
                required
                onChange={({ currentTarget }) => change({ data: currentTarget.value })}
              />
            )}
          </Labelled>
        )}
        <Labelled field="minRating" label="Ratings from" {...shared}>
          {(control) => (
            <input
              {...control}
              type="number"
              step="any"
              placeholder="all"
              value={query.minRating ?? ""}
              onChange={({ currentTarget }) => text("minRating", currentTarget.value)}
            />
          )}
        </Labelled>
        <Labelled field="kCore" label="k-core" {...shared}>
          {(control) => (
            <input
              {...control}
              type="number"
              min={0}
              max={1000}
              placeholder="0"
              value={query.kCore ?? ""}
              onChange={({ currentTarget }) => text("kCore", currentTarget.value)}
            />
          )}
        </Labelled>
      </div>
      <div class="row">
        <Labelled field="split" label="Split" {...shared}>
          {(control) => (
            <input
              {...control}
              list="splits"
              value={query.split ?? "default"}
              required
              onChange={({ currentTarget }) => text("split", currentTarget.value, "default")}
            />
          )}
        </Labelled>
        <datalist id="splits">
          {SPLITS.map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </datalist>
        <Labelled field="seed" label="Seed" {...shared}>
          {(control) => (
            <input
              {...control}
              type="number"
              min={0}
              max={4294967295}
              required
              value={query.seed ?? "1"}
              onChange={({ currentTarget }) => text("seed", currentTarget.value, "1")}
            />
          )}
        </Labelled>
      </div>
    </fieldset>
  );
}
