/** UMAP beside the page: McInnes, Healy & Melville 2018, on the rows that are sent here. */
import { UMAP } from "umap-js";
import { RandomStream } from "../../../../src/base/random.ts";

export interface UmapRequest {
  readonly rows: Float32Array;
  readonly width: number;
  readonly seed: number;
}

export interface UmapReport {
  readonly done: number;
  readonly total: number;
  /** Interleaved x and y as they are so far. */
  readonly positions: Float32Array;
}

/** Milliseconds between two reports. */
const INTERVAL = 400;

addEventListener("message", ({ data }: MessageEvent<UmapRequest>) => {
  const { rows, width, seed } = data;
  const random = new RandomStream(seed, "umap");
  const count = rows.length / width;
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: Math.min(15, count - 1),
    minDist: 0.1,
    random: () => random.uniform(),
  });
  const total = umap.initializeFit(
    Array.from({ length: count }, (_, row) =>
      Array.from(rows.subarray(row * width, (row + 1) * width)),
    ),
  );
  const report = (done: number) => {
    const positions = Float32Array.from(umap.getEmbedding().flat());
    const message: UmapReport = { done, total, positions };
    // The types of this app are a page's: of the two forms a worker takes this one, too.
    postMessage(message, { transfer: [positions.buffer] });
  };
  let last = performance.now();
  for (let done = 1; done <= total; done++) {
    umap.step();
    if (done < total && performance.now() - last < INTERVAL) continue;
    last = performance.now();
    report(done);
  }
});
