import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Command } from "commander";
import { z } from "zod";
import { BadInputError } from "../../src/base/errors.ts";
import { addSchemaOptions, optionsGiven } from "../../src/cli/schema-options.ts";

const schema = z.object({
  data: z.string().describe("where"),
  minRating: z.number().optional().describe("least"),
  kCore: z.int().min(0).max(9).default(0).describe("core"),
  header: z.boolean().optional().describe("first line"),
  strict: z.boolean().default(false).describe("be strict"),
  duplicates: z.enum(["last", "first"]).default("last").describe("which stays"),
});

function given(...words: string[]): Record<string, unknown> {
  const command = new Command().exitOverride();
  addSchemaOptions(command, schema);
  command.parse(words, { from: "user" });
  return optionsGiven(command, schema);
}

describe("flags from a schema", () => {
  it("read each type, and leave out what was not typed", () => {
    assert.deepEqual(given(), {});
    assert.deepEqual(given("--data", "5", "--min-rating", "3.5", "--k-core", "2", "--strict"), {
      data: "5",
      minRating: 3.5,
      kCore: 2,
      strict: true,
    });
    assert.deepEqual(given("--duplicates", "first", "--min-rating=-1"), {
      duplicates: "first",
      minRating: -1,
    });
  });

  it("keep yes, no and unsaid apart", () => {
    assert.deepEqual(given("--header"), { header: true });
    assert.deepEqual(given("--no-header"), { header: false });
    for (const both of [
      ["--header", "--no-header"],
      ["--no-header", "--header"],
    ]) {
      assert.throws(() => given(...both), /--header and --no-header contradict each other/);
    }
  });

  it("name the flag whose text does not fit", () => {
    const refuse = (pattern: RegExp, ...words: string[]) =>
      assert.throws(
        () => given(...words),
        (error) => error instanceof BadInputError && pattern.test(error.message),
      );
    refuse(/--k-core 10: found "10"; too big.*<=9/, "--k-core", "10");
    refuse(/--min-rating abc: found "abc"; .*expected number/, "--min-rating", "abc");
    refuse(/--duplicates both: found "both"; .*"last"\|"first"/, "--duplicates", "both");
  });

  it("show description, type and default", () => {
    const command = new Command();
    addSchemaOptions(command, schema);
    const help = command.helpInformation().replace(/\s+/g, " ");
    assert.match(help, /--k-core <integer> core \(default: 0\)/);
    assert.match(help, /--duplicates <last\|first> which stays \(default: last\)/);
    assert.match(help, /--data <text> where/);
    assert.match(help, /--strict be strict/);
  });
});
