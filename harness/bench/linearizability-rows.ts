/** Checker benchmark: linearizability. */
import { checkLinearizable } from '../consistency/linearizability/linearizable.ts';
import {
  keyValueModel,
  type Model,
  mapModel,
  registerModel,
} from '../consistency/linearizability/model.ts';
import type { Operation } from '../contract/history.ts';
import { casOperations, registerOperations, textOperations } from './object-histories.ts';
import type { BenchRow } from './row.ts';

const CAS_HISTORIES = 102;

const whole = (operations: readonly Operation[]) =>
  operations.map((operation) => ({ object: 'x', operation }));

/** Operations by key, with the key removed from input and output. */
const byKey = (operations: readonly Operation[]) =>
  operations.map((operation) => {
    const [key, input] = operation.input as [string, unknown];
    const output = (operation.output as [string, unknown] | null)?.[1];
    return { object: key, operation: { ...operation, input, output } };
  });

const judged =
  <S>(model: Model<S>, objects: ReturnType<typeof whole>) =>
  () =>
    checkLinearizable(model, objects).validity;

/** Corrupts one late read of a string. */
function withWrongRead(operations: readonly Operation[]): Operation[] {
  const gets = operations.flatMap(({ f, output }, i) =>
    f === 'get' && (output as [string, string])[1].length > 20 ? [i] : [],
  );
  const at = gets[Math.floor(0.9 * gets.length)]!;
  const [key, text] = operations[at]!.output as [string, string];
  return operations.map((one, i) => (i === at ? { ...one, output: [key, text.slice(5)] } : one));
}

/** Makes one late read show a value from long before. */
function withStaleRead(operations: readonly Operation[], behind: number): Operation[] {
  const reads = operations.flatMap(({ f, output }, i) =>
    f === 'read' && output !== null ? [i] : [],
  );
  const at = reads[Math.floor(0.8 * reads.length)]!;
  const { invokedIndex } = operations[at]!;
  const older = operations.filter(
    ({ f, completedIndex }) => f === 'write' && completedIndex < invokedIndex - behind,
  );
  return operations.map((one, i) => (i === at ? { ...one, output: older.at(-1)!.input } : one));
}

export const linearizabilityRows: readonly BenchRow[] = [
  {
    name: '102 compare-and-set histories of 80 operations',
    peer: 'Porcupine 564 ms',
    size: 80 * CAS_HISTORIES,
    prepare() {
      const all = Array.from({ length: CAS_HISTORIES }, (_, seed) =>
        whole(casOperations({ operations: 80, clients: 5, seed, infoShare: 0.05 })),
      );
      return () => `${all.filter((one) => judged(registerModel, one)() === 'valid').length} valid`;
    },
  },
  {
    name: 'key-value, 50 clients, 1,712 operations, linearizable',
    peer: 'Porcupine 215 ms',
    size: 1712,
    prepare: () =>
      judged(
        keyValueModel,
        byKey(textOperations({ operations: 1712, clients: 50, seed: 1, keys: 10 })),
      ),
  },
  {
    name: 'key-value, 50 clients, 1,712 operations, not linearizable',
    peer: 'Porcupine 58 ms',
    size: 1712,
    prepare: () =>
      judged(
        keyValueModel,
        byKey(withWrongRead(textOperations({ operations: 1712, clients: 50, seed: 1, keys: 10 }))),
      ),
  },
  {
    name: 'key-value, 10 clients, 337 operations, not cut by key',
    peer: 'Porcupine 2.6 s',
    size: 337,
    prepare: () =>
      judged(mapModel, whole(textOperations({ operations: 337, clients: 10, seed: 1, keys: 10 }))),
  },
  {
    name: 'one register, 100,000 operations, 10 clients',
    peer: 'Porcupine 11.4 s',
    size: 100_000,
    prepare: () =>
      judged(
        registerModel,
        whole(registerOperations({ operations: 100_000, clients: 10, seed: 1 })),
      ),
  },
  {
    name: '10,000 registers, 1 M operations',
    peer: 'Porcupine 2.2 s',
    size: 1_000_000,
    prepare() {
      const objects = Array.from({ length: 10_000 }, (_, seed) =>
        registerOperations({ operations: 100, clients: 10, seed }).map((operation) => ({
          object: `k${seed}`,
          operation,
        })),
      ).flat();
      return judged(registerModel, objects);
    },
  },
  {
    name: 'one register, 10,000 operations, 30 clients, one stale read',
    peer: 'Porcupine: no answer in 20 s',
    size: 10_000,
    prepare() {
      const operations = registerOperations({ operations: 10_000, clients: 30, seed: 1 });
      return judged(registerModel, whole(withStaleRead(operations, 2000)));
    },
  },
];
