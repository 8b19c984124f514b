import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { writeMovies } from "./small-movies.ts";
import { start } from "./spawned.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-terminal-"));
after(() => rmSync(folder, { recursive: true }));

/** util-linux's `script` gives a program a terminal of its own; others of that name take other flags. */
const noTerminal =
  !/util-linux/.test(spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? "") &&
  "no util-linux script here: apt-get install bsdutils";

test("the demo under a terminal opens the studio on its run, and Ctrl-C ends it", {
  skip: noTerminal,
}, async () => {
  writeMovies(join(folder, "data"));
  const opened = join(folder, "opened.txt");
  const browser = join(folder, "browser");
  writeFileSync(browser, `#!/bin/sh\necho "$1" >> '${opened}'\n`, { mode: 0o755 });
  const main = join(import.meta.dirname, "..", "..", "src", "cli", "main.ts");
  const words = `demo --studio --epochs 2 --out '${join(folder, "runs", "demo")}'`;
  const child = spawn(
    "script",
    ["-qec", `exec '${process.execPath}' '${main}' ${words}`, "/dev/null"],
    {
      // Nothing of the desktop that this may run on, whose own browser would open.
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        TMPDIR: folder,
        LUMIERE_DATA: join(folder, "data"),
        BROWSER: browser,
      },
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    said += part;
  });
  const address = () => /is at (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
  const until = async (reached: () => boolean, what: string) => {
    for (const end = performance.now() + 60_000; !reached(); await wait(50)) {
      assert.ok(child.exitCode === null && performance.now() < end, `${what}: ${said}`);
    }
  };
  await until(() => address() !== undefined, "the studio is there");
  const { runs } = await (await fetch(`${address()}/api/runs`)).json();
  assert.deepEqual(
    runs.map(({ id }: { id: string }) => id),
    ["demo"],
  );
  // A run that is open has a folder for its events, which goes with it.
  assert.equal((await fetch(`${address()}/runs/demo/v1/models`)).status, 200);
  const scratch = () => readdirSync(folder).filter((name) => name.startsWith("lumiere-studio-"));
  assert.equal(scratch().length, 1);
  await until(() => existsSync(opened), "the page is opened");
  assert.equal(readFileSync(opened, "utf8").trim(), address());
  child.stdin.write("\x03");
  assert.equal(await ended, 0, said);
  assert.match(said, /stopping cleanly/);
  assert.deepEqual(scratch(), []);
});

test("the same Ctrl-C may come twice, as npm sends it; the studio ends cleanly all the same", async () => {
  const { process: child, finished } = start([
    ...["studio", join(folder, "none"), "--port", "0", "--no-browser"],
  ]);
  const [said] = await once(child.stdout!, "data");
  // A request that is still being sent keeps the studio from closing at once.
  const { port } = new URL(/is at (\S+);/.exec(String(said))![1]!);
  const socket = connect(Number(port), "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write("POST /api/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{");
  await wait(200);
  child.kill("SIGINT");
  await once(child.stderr!, "data");
  child.kill("SIGINT");
  const { code, stderr } = await finished;
  socket.destroy();
  assert.equal(code, 0, stderr);
});
