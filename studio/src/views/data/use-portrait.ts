/** A dataset's portrait, asked for until it is ready. */
import { useState } from "preact/hooks";
import type { Portrait, StatisticsAnswer } from "../../../../src/studio/schemas.ts";
import { getJson } from "../../api/client.ts";
import { type Loaded, useLoaded } from "../../parts/use-loaded.ts";

/** How far the server is. */
export type Working = Extract<StatisticsAnswer, { state: "working" }>;

/** @param address of the statistics; null = nothing chosen */
export function usePortrait(
  address: string | null,
): Loaded<Portrait> & { working: Working | null } {
  const [working, setWorking] = useState<Working | null>(null);
  const loaded = useLoaded(address, async (signal) => {
    setWorking(null);
    for (;;) {
      // The server itself waits a little before it answers that it is not ready.
      const answer = await getJson<StatisticsAnswer>(address!, signal);
      signal.throwIfAborted();
      if (answer.state === "ready") return answer.portrait;
      setWorking(answer);
    }
  });
  return { ...loaded, working };
}
