/**
 * ApiSurface: the methods of a target's own interface and the options that they take, for counting the
 * calls whose results checkers judge.
 *
 * 1. Methods are read from the prototypes, so a new one is on the list as soon as it exists.
 * 2. Options come from tables that are complete by their types: a new one does not compile without.
 */
export interface ApiSurface {
  readonly classes: readonly ApiClass[];
}

export interface ApiClass {
  readonly name: string;
  /** Its functions are the methods. */
  readonly prototype: object;
  /** Left out: all that the prototype has. For objects that inherit their methods. */
  readonly methods?: readonly string[];
  /** By method. */
  readonly options?: Readonly<Record<string, Choices>>;
  /** Objects that behave in ways of their own are counted apart: `Transaction [serializable]`. */
  readonly kinds?: {
    readonly names: readonly string[];
    kindOf(receiver: object): string;
  };
  /** What an object was made with: each of its calls counts for that. */
  readonly madeWith?: {
    /** The function that makes it: `open`. */
    readonly by: string;
    readonly choices: Choices;
    /** The arguments that it was made with. */
    argumentsOf(receiver: object): readonly unknown[];
  };
}

/** What the caller of a method may choose. */
export interface Choices {
  /** All there is: `limit`, `durability=sync`. */
  readonly names: readonly string[];
  /** What one call chose. */
  chosenBy(args: readonly unknown[]): readonly string[];
}

/** The values of one option, by name; the name of a value that is not worth one is `undefined`. */
export interface Values<V> {
  readonly names: readonly string[];
  nameOf(value: V): string | undefined;
}

export type OptionTable<T> = {
  readonly [K in keyof Required<T>]: Values<Exclude<T[K], undefined>>;
};

const ANY = '';

/** Counts whatever the value is. */
export const given: Values<unknown> = { names: [ANY], nameOf: () => ANY };

/** Counts values other than the default. */
export function otherThan<V>(usual: V): Values<V> {
  return { names: [ANY], nameOf: (value) => (value === usual ? undefined : ANY) };
}

/** Counts each word by itself. */
export function words<V extends string>(all: Readonly<Record<V, true>>): Values<V> {
  return { names: Object.keys(all), nameOf: (value) => value };
}

/** The options of the argument at a place. `together`: options that are counted as a pair besides. */
export function optionsAt<T extends object>(
  at: number,
  table: OptionTable<T>,
  together: readonly (readonly [keyof T & string, keyof T & string])[] = [],
): Choices {
  const all = Object.entries(table) as [keyof T & string, Values<unknown>][];
  const pairs = together.map(([one, other]) => [one, other, `${one}, ${other}`] as const);
  return {
    names: [
      ...all.flatMap(([name, values]) => values.names.map((value) => worded(name, value))),
      ...pairs.map(([, , name]) => name),
    ],
    chosenBy(args) {
      const options = args[at] as T | undefined;
      if (typeof options !== 'object' || options === null) return [];
      const chosen: string[] = [];
      for (const [name, values] of all) {
        const value = options[name];
        const named = value === undefined ? undefined : values.nameOf(value);
        if (named !== undefined) chosen.push(worded(name, named));
      }
      for (const [one, other, name] of pairs) {
        if (options[one] !== undefined && options[other] !== undefined) chosen.push(name);
      }
      return chosen;
    },
  };
}

/** The argument at a place, where it is given. */
export function argumentAt<V>(at: number, name: string, values: Values<V>): Choices {
  return {
    names: values.names.map((value) => worded(name, value)),
    chosenBy(args) {
      const named = args[at] === undefined ? undefined : values.nameOf(args[at] as V);
      return named === undefined ? [] : [worded(name, named)];
    },
  };
}

export function allOf(...choices: readonly Choices[]): Choices {
  return {
    names: choices.flatMap(({ names }) => names),
    chosenBy: (args) => choices.flatMap((one) => one.chosenBy(args)),
  };
}

/** Options of an option: `retain.ageMs`. */
export function partsOf(option: string, { names, chosenBy }: Choices): Choices {
  const within = (all: readonly string[]) => all.map((name) => `${option}.${name}`);
  return { names: within(names), chosenBy: (args) => within(chosenBy(args)) };
}

function worded(name: string, value: string): string {
  return value === ANY ? name : `${name}=${value}`;
}

/** What is counted, by name: `Database.put`, `Database.put(durability=sync)`, `open(fanIn)`. */
export function apiEntries({ classes }: ApiSurface): string[] {
  return classes.flatMap((type) => {
    const kinds = type.kinds?.names.map((kind) => ` [${kind}]`) ?? [''];
    const methods = kinds.flatMap((kind) =>
      methodsOf(type).flatMap((method) => {
        const options = type.options?.[method]?.names ?? [];
        const name = callName(type.name, kind, method);
        return [name, ...options.map((option) => `${name}(${option})`)];
      }),
    );
    const { by = '', choices } = type.madeWith ?? {};
    return [...(choices?.names.map((option) => `${by}(${option})`) ?? []), ...methods];
  });
}

export function callName(type: string, kind: string, method: string): string {
  return `${type}${kind}.${method}`;
}

export function methodsOf({ prototype, methods }: ApiClass): readonly string[] {
  if (methods !== undefined) return methods;
  const all = Object.entries(Object.getOwnPropertyDescriptors(prototype));
  return all
    .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor')
    .map(([name]) => name);
}

/** Of one method or option in a run: the calls that cells judged. */
export interface ApiRow {
  readonly name: string;
  readonly calls: number;
  /** Scenarios whose cells made them. */
  readonly scenarios: readonly string[];
  /** Why it may be that there are none. */
  readonly reason?: string;
}

export interface ApiCoverage {
  readonly rows: readonly ApiRow[];
  /** Those without a call and without a reason. */
  readonly unjudged: readonly string[];
}
