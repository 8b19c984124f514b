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
 * Sorts the distinct ids of a column of the table `kept` and makes the table `<column>_numbers`
 * (id, number), which turns an id into its number.
 */
export async function numberIds(
  column: "user_id" | "item_id",
  { connection, rows }: Workbench,
): Promise<NumberedIds> {
  await connection.run(`CREATE TABLE distinct_ids AS SELECT DISTINCT ${column} AS id FROM kept`);
  const [facts] = await rows(
    `SELECT count(*), bool_and(regexp_full_match(id, '${WHOLE_NUMBER}')) FROM distinct_ids`,
  );
  const numeric = facts?.[1] === true;
  const key = numeric ? "try_cast(id AS HUGEINT), id" : "id";
  await connection.run(
    `CREATE TABLE ${column}_numbers AS SELECT id, CAST(row_number() OVER (ORDER BY ${key}) - 1 AS INTEGER) AS number FROM distinct_ids`,
  );
  await connection.run("DROP TABLE distinct_ids");
  const ids = new Array<string>(Number(facts?.[0] ?? 0));
  for await (const chunk of await connection.stream(`SELECT id, number FROM ${column}_numbers`)) {
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
