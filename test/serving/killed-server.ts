/**
 * A server that is killed (SIGKILL) at random moments under load: no event that it
 * acknowledged may be missing, and it has to start again each time. Run as a
 * program: `node test/serving/killed-server.ts 100 1 SQLite` (also `npm run bench:kill`).
 *
 * This shows that a killed process loses nothing; that a machine without power
 * does not either rests on the database's flush at each commit, and on the disk.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { RandomStream } from "../../src/base/random.ts";
import { start } from "../cli/spawned.ts";
import { bundleFolder } from "./served-bundle.ts";
import { type StoreKind, storeKinds } from "./stores.ts";

const CLIENTS = 8;
const BATCH = 5;

export interface KillReport {
  readonly rounds: number;
  /** Events acknowledged before a kill. */
  readonly acknowledged: number;
  /** Events found afterwards: those, and some whose answer was cut off. */
  readonly stored: number;
  readonly missing: number;
}

/** Kills a server so many times, each time under load; the database behind it lives on. */
export async function killServer(
  rounds: number,
  seed: number,
  kind: StoreKind,
): Promise<KillReport> {
  const folder = await bundleFolder();
  const store = await kind.location();
  const random = new RandomStream(seed, "kills");
  const acknowledged = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    const before = acknowledged.size;
    await oneRound(folder, store, random, acknowledged, round);
    assert.ok(acknowledged.size > before, `round ${round}: nothing was acknowledged`);
  }
  const opened = await kind.open(store);
  const stored = new Set<string | null>();
  for await (const { id } of opened.allEvents()) stored.add(id);
  await opened.close();
  rmSync(dirname(folder), { recursive: true });
  const missing = [...acknowledged].filter((id) => !stored.has(id)).length;
  return { rounds, acknowledged: acknowledged.size, stored: stored.size, missing };
}

async function oneRound(
  folder: string,
  store: string,
  random: RandomStream,
  acknowledged: Set<string>,
  round: number,
): Promise<void> {
  const { process: child, finished } = start([
    ...["serve", folder, "--port", "0", "--store", store, "--log", "error", "--json"],
  ]);
  const line = await Promise.race([
    once(child.stdout!, "data").then(([text]) => String(text)),
    finished.then(({ stderr }) => Promise.reject(new Error(`did not start: ${stderr}`))),
  ]);
  const { url } = JSON.parse(line) as { url: string };
  let isAlive = true;
  let number = 0;
  let answered = (): void => {};
  const first = new Promise<void>((resolve) => {
    answered = resolve;
  });
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    while (isAlive) {
      const events = Array.from({ length: BATCH }, () => ({
        id: `${round} ${client} ${number++}`,
        user: `u${client}`,
        item: `i${number % 30}`,
      }));
      try {
        const response = await fetch(`${url}/v1/events`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ events }),
        });
        if (!response.ok) continue;
        for (const { id } of events) acknowledged.add(id);
        answered();
      } catch {
        return;
      }
    }
  });
  await Promise.race([first, finished]);
  await wait(random.below(200));
  child.kill("SIGKILL");
  await finished;
  isAlive = false;
  await Promise.all(clients);
}

if (import.meta.main) {
  const rounds = Number(process.argv[2] ?? 100);
  const kind = storeKinds.find(({ name }) => name === (process.argv[4] ?? "SQLite"));
  if (!kind) throw new Error(`store ${process.argv[4]}: SQLite or PostgreSQL`);
  await kind.start();
  const report = await killServer(rounds, Number(process.argv[3] ?? 1), kind);
  await kind.stop();
  console.log(
    `${report.rounds} kills: ${report.acknowledged} events acknowledged, ${report.stored} found, ${report.missing} missing`,
  );
  process.exitCode = report.missing === 0 ? 0 : 1;
}
