import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { catalogue } from "../../src/data/catalogue.ts";
import { quietContext } from "../../src/data/context.ts";
import type { DownloadPatience } from "../../src/data/download.ts";
import { cacheRoot, locate } from "../../src/data/locate.ts";
import { type Obtainable, type OfficialDownload, obtain } from "../../src/data/obtain.ts";
import { addressOfNobody, serveFiles } from "./file-server.ts";
import { recordingContext } from "./scratch.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { zipOf } from "./zip-writer.ts";

const patience: DownloadPatience = { tries: 2, firstPause: 1, stall: 5_000 };

const signs = { name: "tiny", folders: ["ml-tiny", "tiny"], requiredFiles: ["u.data", "u.item"] };

function datasetAt(download: OfficialDownload): Obtainable {
  return { ...signs, title: "Tiny films", licence: "for tests alone", download };
}

const archive = zipOf([
  { name: "ml-tiny/" },
  { name: "ml-tiny/u.data", content: "1\t1\t5\t0\n" },
  { name: "ml-tiny/u.item", content: "1|Toy Story (1995)\n", compressed: true },
]);
const md5 = (content: Buffer) =>
  ({ algorithm: "md5", value: createHash("md5").update(content).digest("hex") }) as const;

async function put(folder: string, ...files: string[]): Promise<void> {
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), "");
  }
}

test("LUMIERE_DATA goes before the cache; a folder counts only with all of its files", async (context) => {
  const root = await temporaryFolder(context);
  const [data, cache] = [join(root, "data"), join(root, "cache")];
  const environment = { LUMIERE_DATA: data, XDG_CACHE_HOME: cache };
  await mkdir(data);
  assert.equal(await locate(signs, environment), null);
  const cached = join(cache, "lumiere", "datasets", "tiny");
  await put(cached, "ml-tiny/u.data", "ml-tiny/u.item");
  await put(data, "tiny/u.data");
  assert.deepEqual(await locate(signs, environment), {
    kind: "cache",
    path: join(cached, "ml-tiny"),
  });
  // One level deeper, by its other name, by its official name: each better than the one before.
  for (const folder of ["films/tiny", "tiny", "ml-tiny"]) {
    await put(data, `${folder}/u.data`, `${folder}/u.item`);
    const found = await locate(signs, environment);
    assert.deepEqual(found, { kind: "folder", path: join(data, folder) });
  }
  // LUMIERE_DATA may name the dataset's own folder.
  const own = join(data, "films/tiny");
  assert.equal((await locate(signs, { LUMIERE_DATA: own }))?.path, own);
});

test("LUMIERE_DATA that names nothing, or a file: an error that says what to do", async (context) => {
  const root = await temporaryFolder(context);
  await put(root, "file");
  for (const name of ["missing", "file"]) {
    await assert.rejects(locate(signs, { LUMIERE_DATA: join(root, name) }), {
      code: "data-root",
      exitCode: 2,
      message: /LUMIERE_DATA names .*point it to the folder/,
    });
  }
});

test("the cache follows XDG_CACHE_HOME, else the home folder", () => {
  assert.equal(cacheRoot({ XDG_CACHE_HOME: "/somewhere", HOME: "/home/me" }), "/somewhere/lumiere");
  assert.equal(cacheRoot({ HOME: "/home/me" }), "/home/me/.cache/lumiere");
});

test("an archive is fetched once, into the cache, and its licence shown once", async (context) => {
  const root = await temporaryFolder(context);
  const environment = { XDG_CACHE_HOME: root };
  const server = await serveFiles(context, { "ml-tiny.zip": archive });
  const url = server.url("ml-tiny.zip");
  const dataset = datasetAt({ kind: "archive", url, checksum: md5(archive) });
  const notices: string[] = [];
  const telling = { ...quietContext, notice: (line: string) => notices.push(line) };
  const folder = await obtain(dataset, telling, environment, patience);
  assert.equal(await readFile(join(folder, "u.item"), "utf8"), "1|Toy Story (1995)\n");
  assert.equal(await obtain(dataset, telling, environment, patience), folder);
  assert.equal(server.asked.length, 1);
  assert.equal(notices.length, 1);
  assert.match(notices[0]!, /Tiny films.*for tests alone/);
  // Neither the archive nor anything temporary stays.
  assert.deepEqual(await readdir(join(root, "lumiere", "datasets")), ["tiny"]);
  assert.deepEqual(await readdir(join(root, "lumiere", "downloads")), []);
});

test("where nobody answers, nothing is announced", async (context) => {
  const environment = { XDG_CACHE_HOME: await temporaryFolder(context) };
  const dataset = datasetAt({ kind: "archive", url: await addressOfNobody(), checksum: null });
  const program = recordingContext();
  await assert.rejects(obtain(dataset, program.context, environment, patience), {
    code: "download",
  });
  assert.deepEqual(program.notices, []);
});

test("single files: an interrupted run goes on with the file it got to", async (context) => {
  const environment = { XDG_CACHE_HOME: await temporaryFolder(context) };
  const [data, item] = [Buffer.from("1\t1\t5\t0\n"), Buffer.from("1|Toy Story (1995)\n")];
  const server = await serveFiles(context, { "u.data": data });
  const dataset = datasetAt({
    kind: "files",
    files: [
      { name: "u.data", url: server.url("u.data"), checksum: md5(data) },
      { name: "u.item", url: server.url("u.item"), checksum: md5(item) },
    ],
  });
  await assert.rejects(obtain(dataset, quietContext, environment, patience), {
    code: "download-missing",
  });
  assert.equal(await locate(signs, environment), null);
  server.files = { "u.item": item };
  const folder = await obtain(dataset, quietContext, environment, patience);
  assert.deepEqual((await readdir(folder)).sort(), ["u.data", "u.item"]);
  assert.deepEqual(
    server.asked.map(({ path }) => path),
    ["u.data", "u.item", "u.item"],
  );
});

