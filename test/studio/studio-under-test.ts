/**
 * A studio over a few small runs, and a real Chromium that looks at it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { runExperiment } from "../../src/experiment.ts";
import { type RunningStudio, startStudio } from "../../src/studio/server.ts";

/** The browser: the one that CHROMIUM names, else the one on the path; null where there is none. */
function findChromium(): string | null {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, "chromium")).find(existsSync) ?? null;
}

const executablePath = findChromium();

/** For `skip`: false where there is a browser. */
export const noBrowser =
  executablePath === null && "no Chromium here: apt-get install chromium, or name one in CHROMIUM";

export interface PageOptions {
  readonly width?: number;
  readonly dark?: boolean;
  /** Whether answers with an error status belong to what is tested; the browser logs each. */
  readonly refused?: boolean;
}

export interface StudioUnderTest {
  readonly studio: RunningStudio;
  readonly runs: string;
  /** A fresh page; what it logs as an error or asks of another machine fails the test that closes it. */
  open(path: string, options?: PageOptions): Promise<Page>;
  close(): Promise<void>;
}

/** Two models on the same made-up data and cuts, in `first` and `second`. */
export async function makeRuns(folder: string): Promise<void> {
  for (const [name, model, hyperparameters] of [
    ["first", "lightgcn", { epochs: 2, width: 8 }],
    ["second", "popularity", {}],
  ] as const) {
    await runExperiment({
      data: "synthetic",
      split: "random:0.8",
      model,
      hyperparameters,
      output: join(folder, name),
    });
  }
}

/** @param prepare fills the runs folder */
export async function studioUnderTest(
  prepare: (folder: string) => Promise<void> = makeRuns,
): Promise<StudioUnderTest> {
  const runs = mkdtempSync(join(tmpdir(), "lumiere-studio-test-"));
  await prepare(runs);
  const studio = await startStudio({ runs, port: 0 });
  let browser: Browser | null = null;
  const troubles: string[] = [];
  return {
    studio,
    runs,
    async open(path, { width = 1280, dark = false, refused = false } = {}) {
      browser ??= await chromium.launch({
        executablePath: executablePath!,
        args: ["--no-sandbox"],
      });
      const page = await browser.newPage({
        viewport: { width, height: 900 },
        colorScheme: dark ? "dark" : "light",
      });
      page.on("console", (message) => {
        if (refused && message.text().startsWith("Failed to load resource")) return;
        if (message.type() === "error") troubles.push(`${path}: ${message.text()}`);
      });
      page.on("pageerror", (error) => troubles.push(`${path}: ${error.message}`));
      page.on("request", (request) => {
        const url = new URL(request.url());
        if (["http:", "https:"].includes(url.protocol) && url.origin !== studio.url) {
          troubles.push(`${path}: asked ${url.origin}`);
        }
      });
      await page.goto(studio.url + path);
      return page;
    },
    async close() {
      await browser?.close();
      await studio.close();
      rmSync(runs, { recursive: true, force: true });
      assert.deepEqual(troubles, []);
    },
  };
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Fails with every rule of WCAG 2.2 AA and of good practice that the page breaks, and where. */
export async function assertAccessible(page: Page): Promise<void> {
  // The page's own policy forbids scripts that it did not bring; the debugger may add one all the same.
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { violations } = await (
      globalThis as unknown as {
        axe: {
          run(): Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }>;
        };
      }
    ).axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.target).join(" ")}`);
  });
  assert.deepEqual(found, []);
}

/** Fails where the page is wider than its window. */
export async function assertFits(page: Page): Promise<void> {
  const [content, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  assert.ok(content! <= window!, `the page is ${content} wide in a window of ${window}`);
}

/** A studio for all tests of a file: begun before them, closed and its troubles told after them. */
export function studioForTests(
  prepare?: (folder: string) => Promise<void>,
): Pick<StudioUnderTest, "studio" | "runs" | "open"> {
  let under: StudioUnderTest;
  before(async () => {
    under = await studioUnderTest(prepare);
  });
  after(() => under.close());
  return {
    get studio() {
      return under.studio;
    },
    get runs() {
      return under.runs;
    },
    open: (path, options) => under.open(path, options),
  };
}
