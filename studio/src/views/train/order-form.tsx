/** What is to be trained. The link holds every choice. */
import { useState } from "preact/hooks";
import type { ModelForm, NewJob } from "../../../../src/studio/schemas/jobs.ts";
import type { DatasetsAnswer } from "../../../../src/studio/schemas.ts";
import { type Query, useQuery } from "../../parts/use-query.ts";
import { DataFields } from "./data-fields.tsx";
import { Labelled } from "./labelled.tsx";
import { complaintsAbout, type Refusal, RefusalSummary } from "./refusal.tsx";
import { SettingFields } from "./setting-fields.tsx";
import type { JobsState } from "./use-jobs.ts";

export interface OrderFormProps {
  readonly models: readonly ModelForm[];
  readonly datasets: DatasetsAnswer["datasets"];
  readonly jobs: JobsState;
}

/** Names in the link that are settings of the model: "set-width". */
const SETTING = "set-";

const settingsOf = (query: Query, { groups }: ModelForm): Record<string, string> =>
  Object.fromEntries(
    groups
      .flatMap(({ settings }) => settings)
      .flatMap(({ name }) => {
        const text = query[SETTING + name];
        return text === undefined ? [] : [[name, text]];
      }),
  );

export function OrderForm({ models, datasets, jobs }: OrderFormProps) {
  const [query, change] = useQuery();
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isSending, setIsSending] = useState(false);
  const here = datasets.filter(({ isHere }) => isHere);
  const model = models.find(({ name }) => name === query.model) ?? models[0]!;
  const settings = settingsOf(query, model);
  const order: NewJob = {
    name: query.name ?? nextName(model.name, jobs),
    data: query.data ?? here[0]?.name ?? "synthetic",
    split: query.split ?? "default",
    model: model.name,
    settings,
    seed: Number(query.seed ?? 1),
    ...(query.minRating !== undefined && { minRating: Number(query.minRating) }),
    ...(query.kCore !== undefined && { kCore: Number(query.kCore) }),
  };
  const complaints = complaintsAbout(order, refusal);
  const submit = async (event: Event) => {
    event.preventDefault();
    setIsSending(true);
    setRefusal(null);
    try {
      await jobs.send("/api/jobs", order);
      change({ name: undefined });
    } catch (error) {
      setRefusal({ error: error as Error, order });
    }
    setIsSending(false);
  };
  const forget = Object.fromEntries(
    Object.keys(query)
      .filter((key) => key.startsWith(SETTING))
      .map((key) => [key, undefined]),
  );
  return (
    // The server names every wrong field at once; the browser's own check stops at the first.
    <form class="card order" onSubmit={submit} noValidate>
      <DataFields
        here={here}
        data={order.data}
        query={query}
        change={change}
        complaints={complaints}
      />
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
          complaints={complaints}
          set={(name, value) => change({ [SETTING + name]: value })}
          reset={() => change(forget)}
        />
      </fieldset>
      <div class="row">
        <Labelled field="name" label="Name of the run" complaints={complaints} class="wide">
          {(control) => (
            <input
              {...control}
              value={order.name}
              required
              maxlength={80}
              onChange={({ currentTarget: { value } }) =>
                change({ name: value === "" ? undefined : value })
              }
            />
          )}
        </Labelled>
        <button class="primary" type="submit" disabled={isSending}>
          Start training
        </button>
      </div>
      {refusal && <RefusalSummary error={refusal.error} complaints={complaints} />}
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
