"""NGCF's training step in PyTorch Geometric, on the CPU: 3 layers of 64, without dropout.

  sparse  a MessagePassing layer that is given the normalised adjacency as a sparse CSR tensor and
          fuses message and aggregation (message_and_aggregate), PyG's documented memory-efficient
          path; W1 and W2 are applied after the sum, as in the paper's matrix form
  edges   the layer as the paper's equation 3 reads: a message for each edge of an edge_index

Usage: python ngcf_pyg.py FOLDER [--form sparse] [--threads 2] [--seconds 5]
Prints one line of JSON.
"""

import torch
from network_steps import bpr_loss, edges, measure, sine_weights
from neutral import WIDTH, Neutral
from torch_geometric.nn import MessagePassing
from torch_geometric.utils import spmm

LAYERS, DECAY = 3, 1e-5


class NgcfLayer(MessagePassing):
    def __init__(self, k: int):
        super().__init__(aggr="sum")
        self.w1 = torch.nn.Parameter(sine_weights(2 * k + 1, WIDTH, WIDTH, 0.1))
        self.w2 = torch.nn.Parameter(sine_weights(2 * k + 2, WIDTH, WIDTH, 0.1))

    def forward(self, x, graph, norm):
        if norm is None:
            side = self.propagate(graph, x=x, norm=None)
            return torch.nn.functional.leaky_relu((side + x) @ self.w1 + (side * x) @ self.w2, 0.2)
        heard = self.propagate(graph, x=x, norm=norm)
        return torch.nn.functional.leaky_relu(heard + x @ self.w1, 0.2)

    def message(self, x_i, x_j, norm):
        return norm[:, None] * (x_j @ self.w1 + (x_j * x_i) @ self.w2)

    def message_and_aggregate(self, adj_t, x):
        return spmm(adj_t, x, reduce="sum")


class Ngcf(torch.nn.Module):
    def __init__(self, data: Neutral, form: str):
        super().__init__()
        self.user_count = data.user_count
        self.embedding = torch.nn.Parameter(torch.from_numpy(data.initial).clone())
        self.layers = torch.nn.ModuleList(NgcfLayer(k) for k in range(LAYERS))
        index = edges(data)
        root = torch.bincount(index[0], minlength=data.node_count).clamp(min=1).float().rsqrt()
        norm = root[index[0]] * root[index[1]]
        if form == "edges":
            self.graph, self.norm = index, norm
        else:
            size = (data.node_count, data.node_count)
            matrix = torch.sparse_coo_tensor(index.flip(0), norm, size, check_invariants=False)
            self.graph, self.norm = matrix.coalesce().to_sparse_csr(), None

    def loss(self, users, positives, negatives):
        x = self.embedding
        parts = [x]
        for layer in self.layers:
            x = layer(x, self.graph, self.norm)
            parts.append(torch.nn.functional.normalize(x))
        own = [users, positives + self.user_count, negatives + self.user_count]
        penalty = sum(self.embedding[rows].pow(2).sum() for rows in own) / 2 / len(users)
        vectors = torch.cat(parts, dim=1)
        return bpr_loss(vectors, self.user_count, users, positives, negatives) + DECAY * penalty


if __name__ == "__main__":
    measure(Ngcf, ["sparse", "edges"], 1e-4)
