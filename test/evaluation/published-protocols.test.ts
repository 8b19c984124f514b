/** The protocols of NCF and Mult-VAE, from files to printed figures, worked out by hand. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { reportText } from "../../src/cli/report-text.ts";
import { catalogue } from "../../src/data/catalogue.ts";
import { locate } from "../../src/data/locate.ts";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import { runExperiment } from "../../src/experiment.ts";
import { temporaryFolder } from "../data/temporary-folder.ts";
import { fixedScores, interactionsFrom, near, partFrom } from "./cases.ts";
import { ncfFolder } from "./ncf-world.ts";

describe("the NCF protocol", () => {
  test("ranks the held-out item among the shipped negatives, and says sampled in its report", async (context) => {
    const output = join(await temporaryFolder(context), "run");
    const { report } = await runExperiment({
      data: ncfFolder(),
      model: "popularity",
      evaluation: { ks: [1, 2] },
      output,
    });
    // Ranks of the held-out items: 1 of {12, 13}, 2 of {12, 14, 15}, 2 of {11, 13, 15}, 4 of {11, 13, 14, 15}.
    near(report.metrics["hr@1"]!, 1 / 4);
    near(report.metrics["hr@2"]!, 3 / 4);
    near(report.metrics["ndcg@2"]!, (1 + 2 / Math.log2(3)) / 4);

    assert.equal(report.evaluation?.sampled, true);
    assert.match(
      report.definitions["hr@2"]!,
      /sampled metric: ranked among 2 to 4 candidates a user/,
    );
    assert.match(reportText(report), /Hit rate \(sampled\) +0\.2500 +0\.7500 .*sampled metric/s);
    const page = readFileSync(join(output, "report.html"), "utf8");
    assert.match(page, /Recall@2 \(sampled\)/);
    assert.match(page, /sampled candidates, not comparable with full ranking/);
    assert.match(readFileSync(join(output, "report.json"), "utf8"), /"sampled": true/);
  });

  test("gives the published figures of popularity on MovieLens 1M", async (context) => {
    const { LUMIERE_DATA } = process.env;
    const entry = catalogue.find(({ name }) => name === "ncf-ml-1m")!;
    if (!LUMIERE_DATA || !(await locate(entry, { LUMIERE_DATA }))) {
      return context.skip("ncf-ml-1m is not in LUMIERE_DATA");
    }
    const { report } = await runExperiment({
      data: "ncf-ml-1m",
      model: "popularity",
      evaluation: { ks: [10], intervals: false },
    });
    // .4533 / .2542 in Rendle et al., 2020; the order of equally popular items moves HR by ± .0003.
    assert.ok(Math.abs(report.metrics["hr@10"]! - 0.4533) < 4e-4);
    assert.ok(Math.abs(report.metrics["ndcg@10"]! - 0.2542) < 2e-4);
  });
});

describe("the Mult-VAE protocol", () => {
  test("folds 80 % in, divides recall by min(k, |T|) and cuts the ideal of NDCG@100 at |T|", async () => {
    // Strangers are scored by the written order of items, whatever their history: 0, 1, 2, … 9.
    const recommender = fixedScores([Array.from({ length: 10 }, () => 0)], () =>
      Array.from({ length: 10 }, (_, item) => -item),
    );
    const part = partFrom([[], [2, 5, 9], [1]], {
      history: interactionsFrom([[], [0, 1], [0, 7]]),
    });
    const { metrics, perUser } = await evaluate(recommender, part, {
      seen: [interactionsFrom([[3, 4]])],
      ks: [2, 4, 100],
      protocol: "mult-vae",
    });
    // User 1 is shown 2, 3, 4, 5, 6, 7, 8, 9: hits at ranks 1, 4 and 8. User 2: 1 first.
    assert.deepEqual([...perUser.users], [1, 2]);
    assert.deepEqual([...perUser.values["recall@2"]!], [1 / 2, 1]);
    assert.deepEqual([...perUser.values["recall@4"]!], [2 / 3, 1]);
    near(metrics["recall@100"], 1);
    const gain = (rank: number) => 1 / Math.log2(rank + 1);
    const ideal = gain(1) + gain(2) + gain(3);
    near(metrics["ndcg@100"], ((gain(1) + gain(4) + gain(8)) / ideal + 1) / 2);
  });

  test("runs on ratings above 3.5 of users with five of them or more", async (context) => {
    const folder = await temporaryFolder(context);
    // Users 0–19 rate items 0–9 from u mod 5 on: six of them 4, the rest 3; users 20–29 rate only four items 5.
    const lines = Array.from({ length: 30 }, (_, user) =>
      Array.from({ length: user < 20 ? 9 : 4 }, (_, at) => {
        const rating = user < 20 ? (at < 6 ? 4 : 3) : 5;
        return `${user}::${(user + at) % 10}::${rating}::${at}\n`;
      }).join(""),
    );
    const path = join(folder, "ratings.dat");
    writeFileSync(path, lines.join(""));
    for (const model of ["popularity", "bpr"]) {
      const { report, split } = await runExperiment({
        data: { data: path, delimiter: "::", minRating: 3.6, minPerUser: 5 },
        split: "held-out:6",
        model,
        hyperparameters: model === "bpr" ? { epochs: 2, width: 4 } : {},
        evaluation: { ks: [20, 50, 100], protocol: "mult-vae" },
      });
      assert.equal(report.dataset.users, 20);
      assert.equal(report.dataset.interactions, 120);
      assert.equal(report.evaluation?.usersEvaluated, 6);
      const { history, targets } = split.test!;
      // 80 % of six, rounded, is five to fold in and one to find.
      assert.deepEqual([history?.users.length, targets.users.length], [30, 6]);
      assert.equal(
        report.metrics["recall@100"],
        1,
        "ten items: everything is in the first hundred",
      );
    }
  });
});
