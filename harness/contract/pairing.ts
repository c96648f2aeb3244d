/**
 * Pairing: invocations with their completions, in one place for every checker.
 *
 * A process has at most one operation open. What breaks that is malformed, whatever the checker
 * would make of it: a completion without an invocation, an invocation while another is open, a
 * completion of another function. The first such event is reported, with its place.
 *
 * A process whose operation ended in `info` may invoke again.
 */
import type { HistoryEvent, Operation } from './history.ts';

/** Of histories that no recorder writes. The message begins with the place. */
export class MalformedHistory extends Error {
  override readonly name = 'MalformedHistory';
}

export const placeOf = ({ line, index }: HistoryEvent) =>
  line === undefined ? `event ${index}` : `line ${line}`;

interface Slot<T> {
  /** `undefined` while nothing is open. */
  event: HistoryEvent | undefined;
  kept: T | undefined;
}

/** Invocations that have not completed, by process. */
export class OpenInvocations<T> {
  /** Used again: a process that comes and goes in a Map costs more than the rest of the pairing. */
  readonly #slots = new Map<number, Slot<T>>();

  invoke(event: HistoryEvent, kept: T): void {
    const slot = this.#slots.get(event.process);
    if (slot === undefined) {
      this.#slots.set(event.process, { event, kept });
      return;
    }
    const before = slot.event;
    if (before !== undefined) {
      throw new MalformedHistory(
        `${placeOf(event)}: process ${event.process} invokes ${event.f} while its ${before.f} of ${placeOf(before)} is open`,
      );
    }
    slot.event = event;
    slot.kept = kept;
  }

  /** What was kept of the invocation, which is closed now. */
  complete(event: HistoryEvent): T {
    const { process, f } = event;
    const slot = this.#slots.get(process);
    const invocation = slot?.event;
    if (slot === undefined || invocation === undefined) {
      throw new MalformedHistory(
        `${placeOf(event)}: process ${process} completes ${f}, which it never invoked`,
      );
    }
    if (invocation.f !== f) {
      throw new MalformedHistory(
        `${placeOf(event)}: process ${process} completes ${f}, and ${placeOf(invocation)} invoked ${invocation.f}`,
      );
    }
    const { kept } = slot;
    slot.event = undefined;
    slot.kept = undefined;
    return kept as T;
  }

  /** What is open, in the order of invocation. */
  left(): T[] {
    const open = [...this.#slots.values()].filter(({ event }) => event !== undefined);
    open.sort((a, b) => a.event!.index - b.event!.index);
    return open.map(({ kept }) => kept as T);
  }

  clear(): void {
    this.#slots.clear();
  }
}

/** Some clients choose what they write only when they do: the completion says it, as in Knossos. */
const ADDING: ReadonlySet<string> = new Set(['add', 'enqueue', 'write', 'insert']);

/** Gathers operations from events in order. Operations are in the order of their invocation. */
export class Pairing {
  readonly #operations: { -readonly [Name in keyof Operation]: Operation[Name] }[] = [];
  readonly #open = new OpenInvocations<number>();
  /** Names of functions are few: each is kept once. */
  readonly #names = new Map<string, string>();

  get operations(): readonly Operation[] {
    return this.#operations;
  }

  /** Throws MalformedHistory. */
  add(event: HistoryEvent): void {
    const { process, value, index, type } = event;
    if (type === 'invoke') {
      this.#open.invoke(event, this.#operations.length);
      let f = this.#names.get(event.f);
      if (f === undefined) {
        f = event.f;
        this.#names.set(f, f);
      }
      this.#operations.push({
        process,
        f,
        input: value,
        output: undefined,
        type: 'info',
        invokedIndex: index,
        completedIndex: Number.POSITIVE_INFINITY,
      });
      return;
    }
    const operation = this.#operations[this.#open.complete(event)]!;
    operation.type = type;
    operation.output = value;
    if (type === 'ok' && ADDING.has(operation.f)) operation.input ??= value;
    if (type !== 'info') operation.completedIndex = index;
  }
}

/**
 * Pairs invocations with completions, for events below `limit`. What is still open there counts as
 * `info`: that is the history a crash at that instant leaves. Throws MalformedHistory.
 */
export function operationsOf(
  events: readonly HistoryEvent[],
  limit: number = events.length,
): readonly Operation[] {
  const pairing = new Pairing();
  for (let i = 0; i < limit; i++) pairing.add(events[i]!);
  return pairing.operations;
}
