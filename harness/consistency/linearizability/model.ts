/**
 * Model: the sequential specification of an object, as pure functions.
 *
 * Contract: `step` never mutates the state it is given. `nameOf` gives equal names to equal states and different
 * names to different states.
 */
import { elementsOf, isSameValue, keyOf, textOf, type ValueKey } from '../../contract/value.ts';

export interface ModelOperation {
  readonly f: string;
  readonly input: unknown;
  /** What it returned. Says nothing when `known` is false. */
  readonly output: unknown;
  /** Whether it completed. */
  readonly known: boolean;
}

/** What an operation on a register does to its value, all at once. */
export interface Access {
  readonly reads?: unknown;
  readonly writes?: unknown;
}

export interface Model<State> {
  readonly name: string;
  readonly initial: State;
  /** The state after the operation, or `undefined` when it can't have returned that. */
  step(state: State, operation: ModelOperation): State | undefined;
  nameOf(state: State): string;
  /** The operation that never changes the state, if there is one. */
  readonly observer: string | undefined;
  /** Whether an operation leaves a state that does not depend on the one before. */
  resets?(f: string): boolean;
  /**
   * Whether operations that do not reset can lead from a state to one in which the observer returns
   * `output`. Lets the search turn back early; when in doubt `true`.
   */
  mayBecome?(state: State, output: unknown): boolean;
  /**
   * For registers that begin with `null`: what the operation reads, as far as it is known, and
   * writes; nothing where that does not say all.
   */
  accessOf?(operation: ModelOperation): Access | undefined;
  /**
   * What is wrong with an operation that the model does not understand. `step` is asked only of
   * operations of which nothing is.
   */
  complaint?(operation: ModelOperation): string | undefined;
  /** The state after the operation, where that does not depend on the one before. */
  leaves?(operation: ModelOperation): { readonly state: State } | undefined;
}

type Value = unknown;

/** A complaint about functions that the object does not have. */
const hasNo = (name: string, functions: readonly string[]) => (f: string) =>
  functions.includes(f) ? undefined : `a ${name} has no ${f}`;

const isPair = (value: Value) => Array.isArray(value) && value.length === 2;
const noRegister = hasNo('register', ['read', 'write', 'cas']);
const noMutex = hasNo('mutex', ['acquire', 'release']);
const noStore = hasNo('key-value store', ['get', 'put', 'append']);
const noSet = hasNo('set', ['add', 'remove', 'read']);
const noQueue = hasNo('queue', ['enqueue', 'dequeue']);

/**
 * read → value; write value; cas [expected, value] → ok; a failed cas is recorded as `fail`, or as
 * `ok` with `false` where the register itself said that it held another value.
 */
export const registerModel: Model<Value> = {
  name: 'register',
  observer: 'read',
  initial: null,
  step(state, { f, input, output, known }) {
    if (f === 'write') return input;
    if (f === 'read') return !known || isSameValue(output, state) ? state : undefined;
    const [expected, value] = input as [Value, Value];
    const fits = isSameValue(expected, state);
    if (known && output === false) return fits ? undefined : state;
    return fits ? value : undefined;
  },
  nameOf: textOf,
  complaint({ f, input }) {
    const isBad = f === 'cas' && !isPair(input);
    return isBad ? `cas of ${textOf(input)}, no [expected value]` : noRegister(f);
  },
  leaves({ f, input, output, known }) {
    if (f === 'write') return { state: input };
    if (f === 'read') return known ? { state: output } : undefined;
    return known && output !== false ? { state: (input as [Value, Value])[1] } : undefined;
  },
  accessOf({ f, input, output, known }) {
    if (f === 'write') return { writes: input };
    if (f === 'read') return known ? { reads: output } : {};
    if (known && output === false) return undefined;
    const [reads, writes] = input as [Value, Value];
    return { reads, writes };
  },
};

/** acquire and release, by one holder at a time. */
export const mutexModel: Model<boolean> = {
  name: 'mutex',
  observer: undefined,
  initial: false,
  step(held, { f }) {
    if (f === 'acquire') return held ? undefined : true;
    return held ? false : undefined;
  },
  nameOf: String,
  complaint: ({ f }) => noMutex(f),
  leaves: ({ f }) => ({ state: f === 'acquire' }),
};

/** get → value; put value; append text. One key: histories are cut by key before. */
export const keyValueModel: Model<Value> = {
  name: 'key-value',
  observer: 'get',
  initial: '',
  step(state, { f, input, output, known }) {
    if (f === 'put') return input;
    if (f === 'append') return appended(state, input);
    return !known || isSameValue(output ?? '', state) ? state : undefined;
  },
  nameOf: shortName,
  resets: (f) => f === 'put',
  mayBecome: (state, output) =>
    typeof output !== 'string' || typeof state !== 'string' || output.startsWith(state),
  complaint: ({ f, input }) => noStore(f) ?? (f === 'append' ? noText(input) : undefined),
  leaves: ({ f, input }) => (f === 'put' ? { state: input } : undefined),
};

