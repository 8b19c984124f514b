/**
 * 256-bit vectors for commands that train: the process is the program's own, and so are V8's flags.
 *
 * @module
 */

import { bestVariant, compileKernels } from "../engine/cpu/module.ts";
import { enableWide, wantsWide, wideIsRight } from "../engine/cpu/wide.ts";

/** Whether this V8's 256-bit code computes what its 128-bit code does; asks V8 for it. */
function checkThisMachine(): boolean {
  enableWide();
  return wideIsRight(compileKernels("relaxed"));
}

/** The same command line once more in place of this process, with the environment as it is now. */
function startAgain(): void {
  const words = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.execve!(process.execPath, words, process.env);
}

/**
 * Turns 256-bit vectors on, unless LUMIERE_WIDE says what to do; best before kernels are compiled.
 * Where the sparse product, on which most time goes, computes other numbers with them, the program
 * starts again without them, because V8's flags cannot go back in a process that runs.
 */
export function chooseVectors({ isRight = checkThisMachine, restart = startAgain } = {}): void {
  if (process.env.LUMIERE_WIDE !== undefined || bestVariant() !== "relaxed") return;
  // Windows has no execve.
  if (process.platform === "win32") return;
  process.env.LUMIERE_WIDE = "on";
  if (!wantsWide() || isRight()) return;
  process.env.LUMIERE_WIDE = "off";
  restart();
}
