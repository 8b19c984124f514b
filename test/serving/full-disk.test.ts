import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { RecommendationAnswer } from "../../src/serving/schemas.ts";
import { bundleFolder, call } from "./served-bundle.ts";

const main = join(import.meta.dirname, "..", "..", "src", "cli", "main.ts");
const MOUNT = ["-Urm", "sh", "-c"];
const canMount = () =>
  spawnSync("unshare", [...MOUNT, 'mount -t tmpfs tmpfs "$0"', tmpdir()]).status === 0;

test("a file system that is full: nothing of the batch is kept, all before is, lists go on", async (t) => {
  if (!canMount()) {
    t.skip("this machine lets nobody mount a file system of their own");
    return;
  }
  const disk = mkdtempSync(join(tmpdir(), "lumiere-disk-"));
  const words = ["serve", await bundleFolder(), "--store", join(disk, "events.sqlite")];
  const command = 'mount -t tmpfs -o size=2m tmpfs "$0" && exec "$@"';
  const server = spawn(
    "unshare",
    [
      ...[...MOUNT, command, disk, process.execPath, main],
      ...[...words, "--port", "0", "--log", "error", "--json"],
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  t.after(async () => {
    server.kill("SIGKILL");
    await once(server, "exit");
  });
  let logged = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    logged += text;
  });
  const { url } = JSON.parse(String((await once(server.stdout, "data"))[0])) as { url: string };
  const send = (batch: number) =>
    call({ url }, "POST", "/v1/events", {
      events: Array.from({ length: 200 }, (_, at) => ({
        user: `reader ${batch}`,
        item: `i${at % 30}`,
        id: `${batch} ${at} ${"x".repeat(100)}`,
      })),
    });
  let batch = 0;
  let answer = await send(batch);
  while (answer.status === 200) answer = await send(++batch);
  assert.ok(batch >= 3, `full after ${batch} batches`);
  assert.deepEqual([answer.status, answer.body.code], [503, "store-full"]);
  assert.match(logged, /events\.sqlite.*full/);
  const kept = async (user: string) =>
    (await call<{ events: object[] }>({ url }, "GET", `/v1/users/${user}/history?limit=1000`)).body
      .events.length;
  assert.equal(await kept(`reader ${batch}`), 0);
  for (let at = 0; at < batch; at++) assert.equal(await kept(`reader ${at}`), 200);
  const list = await call<RecommendationAnswer>({ url }, "POST", "/v1/recommendations", {
    user: "u1",
  });
  assert.deepEqual([list.status, list.body.routing], [200, "trained"]);
});
