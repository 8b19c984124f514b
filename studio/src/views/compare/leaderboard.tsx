/** The models in order, with intervals, and which differences are more than chance. */
import type { ComparedModel, Comparison } from "../../../../src/studio/schemas.ts";
import { FigureHead } from "../../parts/figure-head.tsx";
import { duration, figure } from "../../parts/format.ts";
import { ACCURACY, cutOf, metricName } from "../../parts/metric-name.ts";
import type { Query } from "../../parts/use-query.ts";

interface LeaderboardProps {
  readonly comparison: Comparison;
  readonly change: (change: Query) => void;
}

export function Leaderboard({ comparison, change }: LeaderboardProps) {
  const { models, metric, reference, definitions, evaluation } = comparison;
  const k = cutOf(metric);
  const keys = [...new Set([metric, `ndcg@${k}`, `recall@${k}`, `coverage@${k}`])].filter((key) =>
    models.every(({ metrics }) => key in metrics),
  );
  return (
    <section class="card">
      <h2>Leaderboard</h2>
      <div class="row leaderboard-choice">
        <label>
          <span>Ordered by</span>
          <select
            value={metric}
            onChange={({ currentTarget }) => change({ metric: currentTarget.value })}
          >
            {Object.keys(definitions)
              .filter((key) => ACCURACY.includes(key.split("@")[0]!))
              .map((key) => (
                <option key={key} value={key}>
                  {metricName(key, evaluation.sampled)}
                </option>
              ))}
          </select>
        </label>
        <label>
          <span>Tested against</span>
          <select
            value={reference}
            onChange={({ currentTarget }) => change({ baseline: currentTarget.value })}
          >
            {models.map(({ label }) => (
              <option key={label} value={label}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </div>
      <section class="scroll" tabindex={0} aria-label="Leaderboard">
        <table class="leaderboard">
          <thead>
            <tr>
              <th scope="col">Model</th>
              {keys.map((key) => (
                <FigureHead key={key}>{metricName(key, evaluation.sampled)}</FigureHead>
              ))}
              <th scope="col">Against {reference}</th>
              <FigureHead>Fit</FigureHead>
              <FigureHead>Memory</FigureHead>
            </tr>
          </thead>
          <tbody>
            {models.map((model) => (
              <Row key={model.label} model={model} keys={keys} comparison={comparison} />
            ))}
          </tbody>
        </table>
      </section>
      <p class="muted small">
        Intervals: 95 % bootstrap over users. Marks: randomisation test of{" "}
        {metricName(metric, evaluation.sampled)}, user by user, corrected by Holm for all pairs and
        metrics of the table; ▲ better, ▼ worse, ≈ no more than chance (p ≥ .05).{" "}
        {definitions[metric]}
      </p>
    </section>
  );
}

function Row({
  model,
  keys,
  comparison,
}: {
  model: ComparedModel;
  keys: readonly string[];
  comparison: Comparison;
}) {
  const { label, seeds, folders, seconds, peakMemoryBytes } = model;
  return (
    <tr>
      <th scope="row">
        {label}
        <small>
          {folders.join(", ")}
          {seeds.length > 1 && `, ${seeds.length} seeds`}
        </small>
      </th>
      {keys.map((key) => {
        const { mean, interval } = model.metrics[key]!;
        return (
          <td class="figure" key={key}>
            {figure(mean)}
            {interval && (
              <small>
                {figure(interval[0])} – {figure(interval[1])}
              </small>
            )}
          </td>
        );
      })}
      <td>
        <Verdict label={label} comparison={comparison} />
      </td>
      <td class="figure">{duration(seconds.fit)}</td>
      <td class="figure">{Math.round(peakMemoryBytes / 2 ** 20)} MiB</td>
    </tr>
  );
}

function Verdict({ label, comparison }: { label: string; comparison: Comparison }) {
  const { reference, metric, tests } = comparison;
  if (label === reference) return <span class="muted">reference</span>;
  const test = tests.find((test) => test.label === label && test.metric === metric);
  if (!test) return <span class="muted">–</span>;
  const { difference, wins, losses, randomisation } = test;
  const p = randomisation.adjusted;
  const isReal = p !== null && p < 0.05;
  const better = (difference ?? 0) > 0;
  const [mark, word, kind] = isReal
    ? better
      ? ["▲", "better", "good"]
      : ["▼", "worse", "bad"]
    : ["≈", "no more than chance", "even"];
  return (
    <span class={`verdict ${kind}`}>
      <span aria-hidden="true">{mark}</span> <span class="unseen">{word}: </span>
      {(difference ?? 0) > 0 ? "+" : ""}
      {figure(difference)}
      <small>
        p {p === null ? "–" : p < 0.001 ? "< .001" : `= ${figure(p)}`}; {wins} users better,{" "}
        {losses} worse
      </small>
    </span>
  );
}