/** A text as it is: quoting long ones at every step costs more than the step. */
function shortName(value: Value): string {
  const isPlain = typeof value === 'string' && value.charCodeAt(0) !== 0;
  return isPlain ? value : `\u0000${textOf(value)}`;
}

const noText = (value: Value) =>
  typeof value === 'string' ? undefined : `append of ${textOf(value)}, no text`;

const appended = (state: Value, value: Value) =>
  `${typeof state === 'string' ? state : textOf(state)}${value}`;

type Registers = ReadonlyMap<ValueKey, Value>;

/** Several registers: transactions of ["r", name, value] and ["w", name, value], all at once. */
export const multiRegisterModel: Model<Registers> = {
  name: 'multi-register',
  observer: undefined,
  initial: new Map(),
  step(state, { input, output, known }) {
    let next: Map<ValueKey, Value> | undefined;
    for (const [f, name, value = null] of (known ? output : input) as Value[][]) {
      const key = keyOf(name);
      if (f === 'w' || f === 'write') next = new Map(next ?? state).set(key, value);
      else if (known && !isSameValue(value, (next ?? state).get(key))) return undefined;
    }
    return next ?? state;
  },
  nameOf: mapName,
  complaint({ input, output, known }) {
    const operations = known ? output : input;
    if (!Array.isArray(operations)) return `${textOf(operations)} is no list of operations`;
    const odd = operations.findIndex((one) => !Array.isArray(one) || !ACCESSES.has(one[0]));
    return odd < 0 ? undefined : `${textOf(operations[odd])} is no read or write of a register`;
  },
};

const ACCESSES: ReadonlySet<unknown> = new Set(['r', 'w', 'read', 'write']);

/** Entries by their keys. Texts, as most are, are written down in one go. */
function mapName(state: ReadonlyMap<ValueKey, Value>): string {
  const entries = [...state];
  if (entries.every(([key, value]) => typeof key === 'string' && typeof value === 'string')) {
    return JSON.stringify(entries.sort(([a], [b]) => (a! < b! ? -1 : 1)));
  }
  const parts = entries.map(([key, value]) => `${textOf(key)} ${textOf(value)}`);
  return parts.sort().join('\n');
}

/** As key-value, all keys together: [key, text] in, and out of get. */
export const mapModel: Model<Registers> = {
  name: 'map',
  observer: 'get',
  initial: new Map(),
  step(state, { f, input, output, known }) {
    const [name, value] = Array.isArray(input) ? input : [input];
    const key = keyOf(name);
    const before = state.get(key) ?? '';
    if (f === 'put') return new Map(state).set(key, value);
    if (f === 'append') return new Map(state).set(key, appended(before, value));
    const shown = Array.isArray(output) ? output[1] : output;
    return !known || isSameValue(shown ?? '', before) ? state : undefined;
  },
  nameOf: mapName,
  complaint({ f, input }) {
    if (f === 'get' || noStore(f) !== undefined) return noStore(f);
    if (!isPair(input)) return `${f} of ${textOf(input)}, no [key value]`;
    return f === 'append' ? noText((input as Value[])[1]) : undefined;
  },
};

/** add value; remove value; read → all values, in any order. */
export const setModel: Model<readonly string[]> = {
  name: 'linearizable-set',
  observer: 'read',
  initial: [],
  step(state, { f, input, output, known }) {
    const value = textOf(input);
    if (f === 'add') return state.includes(value) ? state : [...state, value].sort();
    if (f === 'remove') return state.filter((one) => one !== value);
    if (!known) return state;
    const shown = elementsOf(output)!.map(textOf).sort();
    return isSameValue(shown, state) ? state : undefined;
  },
  nameOf: textOf,
  complaint({ f, output, known }) {
    const isBad = f === 'read' && known && elementsOf(output) === undefined;
    return isBad ? `read returned ${textOf(output)}, no list` : noSet(f);
  },
};

/** enqueue value; dequeue → the oldest value. */
export const queueModel: Model<readonly Value[]> = {
  name: 'queue',
  observer: undefined,
  initial: [],
  step(state, { f, input, output, known }) {
    if (f === 'enqueue') return [...state, input];
    if (state.length === 0) return known ? undefined : state;
    return !known || isSameValue(output, state[0]) ? state.slice(1) : undefined;
  },
  nameOf: textOf,
  complaint: ({ f }) => noQueue(f),
};

export const MODELS: ReadonlyMap<string, Model<never>> = new Map(
  [
    registerModel,
    multiRegisterModel,
    keyValueModel,
    mapModel,
    mutexModel,
    setModel,
    queueModel,
  ].map((model) => [model.name, model as unknown as Model<never>] as const),
);
