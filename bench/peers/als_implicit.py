"""Iterations of `implicit`'s AlternatingLeastSquares: confidence 40 in seen pairs, 1 in others, λ = 0.01.

Its own solver is called for items, then users, which is the order of ours; one call of `fit`'s
loop does the same work. The factors start from initial.bin (users) and from zero (items).

Usage: OPENBLAS_NUM_THREADS=1 python als_implicit.py FOLDER [--threads 2] [--seconds 5] [--factors 64] [--solver cg]
Prints one line of JSON.
"""

import json

import implicit
import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from neutral import Neutral, arguments, peak_mebibytes, spread, timed
from scipy.sparse import csr_matrix

CONFIDENCE, REGULARISATION = 40.0, 0.01
CHECK_ITERATIONS = 3


def objective(liked: csr_matrix, users: np.ndarray, items: np.ndarray) -> float:
    """Σ c(1 − s)² over seen pairs + Σ s² over the others + λ(Σ‖x‖² + Σ‖y‖²), over the seen pairs."""
    rows = np.repeat(np.arange(liked.shape[0]), np.diff(liked.indptr))
    total = 0.0
    for first in range(0, liked.nnz, 1 << 17):
        part = slice(first, first + (1 << 17))
        scores = np.einsum("nc,nc->n", users[rows[part]], items[liked.indices[part]]).astype(float)
        total += float(np.sum((CONFIDENCE - 1) * scores**2 - 2 * CONFIDENCE * scores + CONFIDENCE))
    wide_users, wide_items = users.astype(float), items.astype(float)
    total += float(np.sum((wide_users.T @ wide_users) * (wide_items.T @ wide_items)))
    total += REGULARISATION * float(np.sum(wide_users**2) + np.sum(wide_items**2))
    return total / liked.nnz


def main() -> None:
    parser = arguments()
    parser.add_argument("--factors", type=int, default=64)
    parser.add_argument("--solver", choices=["cg", "cholesky"], default="cg")
    options = parser.parse_args()
    data = Neutral(options.folder)
    width = options.factors
    values = np.full(len(data.users), CONFIDENCE, np.float32)
    liked = csr_matrix((values, (data.users, data.items)), (data.user_count, data.item_count))
    by_item = liked.T.tocsr()
    users = np.float32(0.1) * np.resize(data.initial, data.user_count * width).reshape(-1, width)
    items = np.zeros((data.item_count, width), np.float32)
    model = AlternatingLeastSquares(
        factors=width,
        regularization=REGULARISATION,
        use_cg=options.solver == "cg",
        num_threads=options.threads,
    )
    solve = model.solver

    def iterate() -> None:
        solve(by_item, items, users, REGULARISATION, num_threads=options.threads)
        solve(liked, users, items, REGULARISATION, num_threads=options.threads)

    for _ in range(CHECK_ITERATIONS):
        iterate()
    peak = peak_mebibytes()
    loss = objective(liked, users, items)
    taken, processor = timed(iterate, options.seconds, 3)
    print(json.dumps({
        "threads": options.threads,
        "iterationMs": spread(taken),
        "processorMs": processor,
        "checkObjective": loss,
        "peakMebibytes": peak,
        "versions": {"implicit": implicit.__version__},
    }))


if __name__ == "__main__":
    main()
