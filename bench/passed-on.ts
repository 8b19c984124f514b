/**
 * Suites that are programs of their own, with flags of their own: started with the words that
 * follow the suite's name; what they print is kept with the machine's description.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LumiereError } from "../src/base/errors.ts";
import { benchFolder } from "./contenders.ts";
import { coresOfOthers, readUsage } from "./contention.ts";
import { describeMachine, machineLine } from "./machine.ts";

/** @throws LumiereError "bench" where the program fails; it has said why */
export async function passOn(name: string, words: readonly string[], out: string): Promise<void> {
  const machine = describeMachine();
  const before = readUsage();
  const child = spawn(process.execPath, [join(benchFolder, `${name}.ts`), ...words], {
    stdio: ["inherit", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    process.stdout.write(text);
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new LumiereError("bench", `${name} ended with ${code}; nothing is kept`);
  const others = coresOfOthers(before, readUsage());
  const date = new Date().toISOString();
  const command = ["npm run bench --", name, ...words].join(" ");
  const busy = others === null ? "unknown" : `${others.toFixed(2)} cores`;
  mkdirSync(out, { recursive: true });
  const kept = { suite: name, machine, command, date, coresOfOthers: others, printed };
  writeFileSync(join(out, `${name}.json`), `${JSON.stringify(kept, null, 2)}\n`);
  writeFileSync(
    join(out, `${name}.md`),
    `# ${name}\n\n${machineLine(machine)}\n\n\`${command}\`, ended ${date}, others: ${busy}\n\n${printed}`,
  );
}
