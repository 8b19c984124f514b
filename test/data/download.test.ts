/** Downloads: whole, resumed after a cut or a stop, checked, and clear when they fail. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { StoppedError } from "../../src/base/errors.ts";
import { checksumOf } from "../../src/data/checksum.ts";
import { quietContext } from "../../src/data/context.ts";
import { downloadFile } from "../../src/data/download.ts";
import { ingest } from "../../src/data/ingest.ts";
import { recordingContext, rejectsInput, rejectsWith, scratchFolder, write } from "./scratch.ts";
import { type Behaviour, cutAfter, startServer, status } from "./small-server.ts";

const folder = scratchFolder();
const PATIENCE = { tries: 3, firstPause: 5, stall: 2_000 };
const BODY = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 31) & 0xff));
const md5 = (body: Uint8Array) => createHash("md5").update(body).digest("hex");

const place = () => join(mkdtempSync(join(folder, "d-")), "deep", "file.bin");
const server = await startServer({ "/file.bin": BODY });
const url = `${server.url}/file.bin`;
const checksum = { algorithm: "md5", value: md5(BODY) } as const;

describe("whole files", () => {
  test("arrive with progress, and nothing else stays", async () => {
    const path = place();
    const { context, events } = recordingContext();
    await downloadFile({ url, path, checksum }, context, PATIENCE);
    assert.deepEqual(readFileSync(path), BODY);
    assert.deepEqual(readdirSync(join(path, "..")), ["file.bin"]);
    const last = {
      stage: "download file.bin",
      done: BODY.length,
      total: BODY.length,
      unit: "bytes",
    };
    assert.deepEqual(events.at(-1), last);
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
  test("a cut connection goes on where it broke", async () => {
    const path = place();
    server.requests.length = 0;
    server.behaviours.push(cutAfter(30_000), cutAfter(20_000));
    await downloadFile({ url, path, checksum }, quietContext, PATIENCE);
    assert.deepEqual(readFileSync(path), BODY);
    const starts = server.requests.map((line) => Number(/bytes=(\d+)-/.exec(line)?.[1] ?? 0));
    // What was on its way when the connection broke may be lost, what had arrived may not.
    assert.equal(starts.length, 3);
    assert.ok(starts[0] === 0 && starts[1]! > 0 && starts[1]! <= 30_000, starts.join());
    assert.ok(starts[2]! >= starts[1]! && starts[2]! <= 50_000, starts.join());
  });

  test("a later run goes on with the part of an earlier one", async () => {
    const path = place();
    const cut = cutAfter(40_000);
    const dead = status(503);
    server.behaviours.push(cut, dead, dead, dead);
    await rejectsWith(
      downloadFile({ url, path, checksum }, quietContext, PATIENCE),
      "download",
      "503",
    );
    const arrived = readFileSync(`${path}.part`);
    assert.ok(arrived.length > 0 && arrived.equals(BODY.subarray(0, arrived.length)));
    assert.ok(!existsSync(path));
    server.requests.length = 0;
    server.behaviours.length = 0;
    await downloadFile({ url, path, checksum }, quietContext, PATIENCE);
    assert.deepEqual(server.requests, [`/file.bin bytes=${arrived.length}-`]);
    assert.deepEqual(readFileSync(path), BODY);
  });

  test("a file that changed meanwhile is fetched anew, also without a checksum", async () => {
    const path = place();
    server.behaviours.push(cutAfter(40_000), status(404));
    await rejectsWith(
      downloadFile({ url, path, checksum: null }, quietContext, PATIENCE),
      "download-missing",
    );
    const changed = Buffer.alloc(60_000, "new");
    server.files.set("/file.bin", changed);
    try {
      await downloadFile({ url, path, checksum: null }, quietContext, PATIENCE);
      assert.deepEqual(readFileSync(path), changed);
    } finally {
      server.files.set("/file.bin", BODY);
    }
  });

  test("a foreign part without a version tag is not trusted", async () => {
    const path = place();
    await downloadFile({ url, path, checksum }, quietContext, PATIENCE);
    writeFileSync(`${path}.part`, "something else");
    await downloadFile({ url, path, checksum: null }, quietContext, PATIENCE);
    assert.deepEqual(readFileSync(path), BODY);
  });

  test("a part with a right tag and wrong bytes is fetched anew", async () => {
    const path = place();
    server.behaviours.push(cutAfter(40_000), status(404));
    await rejectsWith(
      downloadFile({ url, path, checksum }, quietContext, PATIENCE),
      "download-missing",
    );
    writeFileSync(`${path}.part`, Buffer.alloc(40_000));
    await downloadFile({ url, path, checksum }, quietContext, PATIENCE);
    assert.deepEqual(readFileSync(path), BODY);
  });

  test("a part that is longer than the file is dropped", async () => {
    const path = place();
    server.behaviours.push(cutAfter(40_000), status(404));
    await rejectsWith(
      downloadFile({ url, path, checksum }, quietContext, PATIENCE),
      "download-missing",
    );
    writeFileSync(`${path}.part`, Buffer.alloc(BODY.length + 1));
    await downloadFile({ url, path, checksum }, quietContext, PATIENCE);
    assert.deepEqual(readFileSync(path), BODY);
  });

  test("a connection that falls silent is given up and resumed", async () => {
    const path = place();
    const silent: Behaviour = (_request, response, body) => {
      response.setHeader("etag", `"${md5(body)}"`);
      response.setHeader("content-length", body.length);
      response.write(body.subarray(0, 10_000));
    };
    server.behaviours.push(silent);
    await downloadFile({ url, path, checksum }, quietContext, { ...PATIENCE, stall: 300 });
    assert.deepEqual(readFileSync(path), BODY);
  });

  test("a stop keeps the part", async () => {
    const path = place();
    const controller = new AbortController();
    const slow: Behaviour = (_request, response, body) => {
      response.setHeader("etag", `"${md5(body)}"`);
      response.setHeader("content-length", body.length);
      response.write(body.subarray(0, 10_000), () => setTimeout(() => controller.abort(), 200));
    };
    server.behaviours.push(slow);
    const { context } = recordingContext(controller.signal);
    await assert.rejects(downloadFile({ url, path, checksum }, context, PATIENCE), StoppedError);
    const arrived = readFileSync(`${path}.part`);
    assert.ok(arrived.equals(BODY.subarray(0, arrived.length)));
    await downloadFile({ url, path, checksum }, quietContext, PATIENCE);
    assert.deepEqual(readFileSync(path), BODY);
  });
});

describe("failures", () => {
  test("wrong checksum: both are named, nothing stays", async () => {
    const path = place();
    const wrong = { algorithm: "md5", value: "0".repeat(32) } as const;
    await rejectsWith(
      downloadFile({ url, path, checksum: wrong }, quietContext, PATIENCE),
      "download-checksum",
      md5(BODY),
      "0".repeat(32),
      "LUMIERE_DATA",
    );
    assert.deepEqual(readdirSync(join(path, "..")), []);
  });

  test("no such file is bad input, and is not tried again", async () => {
    server.requests.length = 0;
    await rejectsInput(
      downloadFile(
        { url: `${server.url}/nothing`, path: place(), checksum: null },
        quietContext,
        PATIENCE,
      ),
      "download-missing",
      "HTTP 404",
      "check the address",
    );
    assert.equal(server.requests.length, 1);
    await rejectsInput(
      downloadFile({ url: "http://", path: place(), checksum: null }, quietContext, PATIENCE),
      "download-missing",
    );
  });

  test("a server error is tried again, then named", async () => {
    server.requests.length = 0;
    server.behaviours.push(status(500), status(503));
    await downloadFile({ url, path: place(), checksum }, quietContext, PATIENCE);
    assert.equal(server.requests.length, 3);
  });

  test("nobody there: at once, with the way out", async () => {
    const started = performance.now();
    // Port 9 (discard) of this machine: nothing listens there.
    await rejectsWith(
      downloadFile(
        { url: "http://127.0.0.1:9/x.zip", path: place(), checksum: null },
        quietContext,
      ),
      "download",
      "127.0.0.1:9",
      "LUMIERE_DATA",
    );
    assert.ok(performance.now() - started < 5_000);
  });
});

describe("web addresses as data", () => {
  test("a file on a web server is read like one on disk", async () => {
    server.files.set("/data/ratings.csv", Buffer.from("user,item,rating\nu,i,3\nv,j,4\n"));
    const source = { kind: "web", url: `${server.url}/data/ratings.csv?key=secret` } as const;
    server.files.set("/data/ratings.csv?key=secret", Buffer.from("user,item,rating\nu,i,3\n"));
    const rows = await ingest(source, {}, {}, quietContext);
    assert.deepEqual(rows.users.ids, ["u"]);
  });

  test("errors name the address without its secrets", async () => {
    server.files.set("/bad.csv?key=secret", Buffer.from("who,what\na,b\n"));
    const source = { kind: "web", url: `${server.url}/bad.csv?key=secret` } as const;
    await assert.rejects(ingest(source, { header: true }, {}, quietContext), (error: Error) => {
      assert.ok(error.message.includes(`${server.url}/bad.csv (`), error.message);
      return !error.message.includes("secret");
    });
  });
});
