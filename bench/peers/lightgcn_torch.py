"""LightGCN's training step in PyTorch, on the CPU.

  coo, csr   the official LightGCN-PyTorch formulation: torch.sparse.mm of the
             normalised adjacency over the whole graph each batch, layers stacked
             and averaged, BPR with L2 on the batch's rows, Adam. In COO as the
             official code has it, or in CSR.
  csr-symmetric
             the best we could write in PyTorch: the same with P = 1/(K+1) sum A~^k as one
             function whose gradient is P again, so that autograd never transposes the matrix
  pyg        torch_geometric.nn.LightGCN given an edge_index, as its documentation shows
  pyg-csr    the same given a sparse CSR adjacency, normalised once beforehand:
             its documented memory-efficient path

Usage: python lightgcn_torch.py FOLDER --form coo [--threads 2] [--seconds 5]
Prints one line of JSON.
"""

import torch
from network_steps import edges, measure
from neutral import WIDTH, Neutral

RATE, DECAY, LAYERS = 1e-3, 1e-4, 3


def adjacency(data: Neutral) -> torch.Tensor:
    """D^-1/2 A D^-1/2 in COO, coalesced."""
    index = edges(data)
    degree = torch.bincount(index[0], minlength=data.node_count).float()
    root = degree.clamp(min=1).rsqrt()
    values = root[index[0]] * root[index[1]]
    shape = (data.node_count, data.node_count)
    return torch.sparse_coo_tensor(index, values, shape, check_invariants=False).coalesce()


class Propagation(torch.autograd.Function):
    """P x by Horner's rule; P is symmetric, so the gradient is P g."""

    @staticmethod
    def forward(context, x, matrix):
        context.matrix = matrix
        sum_of_layers = x
        for _ in range(LAYERS):
            sum_of_layers = torch.addmm(x, matrix, sum_of_layers)
        return sum_of_layers / (LAYERS + 1)

    @staticmethod
    def backward(context, gradient):
        return Propagation.forward(context, gradient, context.matrix), None


class Official(torch.nn.Module):
    """The official formulation."""

    def __init__(self, data: Neutral, form: str):
        super().__init__()
        self.user_count = data.user_count
        self.symmetric = form == "csr-symmetric"
        self.users = torch.nn.Embedding.from_pretrained(
            torch.from_numpy(data.initial[: data.user_count]).clone(), freeze=False)
        self.items = torch.nn.Embedding.from_pretrained(
            torch.from_numpy(data.initial[data.user_count :]).clone(), freeze=False)
        matrix = adjacency(data)
        self.matrix = matrix if form == "coo" else matrix.to_sparse_csr()

    def propagate(self) -> torch.Tensor:
        x = torch.cat([self.users.weight, self.items.weight])
        if self.symmetric:
            return Propagation.apply(x, self.matrix)
        all_layers = [x]
        for _ in range(LAYERS):
            x = torch.sparse.mm(self.matrix, x)
            all_layers.append(x)
        return torch.stack(all_layers, dim=1).mean(dim=1)

    def loss(self, users, positives, negatives) -> torch.Tensor:
        final_users, final_items = torch.split(
            self.propagate(), [self.user_count, self.items.num_embeddings])
        u, p, n = final_users[users], final_items[positives], final_items[negatives]
        difference = (u * n).sum(1) - (u * p).sum(1)
        own = (self.users(users), self.items(positives), self.items(negatives))
        penalty = 0.5 * sum(rows.norm(2).pow(2) for rows in own) / len(users)
        return torch.nn.functional.softplus(difference).mean() + DECAY * penalty


class Geometric(torch.nn.Module):
    """torch_geometric.nn.LightGCN; its penalty has no one half, so the factor is halved here."""

    def __init__(self, data: Neutral, form: str):
        super().__init__()
        csr = form == "pyg-csr"
        from torch_geometric.nn import LightGCN

        self.user_count = data.user_count
        self.graph = adjacency(data).to_sparse_csr() if csr else edges(data)
        self.model = LightGCN(data.node_count, WIDTH, LAYERS, normalize=not csr)
        with torch.no_grad():
            self.model.embedding.weight.copy_(torch.from_numpy(data.initial))

    def propagate(self) -> torch.Tensor:
        return self.model.get_embedding(self.graph)

    def loss(self, users, positives, negatives) -> torch.Tensor:
        positives, negatives = positives + self.user_count, negatives + self.user_count
        pairs = torch.stack([users.repeat(2), torch.cat([positives, negatives])])
        good, bad = self.model(self.graph, pairs).chunk(2)
        nodes = torch.cat([users, positives, negatives])
        return self.model.recommendation_loss(good, bad, node_id=nodes, lambda_reg=DECAY / 2)


def make(data: Neutral, form: str) -> torch.nn.Module:
    return (Geometric if form.startswith("pyg") else Official)(data, form)


if __name__ == "__main__":
    measure(make, ["coo", "csr", "csr-symmetric", "pyg", "pyg-csr"], RATE)
