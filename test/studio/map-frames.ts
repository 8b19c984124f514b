/**
 * Frames of the map while 100,000 generated items are moved about in Chromium, each
 * finished by the graphics device before the next begins. Run as a program:
 * `npm run bench:map`. Prints a line of JSON.
 */
import { join } from "node:path";
import { syntheticDataset } from "../../src/data/synthetic.ts";
import { runExperiment } from "../../src/experiment.ts";
import { studioUnderTest } from "./studio-under-test.ts";

const SECONDS = 5;

const under = await studioUnderTest(async (folder) => {
  const dataset = syntheticDataset({ users: 5000, items: 100_000, interactions: 1_000_000 });
  const description = {
    data: "synthetic",
    split: "random:0.9",
    model: "bpr",
    hyperparameters: { epochs: 1, width: 16 },
    output: join(folder, "large"),
  };
  await runExperiment(description, { dataset });
});
try {
  const begin = performance.now();
  const page = await under.open("/map?run=large");
  await page.locator(".beside-list li").first().waitFor({ timeout: 120_000 });
  const loadedMs = performance.now() - begin;
  const measured = await page.evaluate(async (seconds) => {
    const canvas = document.querySelector<HTMLCanvasElement>(".plot canvas")!;
    const gl = canvas.getContext("webgl2")!;
    const { left, top } = canvas.getBoundingClientRect();
    // A pointer that no hand moves cannot be captured.
    canvas.setPointerCapture = () => {};
    const send = (kind: string, x: number, y: number) =>
      canvas.dispatchEvent(
        new PointerEvent(kind, { bubbles: true, clientX: left + x, clientY: top + y }),
      );
    send("pointerdown", 300, 300);
    const frames: number[] = [];
    const begin = performance.now();
    for (let last = begin; last - begin < 1000 * seconds; ) {
      const angle = (last - begin) / 300;
      send("pointermove", 300 + 80 * Math.cos(angle), 300 + 80 * Math.sin(angle));
      await new Promise(requestAnimationFrame);
      gl.finish();
      const now = performance.now();
      frames.push(now - last);
      last = now;
    }
    frames.sort((a, b) => a - b);
    const named = gl.getExtension("WEBGL_debug_renderer_info");
    return {
      device: named && String(gl.getParameter(named.UNMASKED_RENDERER_WEBGL)),
      framesPerSecond: frames.length / seconds,
      medianMs: frames[frames.length >> 1],
      p95Ms: frames[Math.floor(0.95 * frames.length)],
    };
  }, SECONDS);
  console.log(JSON.stringify({ items: 100_000, loadedMs: Math.round(loadedMs), ...measured }));
} finally {
  await under.close();
}
