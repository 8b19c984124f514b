"""The authors' own XSimGCL beside ours: their model file, as it is, on a CPU, epoch by epoch.

Their code is not on a package registry: clone https://github.com/Coder-Yu/SELFRec (figures in
docs/results.md are of commit 5b02294). Its tensors stay off the GPU, its sparse product runs on
compressed rows, and users are judged in blocks; model, loss, sampling and start are theirs.
Ours on the same folder: `node recipes/training-curve.ts --data FOLDER --model xsimgcl …`.

Usage: python xsimgcl_selfrec.py FOLDER --code SELFREC [--ratings ml-100k/u.data] [--epochs 240]
         [--every 20] [--penalty undivided] [--weight 0.01] [--seed 1] [--threads 1]
FOLDER has train.txt and test.txt in LightGCN's layout. With --ratings they are made: ratings of 3
and more, a random fifth of each user's as test, of items that train has.
--penalty: l2_reg_loss as when the paper came out (λ times the norms), or as today (over the batch's size).
"""

import argparse
import pathlib
import random
import sys
import time
import types

import numpy as np
import torch


def cut(ratings: pathlib.Path, folder: pathlib.Path) -> None:
    """Writes train.txt and test.txt; users and items are numbered as they come."""
    liked: dict[int, list[int]] = {}
    for line in ratings.read_text().splitlines():
        user, item, rating, _ = map(int, line.split("\t"))
        if rating >= 3:
            liked.setdefault(user, []).append(item)
    chance = random.Random(7)
    numbers: dict[int, int] = {}
    train, test = [], []
    for user in liked:
        chance.shuffle(liked[user])
    for number, user in enumerate(sorted(liked)):
        kept = max(1, int(0.8 * len(liked[user])))
        items = [numbers.setdefault(item, len(numbers)) for item in liked[user][:kept]]
        train.append([number, *items])
    for number, user in enumerate(sorted(liked)):
        kept = max(1, int(0.8 * len(liked[user])))
        items = [numbers[item] for item in liked[user][kept:] if item in numbers]
        if items:
            test.append([number, *items])
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("train", train), ("test", test)):
        lines = [" ".join(map(str, row)) + "\n" for row in rows]
        (folder / f"{name}.txt").write_text("".join(lines))


def pairs(file: pathlib.Path) -> list[list]:
    """[user, item, 1] of every interaction, as their loader gives them."""
    rows = (line.split() for line in file.read_text().splitlines())
    return [[user, item, 1.0] for user, *items in rows for item in items]


class Product(torch.autograd.Function):
    """Ã·x; Ã is symmetric."""

    @staticmethod
    def forward(context, matrix, x):
        context.matrix = matrix
        return torch.mm(matrix, x)

    @staticmethod
    def backward(context, gradient):
        return None, torch.mm(context.matrix, gradient.contiguous())


def compressed(matrix):
    rows = matrix.tocsr()
    parts = (rows.indptr.astype(np.int64), rows.indices.astype(np.int64), rows.data.astype(np.float32))
    return torch.sparse_csr_tensor(*map(torch.from_numpy, parts), rows.shape)


def undivided(weight, *vectors):
    return weight * sum(torch.norm(rows, p=2) for rows in vectors)


def judge(model, test: dict[str, set[str]], k: int = 20) -> tuple[float, float]:
    """Recall@k and NDCG@k over the users of test that train has."""
    data = model.data
    users = [user for user in test if user in data.user]
    discount = 1 / np.log2(np.arange(2, k + 2))
    recall = ndcg = 0.0
    for at in range(0, len(users), 512):
        block = users[at : at + 512]
        scores = model.user_emb[[data.user[user] for user in block]] @ model.item_emb.T
        for row, user in enumerate(block):
            scores[row, [data.item[item] for item in data.training_set_u[user]]] = -1e9
        for row, user in zip(torch.topk(scores, k).indices.tolist(), block):
            hits = np.array([data.id2item[item] in test[user] for item in row])
            recall += hits.sum() / len(test[user])
            ndcg += hits @ discount / discount[: min(k, len(test[user]))].sum()
    return recall / len(users), ndcg / len(users)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--code", required=True)
    parser.add_argument("--ratings", type=pathlib.Path)
    parser.add_argument("--epochs", type=int, default=240)
    parser.add_argument("--every", type=int, default=20)
    parser.add_argument("--penalty", choices=["undivided", "divided"], default="undivided")
    parser.add_argument("--weight", type=float, default=0.01, help="λ of the contrast")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    if options.ratings:
        cut(options.ratings, options.folder)

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    random.seed(options.seed)
    torch.Tensor.cuda = torch.nn.Module.cuda = lambda self, *_: self
    torch.sparse.mm = Product.apply
    sys.path.insert(0, options.code)
    # Of their top-K, which needs numba, nothing is used.
    sys.modules["util.algorithm"] = types.SimpleNamespace(find_k_largest=None)
    from base.torch_interface import TorchGraphInterface
    from util import loss_torch

    TorchGraphInterface.convert_sparse_mat_to_tensor = staticmethod(compressed)
    if options.penalty == "undivided":
        loss_torch.l2_reg_loss = undivided
    from model.graph.XSimGCL import XSimGCL

    class Settings(dict):
        def contain(self, key):
            return key in self

    settings = Settings(
        {
            "model": {"name": "XSimGCL"},
            "item.ranking.topN": [20],
            "embedding.size": 64,
            "max.epoch": options.epochs,
            "batch.size": 2048,
            "learning.rate": 0.001,
            "reg.lambda": 0.0001,
            "output": "",
            "XSimGCL": {"lambda": options.weight, "eps": 0.2, "tau": 0.15, "n_layer": 3, "l_star": 1},
        }
    )
    test: dict[str, set[str]] = {}
    held_out = pairs(options.folder / "test.txt")
    for user, item, _ in held_out:
        test.setdefault(user, set()).add(item)
    begin = time.perf_counter()

    def fast_evaluation(self, epoch):
        self.best_user_emb, self.best_item_emb = self.user_emb, self.item_emb
        if (epoch + 1) % options.every:
            return
        recall, ndcg = judge(self, test)
        minutes = (time.perf_counter() - begin) / 60
        print(f"epoch {epoch + 1}: Recall@20 {recall:.4f}, NDCG@20 {ndcg:.4f}, {minutes:.1f} minutes", flush=True)

    XSimGCL.fast_evaluation = fast_evaluation
    XSimGCL(settings, pairs(options.folder / "train.txt"), held_out).train()


if __name__ == "__main__":
    main()
