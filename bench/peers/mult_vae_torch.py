"""Mult-VAE (Liang et al., WWW 2018) in PyTorch on the CPU: 600-200-600, batches of 500 users.

  dense    as it is usually written: the batch's rows of zeros and ones laid out, linear layers, Adam
  sparse   the best we could write: the first layer an embedding bag over the batch's items, its
           dropout on their weights, and PyTorch's fused Adam

Both train on nine tenths of the users and rank for the others, as bench/ours/mult-vae.ts does. The
work is fixed: --seconds changes nothing.

Usage: python mult_vae_torch.py FOLDER --form dense [--threads 2]
Prints one line of JSON.
"""

import json
import math
import statistics
import time

import numpy as np
import torch
from torch.nn import functional

from network_steps import sine_weights
from neutral import Neutral, arguments, peak_mebibytes, spread

BATCH, CHECKS, RATE = 500, 3, 1e-3
HIDDEN, LATENT, DROPOUT = 600, 200, 0.5
ANNEAL, CAP = 200_000, 0.2
HELD_OUT_EVERY, TARGET_EVERY = 10, 5
WORK = 200_000_000
NO_SPREAD = -60.0


class MultVae(torch.nn.Module):
    def __init__(self, item_count: int, form: str):
        super().__init__()
        self.form, self.item_count = form, item_count
        if form == "dense":
            self.encoder = torch.nn.Linear(item_count, HIDDEN)
        else:
            self.encoder = torch.nn.EmbeddingBag(item_count, HIDDEN, mode="sum")
            self.encoder_bias = torch.nn.Parameter(torch.zeros(HIDDEN))
        self.code = torch.nn.Linear(HIDDEN, 2 * LATENT)
        self.decoder = torch.nn.Linear(LATENT, HIDDEN)
        self.output = torch.nn.Linear(HIDDEN, item_count)
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                torch.nn.init.normal_(parameter, std=0.001)
            else:
                torch.nn.init.xavier_uniform_(parameter)

    def first_layer(self, rows: list[np.ndarray], dropout: float) -> torch.Tensor:
        if self.form == "dense":
            x = functional.dropout(functional.normalize(self.dense(rows)), dropout)
            return self.encoder(x)
        lengths = np.array([len(row) for row in rows])
        offsets = torch.from_numpy(np.concatenate([[0], np.cumsum(lengths)[:-1]]))
        weights = torch.from_numpy(np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths).astype(np.float32))
        items = torch.from_numpy(np.concatenate(rows))
        bag = self.encoder(items, offsets, functional.dropout(weights, dropout))
        return bag + self.encoder_bias

    def dense(self, rows: list[np.ndarray]) -> torch.Tensor:
        x = np.zeros((len(rows), self.item_count), np.float32)
        for place, row in enumerate(rows):
            x[place, row] = 1
        return torch.from_numpy(x)

    def forward(self, rows: list[np.ndarray], dropout: float, noise: bool):
        mean, log_variance = self.code(torch.tanh(self.first_layer(rows, dropout))).chunk(2, dim=1)
        z = mean
        if noise:
            z = mean + torch.exp(log_variance / 2) * torch.randn_like(mean)
        return self.output(torch.tanh(self.decoder(z))), mean, log_variance

    def loss(self, rows: list[np.ndarray], update: int, dropout: float, noise: bool) -> torch.Tensor:
        scores, mean, log_variance = self(rows, dropout, noise)
        logs = functional.log_softmax(scores, dim=1)
        if self.form == "dense":
            likelihood = (logs * self.dense(rows)).sum(1).mean()
        else:
            people = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
            likelihood = logs[torch.from_numpy(people), torch.from_numpy(np.concatenate(rows))].sum() / len(rows)
        divergence = 0.5 * (log_variance.exp() + mean**2 - 1 - log_variance).sum(1).mean()
        return min(CAP, update / ANNEAL) * divergence - likelihood


