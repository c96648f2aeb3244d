/**
 * ApiCounts: how often each method and option of a target's interface was called in this process.
 *
 * 1. A call counts once it has answered: returned, or resolved. One that was refused does not.
 * 2. Calls that the target's own methods make of each other count, too.
 *
 * Puts a function around each method on its prototype; there is no way back in this process.
 */
import {
  type ApiClass,
  type ApiSurface,
  type Choices,
  callName,
  methodsOf,
} from '../contract/api.ts';

interface Counter {
  readonly name: string;
  calls: number;
}

export class ApiCounts {
  readonly #counters = new Map<string, Counter>();
  readonly #makers = new WeakMap<object, readonly Counter[]>();

  watch({ classes }: ApiSurface): void {
    for (const type of classes) for (const method of methodsOf(type)) this.#around(type, method);
  }

  /** Those that are not zero, by name. */
  read(): Readonly<Record<string, number>> {
    const all = [...this.#counters.values()].filter(({ calls }) => calls > 0);
    return Object.fromEntries(all.map(({ name, calls }) => [name, calls]));
  }

  #counter(name: string): Counter {
    let counter = this.#counters.get(name);
    if (counter === undefined) {
      counter = { name, calls: 0 };
      this.#counters.set(name, counter);
    }
    return counter;
  }

  #around(type: ApiClass, method: string): void {
    const { prototype, kinds, madeWith } = type;
    const inner = Reflect.get(prototype, method) as (...args: readonly unknown[]) => unknown;
    const countersOf = countersByKind((kind) => this.#countersOf(type, kind, method));
    const counts = this;
    Object.defineProperty(prototype, method, {
      configurable: true,
      writable: true,
      enumerable: false,
      value(this: object, ...args: readonly unknown[]): unknown {
        const counters = countersOf(kinds === undefined ? '' : ` [${kinds.kindOf(this)}]`);
        const chosen = counters.choices?.chosenBy(args);
        const answer = Reflect.apply(inner, this, args);
        const made = madeWith === undefined ? NONE : counts.#madeWith(this, madeWith);
        const answered = () => {
          counters.method.calls++;
          for (const name of chosen ?? []) counters.option(name).calls++;
          for (const counter of made) counter.calls++;
        };
        if (answer instanceof Promise) answer.then(answered, nothing);
        else answered();
        return answer;
      },
    });
  }

  #countersOf({ name, options }: ApiClass, kind: string, method: string) {
    const call = callName(name, kind, method);
    const choices: Choices | undefined = options?.[method];
    const byOption = new Map(
      choices?.names.map((option) => [option, this.#counter(`${call}(${option})`)]),
    );
    const option = (chosen: string) => byOption.get(chosen) ?? unlisted(call, chosen);
    return { method: this.#counter(call), choices, option };
  }

  #madeWith(receiver: object, made: NonNullable<ApiClass['madeWith']>): readonly Counter[] {
    let counters = this.#makers.get(receiver);
    if (counters === undefined) {
      const chosen = made.choices.chosenBy(made.argumentsOf(receiver));
      counters = chosen.map((option) => this.#counter(`${made.by}(${option})`));
      this.#makers.set(receiver, counters);
    }
    return counters;
  }
}

const NONE: readonly Counter[] = [];
const nothing = () => undefined;

function unlisted(call: string, option: string): never {
  throw new Error(`${call} was called with ${option}, which its table does not have`);
}

/** Looks each kind up once; most methods have one. */
function countersByKind<T>(make: (kind: string) => T): (kind: string) => T {
  const known = new Map<string, T>();
  return (kind) => {
    let found = known.get(kind);
    if (found === undefined) {
      found = make(kind);
      known.set(kind, found);
    }
    return found;
  };
}
