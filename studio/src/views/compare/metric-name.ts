/** "ndcg@20" as people write it. */
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

export function metricName(key: string): string {
  const [name = "", k = ""] = key.split("@");
  return `${NAMES[name] ?? name}@${k}`;
}

/** Metrics whose larger value is the better one for a person. */
export const ACCURACY = ["recall", "precision", "ndcg", "hr", "mrr", "map"];

export const cutOf = (key: string): string => key.split("@")[1] ?? "";