def start_check(model: MultVae) -> None:
    """The starting weights of the check, and no spread of the code."""
    with torch.no_grad():
        for key, name in enumerate(["encoder", "code", "decoder", "output"]):
            weight = getattr(model, name).weight
            # Ours lie inputs by outputs, but for the output layer.
            turned = name in ("code", "decoder") or (name == "encoder" and model.form == "dense")
            rows, columns = reversed(weight.shape) if turned else weight.shape
            values = sine_weights(key, rows, columns, math.sqrt(2 / (rows + columns)))
            weight.copy_(values.T if turned else values)
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.zero_()
        model.code.bias[LATENT:] = NO_SPREAD


def quality(model: MultVae, histories: list[np.ndarray], targets: list[np.ndarray]) -> dict:
    """Recall@20 over min(20, targets), and NDCG@100, means over users."""
    gains = 1 / np.log2(np.arange(100) + 2)
    recall, ndcg = [], []
    with torch.no_grad():
        for first in range(0, len(histories), BATCH):
            rows = histories[first : first + BATCH]
            scores = model(rows, 0.0, False)[0]
            for place, row in enumerate(rows):
                scores[place, row] = -torch.inf
            lists = scores.topk(100).indices.numpy()
            for place, wanted in enumerate(targets[first : first + BATCH]):
                found = np.isin(lists[place], wanted)
                recall.append(found[:20].sum() / min(20, len(wanted)))
                ndcg.append(gains[found].sum() / gains[: min(100, len(wanted))].sum())
    return {"recall20": float(np.mean(recall)), "ndcg100": float(np.mean(ndcg))}


def main() -> None:
    options = arguments(["dense", "sparse"]).parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    data = Neutral(options.folder)
    starts = np.searchsorted(data.users, np.arange(data.user_count + 1))
    rows = [data.items[starts[user] : starts[user + 1]] for user in range(data.user_count)]
    train = [row for user, row in enumerate(rows) if user % HELD_OUT_EVERY and len(row)]
    held = [row for user, row in enumerate(rows) if user % HELD_OUT_EVERY == 0 and len(row) >= TARGET_EVERY]
    is_target = [np.arange(len(row)) % TARGET_EVERY == TARGET_EVERY - 1 for row in held]

    def optimiser(model: MultVae) -> torch.optim.Adam:
        return torch.optim.Adam(model.parameters(), lr=RATE, fused=options.form == "sparse")

    def step(model: MultVae, adam, batch, update: int, dropout: float, noise: bool) -> float:
        loss = model.loss(batch, update, dropout, noise)
        adam.zero_grad()
        loss.backward()
        adam.step()
        return loss.item()

    model = MultVae(data.item_count, options.form)
    start_check(model)
    adam = optimiser(model)
    losses = []
    for check in range(CHECKS):
        batch = [train[(check * BATCH + at) % len(train)] for at in range(BATCH)]
        loss = step(model, adam, batch, check, 0.0, True)
        losses.append(loss * BATCH / sum(len(row) for row in batch))
    del model, adam

    model = MultVae(data.item_count, options.form)
    adam = optimiser(model)
    steps = math.ceil(len(train) / BATCH)
    epochs = max(1, round(WORK / (steps * BATCH * data.item_count)))
    random = np.random.default_rng(1)
    taken, epoch_times = [], []
    used = time.process_time()
    for _ in range(epochs):
        epoch_begin = time.perf_counter()
        order = random.permutation(len(train))
        for first in range(0, len(train), BATCH):
            begin = time.perf_counter()
            batch = [train[at] for at in order[first : first + BATCH]]
            step(model, adam, batch, len(taken), DROPOUT, True)
            taken.append(time.perf_counter() - begin)
        epoch_times.append(time.perf_counter() - epoch_begin)
    used = time.process_time() - used
    model.eval()
    histories = [row[~mark] for row, mark in zip(held, is_target)]
    targets = [row[mark] for row, mark in zip(held, is_target)]
    print(json.dumps({
        "threads": torch.get_num_threads(),
        "batch": BATCH,
        "steps": len(taken),
        "stepMs": spread(taken),
        "processorMs": 1e3 * used / len(taken),
        "epochSeconds": statistics.median(epoch_times),
        "epochs": epochs,
        "checkLosses": losses,
        "quality": quality(model, histories, targets),
        "peakMebibytes": peak_mebibytes(),
        "versions": {"torch": torch.__version__, "numpy": np.__version__},
    }))


if __name__ == "__main__":
    main()
