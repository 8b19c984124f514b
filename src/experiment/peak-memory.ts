/**
 * How much memory this process has held at once.
 *
 * @module
 */

import { readFileSync } from "node:fs";

/**
 * Most resident memory so far, in bytes. On Linux from the kernel's high-water mark of this
 * program alone: what `getrusage` says there of a child process begins with its parent's peak.
 */
export function peakMemoryBytes(): number {
  try {
    const [, kibibytes] =
      /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    if (kibibytes !== undefined) return Number(kibibytes) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}
