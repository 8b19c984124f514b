/**
 * The process's own device, started when it is first needed: for ranking lists
 * in evaluation, the command line and the server.
 *
 * @module
 */

import { createCpuDevice } from "./cpu/device.ts";
import type { Device } from "./device.ts";

let threads: number | undefined;
let started: Promise<Device> | null = null;

/** How many threads the shared device gets; takes effect when it starts. */
export function setSharedThreads(count: number): void {
  threads = count;
}

/** The shared device. */
export function sharedDevice(): Promise<Device> {
  started ??= createCpuDevice(threads === undefined ? {} : { threads });
  return started;
}
