/**
 * From any source to dense indices. Rows are read once, in a stream: each is
 * checked and filtered in SQL, its ids are numbered as they come, and when all
 * are known they are sorted and the numbers replaced. Only the columns of
 * numbers and one copy of each id stay in memory, so that the size of a file
 * does not matter.
 *
 * The result depends on the rows alone, not on threads: interactions keep the
 * order of the file, and ids are sorted (by number where all are whole numbers,
 * else by UTF-16 code unit).
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { mapColumns } from "./columns.ts";
import { checkStopped, type DataContext } from "./context.ts";
import { withDuckDB } from "./duckdb.ts";
import type { Interactions, Vocabulary } from "./interactions.ts";
import { openRelation } from "./open-relation.ts";
import type { ReadingOptions, RowFilters } from "./options.ts";
import { readRows } from "./read-rows.ts";
import { describeRowFilters, timeBounds } from "./row-filters.ts";
import type { Source } from "./source.ts";

/** Rows turned into interactions and vocabularies. */
export interface IndexedRows {
  readonly users: Vocabulary;
  readonly items: Vocabulary;
  readonly interactions: Interactions;
  /** One line for each row filter: what it removed. */
  readonly filterNotes: readonly string[];
}

/**
 * Reads, checks, filters and indexes a source.
 * @throws BadInputError that names the file, row or column, and the fix
 *
 * @example
 * const { users, interactions } = await ingest(sourceOf("ratings.csv"), {}, { minRating: 4 }, quietContext);
 */
export async function ingest(
  source: Source,
  reading: ReadingOptions,
  filters: RowFilters,
  context: DataContext,
): Promise<IndexedRows> {
  checkStopped(context.signal);
  const bounds = timeBounds(filters);
  return withDuckDB(context, async (workbench) => {
    const relation = await openRelation(source, reading, workbench, context);
    const { shape } = relation;
    const mapping = mapColumns(shape, reading);
    if (filters.minRating !== undefined && mapping.rating === null) {
      throw new BadInputError(
        "column",
        `--min-rating needs a rating column, and ${shape.name} has none (columns: ${shape.columns.join(", ")}); pass --rating-column, or leave --min-rating out`,
      );
    }
    if (bounds !== null && mapping.time === null) {
      throw new BadInputError(
        "column",
        `--since and --until need a time column, and ${shape.name} has none (columns: ${shape.columns.join(", ")}); pass --time-column, or leave them out`,
      );
    }
    const rows = await readRows(relation, mapping, filters, bounds, workbench, context);
    const users = rows.users.settle();
    const items = rows.items.settle();
    const tally = await rows.account.tally(
      rows.read,
      users.removedBy,
      items.removedBy,
      relation,
      filters,
    );
    const interactions = rows.blocks.intoInteractions(
      users.indexOf,
      items.indexOf,
      (done, total) => {
        context.progress({ stage: "index", done, total, unit: "rows" });
        checkStopped(context.signal);
      },
    );
    return {
      users: users.vocabulary,
      items: items.vocabulary,
      interactions,
      filterNotes: describeRowFilters(filters, tally),
    };
  });
}
