/**
 * A profile in words for the terminal: where the time went, and how near each part
 * came to what the machine can do.
 *
 * @module
 */

import type { Ceilings } from "../engine/ceilings.ts";
import { phases } from "../engine/phase.ts";
import type { KernelUse, Profile } from "../engine/profile.ts";
import { table } from "./table.ts";

/** Kernels of a phase that are shown. */
const shownKernels = 4;

/** The profile as numbers, for `--json`. */
export function profileFigures(profile: Profile, ceilings: Ceilings) {
  return {
    ceilings,
    phases: phases
      .map((phase) => ({
        phase,
        seconds: profile.secondsOf(phase),
        kernels: usesOf(profile, phase),
      }))
      .filter(({ seconds }) => seconds > 0),
  };
}

/** The profile as a table. */
export function profileText(profile: Profile, ceilings: Ceilings): string {
  const { phases: parts } = profileFigures(profile, ceilings);
  const total = parts.reduce((sum, { seconds }) => sum + seconds, 0);
  const rows = parts.flatMap(({ phase, seconds, kernels }) => {
    const known = kernels.reduce((sum, use) => sum + use.seconds, 0);
    const rest = Math.max(0, seconds - known);
    return [
      [phase, seconds.toFixed(2), share(seconds, total), "", ""],
      ...kernels
        .slice(0, shownKernels)
        .map((use) => [
          `  ${use.kernel}`,
          use.seconds.toFixed(2),
          share(use.seconds, total),
          (use.bytes / use.seconds / 1e9).toFixed(1),
          (use.operations / use.seconds / 1e9).toFixed(1),
        ]),
      ["  outside kernels", rest.toFixed(2), share(rest, total), "", ""],
    ];
  });
  const { bytesPerSecond, operationsPerSecond } = ceilings;
  return [
    "Where the time of fitting went:",
    table(
      [
        ["phase, kernel", "seconds", "share", "GB/s", "GFLOP/s"],
        ...rows,
        [
          "this machine at most",
          "",
          "",
          (bytesPerSecond / 1e9).toFixed(1),
          (operationsPerSecond / 1e9).toFixed(1),
        ],
      ],
      { right: [1, 2, 3, 4] },
    ),
    "GB/s above the machine's own come from its caches: bytes are counted as if nothing were cached. Its GFLOP/s are " +
      "multiply-adds in vectors as wide as our kernels run with: additions alone reach half of them, and OpenBLAS, " +
      "whose vectors may be wider, can pass them in matmul.",
  ].join("\n");
}

function usesOf(profile: Profile, phase: string): KernelUse[] {
  return profile.uses.filter((use) => use.phase === phase).sort((a, b) => b.seconds - a.seconds);
}

function share(seconds: number, total: number): string {
  return `${((100 * seconds) / total).toFixed(1)} %`;
}
