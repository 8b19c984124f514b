import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  writeSafetensors,
} from "../../src/artifact/safetensors.ts";
import type { TensorData } from "../../src/artifact/safetensors-header.ts";
import { BadInputError } from "../../src/base/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "lumiere-safetensors-"));
after(() => rmSync(folder, { recursive: true }));

/** A file from its parts, so that tests can write headers that no writer would. */
function handmade(header: unknown, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

describe("safetensors", () => {
  it("lays a file out as the format says", () => {
    const bytes = encodeSafetensors(
      {
        small: { shape: [1], data: Int32Array.of(-2) },
        x: { shape: [], data: Float32Array.of(1) },
      },
      { made: "by hand" },
    );
    const headerBytes = Number(Buffer.from(bytes).readBigUInt64LE(0));
    assert.equal(headerBytes % 8, 0, "arrays start at a multiple of 8");
    const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + headerBytes)).toString());
    assert.deepEqual(header, {
      __metadata__: { made: "by hand" },
      small: { dtype: "I32", shape: [1], data_offsets: [0, 4] },
      x: { dtype: "F32", shape: [], data_offsets: [4, 8] },
    });
    // −2 in two's complement, 1.0 in IEEE 754, both little-endian.
    assert.deepEqual(
      [...bytes.subarray(8 + headerBytes)],
      [0xfe, 0xff, 0xff, 0xff, 0, 0, 0x80, 0x3f],
    );
  });

  it("gives back what was written, for every type of number", async () => {
    const path = join(folder, "types.safetensors");
    const arrays: Record<string, TensorData> = {
      f64: Float64Array.of(Math.PI, -0, Infinity, 5e-324),
      i64: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n),
      u64: BigUint64Array.of(2n ** 64n - 1n),
      f32: Float32Array.of(0.1, NaN),
      i32: Int32Array.of(-(2 ** 31), 2 ** 31 - 1),
      u32: Uint32Array.of(2 ** 32 - 1),
      i16: Int16Array.of(-32768),
      u16: Uint16Array.of(65535),
      i8: Int8Array.of(-128, 127, 0),
      u8: Uint8Array.of(255),
      empty: new Float32Array(0),
    };
    const shaped = Object.fromEntries(
      Object.entries(arrays).map(([name, data]) => [name, { shape: [data.length], data }]),
    );
    const written = await writeSafetensors(path, shaped, { note: "é" });
    const read = await readSafetensors(path);
    assert.deepEqual(read.metadata, { note: "é" });
    assert.equal(read.sha256, written.sha256);
    assert.equal(read.bytes, written.bytes);
    assert.deepEqual(
      Object.fromEntries([...read.tensors].map(([name, { data }]) => [name, data])),
      Object.fromEntries([...read.tensors.keys()].map((name) => [name, arrays[name]])),
    );
    assert.equal(read.tensors.size, Object.keys(arrays).length);
  });

  it("round-trips any set of named arrays in memory", () => {
    const tensor = fc
      .array(fc.float({ noNaN: true }), { maxLength: 20 })
      .map((values) => ({ shape: [values.length], data: Float32Array.from(values) }));
    const tensors = fc.dictionary(
      fc
        .string({ unit: "grapheme" })
        .filter((name) => name !== "__metadata__" && name !== "__proto__"),
      tensor,
      { maxKeys: 5, noNullPrototype: true },
    );
    fc.assert(
      fc.property(tensors, (original) => {
        assert.deepEqual(decodeSafetensors(encodeSafetensors(original), "x").tensors, original);
      }),
    );
  });

  it("leaves no temporary file, also when the disk refuses", async () => {
    const tensors = { x: { shape: [1], data: Float32Array.of(1) } };
    await assert.rejects(writeSafetensors(join(folder, "types.safetensors", "y"), tensors));
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes(".tmp")),
      [],
    );
  });

  it("refuses an array that does not fit its shape", () => {
    assert.throws(
      () => encodeSafetensors({ x: { shape: [2, 2], data: new Float32Array(3) } }),
      /"x": shape \[2,2\] for 3 numbers/,
    );
  });

  const four = new Uint8Array(4);
  const f32 = (begin: number, end: number, shape = [1]) => ({
    dtype: "F32",
    shape,
    data_offsets: [begin, end],
  });
  const damaged: [string, Uint8Array, RegExp][] = [
    ["an empty file", new Uint8Array(0), /0 bytes, and the length field alone has 8/],
    [
      "a header longer than the file",
      handmade({}).subarray(0, 9),
      /header of 2 bytes in a file of 9/,
    ],
    [
      "an absurd header length",
      Buffer.from("ffffffffffffff7f7b7d", "hex"),
      /above the limit of 100000000/,
    ],
    ["a header that is not JSON", handmade("{nope"), /its header is not JSON/],
    ["a header that is a list", handmade([]), /not a JSON object/],
    ["an unknown type", handmade({ x: { ...f32(0, 4), dtype: "C64" } }, four), /tensor "x": dtype/],
    ["a negative extent", handmade({ x: f32(0, 4, [-1]) }, four), /tensor "x": shape/],
    ["an unknown field", handmade({ x: { ...f32(0, 4), y: 1 } }, four), /tensor "x".*"y"/],
    [
      "offsets that do not fit the shape",
      handmade({ x: f32(0, 4, [2]) }, four),
      /needs 8 bytes.*hold 4/,
    ],
    [
      "offsets beyond the file",
      handmade({ x: f32(0, 8, [2]) }, four),
      /take 8 bytes, the file holds 4/,
    ],
    ["arrays that overlap", handmade({ x: f32(0, 4), y: f32(0, 4) }, four), /"y" overlaps/],
    ["a gap", handmade({ x: f32(4, 8) }, new Uint8Array(8)), /"x" leaves a gap/],
    [
      "bytes that nobody owns",
      handmade({ x: f32(0, 4) }, new Uint8Array(8)),
      /take 4 bytes, the file holds 8/,
    ],
    ["metadata that is not text", handmade({ __metadata__: { a: 1 } }), /__metadata__/],
  ];
  for (const [what, bytes, message] of damaged) {
    it(`refuses ${what}, and names the file`, async () => {
      const path = join(folder, "damaged.safetensors");
      writeFileSync(path, bytes);
      const expected = (error: unknown) => {
        assert.ok(error instanceof BadInputError);
        assert.match(error.message, message);
        assert.ok(error.message.startsWith(path));
        return true;
      };
      await assert.rejects(readSafetensors(path), expected);
      assert.throws(() => decodeSafetensors(bytes, path), expected);
    });
  }

  it("never crashes on a flipped or missing byte: it refuses, or reads what the header says", () => {
    const whole = encodeSafetensors({
      a: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
      b: { shape: [3], data: Int32Array.of(1, 2, 3) },
    });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Uint8Array.from(whole);
        bytes[at]! ^= change;
        for (const attempt of [bytes, whole.subarray(0, at)]) {
          try {
            const { tensors } = decodeSafetensors(attempt, "f");
            assert.notEqual(attempt.length, at, "a truncated file must be refused");
            for (const { shape, data } of Object.values(tensors)) {
              assert.equal(
                data.length,
                shape.reduce((product, extent) => product * extent, 1),
              );
            }
          } catch (error) {
            if (!(error instanceof BadInputError)) throw error;
          }
        }
      }),
    );
  });

  it("is read by plain Python from the format's definition", async () => {
    const path = join(folder, "python.safetensors");
    await writeSafetensors(path, {
      "item.embedding": { shape: [2, 3], data: Float32Array.of(0.5, 1, 1.5, -2, 0, 8) },
      indptr: { shape: [3], data: Int32Array.of(0, 2, -7) },
    });
    const script = `
import json, struct, sys
raw = open(sys.argv[1], "rb").read()
(n,) = struct.unpack("<Q", raw[:8])
header = json.loads(raw[8:8 + n])
out = {}
for name, entry in header.items():
    begin, end = (8 + n + offset for offset in entry["data_offsets"])
    code = {"F32": "f", "I32": "i"}[entry["dtype"]]
    out[name] = [entry["shape"], list(struct.unpack("<%d%s" % ((end - begin) // 4, code), raw[begin:end]))]
try:
    from safetensors.numpy import load_file
    for name, array in load_file(sys.argv[1]).items():
        assert [list(array.shape), array.ravel().tolist()] == out[name], name
    out["package"] = True
except ImportError:
    pass
print(json.dumps(out))`;
    const python = spawnSync("python3", ["-c", script, path], { encoding: "utf8" });
    assert.equal(python.status, 0, python.stderr);
    const { package: _package, ...tensors } = JSON.parse(python.stdout);
    assert.deepEqual(tensors, {
      "item.embedding": [
        [2, 3],
        [0.5, 1, 1.5, -2, 0, 8],
      ],
      indptr: [[3], [0, 2, -7]],
    });
  });
});
