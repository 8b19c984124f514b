import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { philox, purposeKey, RandomStream, scaleWord } from "../../src/base/random.ts";

function block(key: readonly [number, number], counter: readonly [number, number, number, number]) {
  const out = new Uint32Array(4);
  philox(...key, ...counter, out);
  return Array.from(out, (word) => word.toString(16).padStart(8, "0")).join(" ");
}

describe("Philox-4x32-10", () => {
  // The known-answer vectors that the Random123 distribution ships (kat_vectors).
  it("gives the published words for key and counter zero", () => {
    assert.equal(block([0, 0], [0, 0, 0, 0]), "6627e8d5 e169c58d bc57ac4c 9b00dbd8");
  });

  it("gives the published words for all ones", () => {
    const ones = 0xffffffff;
    assert.equal(
      block([ones, ones], [ones, ones, ones, ones]),
      "408f276d 41c83b0e a20bc7c6 6d5451fd",
    );
  });

  it("gives the published words for the digits of pi", () => {
    const counter = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344] as const;
    assert.equal(block([0xa4093822, 0x299f31d0], counter), "d16cfe09 94fdcceb 5001e420 24126ea1");
  });
});

describe("RandomStream", () => {
  it("walks the counter: word n is lane n mod 4 of block ⌊n/4⌋ under (seed, purpose)", () => {
    const stream = new RandomStream(5, "shuffle");
    const out = new Uint32Array(4);
    for (let n = 0; n < 20; n++) {
      philox(5, purposeKey("shuffle"), Math.floor(n / 4), 0, 0, 0, out);
      assert.equal(stream.word(), out[n % 4]);
    }
  });

  it("hashes purposes by FNV-1a", () => {
    // Published test values of 32-bit FNV-1a.
    assert.equal(purposeKey(""), 0x811c9dc5);
    assert.equal(purposeKey("a"), 0xe40c292c);
    assert.equal(purposeKey("foobar"), 0xbf9cf968);
  });

  it("scales words exactly as ⌊word·bound / 2³²⌋", () => {
    const word = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(word, word, (value, bound) => {
        assert.equal(BigInt(scaleWord(value, bound)), (BigInt(value) * BigInt(bound)) >> 32n);
      }),
    );
  });

  it("is the same for the same seed and purpose, and different otherwise", () => {
    const words = (seed: number, purpose: string) => {
      const stream = new RandomStream(seed, purpose);
      return Array.from({ length: 8 }, () => stream.word()).join();
    };
    assert.equal(words(1, "split"), words(1, "split"));
    assert.notEqual(words(1, "split"), words(2, "split"));
    assert.notEqual(words(1, "split"), words(1, "shuffle"));
  });

  it("draws standard normal numbers", () => {
    const stream = new RandomStream(3, "normal");
    const count = 40_000;
    const draws = Array.from({ length: count }, () => stream.normal());
    const mean = draws.reduce((sum, x) => sum + x, 0) / count;
    const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count;
    const beyond = draws.filter((x) => Math.abs(x) > 1.96).length / count;
    // Five standard errors.
    assert.ok(Math.abs(mean) < 5 / Math.sqrt(count), `mean ${mean}`);
    assert.ok(Math.abs(variance - 1) < 5 * Math.sqrt(2 / count), `variance ${variance}`);
    assert.ok(Math.abs(beyond - 0.05) < 0.0055, `share beyond 1.96: ${beyond}`);
  });

  it("shuffles every order of three equally often", () => {
    const stream = new RandomStream(11, "orders");
    const counts = new Map<string, number>();
    for (let n = 0; n < 6000; n++) {
      const order = stream.shuffle([0, 1, 2]).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    assert.equal(counts.size, 6);
    // 1000 expected, standard deviation 29.
    for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 145);
  });
});
