/**
 * Rows of a recipe that blend others of its rows.
 *
 * @module
 */

import { BadInputError } from "../../base/errors.ts";
import { blendSize } from "../../models/blend.ts";

/** As much of a recipe's row as says what it blends. */
interface BlendingRow {
  readonly label: string;
  readonly change: object;
  /** Labels of other rows and their weights; absent = the row is trained */
  readonly blend?: Readonly<Record<string, number>> | undefined;
}

/** A blend is of trained rows, and has no settings of its own. @throws BadInputError "recipe" naming file and row */
export function checkBlend(
  rows: readonly BlendingRow[],
  { label, blend, change }: BlendingRow,
  path: string,
): void {
  if (blend === undefined) return;
  const wrong = (found: string, expected: string) => {
    throw new BadInputError(
      "recipe",
      `${path}, row "${label}", field "blend": found ${found}; expected ${expected}`,
    );
  };
  const parts = Object.keys(blend);
  const { fewest, most } = blendSize;
  if (parts.length < fewest || parts.length > most) {
    wrong(`${parts.length} rows`, `${fewest} to ${most}`);
  }
  const trained = rows.filter((row) => row.blend === undefined).map((row) => row.label);
  const unknown = parts.find((part) => !trained.includes(part));
  if (unknown !== undefined) {
    wrong(`"${unknown}"`, `rows that are trained: "${trained.join('", "')}"`);
  }
  if (Object.keys(change).length > 0) {
    wrong(`beside "change"`, "a row with either: a blend has the settings of its parts");
  }
}

/** The rows that a blend is of, and their weights; none for a row that is trained. */
export function blendedRows<Row extends BlendingRow>(
  rows: readonly Row[],
  { blend = {} }: Row,
): { readonly row: Row; readonly weight: number }[] {
  return Object.entries(blend).map(([label, weight]) => ({
    row: rows.find((row) => row.label === label)!,
    weight,
  }));
}
