import assert from "node:assert/strict";
import { test } from "node:test";
import { RateLimit } from "../../src/serving/rate-limit.ts";

test("twice the rate at once, then the rate; each client for itself", () => {
  let now = 0;
  const limit = new RateLimit(2, () => now);
  for (let at = 0; at < 4; at++) limit.take("a");
  assert.throws(() => limit.take("a"), { status: 429, retryAfter: 1 });
  limit.take("b");
  now = 499;
  assert.throws(() => limit.take("a"), { status: 429 });
  now = 501;
  limit.take("a");
  assert.throws(() => limit.take("a"), { status: 429 });
  now = 1e6;
  for (let at = 0; at < 4; at++) limit.take("a");
  assert.throws(() => limit.take("a"), { status: 429 }, "a long silence saves no more than that");
});

test("clients beyond 10,000 take the place of whoever was silent longest", () => {
  const limit = new RateLimit(1, () => 0);
  const isRefused = (client: string) => {
    try {
      limit.take(client);
      return false;
    } catch {
      return true;
    }
  };
  for (const client of ["quiet", "busy"]) while (!isRefused(client));
  for (let at = 0; at < 9_999; at++) limit.take(`${at}`);
  assert.ok(isRefused("busy"), "asked just now, and still remembered");
  assert.ok(!isRefused("quiet"), "forgotten");
});
