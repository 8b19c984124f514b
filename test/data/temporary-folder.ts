/**
 * A folder for one test, gone after it.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

export async function temporaryFolder(test: Pick<TestContext, "after">): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lumiere-test-"));
  test.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
