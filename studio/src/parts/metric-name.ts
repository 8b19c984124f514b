const NAMES: Readonly<Record<string, string>> = {
  recall: "Recall",
  precision: "Precision",
  ndcg: "NDCG",
  hr: "Hit rate",
  mrr: "MRR",
  map: "MAP",
  coverage: "Coverage",
  gini: "Gini",
  novelty: "Novelty",
  averagePopularity: "Average popularity",
};

/**
 * "ndcg@20" as people write it: "NDCG@20".
 * @param sampled whether items were ranked among a few candidates and not among all: "NDCG@20 (sampled)"
 */
export function metricName(key: string, sampled: boolean): string {
  const [name = "", k = ""] = key.split("@");
  return `${NAMES[name] ?? name}@${k}${sampled ? " (sampled)" : ""}`;
}

/** Metrics whose larger value is the better one for a person. */
export const ACCURACY = ["recall", "precision", "ndcg", "hr", "mrr", "map"];

export const cutOf = (key: string): string => key.split("@")[1] ?? "";
