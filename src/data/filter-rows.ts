/**
 * Row filters on a dataset that is in memory already (the synthetic one; files
 * are filtered while they are read).
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { compactDataset } from "./compaction.ts";
import { type Dataset, interactionCount } from "./interactions.ts";
import type { RowFilters } from "./options.ts";
import { describeRowFilters, timeBounds } from "./row-filters.ts";

/** The dataset without what the filters remove; users and items without interactions leave. */
export function filterRows(dataset: Dataset, filters: RowFilters): Dataset {
  const bounds = timeBounds(filters);
  if (filters.minRating === undefined && bounds === null) return dataset;
  const { users, items, values, times } = dataset.interactions;
  const read = interactionCount(dataset.interactions);
  const survivors = {
    interactions: new Uint8Array(read),
    users: new Uint8Array(dataset.users.size),
    items: new Uint8Array(dataset.items.size),
  };
  let belowRating = 0;
  let outsideWindow = 0;
  for (let at = 0; at < read; at++) {
    const time = times?.[at] ?? 0;
    if ((values?.[at] ?? 1) < (filters.minRating ?? -Infinity)) belowRating++;
    else if (time < (bounds?.since ?? -Infinity) || time >= (bounds?.until ?? Infinity)) {
      outsideWindow++;
    } else {
      survivors.interactions[at] = 1;
      survivors.users[users[at]!] = 1;
      survivors.items[items[at]!] = 1;
    }
  }
  const kept = read - belowRating - outsideWindow;
  const notes = describeRowFilters(filters, { read, kept, belowRating, outsideWindow });
  if (kept > 0) return compactDataset(dataset, survivors, notes);
  throw new BadInputError(
    "empty",
    `dataset "${dataset.name}": no interaction is left of ${read.toLocaleString("en")} (${notes.join("; ")}); filter less`,
  );
}