test("files missing from the cache bring a new download", async (context) => {
  const environment = { XDG_CACHE_HOME: await temporaryFolder(context) };
  const server = await serveFiles(context, { "ml-tiny.zip": archive });
  const url = server.url("ml-tiny.zip");
  const dataset = datasetAt({ kind: "archive", url, checksum: null });
  const folder = await obtain(dataset, quietContext, environment, patience);
  await rm(join(folder, "u.data"));
  assert.equal(await obtain(dataset, quietContext, environment, patience), folder);
  assert.deepEqual((await readdir(folder)).sort(), ["u.data", "u.item"]);
});

const unusable: readonly (readonly [string, Buffer, RegExp])[] = [
  [
    "climbs out of its folder",
    zipOf([{ name: "../u.data", content: "x" }]),
    /relative path|leaves/,
  ],
  ["is a web page", Buffer.from("<html>moved</html>"), /not a readable zip/],
  [
    "holds other files",
    zipOf([{ name: "README", content: "x" }]),
    /does not hold u\.data, u\.item/,
  ],
];

for (const [what, content, reason] of unusable) {
  test(`an archive that ${what} is refused and never counts as the dataset`, async (context) => {
    const root = await temporaryFolder(context);
    const environment = { XDG_CACHE_HOME: root };
    const server = await serveFiles(context, { "ml-tiny.zip": content });
    const url = server.url("ml-tiny.zip");
    const dataset = datasetAt({ kind: "archive", url, checksum: null });
    await assert.rejects(obtain(dataset, quietContext, environment, patience), {
      code: "archive",
      message: reason,
    });
    assert.equal(await locate(signs, environment), null);
    // Mended on the server, it works without anybody deleting anything.
    server.files = { "ml-tiny.zip": archive };
    await obtain(dataset, quietContext, environment, patience);
  });
}

test("of two programs that want the same dataset, one fetches it and the other waits", async (context) => {
  const root = await temporaryFolder(context);
  const server = await serveFiles(context, { "ml-tiny.zip": archive });
  const url = server.url("ml-tiny.zip");
  const dataset = datasetAt({ kind: "archive", url, checksum: md5(archive) });
  const [first, second] = [recordingContext(), recordingContext()];
  const folders = await Promise.all(
    [first, second].map((program) =>
      obtain(dataset, program.context, { XDG_CACHE_HOME: root }, patience),
    ),
  );
  assert.equal(folders[0], folders[1]);
  assert.equal(server.asked.length, 1);
  const notices = [first, second].map((program) => program.notices.join(" | ")).sort();
  assert.match(notices[0]!, /^Another program is downloading Tiny films; waiting for it\.$/);
  assert.match(notices[1]!, /^Downloading Tiny films .*Licence: for tests alone$/);
  assert.deepEqual(await readdir(join(root, "lumiere", "downloads")), []);
});

test("a cache that is no folder: an error that says what to do", async (context) => {
  const root = await temporaryFolder(context);
  await put(root, "lumiere");
  const server = await serveFiles(context, { "ml-tiny.zip": archive });
  const url = server.url("ml-tiny.zip");
  const dataset = datasetAt({ kind: "archive", url, checksum: null });
  await assert.rejects(obtain(dataset, quietContext, { XDG_CACHE_HOME: root }, patience), {
    code: "download-cache",
    message: /XDG_CACHE_HOME/,
  });
  assert.equal(server.asked.length, 0);
});

/** The folder inside each official archive. */
const ARCHIVES = {
  "ml-100k": "ml-100k",
  "ml-1m": "ml-1m",
  "ml-10m": "ml-10M100K",
  "ml-20m": "ml-20m",
  "ml-25m": "ml-25m",
  "ml-latest-small": "ml-latest-small",
} as const;

test("every archive of the catalogue is found by the folder it unpacks to", async (context) => {
  const environment = { XDG_CACHE_HOME: await temporaryFolder(context) };
  for (const entry of catalogue) {
    if (entry.download.kind !== "archive") continue;
    const inside = ARCHIVES[entry.name as keyof typeof ARCHIVES];
    const body = zipOf(entry.requiredFiles.map((file) => ({ name: `${inside}/${file}` })));
    const server = await serveFiles(context, { "a.zip": body });
    const download = { kind: "archive", url: server.url("a.zip"), checksum: null } as const;
    const folder = await obtain({ ...entry, download }, quietContext, environment, patience);
    assert.equal(folder, join(environment.XDG_CACHE_HOME, "lumiere/datasets", entry.name, inside));
  }
});

test("official downloads are over TLS, from the publisher, with a checksum wherever one is stated", () => {
  const unstated: string[] = [];
  for (const { name, download, requiredFiles } of catalogue) {
    const files = download.kind === "archive" ? [download] : download.files;
    for (const { url, checksum } of files) {
      const host =
        download.kind === "archive" ? "files.grouplens.org" : "raw.githubusercontent.com";
      assert.deepEqual([new URL(url).protocol, new URL(url).host], ["https:", host]);
      // A file of a repository is one of a fixed commit.
      if (download.kind === "files") assert.match(url, /\/[0-9a-f]{40}\//);
      if (checksum === null) unstated.push(name);
      else
        assert.match(
          checksum.value,
          checksum.algorithm === "md5" ? /^[0-9a-f]{32}$/ : /^[0-9a-f]{40}$/,
        );
    }
    if (download.kind === "files") {
      assert.deepEqual(download.files.map((file) => file.name).sort(), [...requiredFiles].sort());
    }
  }
  // This one changes with every release.
  assert.deepEqual(unstated, ["ml-latest-small"]);
});
