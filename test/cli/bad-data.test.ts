/**
 * Each kind of bad data through the program: exit code 2, one line that names the file and the fix,
 * and nothing written. In this process, because starting one for each would take most of the time.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { runCommandLine } from "../../src/cli/run.ts";
import { scratchFolder, write } from "../data/scratch.ts";

const folder = scratchFolder();
// A session listens to signals and streams for as long as its process lives.
for (const emitter of [process, process.stdout, process.stderr]) emitter.setMaxListeners(100);

/** Runs a command line, and gives its exit code and what it said on stderr. */
async function run(...words: string[]): Promise<{ readonly code: number; readonly said: string }> {
  const { write: original } = process.stderr;
  let said = "";
  process.stderr.write = (text: string | Uint8Array) => {
    said += String(text);
    return true;
  };
  try {
    return { code: await runCommandLine(words), said };
  } finally {
    process.stderr.write = original;
  }
}

const good = "user,item,rating\n1,2,3\n4,5,6\n";

describe("bad data through the program", () => {
  const cases: readonly {
    readonly what: string;
    readonly content: string | Uint8Array;
    readonly flags?: readonly string[];
    readonly says: RegExp;
  }[] = [
    {
      what: "a wrong delimiter",
      content: good,
      flags: ["--delimiter", ";"],
      says: /it looks like ",": pass --delimiter ","/,
    },
    {
      what: "a missing column",
      content: good,
      flags: ["--item-column", "film"],
      says: /item column "film" not found.*--item-column/,
    },
    {
      what: "an unparsable rating",
      content: `${good}\n7,8,good\n`,
      says: /row 3 \(line 5 of the file\): rating: found "good".*mend the file/,
    },
    { what: "NaN", content: `${good}7,8,NaN\n`, says: /found "NaN", expected a finite number/ },
    {
      what: "infinity",
      content: `${good}7,8,inf\n`,
      says: /found "inf", expected a finite number/,
    },
    {
      what: "nothing left by a row filter",
      content: good,
      flags: ["--min-rating", "7"],
      says: /no interaction is left of 2 rows.*filter less/,
    },
    {
      what: "nothing left by a core",
      content: good,
      flags: ["--k-core", "2"],
      says: /k-core 2 removes every interaction.*pass a smaller k-core/,
    },
    {
      what: "duplicate headers",
      content: "user,item,rating,rating\n1,2,3,4\n",
      says: /"rating" appears 2 times.*--rating-column 3/,
    },
    {
      what: "a truncated gzip",
      content: gzipSync(good).subarray(0, -4),
      says: /gzip data are cut off or damaged.*fetch or write the file again/,
    },
    { what: "a 0-byte file", content: "", says: /is empty \(0 bytes of content\); expected rows/ },
  ];

  for (const [at, { what, content, flags = [], says }] of cases.entries()) {
    it(what, async () => {
      const place = join(folder, `case-${at}`);
      const data = write(folder, `case-${at}.csv`, content);
      for (const command of [
        ["split", "--split", "random:0.8"],
        ["train", "--model", "popularity"],
      ]) {
        const { code, said } = await run(...command, "--data", data, ...flags, "--out", place);
        assert.match(said, says);
        assert.match(said, /^lumiere: [^\n]+\n$/);
        assert.equal(code, 2);
        const left = readdirSync(folder).filter((name) => name.startsWith(`case-${at}`));
        assert.deepEqual(left, [`case-${at}.csv`]);
      }
    });
  }
});
