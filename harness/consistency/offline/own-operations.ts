/**
 * Validates operations of Assay's own workloads for its checkers. A history from a file may carry anything: an
 * operation of another shape is set aside with its place, so that no checker throws on it.
 *
 * A malformed read is skipped. After a malformed change nothing is certain: only operations that completed
 * before its invocation are judged.
 */
import type { Operation } from '../../contract/history.ts';
import { entriesOf, isObject, textOf } from '../../contract/value.ts';

type Shape = (value: unknown) => boolean;

const number: Shape = (value) => typeof value === 'number';
const text: Shape = (value) => typeof value === 'string';
const numberOrNone: Shape = (value) => value === null || typeof value === 'number';
const listOf =
  (shape: Shape): Shape =>
  (value) =>
    Array.isArray(value) && value.every(shape);
const tuple =
  (...shapes: readonly Shape[]): Shape =>
  (value) =>
    Array.isArray(value) && shapes.every((shape, i) => shape(value[i]));
const fields =
  (shapes: Readonly<Record<string, Shape>>): Shape =>
  (value) =>
    isObject(value) && Object.entries(shapes).every(([name, shape]) => shape(value[name]));
const optional =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined || shape(value);
const anything: Shape = () => true;

interface Shapes {
  readonly input?: Shape;
  readonly output?: Shape;
  /** Whether it changes nothing. */
  readonly isRead?: boolean;
}

const transfer = fields({ id: number, from: number, to: number, amount: number });
const edge = fields({ source: text, label: text, target: text });
const seats: Shapes = { output: fields({ seats: number, taken: number }), isRead: true };
const watch: Shapes = {
  output: fields({ from: number, events: listOf(tuple(number, text, text)) }),
  isRead: true,
};
const SET: Readonly<Record<string, Shapes>> = {
  add: { input: fields({ group: number, size: number }) },
  read: { output: listOf(tuple(number, number)), isRead: true },
};

/** By workload and function. */
const SHAPES: Readonly<Record<string, Readonly<Record<string, Shapes>>>> = {
  'durable-set': SET,
  'lock-set': SET,
  'own-bank': {
    transfer: { input: transfer },
    read: {
      output: fields({ balances: listOf(number), receipts: optional(listOf(transfer)) }),
      isRead: true,
    },
    audit: {
      output: fields({ balances: listOf(number), receipts: optional(listOf(transfer)) }),
      isRead: true,
    },
  },
  'own-register': {
    read: { input: fields({ key: number }), output: fields({ read: numberOrNone }), isRead: true },
    write: { input: fields({ key: number, value: number }) },
    swap: { input: fields({ key: number, value: number }), output: fields({ read: numberOrNone }) },
    'read-all': { output: listOf(numberOrNone), isRead: true },
  },
  seats: { take: seats, 'give-back': seats, count: seats },
  watch: { write: { input: fields({ key: text, value: text }) }, watch, 'watch-all': watch },
  'graph-churn': {
    dump: {
      output: fields({
        vertices: listOf(text),
        outgoing: listOf(edge),
        incoming: listOf(edge),
        degrees: listOf(tuple(text, number, number)),
      }),
      isRead: true,
    },
    'add-vertex': { input: fields({ vertex: text, cascade: optional(anything) }) },
    'remove-vertex': { input: fields({ vertex: text, cascade: optional(anything) }) },
    'add-edge': { input: edge },
    'remove-edge': { input: edge },
  },
};

export interface OwnOperations {
  readonly operations: readonly Operation[];
  /** What was set aside, and why. */
  readonly complaints: readonly string[];
}

/** Operations of any other workload as they are. */
export function ownOperations(workload: string, all: readonly Operation[]): OwnOperations {
  const shapes = SHAPES[workload];
  if (shapes === undefined) return { operations: all, complaints: [] };
  const complaints: string[] = [];
  const operations: Operation[] = [];
  let judgedUntil = Number.POSITIVE_INFINITY;
  for (const one of all) {
    const operation = { ...one, input: plain(one.input), output: plain(one.output) };
    const complaint = oddity(operation, shapes[one.f]);
    if (complaint === undefined) operations.push(operation);
    else {
      complaints.push(`operation ${one.invokedIndex}: ${complaint}`);
      if (shapes[one.f]?.isRead !== true) judgedUntil = Math.min(judgedUntil, one.invokedIndex);
    }
  }
  const isJudged = ({ invokedIndex, completedIndex, type, f }: Operation) =>
    invokedIndex < judgedUntil &&
    (type !== 'ok' || shapes[f]?.isRead !== true || completedIndex < judgedUntil);
  return { operations: operations.filter(isJudged), complaints };
}

function oddity({ f, type, input, output }: Operation, shapes: Shapes | undefined) {
  if (type === 'fail') return undefined;
  if (shapes === undefined) return `this workload has no ${f}`;
  if (shapes.input?.(input) === false) return `${f} of ${textOf(input)}`;
  const isOdd = type === 'ok' && shapes.output?.(output) === false;
  return isOdd ? `${f} returned ${textOf(output)}` : undefined;
}

/** Maps of EDN as objects of JSON, where their keys are texts or keywords. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  const entries = value instanceof Map || isObject(value) ? entriesOf(value)! : undefined;
  if (entries === undefined) return value;
  const names = entries.map(([key, one]) => [nameOf(key), plain(one)] as const);
  return names.every(([name]) => name !== undefined) ? Object.fromEntries(names) : value;
}

function nameOf(key: unknown): string | undefined {
  if (typeof key !== 'string') return undefined;
  return key.startsWith(':') ? key.slice(1) : key;
}
