/**
 * The studio downloads nothing by itself: a dataset of the catalogue has to be on
 * this machine before it is looked at or trained on.
 *
 * @module
 */

import { findEntry } from "../data/catalogue.ts";
import { locate } from "../data/locate.ts";
import { Problem } from "../serving/problem.ts";

/** @throws Problem 404 where the data are of the catalogue and not on this machine */
export async function checkIsHere(data: string): Promise<void> {
  const entry = findEntry(data);
  if (!entry || (await locate(entry)) !== null) return;
  throw new Problem(
    404,
    "not-here",
    `${entry.title} is not on this machine; lumiere train --data ${entry.name} downloads it`,
  );
}
