/** What clients ask of the server: lists for random users, and events of theirs. */

import autocannon from "autocannon";
import { RandomStream } from "../../src/base/random.ts";
import { ITEMS, USERS } from "./model.ts";

/** Share of requests that tell the server of an event. */
export const EVENT_SHARE = 0.05;

export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** Whether lists are asked for in every way there is, by strangers too, and not only for users. */
  readonly varied: boolean;
}

let run = 0;

/** Asks for so many seconds. */
export function load({ url, connections, seconds, varied }: Load): Promise<autocannon.Result> {
  const random = new RandomStream(++run, "bench requests");
  const below = (count: number) => `${random.below(count)}`;
  const plain = () => ({ user: below(USERS), k: 10 });
  const list = () => (varied ? variedList(random) : plain());
  const events = () => ({ events: [{ user: below(USERS), item: below(ITEMS) }] });
  return autocannon({
    url,
    connections,
    duration: seconds,
    headers: { "content-type": "application/json" },
    requests: [
      {
        method: "POST",
        setupRequest: (request) =>
          random.uniform() < EVENT_SHARE
            ? { ...request, path: "/v1/events", body: JSON.stringify(events()) }
            : { ...request, path: "/v1/recommendations", body: JSON.stringify(list()) },
      },
    ],
  });
}

/** Whatever the server might keep for a request: people, filters, pages. */
function variedList(random: RandomStream): object {
  const below = (count: number) => `${random.below(count)}`;
  const history = () => Array.from({ length: 1 + random.below(20) }, () => below(ITEMS));
  const user = below(USERS);
  switch (random.below(6)) {
    case 0:
      return { user: `stranger ${below(2 ** 31)}`, history: history() };
    case 1:
      return {
        user,
        filter: { year: { from: random.below(2000) }, genre: { none: [below(1000)] } },
      };
    case 2:
      return { user, diversity: 0.5, exclude: history() };
    case 3:
      return { user, explain: true, k: 5 };
    default:
      return { user, k: 10 };
  }
}

/**
 * Brings the server to the state in which a long run would leave it, as far as memory is bounded by
 * how much it has seen: events of everybody, and each asked for once.
 */
export async function saturate(url: string): Promise<void> {
  const random = new RandomStream(1, "bench saturate");
  const post = async (path: string, body: object) => {
    const response = await fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    await response.arrayBuffer();
  };
  for (let batch = 0; batch < 120; batch++) {
    const events = Array.from({ length: 1000 }, () => ({
      user: `${random.below(USERS)}`,
      item: `${random.below(ITEMS)}`,
    }));
    await post("/v1/events", { events });
  }
  for (let user = 0; user < USERS; user++) await post("/v1/recommendations", { user: `${user}` });
}
