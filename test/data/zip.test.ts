import assert from "node:assert/strict";
import { access, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { LumiereError, StoppedError } from "../../src/base/errors.ts";
import { quietContext } from "../../src/data/context.ts";
import { extractZip } from "../../src/data/zip.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { type ZipEntry, zipOf } from "./zip-writer.ts";

async function archiveOf(test: TestContext, entries: readonly ZipEntry[]) {
  const folder = await temporaryFolder(test);
  const archive = join(folder, "archive.zip");
  await writeFile(archive, zipOf(entries));
  return { folder, archive, target: join(folder, "out") };
}

test("stored and deflated entries, folders and names beyond ASCII come out as they went in", async (context) => {
  const text = "1::2::5::978300760\n".repeat(5000);
  const { archive, target } = await archiveOf(context, [
    { name: "ml/" },
    { name: "ml/ratings.dat", content: text, compressed: true },
    { name: "ml/deep/er/Amélie.txt", content: "stored" },
    { name: "ml/empty" },
  ]);
  const stages: string[] = [];
  await extractZip(archive, target, {
    ...quietContext,
    progress: ({ stage, done, total }) => stages.push(`${stage} ${done}/${total}`),
  });
  assert.equal(await readFile(join(target, "ml/ratings.dat"), "utf8"), text);
  assert.equal(await readFile(join(target, "ml/deep/er/Amélie.txt"), "utf8"), "stored");
  assert.equal(await readFile(join(target, "ml/empty"), "utf8"), "");
  assert.equal(stages.at(-1), "unpack 4/4");
});

const hostile: readonly (readonly [string, readonly ZipEntry[], RegExp])[] = [
  ["climbs out of its folder", [{ name: "../evil.txt", content: "x" }], /relative path|leaves/],
  ["climbs out further down", [{ name: "a/../../evil.txt", content: "x" }], /relative path|leaves/],
  ["is absolute", [{ name: "/evil.txt", content: "x" }], /absolute path|leaves/],
  ["has a Windows drive", [{ name: "C:/evil.txt", content: "x" }], /absolute path|leaves/],
  ["has backslashes", [{ name: "..\\evil.txt", content: "x" }], /invalid characters|leaves/],
  ["is a symbolic link", [{ name: "link", content: "/etc", mode: 0o120777 }], /symbolic link/],
  ["is encrypted", [{ name: "secret", content: "x", compressed: true, flags: 1 }], /encrypted/],
  [
    "comes twice",
    [
      { name: "a", content: "first" },
      { name: "a", content: "second" },
    ],
    /EEXIST/,
  ],
  ["has another checksum", [{ name: "a", content: "x", statedCrc: 7 }], /damaged/],
  [
    "is longer than it says",
    [{ name: "a", content: "x".repeat(5000), statedSize: 10, compressed: true }],
    /too many bytes/,
  ],
];

for (const [what, entries, reason] of hostile) {
  test(`an entry that ${what} is refused, and nothing is written outside`, async (context) => {
    const { folder, archive, target } = await archiveOf(context, entries);
    await assert.rejects(extractZip(archive, target, quietContext), (error) => {
      assert.ok(error instanceof LumiereError);
      assert.equal(error.code, "archive");
      assert.match(error.message, reason);
      assert.ok(error.message.includes(archive));
      return true;
    });
    const beside = (await readdir(folder)).filter((name) => name !== "out");
    assert.deepEqual(beside, ["archive.zip"]);
    await assert.rejects(access("/evil.txt"));
  });
}

test("an archive that swells beyond its bounds stops early", async (context) => {
  const bomb = { name: "zeros", content: Buffer.alloc(30_000_000), compressed: true };
  const { archive, target } = await archiveOf(context, [bomb]);
  await assert.rejects(extractZip(archive, target, quietContext), /unpacks to more than \d+ bytes/);
  const written = await readFile(join(target, "zeros"));
  // 30 MB of zeros deflate a thousandfold; two hundredfold is where it ends.
  assert.ok(written.length < 10_000_000, `${written.length} bytes written`);
});

test("several entries share the bounds; too many entries are refused", async (context) => {
  const entries = Array.from({ length: 5 }, (_, at) => ({ name: `e${at}`, content: "12345678" }));
  const { archive, target } = await archiveOf(context, entries);
  const bounds = { entries: 5, bytes: 39, ratio: 200 };
  await assert.rejects(extractZip(archive, `${target}1`, quietContext, bounds), /more than 39/);
  await extractZip(archive, `${target}2`, quietContext, { ...bounds, bytes: 40 });
  await assert.rejects(
    extractZip(archive, `${target}3`, quietContext, { ...bounds, entries: 4 }),
    /more than 4 entries/,
  );
});

test("what is no archive, or is cut off, is refused", async (context) => {
  const folder = await temporaryFolder(context);
  const whole = zipOf([{ name: "a", content: "x".repeat(100) }]);
  for (const bytes of [
    Buffer.from("<html>not found</html>"),
    whole.subarray(0, 80),
    Buffer.alloc(0),
  ]) {
    const archive = join(folder, "archive.zip");
    await writeFile(archive, bytes);
    await assert.rejects(extractZip(archive, join(folder, "out"), quietContext), {
      code: "archive",
      message: /not a readable zip archive/,
    });
  }
});

test("unpacking stops when it is asked to", async (context) => {
  const { archive, target } = await archiveOf(context, [{ name: "a", content: "x" }]);
  const signal = AbortSignal.abort();
  await assert.rejects(extractZip(archive, target, { ...quietContext, signal }), StoppedError);
});
