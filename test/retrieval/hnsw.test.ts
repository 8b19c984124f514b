import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { LumiereError } from "../../src/base/errors.ts";
import { HnswIndex, hnswSchema } from "../../src/retrieval/hnsw.ts";
import { best, table } from "./tables.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-hnsw-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const [items, width, users] = [1500, 12, 30];
const vectors = table(items, width, 1);
const queries = table(users, width, 2);
const settings = hnswSchema.parse({});
const index = HnswIndex.build(vectors, width, settings);

describe("HNSW index", () => {
  it("finds nearly all of the largest inner products", () => {
    const { indptr, indices } = index.candidates(queries, 10, null);
    let found = 0;
    for (let user = 0; user < users; user++) {
      const proposed = new Set(indices.slice(indptr[user], indptr[user + 1]));
      found += best(vectors, queries, width, user, 10).filter((item) => proposed.has(item)).length;
    }
    assert.ok(found / (10 * users) > 0.95, `recall ${found / (10 * users)}`);
  });

  it("proposes as many as asked for beside the masked ones, and none of those", () => {
    const masked = {
      indptr: Int32Array.from({ length: users + 1 }, (_, row) => 100 * row),
      indices: Int32Array.from(
        Array.from({ length: users }, (_, user) =>
          best(vectors, queries, width, user, 100).sort((a, b) => a - b),
        ).flat(),
      ),
    };
    const { indptr, indices } = index.candidates(queries, 20, masked);
    for (let user = 0; user < users; user++) {
      const proposed = indices.slice(indptr[user], indptr[user + 1]);
      const hidden = new Set(masked.indices.slice(100 * user, 100 * (user + 1)));
      assert.ok(proposed.length >= 20);
      assert.ok(proposed.every((item) => !hidden.has(item)));
      assert.equal(new Set(proposed).size, proposed.length);
    }
  });

  it("comes back from disk as it was, and says so where it holds other items", () => {
    const path = join(folder, "index.usearch");
    index.save(path);
    const loaded = HnswIndex.load(path, items, width, settings);
    assert.deepEqual(loaded.candidates(queries, 5, null), index.candidates(queries, 5, null));
    const refused = (error: unknown) =>
      error instanceof LumiereError && error.code === "index-file";
    assert.throws(() => HnswIndex.load(path, items + 1, width, settings), refused);
  });
});
