"""`implicit`'s AlternatingLeastSquares, fitted: 64 factors, 15 iterations, three conjugate
gradient steps, confidence 40 in seen pairs, λ = 0.01. Its random start is its own, so that the
scores are only nearly those of another solver.

Usage: OPENBLAS_NUM_THREADS=1 python als_fit_implicit.py FOLDER [--threads 2] [--seconds 5]
Prints one line of JSON.
"""

import implicit
from implicit.cpu.als import AlternatingLeastSquares
from neutral import CHECK_USERS, Neutral, arguments, measure_fit

if __name__ == "__main__":
    options = arguments().parse_args()
    liked = 40 * Neutral(options.folder).matrix()

    def fit():
        model = AlternatingLeastSquares(
            factors=64, regularization=0.01, iterations=15, num_threads=options.threads, random_state=1)
        model.fit(liked, show_progress=False)
        return model

    measure_fit(
        fit,
        lambda model: model.user_factors[:CHECK_USERS] @ model.item_factors.T,
        options,
        {"implicit": implicit.__version__},
        0.02,
    )
