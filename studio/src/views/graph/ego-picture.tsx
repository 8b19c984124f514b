/** The surroundings of a node: a column for each hop, a button for each node, a line for each link. */
import type { EgoAnswer, EgoNodeAnswer } from "../../../../src/studio/schemas/graph.ts";
import { FigureHead } from "../../parts/figure-head.tsx";
import { count } from "../../parts/format.ts";

/** Pixels. */
const COLUMN = 232;
const NODE = 190;
const LINE = 40;

export const nameOf = ({
  kind,
  id,
  title,
}: Pick<EgoNodeAnswer, "kind" | "id" | "title">): string =>
  kind === "user" ? `user ${id}` : (title ?? id);

/** "8 of 26 items", and so on for each hop. */
export function describeHops({ nodes, reached }: EgoAnswer): string {
  const parts = reached.map((total, at) => {
    const shown = nodes.filter(({ hop }) => hop === at + 1);
    const kind = shown[0]?.kind ?? "node";
    return `${shown.length} of ${count(total)} ${kind}s`;
  });
  return parts.join(" → ");
}

export interface EgoPictureProps {
  readonly ego: EgoAnswer;
  /** The layer that is looked at; null: all nodes alike. */
  readonly layer: number | null;
  readonly onCentre: (node: EgoNodeAnswer) => void;
}

export function EgoPicture({ ego, layer, onCentre }: EgoPictureProps) {
  const { nodes, edges } = ego;
  const columns = Map.groupBy(nodes, ({ hop }) => hop);
  const tallest = Math.max(...[...columns.values()].map((column) => column.length));
  const height = Math.max(6, tallest) * LINE;
  const places = nodes.map((node) => {
    const column = columns.get(node.hop)!;
    return {
      x: node.hop * COLUMN,
      y: ((column.indexOf(node) + 0.5) * height) / column.length,
    };
  });
  const isReached = (hop: number) => layer === null || hop <= layer;
  const width = (columns.size - 1) * COLUMN + NODE;
  return (
    <section class="scroll" tabindex={0} aria-label="Picture of the surroundings">
      <div class="ego" style={{ width: `${width}px`, height: `${height}px` }}>
        <svg width={width} height={height} aria-hidden="true">
          {edges.map(([from, to]) => {
            const [a, b] = [places[from]!, places[to]!];
            const [x0, x1] = [a.x + NODE, b.x];
            const middle = (x0 + x1) / 2;
            return (
              <path
                key={`${from} ${to}`}
                class={isReached(nodes[to]!.hop) ? "lit" : ""}
                d={`M${x0} ${a.y} C${middle} ${a.y} ${middle} ${b.y} ${x1} ${b.y}`}
              />
            );
          })}
        </svg>
        {nodes.map((node, at) => {
          const most = columns.get(node.hop)![0]!.weight;
          // E^(0) of a node arrives in every second layer from its hop on.
          const arrives = layer === null || (node.hop <= layer && (layer - node.hop) % 2 === 0);
          return (
            <button
              type="button"
              key={`${node.kind} ${node.id}`}
              class={`node ${node.kind} ${arrives ? "" : "dim"}`}
              style={{ left: `${places[at]!.x}px`, top: `${places[at]!.y}px`, width: `${NODE}px` }}
              aria-current={node.hop === 0 ? "true" : undefined}
              title={`${nameOf(node)}: ${count(node.degree)} ${node.kind === "user" ? "items" : "users"}, weight ${node.weight.toPrecision(3)}`}
              onClick={() => onCentre(node)}
            >
              <span>{nameOf(node)}</span>
              <i aria-hidden="true" style={{ width: `${(100 * node.weight) / most}%` }} />
            </button>
          );
        })}
      </div>
    </section>
  );
}

/** The same for those who read rather than look. */
export function EgoTable({ ego: { nodes, edges } }: { ego: EgoAnswer }) {
  const linked = (at: number) =>
    edges
      .filter(([, to]) => to === at)
      .map(([from]) => nameOf(nodes[from]!))
      .join(", ");
  return (
    <details>
      <summary>As a table</summary>
      <section class="scroll" tabindex={0} aria-label="The surroundings as a table">
        <table>
          <thead>
            <tr>
              <th scope="col">Node</th>
              <FigureHead>Hop</FigureHead>
              <FigureHead>Links</FigureHead>
              <FigureHead>Weight</FigureHead>
              <th scope="col">Reached from</th>
            </tr>
          </thead>
          <tbody>
            {nodes.map((node, at) => (
              <tr key={`${node.kind} ${node.id}`}>
                <th scope="row">{nameOf(node)}</th>
                <td class="figure">{node.hop}</td>
                <td class="figure">{count(node.degree)}</td>
                <td class="figure">{node.weight.toPrecision(3)}</td>
                <td>{linked(at) || "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
