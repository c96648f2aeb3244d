/** Checker benchmark: histories of millions of operations on one object. */
import { log } from '../consistency/collections/log.ts';
import { set } from '../consistency/collections/set.ts';
import { checkObjects } from '../consistency/linearizability/linearizable.ts';
import { registerModel } from '../consistency/linearizability/model.ts';
import type { Checker } from '../contract/checker.ts';
import type { Operation } from '../contract/history.ts';
import type { BenchRow } from './row.ts';

const MILLION = 1_000_000;
const KEYS = 4;
const POLLED_TOGETHER = 1000;

/** Operations of one client, one after the other. */
class Serial {
  readonly operations: Operation[] = [];

  add(f: string, input: unknown, output: unknown): void {
    const invokedIndex = 2 * this.operations.length;
    const completedIndex = invokedIndex + 1;
    this.operations.push({
      process: 0,
      f,
      input,
      output,
      type: 'ok',
      invokedIndex,
      completedIndex,
    });
  }
}

/** Every message is sent once, and polled once in the order of its key. */
function messages(count: number): Operation[] {
  const serial = new Serial();
  const places: [offset: number, value: number][][] = Array.from({ length: KEYS }, () => []);
  for (let value = 0; value < count; value++) {
    const own = places[value % KEYS]!;
    const place: [number, number] = [own.length, value];
    own.push(place);
    const key = `k${value % KEYS}`;
    serial.add('send', [['send', key, value]], [['send', key, place]]);
  }
  for (const [key, own] of places.entries()) {
    for (let from = 0; from < own.length; from += POLLED_TOGETHER) {
      const polled = { [`k${key}`]: own.slice(from, from + POLLED_TOGETHER) };
      serial.add('poll', [['poll']], [['poll', polled]]);
    }
  }
  return serial.operations;
}

function lostElements(count: number): Operation[] {
  const serial = new Serial();
  for (let element = 0; element < count; element++) serial.add('add', element, element);
  serial.add('read', null, []);
  return serial.operations;
}

/** A write, and a read of what it wrote. */
function writesAndReads(count: number): Operation[] {
  const serial = new Serial();
  for (let i = 0; i < count; i++) {
    const value = i >> 1;
    if (i % 2 === 0) serial.add('write', value, value);
    else serial.add('read', null, value);
  }
  return serial.operations;
}

const judged = (checker: Checker, operations: readonly Operation[]) => () =>
  checker.check(operations).validity;

export const largeRows: readonly BenchRow[] = [
  {
    name: 'log, 1 M messages',
    peer: 'at most 10 s, with reading',
    size: MILLION,
    prepare: () => judged(log, messages(MILLION)),
  },
  {
    name: 'set, 1 M elements, all lost',
    peer: 'at most 10 s, with reading',
    size: MILLION,
    prepare: () => judged(set, lostElements(MILLION)),
  },
  {
    name: 'one register, 10 M operations',
    peer: 'at most 60 s, with reading',
    size: 10 * MILLION,
    long: true,
    prepare() {
      const objects = new Map([['x', writesAndReads(10 * MILLION)]]);
      return () => checkObjects(registerModel, objects).validity;
    },
  },
];
