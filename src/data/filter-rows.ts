/**
 * Row filters on a dataset that is in memory already (the synthetic one; files
 * are filtered while they are read).
 *
 * @module
 */

import { BadInputError } from "../base/errors.ts";
import { compactDataset } from "./compaction.ts";
import { type Dataset, interactionCount } from "./interactions.ts";
import { type Survivors, tallyOf } from "./k-core.ts";
import type { RowFilters } from "./options.ts";
import { removedBetween } from "./removal.ts";
import { describeRowFilters, timeBounds } from "./row-filters.ts";

/** The dataset without what the filters remove; users and items without interactions leave. */
export function filterRows(dataset: Dataset, filters: RowFilters): Dataset {
  const bounds = timeBounds(filters);
  if (filters.minRating === undefined && bounds === null) return dataset;
  const { users, items, values, times } = dataset.interactions;
  const read = interactionCount(dataset.interactions);
  const none = (): Survivors => ({
    interactions: new Uint8Array(read),
    users: new Uint8Array(dataset.users.size),
    items: new Uint8Array(dataset.items.size),
  });
  const [rated, survivors] = [none(), none()];
  const mark = (marks: Survivors, at: number) => {
    marks.interactions[at] = 1;
    marks.users[users[at]!] = 1;
    marks.items[items[at]!] = 1;
  };
  for (let at = 0; at < read; at++) {
    if ((values?.[at] ?? 1) < (filters.minRating ?? -Infinity)) continue;
    mark(rated, at);
    const time = times?.[at] ?? 0;
    if (time >= (bounds?.since ?? -Infinity) && time < (bounds?.until ?? Infinity)) {
      mark(survivors, at);
    }
  }
  const whole = { interactions: read, users: dataset.users.size, items: dataset.items.size };
  const afterRating = filters.minRating === undefined ? whole : tallyOf(rated);
  const after = tallyOf(survivors);
  const kept = after.interactions;
  const notes = describeRowFilters(filters, {
    read,
    kept,
    belowRating: removedBetween(whole, afterRating),
    outsideWindow: removedBetween(afterRating, after),
  });
  if (kept > 0) return compactDataset(dataset, survivors, notes);
  throw new BadInputError(
    "empty",
    `dataset "${dataset.name}": no interaction is left of ${read.toLocaleString("en")} (${notes.join("; ")}); filter less`,
  );
}
