"""`implicit`'s CosineRecommender on items, or on users by turning the matrix.

The 100 nearest beside the item itself, which `implicit` counts among its neighbours and ours
does not: 101 are asked for, and the diagonal is left out of the check. Of items that are equally
near, which is kept is chance, so that scores agree to a hundredth only.

Usage: python neighbours_implicit.py FOLDER [--form items] [--threads 2] [--seconds 5]
Prints one line of JSON.
"""

import implicit
from implicit.nearest_neighbours import CosineRecommender
from neutral import CHECK_USERS, Neutral, arguments, measure_fit

NEIGHBOURS = 100
TOLERANCE = 0.01

if __name__ == "__main__":
    options = arguments(["items", "users"]).parse_args()
    liked = Neutral(options.folder).matrix(float)
    subject = liked if options.form == "items" else liked.T.tocsr()

    def fit():
        model = CosineRecommender(K=NEIGHBOURS + 1, num_threads=options.threads)
        model.fit(subject, show_progress=False)
        return model.similarity

    def score(similarity):
        others = similarity.tolil()
        others.setdiag(0)
        others = others.tocsr()
        if options.form == "items":  # a row holds the neighbours of the item that is scored
            return (liked[:CHECK_USERS] @ others.T).toarray()
        return (others[:CHECK_USERS] @ liked).toarray()

    measure_fit(fit, score, options, {"implicit": implicit.__version__}, TOLERANCE)
