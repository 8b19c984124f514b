/**
 * The studio downloads nothing by itself: a dataset of the catalogue has to be on
 * this machine before it is looked at or trained on.
 *
 * @module
 */

import { findEntry } from "../data/catalogue.ts";
import { locate } from "../data/locate.ts";
import { Problem } from "../serving/problem.ts";

/**
 * @param field where the request names the data, for the error
 * @throws Problem 404 where the data are of the catalogue and not on this machine
 */
export async function checkIsHere(data: string, field: string): Promise<void> {
  const entry = findEntry(data);
  if (!entry || (await locate(entry)) !== null) return;
  const message = `${entry.title} is not on this machine; lumiere train --data ${entry.name} downloads it`;
  throw new Problem(404, "not-here", message, { fields: [{ field, message }] });
}
