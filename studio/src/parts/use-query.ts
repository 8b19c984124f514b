/** What a view shows is in its address, so that a link restores it. */

import { useCallback } from "preact/hooks";
import { useLocation } from "preact-iso";

export type Query = Readonly<Record<string, string | undefined>>;

/** The address's query, and a way to change some of it; undefined takes a name away. */
export function useQuery(): [Query, (change: Query) => void] {
  const { path, query, route } = useLocation();
  const change = useCallback(
    (changed: Query) => {
      const next = new URLSearchParams();
      for (const [name, value] of Object.entries({ ...query, ...changed })) {
        if (value !== undefined && value !== "") next.set(name, value);
      }
      const text = next.toString();
      // Moving a slider should not fill the browser's history.
      route(text === "" ? path : `${path}?${text}`, true);
    },
    [path, query, route],
  );
  return [query, change];
}
