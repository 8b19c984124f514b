/**
 * Full ranking: the 20 best of all items for every user, train items left out.
 *
 * @module
 */

import { best, peakMemory, spread, timesOurs } from "../columns.ts";
import { kernel, ours, pythonPeer } from "../contenders.ts";
import { neutralGround, type Suite } from "../suite.ts";

export const ranking: Suite = {
  name: "ranking",
  summary: "the 20 best of all items for every user",
  datasets: ["gowalla"],
  threads: [1, 2],
  prepare: neutralGround,
  columns: [
    spread("all users ms (spread)", (round) => round.rankMs),
    timesOurs((round) => round.rankMs),
    best("best ms", (round) => round.rankMs?.min),
    peakMemory,
  ],
  variants: [
    {
      title: "",
      contenders: [
        ours("ours", "Lumière", "ranking.ts"),
        kernel("c", "C by hand", "ranking"),
        pythonPeer("torch", "PyTorch matmul + mask + topk", "ranking_torch.py"),
      ],
    },
  ],
};
