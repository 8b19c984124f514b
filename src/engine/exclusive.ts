/**
 * Turns on a device: its arena is a stack, so whoever marks and releases across
 * an `await` must have the device alone.
 *
 * @module
 */

import type { Device } from "./device.ts";

const lastTurn = new WeakMap<Device, Promise<unknown>>();

/** Runs `work` when all earlier turns on this device are over, with the arena as it was before. */
export function exclusively<T>(device: Device, work: () => Promise<T>): Promise<T> {
  const turn = (lastTurn.get(device) ?? Promise.resolve()).then(async () => {
    const mark = device.mark();
    try {
      return await work();
    } finally {
      device.release(mark);
    }
  });
  lastTurn.set(
    device,
    turn.catch(() => {}),
  );
  return turn;
}
