/**
 * Generates transactional histories of a store with a given isolation level: concurrent clients,
 * seeded, of any length. Values are unique.
 */
import type { HistoryEvent } from '../contract/history.ts';
import { Prng } from '../random/prng.ts';
import { KeyChoice, type KeyOptions } from './key-choice.ts';
import { type Micro, type Running, SimulatedStore, type StoreLevel } from './simulated-store.ts';

export interface GenerateOptions extends KeyOptions {
  readonly workload: 'list-append' | 'rw-register';
  readonly level: StoreLevel;
  readonly transactions: number;
  readonly seed: number;
  readonly clients: number;
  readonly operationsMin: number;
  readonly operationsMax: number;
  readonly readShare: number;
  readonly failShare: number;
  readonly infoShare: number;
  /** Share of reads that return a stale version: planted anomalies. */
  readonly staleShare: number;
}

/** The settings under which peers' checkers were measured. */
export const PEER_SETTINGS: Omit<GenerateOptions, 'workload' | 'transactions' | 'seed'> = {
  level: 'strict-serializable',
  clients: 10,
  activeKeys: 10,
  zipfExponent: 0.99,
  writesPerKey: 32,
  operationsMin: 1,
  operationsMax: 4,
  readShare: 0.5,
  failShare: 0.01,
  infoShare: 0.001,
  staleShare: 0,
};

/** Visits the events in order. */
export function generateHistory(
  options: GenerateOptions,
  visit: (event: HistoryEvent) => void,
): void {
  const random = new Prng(options.seed).derive('history');
  const keys = new KeyChoice(options, random.derive('keys'));
  const hasLists = options.workload === 'list-append';
  const store = new SimulatedStore(
    options.level,
    options.clients,
    hasLists,
    random.derive('store'),
  );
  const running: Running[] = [];
  const idle = Array.from({ length: options.clients }, (_, process) => process);
  let index = 0;
  let begun = 0;
  let nextValue = 0;
  const emit = (type: HistoryEvent['type'], process: number, operations: readonly Micro[]) => {
    const value = operations.map(([f, key, of]) => [
      f,
      key,
      type !== 'ok' && f === 'r' ? null : of,
    ]);
    visit({ index, type, process, f: 'txn', value, timeMs: index });
    index++;
  };
  const draw = (): Micro[] => {
    const size = random.between(options.operationsMin, options.operationsMax);
    return Array.from({ length: size }, (): Micro => {
      if (random.chance(options.readShare)) return ['r', keys.forRead(), null];
      const [key, write] = keys.forWrite();
      return hasLists ? ['append', key, write] : ['w', key, ++nextValue];
    });
  };
  while (begun < options.transactions || running.length > 0) {
    const mayBegin = begun < options.transactions && idle.length > 0;
    if (mayBegin && (running.length === 0 || random.chance(0.3))) {
      const process = idle.pop()!;
      const client = process % options.clients;
      const salt = random.nextUint32();
      const one = { process, client, operations: draw(), at: 0, snapshot: 0, salt };
      emit('invoke', process, one.operations);
      store.begin(one);
      running.push(one);
      begun++;
      continue;
    }
    const at = random.below(running.length);
    const one = running[at]!;
    if (one.at < one.operations.length) {
      store.step(one);
      continue;
    }
    running[at] = running.at(-1)!;
    running.pop();
    const { process, operations } = one;
    const unknown = random.chance(options.infoShare);
    const rolledBack = unknown ? random.chance(0.5) : random.chance(options.failShare);
    const committed = !rolledBack && store.commit(one);
    if (committed && options.staleShare > 0) makeStale(operations, options, random);
    emit(unknown ? 'info' : committed ? 'ok' : 'fail', process, operations);
    idle.push(unknown ? process + options.clients : process);
  }
}

/** Truncates lists in reads. */
function makeStale(operations: Micro[], { staleShare }: GenerateOptions, random: Prng): void {
  for (const operation of operations) {
    const [f, , value] = operation;
    if (f !== 'r' || !Array.isArray(value) || value.length === 0) continue;
    if (random.chance(staleShare)) operation[2] = value.slice(0, random.below(value.length));
  }
}
