/** Which runs: those on the same data and cut stand together, because only they can be compared. */
import type { Run } from "../../../../src/studio/schemas.ts";
import { count, date, figure } from "../../parts/format.ts";
import { metricName } from "../../parts/metric-name.ts";

export interface RunChoiceProps {
  readonly runs: readonly Run[];
  readonly chosen: readonly string[];
  readonly choose: (ids: readonly string[]) => void;
}

/** What two runs have to share. */
const groundOf = ({ dataset, split }: Run): string => `${dataset.fingerprint} ${split}`;

export function RunChoice({ runs, chosen, choose }: RunChoiceProps) {
  const grounds = [...Map.groupBy(runs, groundOf).values()];
  const first = runs.find(({ id }) => id === chosen[0]);
  return (
    <details class="card run-choice" open={chosen.length < 2}>
      <summary>
        <h2>Runs</h2> <span class="muted">{chosen.length} chosen</span>
      </summary>
      {grounds.map((group) => (
        <Ground
          key={groundOf(group[0]!)}
          group={group}
          chosen={first && groundOf(first) === groundOf(group[0]!) ? chosen : []}
          choose={choose}
        />
      ))}
    </details>
  );
}

/** The runs of one ground; a choice here drops those of another. */
function Ground({
  group,
  chosen,
  choose,
}: Omit<RunChoiceProps, "runs"> & { readonly group: readonly Run[] }) {
  const [{ dataset, split }] = group as [Run];
  const toggle = (id: string) =>
    choose(chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id]);
  const isAll = chosen.length === group.length;
  return (
    <fieldset>
      <legend>
        {dataset.title}, {split}
        <small>
          {count(dataset.users)} users, {count(dataset.items)} items, {count(dataset.interactions)}{" "}
          interactions
        </small>
      </legend>
      {group.length > 1 && (
        <button type="button" onClick={() => choose(isAll ? [] : group.map(({ id }) => id))}>
          {isAll ? "None" : "All"} of these {group.length}
        </button>
      )}
      <ul>
        {group.map((run) => (
          <li key={run.id}>
            <label>
              <input
                type="checkbox"
                checked={chosen.includes(run.id)}
                onChange={() => toggle(run.id)}
              />
              <strong>{run.model.title}</strong>
              <small>
                {run.folder || "the folder itself"} · seed {run.seed} ·{" "}
                {metricName("ndcg@20", run.sampled)} {figure(run.metrics["ndcg@20"])} ·{" "}
                {date(run.created)}
              </small>
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
