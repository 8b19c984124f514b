/**
 * Reverse-mode differentiation. Operators compute at once and leave a note on
 * the tape; `backward` reads the notes from the last to the first. Everything a
 * step allocates lies above the caller's arena mark and goes when it is released.
 *
 * Gradients never carry over: the first operator to reach a gradient overwrites
 * it, or finds it zeroed; later ones add. So no table is filled with zeros only
 * to be overwritten. Where one operator alone reads a parameter, it may hand each row of
 * the gradient to the update at once, so that there is no table of it at all.
 *
 * @example
 * const mark = device.mark();
 * const tape = new Tape(device, parameters);
 * const { users, items } = tape.parameters;
 * const scores = rowDot(gatherRows(users, u), gatherRows(items, i));
 * const loss = mean(softplus(scale(scores, -1)));
 * optimiser.update(tape.backward([loss], optimiser.rowUpdates()));
 * device.release(mark);
 *
 * @module
 */

import { LumiereError, ShapeError } from "../base/errors.ts";
import type { Device } from "./device.ts";
import type { RowSet, RowUpdate } from "./kernels.ts";
import { shapeText, type Tensor } from "./tensor.ts";

/** A trainable tensor. */
export interface TapeParameter {
  readonly value: Tensor;
  /** Where its gradient goes; without it, a place that lasts as long as the step. */
  readonly gradient?: Tensor;
  /** The only rows that a step can reach: the gradient of the others is zero, which SGD and Adagrad leave as they are. */
  readonly rows?: RowSet;
}

/** A value on a tape. */
export interface Variable {
  readonly tape: Tape;
  readonly value: Tensor;
  /** Whether anything trainable lies behind it. */
  readonly needsGradient: boolean;
}

/**
 * Where an operator puts the gradients of its inputs. Inputs that need none are
 * passed over.
 */
export interface GradientSink {
  /** For kernels that only add: the gradient, zeroed where nothing has been written; null where not needed. */
  addTo(input: Variable): Tensor | null;
  /** For kernels that overwrite or add: `adds` is false where nothing has been written. */
  write(input: Variable, write: (gradient: Tensor, adds: boolean) => void): void;
  /** The same for kernels that write certain rows alone; any others that are read are zeroed before. */
  writeRows(input: Variable, rows: RowSet, write: (gradient: Tensor, adds: boolean) => void): void;
  /** For kernels that only overwrite: where something has been written, a fresh tensor that is added afterwards. */
  overwrite(input: Variable, write: (gradient: Tensor) => void): void;
}

/** From the gradient of the output to those of the inputs; what it allocates goes when it returns. */
type Backward = (gradient: Tensor, sink: GradientSink) => void;

/** The same for an operator of one input, a parameter, that it updates in place of making its gradient. */
type BackwardUpdate = (gradient: Tensor, update: RowUpdate) => void;

/** What an operator may say beside its gradient. */
export interface NoteOptions {
  /** The only rows of the output that are read, so that no others of its gradient are zeroed; null = all */
  readonly rows?: RowSet | null;
  /** Takes the place of `backward` where the input may be updated at once. */
  readonly update?: BackwardUpdate;
}

interface Note {
  readonly output: Variable;
  readonly inputs: readonly Variable[];
  readonly backward: Backward;
  readonly update: BackwardUpdate | null;
}

/** The gradient of a variable. */
interface Place {
  readonly gradient: Tensor;
  /** The only rows that are read; null = all */
  readonly rows: RowSet | null;
  written: boolean;
}

export class Tape {
  readonly device: Device;
  /** The parameters as variables, by name. */
  readonly parameters: Readonly<Record<string, Variable>>;
  readonly #notes: Note[] = [];
  readonly #places = new Map<Variable, Place>();
  /** Variables of which only some rows are read. */
  readonly #rows = new Map<Variable, RowSet>();
  /** How many operators read each variable that needs a gradient. */
  readonly #readers = new Map<Variable, number>();

