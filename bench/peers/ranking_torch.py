"""Full ranking in PyTorch: for every user the 20 best of all items, training items left out.

Tiles of users: matmul, training items set to minus infinity by index, topk.

Usage: python ranking_torch.py FOLDER [--threads 2] [--seconds 5]
Ranks by the random vectors of initial.bin. Prints one line of JSON.
"""

import json

import numpy as np
import torch
from neutral import WIDTH, Neutral, arguments, peak_mebibytes, spread, timed


TILES = (64, 256, 1024)
# Each tile is warmed, then its best of so many runs on a sample of the users counts.
TRIALS, SAMPLE = 3, 2048
LEAST_RUNS = 5


@torch.inference_mode()
def rank(users, items, pairs, starts, tile: int, k: int):
    best_items, best_scores = [], []
    transposed = items.t()
    for first in range(0, len(users), tile):
        last = min(first + tile, len(users))
        scores = users[first:last] @ transposed
        masked = slice(starts[first], starts[last])
        scores[pairs[0][masked] - first, pairs[1][masked]] = -torch.inf
        top = scores.topk(k)
        best_items.append(top.indices)
        best_scores.append(top.values)
    return torch.cat(best_items), torch.cat(best_scores)


def main() -> None:
    parser = arguments()
    parser.add_argument("--tile", type=int, default=0, help="users a tile; 0 tries several")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    data = Neutral(options.folder)
    vectors = torch.from_numpy(data.initial)
    users, items = vectors[: data.user_count], vectors[data.user_count :].contiguous()
    pairs = [torch.from_numpy(data.users), torch.from_numpy(data.items)]
    starts = np.searchsorted(data.users, np.arange(data.user_count + 1))
    tile = options.tile
    sample = users[: min(SAMPLE, len(users))]
    if not tile:
        def trial(candidate: int) -> float:
            rank(sample, items, pairs, starts, candidate, 20)  # warms its buffers
            return min(timed(lambda: rank(sample, items, pairs, starts, candidate, 20), 0, TRIALS)[0])

        tile = min(TILES, key=trial)
    best, scores = rank(users, items, pairs, starts, tile, 20)
    taken, _ = timed(lambda: rank(users, items, pairs, starts, tile, 20), options.seconds, LEAST_RUNS)
    print(json.dumps({
        "threads": torch.get_num_threads(),
        "width": WIDTH,
        "k": 20,
        "tile": tile,
        "rankMs": spread(taken),
        "meanTopScore": scores.double().mean().item(),
        "itemChecksum": int(best.sum()),
        "peakMebibytes": peak_mebibytes(),
        "versions": {"torch": torch.__version__},
    }))


if __name__ == "__main__":
    main()
