/**
 * Model: what an object does when one operation runs at a time, as pure functions.
 *
 * Contract: `step` never changes the state it is given. `nameOf` gives equal names to equal states
 * and different names to different ones.
 */
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
}

type Value = unknown;

const text = (value: Value) => JSON.stringify(value) ?? 'undefined';
const same = (a: Value, b: Value) => a === b || text(a) === text(b);

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
    if (f === 'read') return !known || same(output, state) ? state : undefined;
    if (f !== 'cas' || !Array.isArray(input)) throw new Error(`a register has no ${f}`);
    if (known && output === false) return same(input[0], state) ? undefined : state;
    return same(input[0], state) ? input[1] : undefined;
  },
  nameOf: text,
  accessOf({ f, input, output, known }) {
    if (f === 'write') return { writes: input };
    if (f === 'read') return known ? { reads: output } : {};
    if (f !== 'cas' || !Array.isArray(input) || (known && output === false)) return undefined;
    return { reads: input[0], writes: input[1] };
  },
};

/** acquire and release, by one holder at a time. */
export const mutexModel: Model<boolean> = {
  name: 'mutex',
  observer: undefined,
  initial: false,
  step(held, { f }) {
    if (f === 'acquire') return held ? undefined : true;
    if (f === 'release') return held ? false : undefined;
    throw new Error(`a mutex has no ${f}`);
  },
  nameOf: String,
};

/** get → text; put text; append text. One key: histories are cut by key before. */
export const keyValueModel: Model<string> = {
  name: 'key-value',
  observer: 'get',
  initial: '',
  step(state, { f, input, output, known }) {
    if (f === 'put') return String(input);
    if (f === 'append') return state + String(input);
    if (f === 'get') return !known || (output ?? '') === state ? state : undefined;
    throw new Error(`a key-value store has no ${f}`);
  },
  nameOf: (state) => state,
  resets: (f) => f === 'put',
  mayBecome: (state, output) => typeof output !== 'string' || output.startsWith(state),
};

type Registers = ReadonlyMap<string, Value>;

/** Several registers: transactions of ["r", name, value] and ["w", name, value], all at once. */
export const multiRegisterModel: Model<Registers> = {
  name: 'multi-register',
  observer: undefined,
  initial: new Map(),
  step(state, { input, output, known }) {
    const operations = known ? output : input;
    if (!Array.isArray(operations)) throw new Error('no list of operations');
    let next: Map<string, Value> | undefined;
    for (const operation of operations) {
      if (!Array.isArray(operation)) throw new Error(`no operation: ${text(operation)}`);
      const [f, name, value] = operation;
      const key = text(name);
      if (f === 'w') next = new Map(next ?? state).set(key, value ?? null);
      else if (f !== 'r') throw new Error(`a register has no ${f}`);
      else if (known && !same(value ?? null, (next ?? state).get(key) ?? null)) return undefined;
    }
    return next ?? state;
  },
  nameOf: (state) => text([...state].sort(([a], [b]) => (a < b ? -1 : 1))),
};

type Texts = ReadonlyMap<string, string>;

/** As key-value, all keys together: [key, text] in, and out of get. */
export const mapModel: Model<Texts> = {
  name: 'map',
  observer: 'get',
  initial: new Map(),
  step(state, { f, input, output, known }) {
    const [name, value] = Array.isArray(input) ? input : [input];
    const key = text(name);
    const before = state.get(key) ?? '';
    if (f === 'put') return new Map(state).set(key, String(value));
    if (f === 'append') return new Map(state).set(key, before + String(value));
    if (f !== 'get') throw new Error(`a map has no ${f}`);
    const shown = Array.isArray(output) ? output[1] : output;
    return !known || (shown ?? '') === before ? state : undefined;
  },
  nameOf: (state) => text([...state].sort(([a], [b]) => (a < b ? -1 : 1))),
};

/** add value; remove value; read → all values, in any order. */
export const setModel: Model<readonly string[]> = {
  name: 'linearizable-set',
  observer: 'read',
  initial: [],
  step(state, { f, input, output, known }) {
    const value = text(input);
    if (f === 'add') return state.includes(value) ? state : [...state, value].sort();
    if (f === 'remove') return state.filter((one) => one !== value);
    if (f !== 'read') throw new Error(`a set has no ${f}`);
    if (!known) return state;
    return Array.isArray(output) && same(output.map(text).sort(), state) ? state : undefined;
  },
  nameOf: text,
};

/** enqueue value; dequeue → the oldest value. */
export const queueModel: Model<readonly Value[]> = {
  name: 'queue',
  observer: undefined,
  initial: [],
  step(state, { f, input, output, known }) {
    if (f === 'enqueue') return [...state, input];
    if (f !== 'dequeue') throw new Error(`a queue has no ${f}`);
    if (state.length === 0) return known ? undefined : state;
    return !known || same(output, state[0]) ? state.slice(1) : undefined;
  },
  nameOf: text,
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
