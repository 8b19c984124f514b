/**
 * External ids in their one order: by number where all are whole numbers, else
 * by UTF-16 code unit, as JavaScript compares texts. The same ids get the same
 * dense indices from any file, in any order of rows.
 *
 * @module
 */

import type { Workbench } from "./duckdb.ts";

/** Whole numbers, as far as DuckDB's 128-bit integers hold them. */
const WHOLE_NUMBER = "[+-]?[0-9]{1,38}";
const WHOLE_NUMBER_PATTERN = /^[+-]?[0-9]{1,38}$/;

/** Sorted ids, and where DuckDB's numbering differs from that order. */
export interface NumberedIds {
  readonly ids: readonly string[];
  /** Dense index of each DuckDB number; null where they are the same. */
  readonly order: Int32Array | null;
}

/**
 * Sorts the distinct ids of a column of `staged` and makes the DuckDB type `<column>_type`, which
 * turns an id into its number.
 */
export async function numberIds(
  column: "user_id" | "item_id",
  { connection, rows }: Workbench,
): Promise<NumberedIds> {
  const distinct = `SELECT DISTINCT ${column} AS id FROM staged WHERE reason = 0`;
  await connection.run(`CREATE TABLE ${column}_distinct AS ${distinct}`);
  const [facts] = await rows(
    `SELECT count(*), bool_and(regexp_full_match(id, '${WHOLE_NUMBER}')) FROM ${column}_distinct`,
  );
  const numeric = facts?.[1] === true;
  const key = numeric ? "try_cast(id AS HUGEINT), id" : "id";
  await connection.run(
    `CREATE TYPE ${column}_type AS ENUM (SELECT id FROM ${column}_distinct ORDER BY ${key})`,
  );
  const ids = new Array<string>(Number(facts?.[0] ?? 0));
  const numbered = await connection.stream(
    `SELECT id, enum_code(id::${column}_type) AS number FROM ${column}_distinct`,
  );
  for await (const chunk of numbered) {
    const [names, numbers] = [chunk.getColumnValues(0), chunk.getColumnValues(1)];
    for (let row = 0; row < names.length; row++) ids[Number(numbers[row])] = String(names[row]);
  }
  return numeric ? { ids, order: null } : inCodeUnitOrder(ids);
}

/** DuckDB sorts by UTF-8 bytes; beyond the basic plane that is not the order of UTF-16. */
function inCodeUnitOrder(ids: readonly string[]): NumberedIds {
  if (ids.every((id, at) => at === 0 || ids[at - 1]! < id)) return { ids, order: null };
  const byCodeUnit = Array.from(ids.keys()).sort((a, b) => compare(ids[a]!, ids[b]!));
  const order = new Int32Array(ids.length);
  byCodeUnit.forEach((old, at) => {
    order[old] = at;
  });
  return { ids: byCodeUnit.map((old) => ids[old]!), order };
}

/** Distinct ids in the same order as `numberIds` gives them. */
export function sortIds(ids: Iterable<string>): string[] {
  const distinct = [...new Set(ids)];
  if (!distinct.every((id) => WHOLE_NUMBER_PATTERN.test(id))) return distinct.sort();
  return distinct
    .map((id) => ({ id, number: wholeNumber(id) }))
    .sort((a, b) => compare(a.number, b.number) || compare(a.id, b.id))
    .map(({ id }) => id);
}

/** BigInt takes no plus sign, and a minus only before digits alone. */
const wholeNumber = (id: string): bigint => BigInt(id.replace(/^\+/, ""));

function compare<Value extends bigint | string>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
