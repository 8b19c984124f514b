/** Downloads: whole, resumed after a cut or a stop, checked, and clear when they fail. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { LumiereError, StoppedError } from "../../src/base/errors.ts";
import { checksumOf } from "../../src/data/checksum.ts";
import { quietContext } from "../../src/data/context.ts";
import { downloadFile } from "../../src/data/download.ts";
import { ingest } from "../../src/data/ingest.ts";
import { addressOfNobody, type Behaviour, serveFiles } from "./file-server.ts";
import {
  read,
  recordingContext,
  rejectsInput,
  rejectsWith,
  scratchFolder,
  write,
} from "./scratch.ts";

const folder = scratchFolder();
const patience = { tries: 3, firstPause: 5, stall: 5_000 };
const body = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 31) & 0xff));
const md5 = (content: Uint8Array) => createHash("md5").update(content).digest("hex");
const checksum = { algorithm: "md5", value: md5(body) } as const;

/** A server of the file, and a place for it; cuts wait until the part has what was sent. */
async function begin(context: TestContext, behaviour: Partial<Behaviour> = {}) {
  const path = join(mkdtempSync(join(folder, "d-")), "deep", "file.bin");
  const part = `${path}.part`;
  const kept = () => (existsSync(part) ? statSync(part).size : 0);
  const server = await serveFiles(context, { "file.bin": body }, { kept, ...behaviour });
  const ranges = () => server.asked.map(({ range }) => range ?? "whole");
  return { path, part, server, ranges, url: server.url("file.bin") };
}

describe("whole files", () => {
  test("arrive with progress, and nothing else stays", async (context) => {
    const { path, url } = await begin(context);
    const { context: told, events } = recordingContext();
    await downloadFile({ url, path, checksum }, told, patience);
    assert.deepEqual(readFileSync(path), body);
    assert.deepEqual(readdirSync(join(path, "..")), ["file.bin"]);
    const [done, total] = [body.length, body.length];
    assert.deepEqual(events.at(-1), { stage: "download file.bin", done, total, unit: "bytes" });
  });

  test("without a stated length", async (context) => {
    const { path, url } = await begin(context, { lengthless: true });
    await downloadFile({ url, path, checksum }, quietContext, patience);
    assert.deepEqual(readFileSync(path), body);
  });

  test("checksums: MD5, SHA-256 and git's blob hash of known files", async () => {
    const path = write(folder, "hello.txt", "hello\n");
    assert.equal(await checksumOf(path, "md5"), "b1946ac92492d2347c6235b4d2611184");
    // `git hash-object` of a file that holds "hello" and a line feed.
    assert.equal(await checksumOf(path, "git-blob"), "ce013625030ba8dba906f756967f9e9ca394464a");
    const sha256 = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
    assert.equal(await checksumOf(path, "sha256"), sha256);
  });
});

describe("resumed transfers", () => {
  test("a cut connection goes on where it broke", async (context) => {
    const { path, url, ranges } = await begin(context, { cuts: [30_000, 20_000] });
    await downloadFile({ url, path, checksum }, quietContext, patience);
    assert.deepEqual(readFileSync(path), body);
    assert.deepEqual(ranges(), ["whole", "bytes=30000-", "bytes=50000-"]);
  });

  test("a later run goes on with the part of an earlier one", async (context) => {
    const { path, part, url, server, ranges } = await begin(context, { cuts: [40_000] });
    // The first connection is cut; then the server is out of order.
    const once = { ...patience, tries: 1 };
    await rejectsWith(downloadFile({ url, path, checksum }, quietContext, once), "download");
    server.statuses = [503, 503, 503];
    await rejectsWith(
      downloadFile({ url, path, checksum }, quietContext, patience),
      "download",
      "503",
    );
    assert.deepEqual(readFileSync(part), body.subarray(0, 40_000));
    assert.ok(!existsSync(path));
    await downloadFile({ url, path, checksum }, quietContext, patience);
    assert.deepEqual(readFileSync(path), body);
    assert.equal(ranges().at(-1), "bytes=40000-");
  });

  test("a file that changed meanwhile is fetched anew, also without a checksum", async (context) => {
    const { path, url, server } = await begin(context, { cuts: [40_000] });
    const once = { ...patience, tries: 1 };
    await rejectsWith(downloadFile({ url, path, checksum: null }, quietContext, once), "download");
    const changed = Buffer.alloc(60_000, "new");
    server.files = { "file.bin": changed };
    await downloadFile({ url, path, checksum: null }, quietContext, patience);
    assert.deepEqual(readFileSync(path), changed);
  });

  test("a part whose version nobody knows is not trusted", async (context) => {
    const { path, part, url } = await begin(context, { tagless: true, cuts: [40_000] });
    await downloadFile({ url, path, checksum: null }, quietContext, patience);
    assert.deepEqual(readFileSync(path), body);
    writeFileSync(part, "something else");
    await downloadFile({ url, path, checksum: null }, quietContext, patience);
    assert.deepEqual(readFileSync(path), body);
  });

  test("a server without ranges sends the whole file again", async (context) => {
    const { path, url, ranges } = await begin(context, { rangeless: true, cuts: [40_000] });
    await downloadFile({ url, path, checksum }, quietContext, patience);
    assert.deepEqual(readFileSync(path), body);
    assert.deepEqual(ranges(), ["whole", "bytes=40000-"]);
  });

  test("a part of other bytes or of too many is fetched anew", async (context) => {
    for (const length of [40_000, body.length + 1]) {
      const { path, part, url } = await begin(context, { cuts: [40_000] });
      const once = { ...patience, tries: 1 };
      await rejectsWith(downloadFile({ url, path, checksum }, quietContext, once), "download");
      writeFileSync(part, Buffer.alloc(length));
      await downloadFile({ url, path, checksum }, quietContext, patience);
      assert.deepEqual(readFileSync(path), body);
    }
  });

  test("a connection that falls silent is given up and resumed", async (context) => {
    const { path, url, server, ranges } = await begin(context, { stallAfter: 10_000 });
    const work = downloadFile({ url, path, checksum }, quietContext, { ...patience, stall: 400 });
    // Whatever asks again is answered in full.
    await new Promise((resolve) => setTimeout(resolve, 200));
    delete server.stallAfter;
    await work;
    assert.deepEqual(readFileSync(path), body);
    assert.equal(ranges().length, 2);
  });

  test("a stop keeps the part", async (context) => {
    const { path, part, url, server } = await begin(context, { stallAfter: 10_000 });
    const controller = new AbortController();
    const progress = ({ done }: { readonly done: number }) => {
      if (done === 10_000) controller.abort();
    };
    const told = { ...quietContext, progress, signal: controller.signal };
    await assert.rejects(downloadFile({ url, path, checksum }, told, patience), StoppedError);
    assert.deepEqual(readFileSync(part), body.subarray(0, 10_000));
    delete server.stallAfter;
    await downloadFile({ url, path, checksum }, quietContext, patience);
    assert.deepEqual(readFileSync(path), body);
  });
});

