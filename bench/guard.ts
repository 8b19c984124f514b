/**
 * Whether this work tree is slower than an earlier revision: that revision is checked out beside
 * it, its kernels are built, and its own benchmark programs take turns with ours on the same data.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { BadInputError } from "../src/base/errors.ts";
import { numberText } from "./columns.ts";
import { asTheProgram, benchFolder, buildFolder, type Contender } from "./contenders.ts";
import { type Comparison, compare, incomparable, judge } from "./guard-verdict.ts";
import { describeMachine, machineLine } from "./machine.ts";
import { interleave, spreadOf } from "./rounds.ts";
import { neutralGround } from "./suite.ts";
import { markdown } from "./table.ts";

export interface GuardOptions {
  /** A revision of git. */
  readonly against: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly threads: readonly number[];
  readonly datasets: readonly string[];
  /** How many times as long ours may take before it fails. */
  readonly limit: number;
}

const root = join(benchFolder, "..");

/** Programs of bench/ours that every revision has under the same name and flags. */
const programs = [
  { title: "training step of LightGCN", script: "step.ts" },
  { title: "ranking for everybody", script: "ranking.ts" },
];

/**
 * @throws LumiereError "slower" where ours takes more than `limit` times as long, twice
 * @throws BadInputError "revision" where git does not know it, or its programs cannot run here
 */
export async function guard(options: GuardOptions): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const earlier = checkOut(options.against, say);
  const comparisons: Comparison[] = [];
  try {
    for (const dataset of options.datasets) {
      const { folder, title } = await neutralGround(dataset);
      for (const threads of options.threads) {
        for (const program of programs) {
          const contenders = [programOf(root, "this work tree", program.script)];
          contenders.push(programOf(earlier.folder, earlier.title, program.script));
          const work = `${program.title}, ${title}`;
          const task = { folder, threads, seconds: options.seconds };
          const fight = () => interleave(contenders, work, task, options.rounds, say);
          comparisons.push(await compare(work, fight, options.limit));
        }
      }
    }
  } finally {
    earlier.remove();
  }
  const head = ["work", "this work tree, ms", `${earlier.title}, ms`, "÷ earlier"];
  const rows = comparisons.flatMap(({ work, looks }) =>
    looks.map((look) => [work, text(look.ours), text(look.theirs), `${look.ratio.toFixed(2)}×`]),
  );
  process.stdout.write(`${machineLine(describeMachine())}\n\n${markdown(head, rows)}\n`);
  judge(earlier.title, options.limit, comparisons);
}

function text(milliseconds: readonly number[]): string {
  const { median, min, max } = spreadOf(milliseconds);
  return `${numberText(median)} (${numberText(min)}–${numberText(max)})`;
}

function programOf(checkout: string, title: string, script: string): Contender {
  const path = join(checkout, "bench", "ours", script);
  return {
    key: title,
    title,
    ours: checkout === root,
    missing: () => (existsSync(path) ? null : `has no bench/ours/${script}`),
    command: ({ folder, threads, seconds }) => [
      ...[process.execPath, path, folder],
      ...["--threads", String(threads), "--seconds", String(seconds)],
    ],
    environment: () => asTheProgram,
  };
}

/** A revision in a folder of its own, with its kernels built. */
function checkOut(revision: string, say: (line: string) => void) {
  const git = (...words: string[]) =>
    execFileSync("git", words, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  let commit: string;
  try {
    commit = git("rev-parse", "--verify", `${revision}^{commit}`).trim();
  } catch {
    throw new BadInputError(
      "revision",
      `--against ${revision}: git knows no such commit here; name one of \`git log\`, ` +
        "or fetch more of the history of a shallow clone",
    );
  }
  const title = commit.slice(0, 9);
  const folder = join(buildFolder, `guard-${title}-${process.pid}`);
  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
    git("worktree", "prune");
  };
  try {
    mkdirSync(buildFolder, { recursive: true });
    git("worktree", "add", "--quiet", "--detach", folder, commit);
    const lock = (at: string) => readFileSync(join(at, "package-lock.json"), "utf8");
    if (lock(folder) === lock(root)) {
      symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    } else {
      say(`${title} has other dependencies: npm ci`);
      execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: folder });
    }
    say(`${title}: building its kernels`);
    execFileSync(process.execPath, [join(folder, "scripts", "build-kernels.ts")], { cwd: folder });
  } catch (error) {
    remove();
    throw incomparable(`${title}: ${error instanceof Error ? error.message : error}`);
  }
  return { folder, title, remove };
}
