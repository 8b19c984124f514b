"""GAT's training step with torch_geometric.nn.GATConv, on the CPU: 2 layers, 128 hidden, 64 out,
4 heads side by side, a free vector for each node as input, without dropout.

  edges   GATConv given an edge_index, sorted by target beforehand, as its documentation shows it
  index   the same given a torch_geometric.EdgeIndex, which knows that it is sorted

Usage: python gat_pyg.py FOLDER [--form edges] [--threads 2] [--seconds 5]
Prints one line of JSON.
"""

import torch
from network_steps import bpr_loss, edges, measure, sine_weights
from neutral import WIDTH, Neutral
from torch_geometric import EdgeIndex
from torch_geometric.nn import GATConv

HIDDEN, HEADS = 128, 4


class Gat(torch.nn.Module):
    def __init__(self, data: Neutral, form: str):
        super().__init__()
        self.user_count = data.user_count
        nodes = data.node_count
        self.input = torch.nn.Parameter(sine_weights(0, nodes, HIDDEN, 0.1))
        loops = torch.arange(nodes).expand(2, nodes)
        index = torch.cat([edges(data), loops], dim=1)
        index = index[:, torch.argsort(index[1], stable=True)]
        self.graph = index if form == "edges" else EdgeIndex(
            index, sparse_size=(nodes, nodes), sort_order="col", is_undirected=True)
        self.layers = torch.nn.ModuleList()
        for k, width in enumerate([HIDDEN, WIDTH]):
            layer = GATConv(HIDDEN, width // HEADS, HEADS, add_self_loops=False, bias=False)
            attention = sine_weights(2 * k + 2, 2 * width, 1, 0.3).view(2, 1, HEADS, width // HEADS)
            with torch.no_grad():
                layer.lin.weight.copy_(sine_weights(2 * k + 1, HIDDEN, width, 0.1).T)
                layer.att_src.copy_(attention[0])
                layer.att_dst.copy_(attention[1])
            self.layers.append(layer)

    def loss(self, users, positives, negatives):
        first, second = self.layers
        vectors = second(torch.relu(first(self.input, self.graph)), self.graph)
        return bpr_loss(vectors, self.user_count, users, positives, negatives)


if __name__ == "__main__":
    measure(Gat, ["edges", "index"], 1e-3)
