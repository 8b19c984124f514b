/**
 * Early stopping: keeps the best value of a validation metric and says when it
 * has not improved for long enough.
 *
 * @module
 */

export interface StoppingState {
  readonly bestEpoch: number;
  readonly bestValue: number;
  /** Validations since the best one. */
  readonly waited: number;
}

export const neverValidated: StoppingState = { bestEpoch: 0, bestValue: -Infinity, waited: 0 };

/** The state after a validation; the first of equal values stays the best. */
export function afterValidation(state: StoppingState, epoch: number, value: number): StoppingState {
  return value > state.bestValue
    ? { bestEpoch: epoch, bestValue: value, waited: 0 }
    : { ...state, waited: state.waited + 1 };
}

/** Whether patience has run out; patience 0 never does. */
export function shouldStop(state: StoppingState, patience: number): boolean {
  return patience > 0 && state.waited >= patience;
}
