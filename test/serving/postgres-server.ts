/**
 * A PostgreSQL server of the test's own: in a temporary folder, on a free port,
 * gone with the test. Needs its programs on the path or where Debian puts them.
 */
import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chownSync, existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import postgres from "postgres";

/** The folder of `postgres` and `initdb`; null where they are not installed. */
function programFolder(): string | null {
  const folders = [
    ...(process.env.PATH ?? "").split(delimiter),
    "/usr/local/bin",
    ...globSync("/usr/lib/postgresql/*/bin").sort().reverse(),
  ];
  const has = (folder: string) =>
    ["postgres", "initdb"].every((name) => existsSync(join(folder, name)));
  return folders.find((folder) => folder !== "" && has(folder)) ?? null;
}

const programs = programFolder();

/** False, or why tests on PostgreSQL are left out: said loudly, since nobody should take it for a pass. */
export const postgresSkip: string | false =
  programs === null &&
  "NO POSTGRESQL HERE (apt-get install postgresql): the shared store is NOT tested";
if (postgresSkip) process.stderr.write(`\n${postgresSkip}\n\n`);

export class PostgresServer {
  readonly #folder: string;
  readonly #port: number;
  readonly #password: string = randomUUID();
  #running: ReturnType<typeof spawn> | null = null;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  static async start(): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), "lumiere-postgres-"));
    const server = new PostgresServer(folder, await freePort());
    const passwordFile = join(folder, "password");
    writeFileSync(passwordFile, server.#password);
    for (const path of [folder, passwordFile]) {
      if (owner) chownSync(path, owner.uid, owner.gid);
    }
    execFileSync(
      join(programs!, "initdb"),
      [
        ...["--pgdata", join(folder, "data"), "--username", "lumiere", "--auth", "scram-sha-256"],
        ...["--pwfile", passwordFile, "--encoding", "UTF8", "--locale", "C", "--no-sync"],
      ],
      { ...owner, cwd: folder, stdio: "pipe" },
    );
    await server.resume();
    return server;
  }

  /** Starts, and waits until it lets somebody in. */
  async resume(): Promise<void> {
    const settings = [
      "listen_addresses=127.0.0.1",
      `port=${this.#port}`,
      "unix_socket_directories=",
      "shared_buffers=16MB",
      // No test takes the machine's power away.
      "fsync=off",
      // Found after a second by default, which is long for a test.
      "deadlock_timeout=50ms",
    ];
    this.#running = spawn(
      join(programs!, "postgres"),
      ["-D", join(this.#folder, "data"), ...settings.flatMap((setting) => ["-c", setting])],
      { ...owner, cwd: this.#folder, stdio: "ignore" },
    );
    for (let tries = 0; ; tries++) {
      const isUp = await this.query("postgres", "SELECT 1").then(
        () => true,
        () => false,
      );
      if (isUp) return;
      if (tries === 1000) throw new Error("PostgreSQL does not start");
      await wait(50);
    }
  }

  /** Stops at once, as a crash would. */
  async halt(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    if (!running) return;
    const gone = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGQUIT");
    await gone;
  }

  async remove(): Promise<void> {
    await this.halt();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A new, empty database. */
  async database(options = ""): Promise<string> {
    const name = `d${randomUUID().replaceAll("-", "")}`;
    await this.query("postgres", `CREATE DATABASE ${name} ${options}`);
    return this.url(name);
  }

  url(database: string, { password = this.#password, port = this.#port } = {}): string {
    return `postgres://lumiere:${password}@127.0.0.1:${port}/${database}`;
  }

  /** Runs statements on a connection of their own. */
  async query(database: string, text: string): Promise<void> {
    const sql = postgres(this.url(database), { max: 1, connect_timeout: 5, onnotice: () => {} });
    try {
      await sql.unsafe(text);
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
}

/** PostgreSQL refuses to run as root. */
const owner = process.getuid?.() === 0 ? accountOf(["postgres", "nobody"]) : undefined;

function accountOf(names: readonly string[]): { uid: number; gid: number } {
  for (const name of names) {
    try {
      const id = (flag: string) => Number(execFileSync("id", [flag, name], { stdio: "pipe" }));
      return { uid: id("-u"), gid: id("-g") };
    } catch {}
  }
  throw new Error(`none of the accounts ${names.join(", ")} exists to run PostgreSQL`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
