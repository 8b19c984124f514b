"""`implicit`'s CosineRecommender or BM25Recommender, fitted.

Usage: python knn_implicit.py FOLDER [--threads 2] [--seconds 5] [--neighbours 20] [--weighting cosine]
Prints one line of JSON.
"""

import json
import math

import implicit
import numpy as np
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender
from neutral import Neutral, arguments, peak_mebibytes, spread, timed
from scipy.sparse import csr_matrix


def main() -> None:
    parser = arguments()
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
    taken, processor = timed(fit, options.seconds)
    print(json.dumps({
        "threads": options.threads,
        "fitMs": spread(taken),
        "processorMs": processor,
        "checkLosses": [math.log(similarity.sum() / data.item_count)],
        "peakMebibytes": peak_mebibytes(),
        "versions": {"implicit": implicit.__version__},
    }))


if __name__ == "__main__":
    main()
