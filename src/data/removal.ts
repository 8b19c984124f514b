/**
 * What a filter removed, counted and said in the same way by every filter.
 *
 * @module
 */

/** Interactions, users and items: those there are, or those that a filter removed. */
export interface Tally {
  readonly interactions: number;
  readonly users: number;
  readonly items: number;
}

/** The line of a report for one filter, also where it removed nothing. */
export function removalNote(filter: string, removed: Tally): string {
  return `${filter}: removed ${describeTally(removed)}`;
}

/** "1 interaction, 0 users, 12 items" */
export function describeTally({ interactions, users, items }: Tally): string {
  return `${count(interactions, "interaction")}, ${count(users, "user")}, ${count(items, "item")}`;
}

/** What lies between two tallies. */
export function removedBetween(before: Tally, after: Tally): Tally {
  return {
    interactions: before.interactions - after.interactions,
    users: before.users - after.users,
    items: before.items - after.items,
  };
}

function count(amount: number, unit: string): string {
  return `${amount.toLocaleString("en")} ${unit}${amount === 1 ? "" : "s"}`;
}
