/**
 * Suites of models that are fitted in one go: all closed-form models beside the libraries that
 * people fit them with, and neighbourhoods exactly as `implicit` has them.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { best, peakMemory, spread, timesOurs } from "../columns.ts";
import {
  type Contender,
  leftOutBelow,
  ours,
  pythonPeer,
  type Task,
  withoutPython,
} from "../contenders.ts";
import { neutralGround, type Suite, type Variant } from "../suite.ts";

const columns = [
  spread("fit ms (spread)", (round) => round.fitMs),
  timesOurs((round) => round.fitMs),
  best("best ms", (round) => round.fitMs?.min),
  best("processor ms", (round) => round.processorMs),
  // Some peers have one thread whatever they are told: what theirs and ours cost all cores together.
  timesOurs((round) => round.processorMs),
  peakMemory,
];

/** A variant of the suite: one model of ours and its peers. */
function model(
  name: string,
  settings: object,
  peers: readonly Contender[],
  more: readonly string[] = [],
): Variant {
  const flags = ["--model", name, "--settings", JSON.stringify(settings), ...more];
  return { title: name, contenders: [ours("ours", "Lumière", "fit.ts", flags), ...peers] };
}

const spectral = (name: string): Contender[] =>
  [
    ["svds", "SciPy svds (ARPACK)"],
    ["randomised", "scikit-learn randomized_svd"],
  ].map(([form = "", title = ""]) =>
    pythonPeer(form, title, "spectrum.py", ["--form", form, "--model", name]),
  );

const alsSettings = {
  ...{ width: 64, iterations: 15, solver: "cg", confidence: "value", alpha: 40 },
  ...{ unobservedWeight: 1, regularisation: 0.01, regularisationExponent: 0 },
};

/** Larger data (`--datasets gowalla`) are for the models that they take minutes at most. */
const largeLeftOut = (reason: string) => ({ leftOut: { gowalla: reason, yelp2018: reason } });

/** Everybody's lists too, of models that put off their work until these are asked for. */
const withLists = ["--lists", "20"];

/** Why PyTorch's dense Turbo-CF is left out here; null where its matrices fit. */
function withoutRoom(task: Task): string | null {
  const { users, items } = JSON.parse(readFileSync(join(task.folder, "meta.json"), "utf8")) as {
    users: number;
    items: number;
  };
  // PyTorch's form holds the interactions dense, smoothed and weighed by users, and three of items × items.
  const needed = 4 * (3 * users * items + 3 * items ** 2);
  return leftOutBelow(needed);
}

/** Items whose scores are compared: scikit-learn would take minutes for all of them. */
const slimCheck = ["--check-items", "32"];

export const fit: Suite = {
  name: "fit",
  summary:
    "the fit of every closed-form model (--datasets gowalla: of those that it takes minutes at most)",
  datasets: ["ml-100k", "ml-1m"],
  threads: [1, 2],
  prepare: neutralGround,
  columns,
  variants: [
    {
      ...model("ease", { regularisation: 300 }, [
        pythonPeer("inverse64", "NumPy, inv in float64", "ease_numpy.py", ["--form", "inverse64"]),
        pythonPeer("inverse32", "NumPy, inv in float32", "ease_numpy.py", ["--form", "inverse32"]),
        pythonPeer("cholesky32", "SciPy, potrf and potri in float32", "ease_numpy.py", [
          "--form",
          "cholesky32",
        ]),
      ]),
      ...largeLeftOut(
        "EASE inverts a matrix of items × items: 8.5 GB and half an hour of one thread on Gowalla",
      ),
    },
    {
      ...model(
        "slim",
        {},
        [
          {
            ...pythonPeer(
              "sklearn",
              "scikit-learn ElasticNet, one thread",
              "slim_sklearn.py",
              slimCheck,
            ),
            once: true,
          },
        ],
        slimCheck,
      ),
      ...largeLeftOut("scikit-learn fits an item at a time, for hours"),
    },
    model("item-knn", { neighbours: 100 }, [
      pythonPeer("implicit", "implicit CosineRecommender", "neighbours_implicit.py"),
    ]),
    model("user-knn", { neighbours: 100 }, [
      pythonPeer("implicit", "implicit CosineRecommender, transposed", "neighbours_implicit.py", [
        "--form",
        "users",
      ]),
    ]),
    model("rp3beta", {}, [
      pythonPeer("scipy", "SciPy sparse products, one thread", "walks_scipy.py"),
    ]),
    model("svd", { width: 64 }, spectral("svd")),
    model("gf-cf", { width: 256 }, spectral("gf-cf")),
    {
      title: "turbo-cf with lists",
      contenders: [
        // It lays nothing out before lists are asked for: its fit alone would say nothing.
        ours("ours", "Lumière", "fit.ts", ["--model", "turbo-cf", ...withLists]),
        {
          ...pythonPeer("torch", "PyTorch, dense", "turbo_torch.py"),
          missing: (task) => withoutPython() ?? withoutRoom(task),
        },
      ],
    },
    { ...model("bspm", {}, [], withLists), title: "bspm with lists" },
    model("popularity", {}, []),
    model("als", alsSettings, [
      {
        ...pythonPeer("implicit", "implicit AlternatingLeastSquares", "als_fit_implicit.py"),
        // As its documentation asks: its own threads solve rows side by side.
        environment: () => ({ OPENBLAS_NUM_THREADS: "1" }),
      },
    ]),
  ],
};

export const knn: Suite = {
  name: "knn",
  summary: "the 100 nearest of each item, exactly as implicit has them",
  datasets: ["ml-1m", "gowalla"],
  threads: [1, 2],
  prepare: neutralGround,
  columns,
  variants: ["cosine", "bm25"].map((weighting) => {
    const flags = ["--neighbours", "100", "--weighting", weighting];
    return {
      title: `100 neighbours by ${weighting}`,
      contenders: [
        ours("ours", "Lumière", "knn.ts", flags),
        pythonPeer("implicit", "implicit", "knn_implicit.py", flags),
      ],
    };
  }),
};
