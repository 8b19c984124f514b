/**
 * Reverse-mode differentiation. Operators compute at once and leave a note on
 * the tape; `backward` reads the notes from the last to the first. Everything a
 * step allocates lies above the caller's arena mark and goes when it is released.
 *
 * @module
 */

import { LumiereError } from "../base/errors.ts";
import type { Device } from "./device.ts";
import type { RowSet } from "./kernels.ts";
import type { Tensor } from "./tensor.ts";

/** A trainable tensor and the place of its gradient; both outlive the step. */
export interface TapeParameter {
  readonly value: Tensor;
  readonly gradient: Tensor;
}

/** A value on a tape. */
export interface Variable {
  readonly tape: Tape;
  readonly value: Tensor;
  /** Whether anything trainable lies behind it. */
  readonly needsGradient: boolean;
}

/**
 * Gives an input's gradient: a tensor to add to, zeroed on first use, or, for an
 * operator that writes every element itself, one to overwrite.
 */
export interface GradientSink {
  /** Null where the input needs none. */
  addTo(input: Variable): Tensor | null;
  /**
   * The gradient to overwrite where nothing has been written yet; where something
   * has, a fresh tensor that is added afterwards. Null where the input needs none.
   */
  overwrite(input: Variable, write: (gradient: Tensor) => void): void;
}

type Backward = (gradient: Tensor, sink: GradientSink) => void;

interface Note {
  readonly output: Variable;
  readonly backward: Backward;
}

export class Tape {
  readonly device: Device;
  /** The parameters as variables, by name. */
  readonly parameters: Readonly<Record<string, Variable>>;
  readonly #notes: Note[] = [];
  /** Gradients that hold something already. */
  readonly #gradients = new Map<Variable, Tensor>();
  /** Outputs of which only some rows are read. */
  readonly #rows = new Map<Variable, RowSet>();
  /** Where a parameter's gradient goes. */
  readonly #homes = new Map<Variable, Tensor>();

  /** Parameters' gradients are written afresh by each `backward`; nothing carries over from a step before. */
  constructor(device: Device, parameters: Readonly<Record<string, TapeParameter>>) {
    this.device = device;
    const variables: Record<string, Variable> = {};
    for (const [name, { value, gradient }] of Object.entries(parameters)) {
      const variable = { tape: this, value, needsGradient: true };
      variables[name] = variable;
      this.#homes.set(variable, gradient);
    }
    this.parameters = variables;
  }

  /** A tensor that is not trained. */
  constant(value: Tensor): Variable {
    return { tape: this, value, needsGradient: false };
  }

  /**
   * Notes what an operator computed.
   * @param inputs what the output depends on
   * @param backward from the output's gradient to the inputs' gradients
   * @param rows the only rows of the output that are read, so that no others of its gradient are zeroed
   */
  record(
    value: Tensor,
    inputs: readonly Variable[],
    backward: Backward,
    rows: RowSet | null = null,
  ): Variable {
    const needsGradient = inputs.some((input) => input.needsGradient);
    const output = { tape: this, value, needsGradient };
    if (needsGradient) this.#notes.push({ output, backward });
    if (rows) this.#rows.set(output, rows);
    return output;
  }

  /**
   * Gradients of the sum of some scalars with respect to all parameters.
   * @throws LumiereError where a loss is not a scalar
   */
  backward(losses: readonly Variable[]): void {
    const { kernels } = this.device;
    for (const loss of losses) {
      if (loss.value.size !== 1) throw new LumiereError("tape", "a loss must be a scalar");
      const seed = this.#addTo(loss);
      if (seed) kernels.fill(seed, 1);
    }
    const sink: GradientSink = {
      addTo: (input) => this.#addTo(input),
      overwrite: (input, write) => this.#overwrite(input, write),
    };
    for (const { output, backward } of this.#notes.reverse()) {
      const gradient = this.#gradients.get(output);
      if (gradient) backward(gradient, sink);
    }
    for (const [variable, home] of this.#homes) {
      if (!this.#gradients.has(variable)) kernels.fill(home, 0);
    }
  }

  #addTo(input: Variable): Tensor | null {
    if (!input.needsGradient) return null;
    const existing = this.#gradients.get(input);
    if (existing) return existing;
    const gradient = this.#homes.get(input) ?? this.device.allocate(input.value.shape);
    const rows = this.#rows.get(input);
    if (rows) this.device.kernels.zeroRows(gradient, rows);
    else this.device.kernels.fill(gradient, 0);
    this.#gradients.set(input, gradient);
    return gradient;
  }

  #overwrite(input: Variable, write: (gradient: Tensor) => void): void {
    if (!input.needsGradient) return;
    const existing = this.#gradients.get(input);
    const gradient = existing
      ? this.device.allocate(input.value.shape)
      : (this.#homes.get(input) ?? this.device.allocate(input.value.shape));
    write(gradient);
    if (existing) this.device.kernels.scaleAdd(existing, gradient, 1, 1);
    else this.#gradients.set(input, gradient);
  }
}
