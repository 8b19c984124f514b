import assert from "node:assert/strict";
import { test } from "node:test";
import { egoNetwork } from "../../src/graph/ego-network.ts";
import { normalisations } from "../../src/graph/normalisation.ts";
import { PowerRows } from "../../src/graph/power-rows.ts";
import { denseAdjacency, randomGraph } from "./random-graph.ts";

const graph = randomGraph(6, 8, 0.4, 5);

test("rows of the powers are those of the dense matrix, for every normalisation", () => {
  const exponents = {
    symmetric: [0.5, 0.5],
    left: [0.5, 0],
    right: [0, 0.5],
    l1: [1, 1],
    "l1-left": [1, 0],
    "l1-right": [0, 1],
  };
  for (const normalisation of normalisations) {
    for (const own of [false, true]) {
      const a = denseAdjacency(graph).map((row, i) => row.map((v, j) => (own && i === j ? 1 : v)));
      const degree = a.map((row) => row.reduce((sum, value) => sum + value, 0));
      const [p, q] = exponents[normalisation];
      const tilde = a.map((row, i) =>
        row.map((value, j) => value && value * degree[i]! ** -p! * degree[j]! ** -q!),
      );
      const rows = new PowerRows(graph, normalisation, own);
      let expected = tilde[2]!;
      let found = rows.next(rows.unit(2));
      for (let k = 1; k <= 3; k++) {
        expected.forEach((value, at) => {
          assert.ok(Math.abs(found[at]! - value) < 1e-12, `${normalisation} ${k}: ${at}`);
        });
        expected = tilde[0]!.map((_, j) =>
          expected.reduce((sum, value, i) => sum + value * tilde[i]![j]!, 0),
        );
        found = rows.next(found);
      }
    }
  }
});

test("an unbounded ego network holds the whole component once, hop by hop", () => {
  const rows = new PowerRows(graph, "symmetric");
  const { nodes, edges, reached } = egoNetwork(rows, 0, [99, 99, 99], "strongest");
  assert.deepEqual(
    nodes
      .filter(({ hop }) => hop === 1)
      .map(({ node }) => node)
      .sort(),
    [...rows.neighbours(0)].sort(),
  );
  assert.equal(new Set(nodes.map(({ node }) => node)).size, nodes.length);
  assert.deepEqual(
    reached,
    [1, 2, 3].map((hop) => nodes.filter((node) => node.hop === hop).length),
  );
  for (const [from, to] of edges) {
    assert.ok([...rows.neighbours(nodes[from]!.node)].includes(nodes[to]!.node));
    assert.equal(Math.abs(nodes[from]!.hop - nodes[to]!.hop), 1);
  }
});

test("a bounded one keeps the first of its order, all of them linked to the centre", () => {
  const rows = new PowerRows(graph, "symmetric");
  for (const order of ["strongest", "rarest"] as const) {
    const { nodes, edges } = egoNetwork(rows, 7, [2, 2, 3], order);
    const key = order === "rarest" ? "degree" : "weight";
    const first = nodes.filter(({ hop }) => hop === 1);
    const all = egoNetwork(rows, 7, [99], order).nodes.slice(1);
    assert.deepEqual(first, all.slice(0, 2));
    const values = all.map((node) => (order === "rarest" ? node[key] : -node[key]));
    assert.deepEqual(
      values,
      values.toSorted((a, b) => a - b),
    );
    const linked = new Set(edges.map(([, to]) => to));
    assert.equal(linked.size, nodes.length - 1);
  }
});
