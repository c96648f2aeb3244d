/**
 * Lenient: wraps a model so that an operation it does not understand may leave any state. A violation under the
 * lenient model is certain; a valid result under it is not.
 */
import type { Model } from './model.ts';

/** Any state. */
const ANY = Symbol('any');

export function lenient<State>(model: Model<State>): Model<State | typeof ANY> {
  return {
    name: model.name,
    initial: model.initial,
    observer: undefined,
    step(state, operation) {
      if (model.complaint?.(operation) !== undefined) return ANY;
      if (state !== ANY) return model.step(state, operation);
      const left = model.leaves?.(operation);
      return left === undefined ? ANY : left.state;
    },
    nameOf: (state) => (state === ANY ? 'any' : `state ${model.nameOf(state)}`),
  };
}
