/** How a user's vector gathers from its neighbours, layer by layer. */
import { useEffect, useState } from "preact/hooks";
import type { LayersAnswer } from "../../../../src/studio/schemas/graph.ts";
import { FigureHead } from "../../parts/figure-head.tsx";
import { count, figure } from "../../parts/format.ts";
import { Slider } from "../../parts/slider.tsx";
import { Empty } from "../../parts/states.tsx";
import { nameOf } from "./ego-picture.tsx";

/** Milliseconds that each layer is shown while they play. */
const STEP = 1400;

type Layer = NonNullable<LayersAnswer["layers"]>[number];
type Vectors = NonNullable<LayersAnswer["vectors"]>;

export interface LayersCardProps {
  readonly answer: LayersAnswer;
  readonly user: string;
  readonly layer: number;
  readonly onLayer: (layer: number) => void;
}

const percent = (value: number) => `${(100 * value).toFixed(1)} %`;

export function LayersCard({ answer, user, layer, onLayer }: LayersCardProps) {
  const { model, layers, vectors, because } = answer;
  if (!layers) {
    return (
      <Empty title={`${model} has no layers to show`}>
        It does not gather over the graph: {because}. LightGCN and its relatives do.
      </Empty>
    );
  }
  const shown = layers[layer]!;
  return (
    <section class="card layers" aria-labelledby="graph-layers">
      <h2 id="graph-layers">How user {user} gathers, layer by layer</h2>
      <p>
        In each layer a node becomes the weighted sum of its neighbours in the layer before. After k
        steps the vector is a mixture of what other nodes started with; the final vector adds the
        layers up.
      </p>
      <Stepper last={layers.length - 1} layer={layer} onLayer={onLayer} />
      {vectors && <Shares vectors={vectors} layer={layer} onLayer={onLayer} />}
      <div class="columns">
        <Gathering layer={shown} at={layer} />
        {vectors && <Recommended vectors={vectors} layer={layer} />}
      </div>
      {!vectors && (
        <p class="note">What each layer adds to the vector cannot be told here: {because}.</p>
      )}
    </section>
  );
}

interface StepperProps extends Pick<LayersCardProps, "layer" | "onLayer"> {
  readonly last: number;
}

function Stepper({ last, layer, onLayer }: StepperProps) {
  const [isPlaying, setPlaying] = useState(false);
  useEffect(() => {
    if (!isPlaying) return;
    if (layer === last) {
      setPlaying(false);
      return;
    }
    const timer = setTimeout(() => onLayer(layer + 1), STEP);
    return () => clearTimeout(timer);
  }, [isPlaying, layer, last, onLayer]);
  const play = () => {
    if (!isPlaying && layer === last) onLayer(0);
    setPlaying(!isPlaying);
  };
  return (
    <div class="row stepper">
      <Slider
        label="Layer"
        value={layer}
        min={0}
        max={last}
        say={(k) => (k === 0 ? "0: itself" : `${k} of ${last}`)}
        onChange={onLayer}
      />
      <button type="button" onClick={play}>
        {isPlaying ? "Stop" : "Play"}
      </button>
    </div>
  );
}

/** One bar cut by layers; what speaks against is hatched. */
function Cut({ parts, layer, label }: { parts: readonly number[]; layer: number; label: string }) {
  const total = parts.reduce((sum, part) => sum + Math.abs(part), 0) || 1;
  return (
    <div class="cut" role="img" aria-label={label}>
      {parts.map((part, k) => (
        <span
          key={k}
          class={`${part < 0 ? "against" : ""} ${k === layer ? "on" : ""}`}
          style={{
            width: `${(100 * Math.abs(part)) / total}%`,
            "--layer": `var(--series-${k % 10})`,
          }}
        />
      ))}
    </div>
  );
}

function Shares({
  vectors: { shares },
  layer,
  onLayer,
}: Omit<LayersCardProps, "answer" | "user"> & { vectors: Vectors }) {
  const words = shares.map((share, k) => `layer ${k} ${percent(share)}`).join(", ");
  return (
    <div class="shares">
      <h3>What each layer adds to the final vector</h3>
      <Cut parts={shares} layer={layer} label={words} />
      <ul>
        {shares.map((share, k) => (
          <li key={k}>
            <button type="button" aria-pressed={k === layer} onClick={() => onLayer(k)}>
              <i aria-hidden="true" style={{ background: `var(--series-${k % 10})` }} /> layer {k}{" "}
              <b>{percent(share)}</b>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Gathering({ layer, at }: { layer: Layer; at: number }) {
  const { reached, sum, strongest, alpha } = layer;
  const most = strongest[0]?.weight ?? 1;
  const kind = strongest[0]?.kind ?? "node";
  return (
    <section aria-live="polite">
      <h3>
        Layer {at}: {at === 0 ? "what the user starts with" : `from ${count(reached)} ${kind}s`}
      </h3>
      <p class="muted">
        {alpha === null ? "" : `The layer counts ${figure(alpha)} in the final vector. `}
        {at > 0 && `The weights sum to ${figure(sum)}; the strongest ${strongest.length}:`}
      </p>
      <table class="weights">
        <thead class="unseen">
          <tr>
            <th scope="col">Node</th>
            <th scope="col">Bar</th>
            <th scope="col">Weight</th>
          </tr>
        </thead>
        <tbody>
          {strongest.map((node) => (
            <tr key={node.id}>
              <th scope="row">
                {nameOf(node)}
                {node.own && at > 0 && <span class="muted"> (themselves)</span>}
              </th>
              <td>
                <span class={`weight ${node.kind}`} aria-hidden="true">
                  <i style={{ width: `${(100 * node.weight) / most}%` }} />
                </span>
              </td>
              <td class="figure">{figure(node.weight)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Recommended({ vectors: { recommended }, layer }: { vectors: Vectors; layer: number }) {
  return (
    <section>
      <h3>The recommended items</h3>
      <p class="muted">
        The score cut by layers, and how well the vector of layer {layer} alone points at the item
        (cosine).
      </p>
      <table class="recommended">
        <thead>
          <tr>
            <th scope="col">Item</th>
            <th scope="col">Score by layer</th>
            <FigureHead>Layer {layer}</FigureHead>
          </tr>
        </thead>
        <tbody>
          {recommended.map(({ item, title, score, parts, cosines }) => (
            <tr key={item}>
              <th scope="row">
                {title ?? item}
                <small>score {figure(score)}</small>
              </th>
              <td>
                <Cut
                  parts={parts}
                  layer={layer}
                  label={parts.map((part, k) => `layer ${k} ${figure(part)}`).join(", ")}
                />
              </td>
              <td class="figure">{figure(cosines[layer])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
