/** A run's answer to the wishes: one list, of as many pages as were asked for. */
import type {
  RecommendationAnswer,
  RecommendationRequest,
  RecommendedItem,
} from "../../../../src/serving/schemas.ts";
import { postJson, runAddress } from "../../api/client.ts";
import type { Wishes } from "./wishes.ts";

export interface RecommendedList extends Omit<RecommendationAnswer, "items"> {
  /** Of all pages, ranked through. */
  readonly items: readonly RecommendedItem[];
}

export async function recommend(
  run: string,
  wishes: Wishes,
  signal: AbortSignal,
): Promise<RecommendedList> {
  const items: RecommendedItem[] = [];
  let page: string | null = null;
  for (let at = 1; ; at++) {
    const answer: RecommendationAnswer = await postJson(
      runAddress(run, "/recommendations"),
      { ...requestOf(wishes), ...(page !== null && { page }) },
      signal,
    );
    for (const item of answer.items) items.push({ ...item, rank: items.length + 1 });
    if (at === wishes.pages || answer.next === null) return { ...answer, items };
    page = answer.next;
  }
}

function requestOf(wishes: Wishes): Partial<RecommendationRequest> {
  const { user, liked, any, none, from, to, showSeen, diversity, k } = wishes;
  const genre = {
    ...(any.length > 0 && { any: [...any] }),
    ...(none.length > 0 && { none: [...none] }),
  };
  const year = { ...(from !== null && { from }), ...(to !== null && { to }) };
  const filter = {
    ...(Object.keys(genre).length > 0 && { genre }),
    ...(Object.keys(year).length > 0 && { year }),
  };
  return {
    ...(user !== null && { user }),
    ...(liked.length > 0 && { history: [...liked] }),
    ...(Object.keys(filter).length > 0 && { filter }),
    k,
    includeSeen: showSeen,
    diversity: diversity / 100,
    explain: true,
  };
}
