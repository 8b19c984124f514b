/**
 * Titles of films that were never made: pronounceable names in a few patterns,
 * each with a year, no two alike.
 *
 * @module
 */

import { RandomStream } from "../base/random.ts";

/** A made-up film; the title ends in its year, as in MovieLens: "The Velmora Letters (1987)". */
export interface Film {
  readonly title: string;
  readonly year: number;
}

const ONSETS = "b c d f g h j k l m n p r s t v w z br cr dr gr pr tr bl cl fl pl st sh th".split(
  " ",
);
const VOWELS = "a e i o u a e i o ai ea ia io".split(" ");
const CODAS = ["", "", "", "n", "r", "l", "s", "m", "nd", "rk", "th"];
const NOUNS =
  "Affair Bridge Carnival Chronicle Clock Crossing Door Echo Express Feast Fire Garden Harbour House Island Journey Lantern Letters Mirror Night Orchard Parade River Road Season Secret Shadow Signal Song Storm Station Summer Symphony Tide Train Valley Voyage Winter Witness".split(
    " ",
  );
const ADJECTIVES =
  "Amber Blue Broken Burning Crimson Distant Electric Endless Forgotten Gentle Golden Hidden Hollow Last Little Lonely Midnight Paper Quiet Red Restless Scarlet Second Silent Silver Stolen Strange Tender Velvet Wandering White Wild".split(
    " ",
  );

/** The year of the first public film show, and the youngest films. */
const FIRST_YEAR = 1895;
const LAST_YEAR = 2020;

/** As many films; the same count and seed give the same titles. */
export function filmTitles(count: number, seed: number): Film[] {
  const random = new RandomStream(seed, "synthetic/titles");
  const taken = new Set<string>();
  const films: Film[] = [];
  while (films.length < count) {
    // The maximum of three draws: most films are young, as in MovieLens.
    const draw = () => random.below(LAST_YEAR - FIRST_YEAR + 1);
    const year = FIRST_YEAR + Math.max(draw(), draw(), draw());
    const title = `${name(random)} (${year})`;
    if (taken.has(title)) continue;
    taken.add(title);
    films.push({ title, year });
  }
  return films;
}

function name(random: RandomStream): string {
  const noun = pick(random, NOUNS);
  switch (random.below(6)) {
    case 0:
      return `The ${word(random)} ${noun}`;
    case 1:
      return `${pick(random, ADJECTIVES)} ${noun}`;
    case 2:
      return `${word(random)} and ${word(random)}`;
    case 3:
      return `The ${noun} of ${word(random)}`;
    case 4:
      return `${word(random)}`;
    default:
      return `${word(random)}: The ${pick(random, ADJECTIVES)} ${noun}`;
  }
}

/** A pronounceable word of two or three syllables. */
function word(random: RandomStream): string {
  let letters = "";
  const syllables = 2 + random.below(2);
  for (let at = 0; at < syllables; at++) {
    letters += pick(random, ONSETS) + pick(random, VOWELS);
  }
  letters += pick(random, CODAS);
  return letters.slice(0, 1).toUpperCase() + letters.slice(1);
}

function pick(random: RandomStream, choices: readonly string[]): string {
  return choices[random.below(choices.length)]!;
}
