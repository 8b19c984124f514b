import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { listWriter } from "../../src/cli/list-writer.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-list-writer-"));
after(() => rmSync(folder, { recursive: true }));

const rows = [
  { user: "a", rank: 1, item: "x,y", score: 0.5 },
  { user: "a", rank: 2, item: 'quo"te', score: 0.25 },
  { user: "é\n漢", rank: 1, item: " z ", score: -1.5 },
];

async function written(name: string): Promise<string> {
  const path = join(folder, name);
  const writer = await listWriter(path);
  await writer.write(rows.slice(0, 2));
  await writer.write(rows.slice(2));
  await writer.finish();
  return path;
}

describe("list writer", () => {
  it("writes CSV with quotes where they are needed", async () => {
    assert.equal(
      readFileSync(await written("a.csv"), "utf8"),
      'user,rank,item,score\na,1,"x,y",0.5\na,2,"quo""te",0.25\n"é\n漢",1, z ,-1.5\n',
    );
  });

  it("writes one JSON object a line", async () => {
    const lines = readFileSync(await written("sub/a.jsonl"), "utf8")
      .trimEnd()
      .split("\n");
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      rows,
    );
  });

  it("writes Parquet in the same order and types", async () => {
    const path = await written("it's.parquet");
    const connection = await (await DuckDBInstance.create()).connect();
    const table = await connection.runAndReadAll(
      `select *, typeof(rank), typeof(score) from '${path.replaceAll("'", "''")}'`,
    );
    assert.deepEqual(
      table.getRows(),
      rows.map(({ user, rank, item, score }) => [user, rank, item, score, "INTEGER", "FLOAT"]),
    );
    connection.closeSync();
  });

  for (const ending of ["csv", "jsonl", "parquet"]) {
    it(`keeps the old .${ending} file and leaves nothing else when the work is given up`, async () => {
      const path = join(folder, "kept", `old.${ending}`);
      const first = await listWriter(path);
      await first.discard();
      writeFileSync(path, "old");
      const writer = await listWriter(path);
      await writer.write(rows);
      await writer.discard();
      assert.equal(readFileSync(path, "utf8"), "old");
      assert.deepEqual(readdirSync(join(folder, "kept")), [`old.${ending}`]);
      rmSync(join(folder, "kept"), { recursive: true });
    });
  }

  it("says which endings there are", async () => {
    await assert.rejects(
      listWriter("lists.xlsx"),
      /--out lists\.xlsx: found "\.xlsx", expected \.csv, \.jsonl or \.parquet/,
    );
    await assert.rejects(listWriter("lists"), /found no ending/);
  });
});
