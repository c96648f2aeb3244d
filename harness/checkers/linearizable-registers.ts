/**
 * Linearizable registers: each key of the register workload on its own. A swap is a read and a write at one
 * point; a read of all keys counts as a read of each.
 */

import {
  checkLinearizable,
  type ObjectOperation,
} from '../consistency/linearizability/linearizable.ts';
import type { Model } from '../consistency/linearizability/model.ts';
import { defineChecker } from '../contract/checker.ts';
import type { Operation } from '../contract/history.ts';
import type { RegisterInput, RegisterOutput } from '../contract/operation-values.ts';

/** Its operations on one key. */
export const swapRegister: Model<number | null> = {
  name: 'register with swap',
  observer: 'read',
  initial: null,
  step(state, { f, input, output, known }) {
    const { value = null } = input as RegisterInput;
    const agrees = f === 'write' || !known || (output as RegisterOutput).read === state;
    if (!agrees) return undefined;
    return f === 'read' ? state : value;
  },
  nameOf: String,
  accessOf({ f, input, output, known }) {
    const { value = null } = input as RegisterInput;
    const reads = f !== 'write' && known ? { reads: (output as RegisterOutput).read } : {};
    return f === 'read' ? reads : { ...reads, writes: value };
  },
};

export default defineChecker({
  name: 'linearizable-registers',
  doc: 'every key is a linearizable register',
  check: (operations) => checkLinearizable(swapRegister, operations.flatMap(byKey)),
});

function byKey(operation: Operation): ObjectOperation[] {
  if (operation.f !== 'read-all') {
    const { key } = operation.input as RegisterInput;
    return [{ object: `key ${key}`, operation }];
  }
  if (operation.type !== 'ok') return [];
  const values = operation.output as readonly (number | null)[];
  return values.map((read, key) => ({
    object: `key ${key}`,
    operation: { ...operation, f: 'read', input: { key }, output: { read } },
  }));
}