describe("failures", () => {
  test("wrong checksum: both are named, nothing stays", async (context) => {
    const { path, url } = await begin(context);
    const wrong = { algorithm: "md5", value: "0".repeat(32) } as const;
    await rejectsWith(
      downloadFile({ url, path, checksum: wrong }, quietContext, patience),
      "download-checksum",
      md5(body),
      "0".repeat(32),
      "LUMIERE_DATA",
    );
    assert.deepEqual(readdirSync(join(path, "..")), []);
  });

  test("no such file is bad input, and is not tried again", async (context) => {
    const { path, server } = await begin(context);
    const nothing = { url: server.url("nothing"), path, checksum: null };
    await rejectsInput(
      downloadFile(nothing, quietContext, patience),
      "download-missing",
      "HTTP 404",
      "check the address",
    );
    assert.equal(server.asked.length, 1);
    const noAddress = { url: "http://", path, checksum: null };
    await rejectsInput(downloadFile(noAddress, quietContext, patience), "download-missing");
  });

  test("a server out of order for a moment is tried again", async (context) => {
    const { path, url, server } = await begin(context, { statuses: [500, 503] });
    await downloadFile({ url, path, checksum }, quietContext, patience);
    assert.equal(server.asked.length, 3);
  });

  test("nobody there: at once, with the way out", async (context) => {
    const { path } = await begin(context);
    const started = performance.now();
    await rejectsWith(
      downloadFile({ url: await addressOfNobody(), path, checksum: null }, quietContext),
      "download",
      "127.0.0.1",
      "LUMIERE_DATA",
    );
    assert.ok(performance.now() - started < 5_000);
  });
});

describe("web addresses as data", () => {
  test("a failed one says nothing of datasets of the catalogue", async () => {
    const nobody = await addressOfNobody();
    await assert.rejects(read(nobody), (error: unknown) => {
      assert.ok(error instanceof LumiereError);
      assert.match(error.message, /cannot be downloaded .* pass that copy with --data/);
      assert.doesNotMatch(error.message, /LUMIERE_DATA/);
      return true;
    });
  });

  test("a file on a web server is read like one on disk", async (context) => {
    const csv = Buffer.from("user,item,rating\nu,i,3\nv,j,4\n");
    const server = await serveFiles(context, { "data/ratings.csv?key=secret": csv });
    const url = server.url("data/ratings.csv?key=secret");
    const rows = await ingest({ kind: "web", url }, {}, { minRating: 4 }, quietContext);
    assert.deepEqual(rows.users.ids, ["v"]);
  });

  test("errors name the address, without its secrets and without our copy", async (context) => {
    const [columns, row] = ["who,what,rating\na,b,3\n", "user,item,rating\na,b,3\nc,d\n"];
    for (const csv of [columns, row, columns.replace("3", "x"), ""]) {
      const server = await serveFiles(context, { "bad.csv?key=secret": Buffer.from(csv) });
      const url = server.url("bad.csv?key=secret");
      const work = ingest({ kind: "web", url }, {}, {}, quietContext);
      await assert.rejects(work, (error: Error) => {
        assert.ok(error.message.includes(server.url("bad.csv")), error.message);
        assert.ok(!/secret|lumiere-/.test(error.message), error.message);
        return true;
      });
    }
    const server = await serveFiles(context, {});
    const url = server.url("gone.csv?key=secret");
    await assert.rejects(ingest({ kind: "web", url }, {}, {}, quietContext), {
      code: "download-missing",
      message: /gone\.csv: the server answered HTTP 404/,
    });
  });
});
