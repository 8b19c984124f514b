/** A layout by UMAP that is made while one looks on, and can be stopped. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { VectorsAnswer } from "../../../../src/studio/schemas.ts";
import { getJson } from "../../api/client.ts";
import type { Positions } from "./plane.ts";
import type { UmapReport, UmapRequest } from "./umap-worker.ts";

const SEED = 1;

/** Most items that are laid out; UMAP's time grows faster than their number. */
export const MOST_LAID_OUT = 5000;

export interface UmapState {
  /** Of the map's first items; null until there is something to see. */
  readonly positions: Positions | null;
  readonly done: number;
  /** 0 = neighbours are still looked for. */
  readonly total: number;
  readonly error: Error | null;
}

const NOTHING: UmapState = { positions: null, done: 0, total: 0, error: null };

/** @param run whose items are laid out; null = nobody's, and what is under way ends */
export function useUmap(run: string | null): UmapState {
  const [state, setState] = useState<UmapState>(NOTHING);
  const finished = useRef<{ run: string; state: UmapState } | null>(null);
  useEffect(() => {
    if (run === null) return;
    if (finished.current?.run === run) return setState(finished.current.state);
    setState(NOTHING);
    const abort = new AbortController();
    let worker: Worker | null = null;
    const fail = (error: Error) => {
      if (!abort.signal.aborted) setState({ ...NOTHING, error });
    };
    getJson<VectorsAnswer>(
      `/api/runs/${encodeURIComponent(run)}/map/vectors?count=${MOST_LAID_OUT}`,
      abort.signal,
    ).then(({ base64, width }) => {
      if (abort.signal.aborted) return;
      worker = new Worker(new URL("./umap-worker.ts", import.meta.url), { type: "module" });
      worker.onmessage = ({ data }: MessageEvent<UmapReport>) => {
        const next = { ...data, error: null };
        if (data.done === data.total) finished.current = { run, state: next };
        setState(next);
      };
      worker.onerror = ({ message }) => fail(new Error(`UMAP failed: ${message}`));
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const request: UmapRequest = { rows: new Float32Array(bytes.buffer), width, seed: SEED };
      worker.postMessage(request, [request.rows.buffer]);
    }, fail);
    return () => {
      abort.abort();
      worker?.terminate();
    };
  }, [run]);
  return state;
}
