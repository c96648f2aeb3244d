/**
 * Linearizable registers: each key of the register workload by itself. A swap is a read and a
 * write in one; a read of all keys counts as a read of each.
 */
import { defineChecker } from '../contract/checker.ts';
import type { Operation } from '../contract/history.ts';
import type { RegisterInput, RegisterOutput } from '../contract/operation-values.ts';
import { checkLinearizable, type ObjectOperation } from './linearizable/linearizable.ts';
import type { Model } from './linearizable/model.ts';

const registers: Model<number | null> = {
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
};

export default defineChecker({
  name: 'linearizable-registers',
  doc: 'every key behaves as one register: an order in real time explains all reads and swaps',
  check: (operations) => checkLinearizable(registers, withoutUnseen(operations.flatMap(byKey))),
});

/**
 * Without the writes of unknown outcome that nobody read: values are unique, so an order that has
 * such a write is one without it, too. Each would double the search.
 */
function withoutUnseen(operations: readonly ObjectOperation[]): readonly ObjectOperation[] {
  const seen = new Set<number | null>();
  for (const { operation } of operations) {
    if (operation.type === 'ok') seen.add((operation.output as RegisterOutput).read);
  }
  return operations.filter(({ operation: { type, input } }) => {
    return type !== 'info' || seen.has((input as RegisterInput).value ?? null);
  });
}

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
