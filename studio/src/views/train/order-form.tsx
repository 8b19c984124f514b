/** What is to be trained. The link holds every choice. */
import { useState } from "preact/hooks";
import type { ModelForm, NewJob } from "../../../../src/studio/schemas/jobs.ts";
import type { DatasetsAnswer } from "../../../../src/studio/schemas.ts";
import { type Query, useQuery } from "../../parts/use-query.ts";
import { SettingFields } from "./setting-fields.tsx";
import type { JobsState } from "./use-jobs.ts";

export interface OrderFormProps {
  readonly models: readonly ModelForm[];
  readonly datasets: DatasetsAnswer["datasets"];
  readonly jobs: JobsState;
}

/** Splits that most people want, in the words of the split language. */
const SPLITS = [
  ["default", "the one that the data ship, else a random 80 %"],
  ["random:0.8", "a random 80 % of all interactions"],
  ["user-random:0.8", "a random 80 % of each user's"],
  ["temporal:0.8", "the earliest 80 %: one cut in time"],
  ["loo", "each user's latest is the test"],
  ["held-out:100", "100 users are kept out, and folded in"],
] as const;

/** Names in the link that are settings of the model: "set-width". */
const SETTING = "set-";

const settingsOf = (query: Query, { settings }: ModelForm): Record<string, string> =>
  Object.fromEntries(
    settings.flatMap(({ name }) => {
      const text = query[SETTING + name];
      return text === undefined ? [] : [[name, text]];
    }),
  );

export function OrderForm({ models, datasets, jobs }: OrderFormProps) {
  const [query, change] = useQuery();
  const [error, setError] = useState<Error | null>(null);
  const [isSending, setIsSending] = useState(false);
  const here = datasets.filter(({ isHere }) => isHere);
  const model = models.find(({ name }) => name === query.model) ?? models[0]!;
  const data = query.data ?? here[0]?.name ?? "synthetic";
  const isKnown = data === "synthetic" || here.some(({ name }) => name === data);
  const settings = settingsOf(query, model);
  const name = query.name ?? nextName(model.name, jobs);
  const submit = async (event: Event) => {
    event.preventDefault();
    setIsSending(true);
    setError(null);
    const order: NewJob = {
      name,
      data,
      split: query.split ?? "default",
      model: model.name,
      settings,
      seed: Number(query.seed ?? 1),
      ...(query.minRating !== undefined && { minRating: Number(query.minRating) }),
      ...(query.kCore !== undefined && { kCore: Number(query.kCore) }),
    };
    try {
      await jobs.send("/api/jobs", order);
      change({ name: undefined });
    } catch (error) {
      setError(error as Error);
    }
    setIsSending(false);
  };
  const forget = Object.fromEntries(
    Object.keys(query)
      .filter((key) => key.startsWith(SETTING))
      .map((key) => [key, undefined]),
  );
  const text = (key: string, value: string, fallback = "") =>
    change({ [key]: value === fallback ? undefined : value });
  return (
    <form class="card order" onSubmit={submit}>
      <fieldset>
        <legend>Data</legend>
        <div class="row">
          <label>
            <span>Dataset</span>
            <select
              value={isKnown ? data : "other"}
              onChange={({ currentTarget }) =>
                change({
                  data: currentTarget.value === "other" ? "ratings.csv" : currentTarget.value,
                })
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
            <label class="wide">
              <span>Path, address or SQL query</span>
              <input
                value={data}
                required
                onChange={({ currentTarget }) => change({ data: currentTarget.value })}
              />
            </label>
          )}
          <label>
            <span>Ratings from</span>
            <input
              type="number"
              step="any"
              placeholder="all"
              value={query.minRating ?? ""}
              onChange={({ currentTarget }) => text("minRating", currentTarget.value)}
            />
          </label>
          <label>
            <span>k-core</span>
            <input
              type="number"
              min={0}
              max={1000}
              placeholder="0"
              value={query.kCore ?? ""}
              onChange={({ currentTarget }) => text("kCore", currentTarget.value)}
            />
          </label>
        </div>
        <div class="row">
          <label>
            <span>Split</span>
            <input
              list="splits"
              value={query.split ?? "default"}
              required
              onChange={({ currentTarget }) => text("split", currentTarget.value, "default")}
            />
            <datalist id="splits">
              {SPLITS.map(([value, title]) => (
                <option key={value} value={value}>
                  {title}
                </option>
              ))}
            </datalist>
          </label>
          <label>
            <span>Seed</span>
            <input
              type="number"
              min={0}
              max={4294967295}
              required
              value={query.seed ?? "1"}
              onChange={({ currentTarget }) => text("seed", currentTarget.value, "1")}
            />
          </label>
        </div>
      </fieldset>
      <fieldset>
        <legend>Model</legend>
        <label>
          <span class="unseen">Model</span>
          <select
            value={model.name}
            onChange={({ currentTarget }) =>
              change({ ...forget, model: currentTarget.value, name: undefined })
            }
          >
            {models.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <p class="muted small">
          {model.summary} {model.paper}
        </p>
        <SettingFields
          key={model.name}
          model={model}
          values={settings}
          set={(name, value) => change({ [SETTING + name]: value })}
          reset={() => change(forget)}
        />
      </fieldset>
      <div class="row">
        <label class="wide">
          <span>Name of the run</span>
          <input
            value={name}
            required
            maxlength={80}
            onChange={({ currentTarget }) => text("name", currentTarget.value)}
          />
        </label>
        <button class="primary" type="submit" disabled={isSending}>
          Start training
        </button>
      </div>
      {error && (
        <p class="failure small" role="alert">
          {error.message}
        </p>
      )}
    </form>
  );
}

/** "lightgcn-2": the first that no training has here; the server refuses what a folder has. */
function nextName(model: string, { jobs }: JobsState): string {
  const taken = new Set(jobs?.map(({ name }) => name));
  for (let number = 1; ; number++) {
    const name = number === 1 ? model : `${model}-${number}`;
    if (!taken.has(name)) return name;
  }
}
