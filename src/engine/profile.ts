/**
 * Where the time of a run goes: a device that notes, for each phase and kernel,
 * how long it took, how many bytes it had to touch and how many floating-point
 * operations it did. Bytes are those of the operands, each counted once as if
 * nothing were cached; gathers count every row that they read.
 *
 * @module
 */

import { performance } from "node:perf_hooks";
import type { Device } from "./device.ts";
import type { Kernels, SparseRows } from "./kernels.ts";
import type { Phase } from "./phase.ts";
import { byteLength, type Tensor } from "./tensor.ts";

/** What a kernel did in a phase, all calls together. */
export interface KernelUse {
  readonly phase: Phase;
  readonly kernel: string;
  calls: number;
  seconds: number;
  bytes: number;
  operations: number;
}

interface Cost {
  readonly bytes: number;
  readonly operations: number;
}

/** Collects what kernels do; hand it to `profiledDevice`. */
export class Profile {
  readonly uses: KernelUse[] = [];
  #phase: Phase = "preparation";
  #since = performance.now();
  readonly #seconds = new Map<Phase, number>();
  readonly #places = new Map<string, KernelUse>();

  /** Says what is done from now on; returns what was done before. */
  enter(phase: Phase): Phase {
    const before = this.#phase;
    const now = performance.now();
    this.#seconds.set(before, this.secondsOf(before) + (now - this.#since) / 1000);
    this.#since = now;
    this.#phase = phase;
    return before;
  }

  /** Seconds in a phase that has been left, on whatever: kernels, and the program around them. */
  secondsOf(phase: Phase): number {
    return this.#seconds.get(phase) ?? 0;
  }

  note(kernel: string, seconds: number, { bytes, operations }: Cost): void {
    const name = `${this.#phase} ${kernel}`;
    let use = this.#places.get(name);
    if (!use) {
      use = { phase: this.#phase, kernel, calls: 0, seconds: 0, bytes: 0, operations: 0 };
      this.#places.set(name, use);
      this.uses.push(use);
    }
    use.calls++;
    use.seconds += seconds;
    use.bytes += bytes;
    use.operations += operations;
  }
}

/** The same device, whose kernels tell the profile what they do. */
export function profiledDevice(device: Device, profile: Profile): Device {
  const kernels = new Proxy(device.kernels, {
    get(target, name) {
      const kernel: unknown = Reflect.get(target, name);
      if (typeof kernel !== "function") return kernel;
      return (...parameters: unknown[]) => {
        const begin = performance.now();
        Reflect.apply(kernel, target, parameters);
        profile.note(
          String(name),
          (performance.now() - begin) / 1000,
          costOf(String(name), parameters),
        );
      };
    },
  });
  return {
    name: device.name,
    threads: device.threads,
    kernels,
    allocate: (shape, type) => device.allocate(shape, type),
    upload: (shape, data) => device.upload(shape, data),
    write: (tensor, data) => device.write(tensor, data),
    read: (tensor) => device.read(tensor),
    boundOf: (integer, limit) => device.boundOf(integer, limit),
    mark: () => device.mark(),
    release: (mark) => device.release(mark),
    get peakBytes() {
      return device.peakBytes;
    },
    close: () => device.close(),
    enter: (phase) => profile.enter(phase),
  };
}

/** Costs that the sizes of the operands do not tell. */
const costs: { readonly [Name in keyof Kernels]?: (...p: Parameters<Kernels[Name]>) => Cost } = {
  matmul(out, a, b, transposeA) {
    const inner = a.size / a.shape[transposeA ? 1 : 0]!;
    return { bytes: bytesOf([out, a, b]), operations: 2 * out.size * inner };
  },
  propagate(out, graph, x, { base }) {
    const gathering = costOfGathering(graph, x);
    const dense = bytesOf([out, ...(base ? [base] : [])]);
    return { ...gathering, bytes: gathering.bytes + dense };
  },
  propagateUpdate(parameter, _update, graph, x, { base }) {
    const gathering = costOfGathering(graph, x);
    const dense = 24 * parameter.size + bytesOf(base ? [base] : []);
    return {
      bytes: gathering.bytes + dense,
      operations: gathering.operations + 12 * parameter.size,
    };
  },
  addRowMultiples: (_out, _x, { rows }) => ({ bytes: bytesOf([rows.list]), operations: 0 }),
  pairGradient(_out, table, rows, pairs) {
    const count = pairs.reduce((total, { slopes }) => total + slopes.size, 0);
    const width = table.size / table.shape[0]!;
    // Both rows of each pair are read, and multiplied and added.
    return { bytes: 8 * count * width + bytesOf([rows.list]), operations: 4 * count * width };
  },
  squaredNormOfRows: (_out, _x, rows) => ({ bytes: bytesOf([rows.list]), operations: 0 }),
  gatherRows: (out, _table, index) => ({ bytes: bytesOf([out, out, index]), operations: 0 }),
  scatterAddRows: (_table, index, _offset, source) => ({
    bytes: bytesOf([source, source, source, index]),
    operations: source.size,
  }),
  adam: (parameter, _gradient, _mean, _variance, _options, rows) =>
    rows
      ? { bytes: 0, operations: 0 }
      : { bytes: 28 * parameter.size, operations: 12 * parameter.size },
  rowDot: (out, a, b) => ({ bytes: bytesOf([out, a, b]), operations: 2 * a.size }),
  groupDot: (out, a, b) => ({ bytes: bytesOf([out, a, b]), operations: 2 * b.size }),
  rankByVectors: (_items, _scores, queries, items) => ({
    bytes: bytesOf([queries, items]),
    operations: 2 * queries.size * items.shape[0]!,
  }),
};

/** Every neighbour's index and row; batch-row saving leaves some out, so a bound from above. */
function costOfGathering({ indices }: SparseRows, x: Tensor): Cost {
  const rowBytes = byteLength(x.shape, x.type) / x.shape[0]!;
  return { bytes: indices.size * (rowBytes + 4), operations: indices.size * x.shape[1]! };
}

function costOf(name: string, parameters: readonly unknown[]): Cost {
  const own = Object.entries(costs).find(([known]) => known === name)?.[1];
  if (own) return Reflect.apply(own, null, parameters);
  const tensors = parameters.filter(isTensor);
  return { bytes: bytesOf(tensors), operations: tensors[0]?.size ?? 0 };
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "handle" in value && "shape" in value;
}

function bytesOf(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, { shape, type }) => sum + byteLength(shape, type), 0);
}
