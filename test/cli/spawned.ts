/** The command line as a person runs it: a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { RandomStream } from "../../src/base/random.ts";

const main = join(import.meta.dirname, "..", "..", "src", "cli", "main.ts");

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  readonly finished: Promise<Finished>;
}

/** Starts `lumiere …words`. */
export function start(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [main, ...words], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (part: string) => {
      text[name] += part;
    });
  }
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on("error", reject).on("close", (code) => resolve({ code, ...text }));
  });
  return { process: child, finished };
}

/** Runs `lumiere …words` to its end. */
export function lumiere(...words: string[]): Promise<Finished> {
  return start(words).finished;
}

/**
 * A CSV file of 80 users and 50 items in four taste groups: a user likes 12 items, 9 of 10 of the
 * own group.
 */
export function writeRatings(path: string): string {
  const random = new RandomStream(3, "ratings fixture");
  const lines = ["user,item,rating,timestamp"];
  for (let user = 0; user < 80; user++) {
    const liked = new Set<number>();
    while (liked.size < 12) {
      const own = random.below(10) < 9;
      liked.add(own ? 4 * random.below(12) + (user % 4) : random.below(50));
    }
    for (const item of liked) {
      lines.push(`u${user},i${item},${3 + random.below(3)},${1_000_000 + random.below(1_000_000)}`);
    }
  }
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}
