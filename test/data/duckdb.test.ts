import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { quietContext } from "../../src/data/context.ts";
import { withDuckDB } from "../../src/data/duckdb.ts";

test("DuckDB reads with the threads that it is given, or with every core", async () => {
  const threadsOf = (threads?: number) =>
    withDuckDB({ ...quietContext, threads }, async ({ rows }) => {
      const [[found] = []] = await rows("SELECT current_setting('threads')");
      return Number(found);
    });
  assert.equal(await threadsOf(1), 1);
  assert.equal(await threadsOf(3), 3);
  assert.equal(await threadsOf(), availableParallelism());
});
