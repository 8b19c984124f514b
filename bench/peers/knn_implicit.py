"""`implicit`'s CosineRecommender or BM25Recommender, fitted.

Usage: python knn_implicit.py FOLDER [--threads 2] [--seconds 5] [--neighbours 20] [--weighting cosine]
Prints one line of JSON.
"""

import argparse
import json
import math
import time

import implicit
import numpy as np
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender
from neutral import Neutral, peak_mebibytes, spread
from scipy.sparse import csr_matrix


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--neighbours", type=int, default=20)
    parser.add_argument("--weighting", choices=["cosine", "bm25"], default="cosine")
    options = parser.parse_args()
    data = Neutral(options.folder)
    ones = np.ones(len(data.users))
    liked = csr_matrix((ones, (data.users, data.items)), (data.user_count, data.item_count))
    model = CosineRecommender if options.weighting == "cosine" else BM25Recommender

    def fit():
        one = model(K=options.neighbours, num_threads=options.threads)
        one.fit(liked, show_progress=False)
        return one.similarity

    similarity = fit()
    taken = []
    before = time.process_time()
    while sum(taken) < options.seconds or len(taken) < 2:
        begin = time.perf_counter()
        fit()
        taken.append(time.perf_counter() - begin)
    used = time.process_time() - before
    print(json.dumps({
        "threads": options.threads,
        "fitMs": spread(taken),
        "processorMs": 1e3 * used / len(taken),
        "checkLosses": [math.log(similarity.sum() / data.item_count)],
        "peakMebibytes": peak_mebibytes(),
        "versions": {"implicit": implicit.__version__},
    }))


if __name__ == "__main__":
    main()
