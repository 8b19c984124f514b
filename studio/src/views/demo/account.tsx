/** Why an item got its score: what carried it, how popular it is, which data lead to it. */
import type { RecommendedItem } from "../../../../src/serving/schemas.ts";
import { count, figure } from "../../parts/format.ts";

export type Explanation = NonNullable<RecommendedItem["explanation"]>;

/** Parts that the account names one by one. */
const NAMED = 8;

/** What the shares are, in a sentence; docs/explanations.md says it with equations. */
const BASES: Readonly<Record<NonNullable<Explanation["basis"]>, string>> = {
  messages: "What each item told the person through the graph. The parts sum to the score.",
  "item-weights": "The summands of the score, one for each item of the history.",
  "least-squares": "What each item would add if the person were placed by their history alone.",
  neighbours: "The votes of similar people, by the items that made them similar.",
};

export const percent = (value: number): string =>
  `${(100 * value).toFixed(Math.abs(value) < 0.0995 ? 1 : 0)} %`;

/** A part of a score: of a score that is not positive, percentages would mislead. */
const partOf = (share: number, score: number): string =>
  score > 0 ? percent(share / score) : figure(share);

/** A bar that begins in the middle only where something spoke against the item. */
export function ShareBar({ share, most }: { share: number; most: number }) {
  return (
    <span class="share" aria-hidden="true">
      <span
        class={share < 0 ? "against" : ""}
        style={{ width: `${(100 * Math.abs(share)) / most}%` }}
      />
    </span>
  );
}

/** "because you liked": the strongest parts, at a glance. */
export function Because({ explanation, score }: { explanation: Explanation; score: number }) {
  const parts = explanation.parts.filter(({ share }) => share > 0).slice(0, 2);
  if (parts.length === 0) return null;
  const most = parts[0]!.share;
  return (
    <ul class="because">
      {parts.map(({ item, title, share }, at) => (
        <li key={item}>
          <span>
            <span class="muted">{at === 0 ? "because of" : "and"}</span> {title ?? item}
          </span>
          <ShareBar share={share} most={most} />
          <span class="muted figure">{partOf(share, score)}</span>
        </li>
      ))}
    </ul>
  );
}

export function Account({ explanation, score }: { explanation: Explanation; score: number }) {
  const { basis, popularity, popularityShare } = explanation;
  return (
    <div class="account">
      {basis === null ? (
        <p>This model cannot tell which items of the history carried a score.</p>
      ) : (
        <Parts explanation={explanation} score={score} basis={basis} />
      )}
      <h4>Popularity</h4>
      <p>
        {percent(popularity)} of the training users have it.
        {popularityShare !== null && <> {popularitySentence(popularityShare)}</>}
      </p>
      {popularityShare !== null && (
        <div class="meter" aria-hidden="true">
          <span style={{ width: `${100 * Math.min(1, Math.max(0, popularityShare))}%` }} />
        </div>
      )}
      <Paths paths={explanation.paths} />
    </div>
  );
}

function popularitySentence(share: number): string {
  if (share > 1.0005) {
    return `Its popularity would put it even further above the person's average item (${percent(share)} of its lead): their own taste speaks against it.`;
  }
  if (share < 0)
    return "It is less popular than the average item: the person's own taste put it here.";
  return `Popularity alone gives ${percent(share)} of its lead over the person's average item, their own taste the rest.`;
}

interface PartsProps {
  readonly explanation: Explanation;
  readonly score: number;
  readonly basis: NonNullable<Explanation["basis"]>;
}

function Parts({ explanation: { parts, others, remainder }, score, basis }: PartsProps) {
  const named = parts.slice(0, NAMED);
  const hidden = parts.slice(NAMED);
  const restCount = hidden.length + others.items;
  const rest = hidden.reduce((sum, { share }) => sum + share, others.share);
  const lines = [
    ...named.map(({ item, title, share }) => ({
      key: item,
      name: title ?? item,
      share,
      isItem: true,
    })),
    ...(restCount > 0
      ? [{ key: " others", name: `${count(restCount)} other items`, share: rest, isItem: false }]
      : []),
    // After fold-in it is rounding.
    ...(Math.abs(remainder) > 1e-4 * Math.abs(score)
      ? [{ key: " remainder", name: "not due to any single item", share: remainder, isItem: false }]
      : []),
  ];
  const most = Math.max(...named.map(({ share }) => Math.abs(share)));
  return (
    <>
      <h4>What carried the score of {figure(score)}</h4>
      <p>{BASES[basis]}</p>
      <table>
        <thead class="unseen">
          <tr>
            <th scope="col">Part</th>
            <th scope="col">Bar</th>
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ key, name, share, isItem }) => (
            <tr key={key} class={isItem ? "" : "muted"}>
              <th scope="row">{name}</th>
              <td>{isItem && <ShareBar share={share} most={most} />}</td>
              <td class="figure">{partOf(share, score)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Paths({ paths }: Pick<Explanation, "paths">) {
  if (paths.length === 0) return null;
  return (
    <>
      <h4>Paths in the data</h4>
      <ul class="paths">
        {paths.map(({ by, user, weight }) => (
          <li key={`${by.item} ${user}`} title={`weight ${weight.toExponential(2)}`}>
            <span>{by.title ?? by.item}</span>
            <span aria-hidden="true">→</span>
            <span>{user === null ? "somebody" : `user ${user}`} has it too</span>
            <span aria-hidden="true">→</span>
            <span>and this</span>
          </li>
        ))}
      </ul>
    </>
  );
}
