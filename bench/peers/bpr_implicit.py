"""Epochs of `implicit`'s BayesianPersonalizedRanking (its defaults: SGD without batches, .01 and .01), 64
factors, and how well it ranks after them. Every fifth item of a user is held back, as in bench/ours/bpr.ts.

Usage: python bpr_implicit.py FOLDER [--threads 2]
Prints one line of JSON.
"""

import json
import statistics
import time

import implicit
import numpy as np
from implicit.cpu.bpr import BayesianPersonalizedRanking
from neutral import WIDTH, Neutral, arguments, peak_mebibytes
from scipy.sparse import csr_matrix

EPOCHS, TARGET_EVERY = 20, 5


def quality(lists: np.ndarray, targets: list[np.ndarray]) -> dict:
    """Recall@20 over min(20, targets), and NDCG@100, means over users."""
    gains = 1 / np.log2(np.arange(100) + 2)
    recall, ndcg = [], []
    for row, wanted in zip(lists, targets):
        found = np.isin(row, wanted)
        recall.append(found[:20].sum() / min(20, len(wanted)))
        ndcg.append(gains[found].sum() / gains[: min(100, len(wanted))].sum())
    return {"recall20": float(np.mean(recall)), "ndcg100": float(np.mean(ndcg))}


def main() -> None:
    options = arguments().parse_args()
    data = Neutral(options.folder)
    starts = np.searchsorted(data.users, np.arange(data.user_count + 1))
    place = np.arange(len(data.users)) - starts[data.users]
    is_target = place % TARGET_EVERY == TARGET_EVERY - 1
    ones = np.ones(int((~is_target).sum()), np.float32)
    kept = csr_matrix((ones, (data.users[~is_target], data.items[~is_target])), (data.user_count, data.item_count))
    users = np.unique(data.users[is_target])
    targets = [data.items[starts[u] : starts[u + 1]][TARGET_EVERY - 1 :: TARGET_EVERY] for u in users]
    model = BayesianPersonalizedRanking(
        factors=WIDTH, iterations=EPOCHS, num_threads=options.threads, random_state=1
    )
    ends = [time.perf_counter()]
    used = time.process_time()
    model.fit(kept, show_progress=False, callback=lambda *_: ends.append(time.perf_counter()))
    used = time.process_time() - used
    lists, _ = model.recommend(users, kept[users], N=100, filter_already_liked_items=True)
    print(json.dumps({
        "threads": options.threads,
        "processorMs": 1e3 * used / EPOCHS,
        # The first holds the setting up too.
        "epochSeconds": statistics.median(np.diff(ends)[1:]),
        "epochs": EPOCHS,
        "quality": quality(lists, targets),
        "peakMebibytes": peak_mebibytes(),
        "versions": {"implicit": implicit.__version__},
    }))


if __name__ == "__main__":
    main()