  /** Parameters' gradients are written afresh by each `backward`; nothing carries over from a step before. */
  constructor(device: Device, parameters: Readonly<Record<string, TapeParameter>>) {
    this.device = device;
    const variables: Record<string, Variable> = {};
    for (const [name, { value, gradient, rows }] of Object.entries(parameters)) {
      if (gradient && value.size !== gradient.size) {
        throw new ShapeError(
          `parameter ${name} is ${shapeText(value.shape)}, its gradient ${shapeText(gradient.shape)}`,
        );
      }
      const variable = { tape: this, value, needsGradient: true };
      variables[name] = variable;
      if (rows) this.#rows.set(variable, rows);
      if (gradient) this.#places.set(variable, { gradient, rows: rows ?? null, written: false });
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
   */
  record(
    value: Tensor,
    inputs: readonly Variable[],
    backward: Backward,
    { rows = null, update }: NoteOptions = {},
  ): Variable {
    const needsGradient = inputs.some((input) => input.needsGradient);
    const output = { tape: this, value, needsGradient };
    if (needsGradient) this.#notes.push({ output, inputs, backward, update: update ?? null });
    if (rows) this.#rows.set(output, rows);
    for (const input of inputs) this.#readers.set(input, (this.#readers.get(input) ?? 0) + 1);
    return output;
  }

  /**
   * Gradients of the sum of some scalars with respect to all parameters. A tape is read once.
   * @param updates of parameters, by name, that operators may do while they make the gradient
   * @returns the gradients of the parameters that have not been updated, by name
   * @throws LumiereError where a loss is not a scalar
   */
  backward(
    losses: readonly Variable[],
    updates: Readonly<Record<string, RowUpdate>> = {},
  ): Record<string, Tensor> {
    const { device } = this;
    for (const loss of losses) {
      if (loss.value.size !== 1) {
        throw new LumiereError(
          "tape",
          `a loss is ${shapeText(loss.value.shape)}, expected a scalar`,
        );
      }
      if (!loss.needsGradient) continue;
      const place = this.#placeOf(loss);
      const times = losses.filter((other) => other === loss).length;
      device.kernels.fill(place.gradient, times);
      place.written = true;
    }
    const sink: GradientSink = {
      addTo: (input) => this.#addTo(input),
      write: (input, write) => this.#write(input, write),
      writeRows: (input, rows, write) => this.#writeRows(input, rows, write),
      overwrite: (input, write) => this.#overwrite(input, write),
    };
    const updatable = this.#updatable(losses, updates);
    const updated = new Set<Variable>();
    for (const { output, inputs, backward, update } of this.#notes.splice(0).reverse()) {
      const place = this.#places.get(output);
      if (!place?.written) continue;
      const own = update && updatable.get(inputs[0]!);
      if (own) {
        updated.add(inputs[0]!);
        const mark = device.mark();
        update(place.gradient, own);
        device.release(mark);
        continue;
      }
      // Places first: what the operator allocates for itself lies above them and is given back.
      for (const input of inputs) if (input.needsGradient) this.#placeOf(input);
      const mark = device.mark();
      backward(place.gradient, sink);
      device.release(mark);
    }
    const gradients: Record<string, Tensor> = {};
    for (const [name, parameter] of Object.entries(this.parameters)) {
      if (!updated.has(parameter)) gradients[name] = this.#addTo(parameter)!;
    }
    return gradients;
  }

  /** Of the parameters with an update, those that a single operator reads, in all their rows. */
  #updatable(losses: readonly Variable[], updates: Readonly<Record<string, RowUpdate>>) {
    const found = new Map<Variable, RowUpdate>();
    for (const [name, update] of Object.entries(updates)) {
      const parameter = this.parameters[name];
      if (!parameter || this.#rows.has(parameter) || losses.includes(parameter)) continue;
      if (this.#readers.get(parameter) === 1) found.set(parameter, update);
    }
    return found;
  }

  #placeOf(variable: Variable): Place {
    const existing = this.#places.get(variable);
    if (existing) return existing;
    const gradient = this.device.allocate(variable.value.shape);
    const place = { gradient, rows: this.#rows.get(variable) ?? null, written: false };
    this.#places.set(variable, place);
    return place;
  }

  #addTo(input: Variable): Tensor | null {
    if (!input.needsGradient) return null;
    const place = this.#placeOf(input);
    if (!place.written) {
      const { kernels } = this.device;
      if (place.rows) kernels.zeroRows(place.gradient, place.rows);
      else kernels.fill(place.gradient, 0);
      place.written = true;
    }
    return place.gradient;
  }

  #write(input: Variable, write: (gradient: Tensor, adds: boolean) => void): void {
    if (!input.needsGradient) return;
    const place = this.#placeOf(input);
    write(place.gradient, place.written);
    place.written = true;
  }

  #writeRows(input: Variable, rows: RowSet, write: (gradient: Tensor, adds: boolean) => void) {
    if (input.needsGradient && this.#placeOf(input).rows !== rows) this.#addTo(input);
    this.#write(input, write);
  }

  #overwrite(input: Variable, write: (gradient: Tensor) => void): void {
    this.#write(input, (gradient, adds) => {
      if (!adds) {
        write(gradient);
        return;
      }
      const fresh = this.device.allocate(input.value.shape);
      write(fresh);
      this.device.kernels.scaleAdd(gradient, fresh, 1, 1);
    });
  }
}
