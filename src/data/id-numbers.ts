/**
 * External ids numbered in the order in which they first appear, from the bytes that DuckDB hands
 * out, without a JavaScript text for each row.
 *
 * DuckDB's text is four words of 32 bits: its length in bytes, and up to 12 bytes of UTF-8 with zeros
 * behind (longer texts: four bytes and an address). Two short texts are equal where their words are,
 * so that "7" and "007" stay two ids, and whether an id looks like a number does not matter. Ids of up
 * to 36 bytes come in pieces of 12 as well: a tree whose nodes are the pieces. Longer ones, and those
 * whose characters do not fill the pieces evenly, are looked up by their JavaScript text.
 *
 * @module
 */

import { textBehind } from "./vectors.ts";

/** 32-bit words of a text of DuckDB. */
export const WORDS_OF_TEXT = 4;

/** Bytes of the longest text that lies in its words. */
export const LONGEST_INLINE = 12;

/** Pieces of 12 characters that an id is cut into where it is longer than one. */
export const PIECES = 3;

/** Not an id: a piece of longer ones. */
const NO_ID = -1;

/** Numbers of ids; a hash table of pieces with open addressing, at most half of its slots taken. */
export class IdNumbers {
  /**
   * Four words of each node: the length of the id where the piece is its first, else ~parent; then
   * the bytes of the piece.
   */
  #nodes = new Int32Array(WORDS_OF_TEXT << 10);
  /** Number of the id that ends in each node. */
  #idOfNode = new Int32Array(1 << 10);
  #nodeCount = 0;
  /** Node + 1 in each slot, 0 where it is free; as many as a power of two. */
  #slots = new Int32Array(1 << 11);
  readonly #byText = new Map<string, number>();
  #count = 0;
  /** Whether each node is an id, of the same number: then nobody needs to look it up. */
  #nodesAreIds = true;

  /**
   * The number of the id whose four words begin at `at`.
   * @param pieces the pieces of ids that are longer than one, at the same place; none where nobody cut them
   */
  numberOf(words: Int32Array, at: number, pieces: readonly Int32Array[]): number {
    const length = words[at]!;
    if (length <= LONGEST_INLINE) return this.#idAt(this.#nodeOf(length, words, at));
    this.#nodesAreIds = false;
    if (!isCut(length, pieces, at)) return this.#idOfText(textBehind(words, at));
    let node = this.#nodeOf(length, pieces[0]!, at);
    for (let piece = 1; piece * LONGEST_INLINE < length; piece++) {
      node = this.#nodeOf(~node, pieces[piece]!, at);
    }
    return this.#idAt(node);
  }

  /** All ids as texts, by number. */
  texts(): string[] {
    const texts = new Array<string>(this.#count);
    const bytes = Buffer.from(this.#nodes.buffer);
    // A parent is older than its children: what it begins with is known.
    const begun: { readonly text: string; readonly left: number }[] = [];
    for (let node = 0; node < this.#nodeCount; node++) {
      const tag = this.#nodes[WORDS_OF_TEXT * node]!;
      const before = tag < 0 ? begun[~tag]! : { text: "", left: tag };
      const length = Math.min(before.left, LONGEST_INLINE);
      const begin = 4 * (WORDS_OF_TEXT * node + 1);
      const text = before.text + bytes.toString("utf8", begin, begin + length);
      const id = this.#idOfNode[node]!;
      if (id === NO_ID) begun[node] = { text, left: before.left - length };
      else texts[id] = text;
    }
    for (const [text, number] of this.#byText) texts[number] = text;
    return texts;
  }

  /** The node of a piece below a tag (see `#nodes`), new where there is none. */
  #nodeOf(tag: number, words: Int32Array, at: number): number {
    const first = words[at + 1]!;
    const second = words[at + 2]!;
    const third = words[at + 3]!;
    const nodes = this.#nodes;
    const slots = this.#slots;
    const last = slots.length - 1;
    let slot = hash(tag, first, second, third) & last;
    for (; slots[slot] !== 0; slot = (slot + 1) & last) {
      const node = slots[slot]! - 1;
      const key = WORDS_OF_TEXT * node;
      if (
        nodes[key + 1] === first &&
        nodes[key + 2] === second &&
        nodes[key + 3] === third &&
        nodes[key] === tag
      ) {
        return node;
      }
    }
    slots[slot] = this.#nodeCount + 1;
    return this.#addNode(tag, first, second, third);
  }

  /** The id that ends in a node, new where there is none. */
  #idAt(node: number): number {
    if (this.#nodesAreIds && node < this.#count) return node;
    const id = this.#idOfNode[node]!;
    if (id !== NO_ID) return id;
    this.#idOfNode[node] = this.#count;
    return this.#count++;
  }

  #idOfText(text: string): number {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    this.#byText.set(text, this.#count);
    return this.#count++;
  }

  #addNode(tag: number, first: number, second: number, third: number): number {
    const node = this.#nodeCount++;
    if (this.#nodeCount > this.#idOfNode.length) {
      this.#nodes = twiceAsLong(this.#nodes);
      this.#idOfNode = twiceAsLong(this.#idOfNode);
    }
    this.#nodes.set([tag, first, second, third], WORDS_OF_TEXT * node);
    this.#idOfNode[node] = NO_ID;
    if (2 * this.#nodeCount > this.#slots.length) this.#widen();
    return node;
  }

  /** Twice the slots, every node in its new place. */
  #widen(): void {
    const nodes = this.#nodes;
    const slots = new Int32Array(2 * this.#slots.length);
    const last = slots.length - 1;
    for (let node = 0; node < this.#nodeCount; node++) {
      const key = WORDS_OF_TEXT * node;
      let slot = hash(nodes[key]!, nodes[key + 1]!, nodes[key + 2]!, nodes[key + 3]!) & last;
      while (slots[slot] !== 0) slot = (slot + 1) & last;
      slots[slot] = node + 1;
    }
    this.#slots = slots;
  }
}

/** Whether the pieces hold every byte of an id of more than one piece, each but the last 12. */
function isCut(length: number, pieces: readonly Int32Array[], at: number): boolean {
  if (length > LONGEST_INLINE * pieces.length) return false;
  for (let piece = 0; piece * LONGEST_INLINE < length; piece++) {
    const expected = Math.min(LONGEST_INLINE, length - piece * LONGEST_INLINE);
    if (pieces[piece]![at] !== expected) return false;
  }
  return true;
}

/** Every bit of the words moves the low bits, which choose the slot (after MurmurHash3's mixer). */
function hash(tag: number, first: number, second: number, third: number): number {
  let mixed = Math.imul(first ^ Math.imul(tag, 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15) ^ second, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 13) ^ third, 0x27d4eb2f);
  return mixed ^ (mixed >>> 16);
}

function twiceAsLong(words: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(2 * words.length);
  longer.set(words);
  return longer;
}
