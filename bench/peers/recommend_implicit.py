"""Ten recommendations by `implicit` from a model kept on disk, as its documentation loads it.

Usage: python recommend_implicit.py MODEL              loads MODEL.npz and ranks for the first user
       python recommend_implicit.py MODEL --fit FOLDER  fits and keeps it beforehand
"""

import sys

from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import load_npz, save_npz

if __name__ == "__main__":
    path = sys.argv[1]
    if "--fit" in sys.argv:
        from neutral import Neutral

        liked = Neutral(sys.argv[3]).matrix()
        model = AlternatingLeastSquares(factors=64, random_state=1)
        model.fit(40 * liked, show_progress=False)
        model.save(f"{path}.npz")
        save_npz(f"{path}-seen.npz", liked)
    else:
        model = AlternatingLeastSquares.load(f"{path}.npz")
        print(model.recommend(0, load_npz(f"{path}-seen.npz")[0], N=10))
