/** Databases and object stores: the SQL that is sent, the errors without a network, no secrets shown. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { quietContext } from "../../src/data/context.ts";
import { withDuckDB } from "../../src/data/duckdb.ts";
import { chooseTable, explainQuery } from "../../src/data/relation.ts";
import {
  attachedRelation,
  attachPostgresSql,
  loadExtension,
  storeSecretSql,
} from "../../src/data/remote.ts";
import { describeSource, sourceOf } from "../../src/data/source.ts";
import { rejectsInput, scratchFolder, write } from "./scratch.ts";

const folder = scratchFolder();

describe("what a text names", () => {
  for (const [text, kind] of [
    ["SELECT * FROM t", "sql"],
    ["  select\n1", "sql"],
    ["WITH a AS (SELECT 1) FROM a;", "sql"],
    ["FROM 'a.parquet'", "sql"],
    ["/* all */ -- of it\n FROM t", "sql"],
    ["VALUES (1, 2)", "sql"],
    ["postgres://u:p@h/db", "postgres"],
    ["postgresql://h/db", "postgres"],
    ["s3://bucket/a.csv", "object-store"],
    ["gs://bucket/a.csv", "object-store"],
    ["https://h/a.csv", "web"],
    ["HTTP://h/a.csv", "web"],
    ["selection.csv", "path"],
    ["from.csv", "path"],
    ["./with space/a.csv", "path"],
    ["C:\\data\\a.csv", "path"],
  ] as const) {
    test(JSON.stringify(text), () => assert.equal(sourceOf(text).kind, kind));
  }

  test("a file that is there goes before SQL that its name could be", () => {
    const [names, before] = [["Table 1.csv", "with space.csv", "from shop.csv"], process.cwd()];
    process.chdir(folder);
    try {
      for (const name of names) {
        assert.equal(sourceOf(name).kind, "sql", name);
        write(folder, name, "user,item\n1,2\n");
        assert.deepEqual(sourceOf(name), { kind: "path", path: name });
      }
    } finally {
      process.chdir(before);
    }
  });

  test("reports show no passwords and no signatures", () => {
    const shown = (text: string) => describeSource(sourceOf(text));
    assert.equal(
      shown("postgres://me:secret@host:5432/shop?sslmode=x"),
      "postgres://host:5432/shop",
    );
    assert.equal(shown("https://host/a.csv?X-Amz-Signature=secret"), "https://host/a.csv");
    assert.equal(shown("s3://bucket/a.parquet?s3_access_key_id=secret"), "s3://bucket/a.parquet");
    assert.equal(shown("SELECT *\n  FROM t ;"), "SQL query: SELECT * FROM t");
  });
});

describe("SQL that is sent", () => {
  test("PostgreSQL is attached read only, quotes doubled", () => {
    assert.equal(
      attachPostgresSql("postgres://u:it's@host/db"),
      "ATTACH 'postgres://u:it''s@host/db' AS remote (TYPE postgres, READ_ONLY)",
    );
  });

  test("keys of an object store come from the environment of the AWS tools", () => {
    assert.equal(storeSecretSql({}), null);
    const keys = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "it's", AWS_REGION: "eu" };
    assert.equal(
      storeSecretSql(keys),
      "CREATE SECRET (TYPE s3, KEY_ID 'id', SECRET 'it''s', REGION 'eu')",
    );
    assert.equal(
      storeSecretSql({ AWS_SESSION_TOKEN: "t", AWS_ENDPOINT_URL: "http://127.0.0.1:9000" }),
      "CREATE SECRET (TYPE s3, SESSION_TOKEN 't', ENDPOINT '127.0.0.1:9000', URL_STYLE 'path', USE_SSL false)",
    );
  });

  test("a table is chosen only where there is no choice", async () => {
    assert.equal(chooseTable("db", ["only"], undefined), "only");
    assert.equal(chooseTable("db", ["a", "shop.b"], "shop.b"), "shop.b");
    const choose = async (tables: readonly string[], wanted?: string) =>
      chooseTable("db", tables, wanted);
    await rejectsInput(choose([]), "table", "no tables");
    await rejectsInput(choose(["a", "b"]), "table", "2 tables (a, b)", "--table");
    await rejectsInput(choose(["ratings"], "rating"), "table", "did you mean --table ratings?");
  });
});

test("tables of an attached database: by name, with or without a schema", () =>
  withDuckDB(quietContext, async (workbench) => {
    const { connection } = workbench;
    // Any database serves: what is attached as `remote` is asked in the same SQL.
    await connection.run("ATTACH ':memory:' AS remote");
    await connection.run("CREATE SCHEMA remote.public; CREATE SCHEMA remote.shop");
    await connection.run(
      'CREATE TABLE remote.public."my ratings" AS SELECT 1 AS user_id, 2 AS item',
    );
    const columns = async (table?: string) =>
      (await attachedRelation("db", table, workbench)).shape.columns;
    assert.deepEqual(await columns(), ["user_id", "item"]);
    await connection.run(
      "CREATE TABLE remote.shop.sales AS SELECT 1 AS customer, 2 AS sku, 3 AS n",
    );
    assert.deepEqual(await columns("my ratings"), ["user_id", "item"]);
    assert.deepEqual(await columns("shop.sales"), ["customer", "sku", "n"]);
    await rejectsInput(columns(), "table", "2 tables", "my ratings", "shop.sales");
    const relation = await attachedRelation("db", "shop.sales", workbench);
    const sql = await relation.select({ user: 0, item: 1, rating: 2, time: null });
    assert.deepEqual(await workbench.rows(sql), [["1", "2", "3", null]]);
  }));

test("an extension that cannot be had: its name, and two ways out", () =>
  withDuckDB(quietContext, (workbench) =>
    rejectsInput(
      loadExtension("no_such_extension", "s3://bucket/a.csv", workbench),
      "extension",
      "s3://bucket/a.csv",
      '"no_such_extension"',
      "network connection",
      "CSV or Parquet",
    ),
  ));

test("DuckDB's own words about a missing extension become the same error", () => {
  const words =
    "Extension Autoloading Error: An error occurred while trying to automatically install the required extension 'httpfs':\nFailed to download extension";
  const explained = explainQuery("SQL query", "sql", new Error(words));
  assert.match(explained.message, /extension "httpfs", which is not installed/);
});
