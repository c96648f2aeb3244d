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

/** Invocations that have not completed, by process. */
export class OpenInvocations<T> {
  readonly #open = new Map<number, { readonly event: HistoryEvent; readonly kept: T }>();

  invoke(event: HistoryEvent, kept: T): void {
    const before = this.#open.get(event.process)?.event;
    if (before !== undefined) {
      throw new MalformedHistory(
        `${placeOf(event)}: process ${event.process} invokes ${event.f} while its ${before.f} of ${placeOf(before)} is open`,
      );
    }
    this.#open.set(event.process, { event, kept });
  }

  /** What was kept of the invocation, which is closed now. */
  complete(event: HistoryEvent): T {
    const { process, f } = event;
    const found = this.#open.get(process);
    if (found === undefined) {
      throw new MalformedHistory(
        `${placeOf(event)}: process ${process} completes ${f}, which it never invoked`,
      );
    }
    if (found.event.f !== f) {
      throw new MalformedHistory(
        `${placeOf(event)}: process ${process} completes ${f}, and ${placeOf(found.event)} invoked ${found.event.f}`,
      );
    }
    this.#open.delete(process);
    return found.kept;
  }

  *left(): Generator<T> {
    for (const { kept } of this.#open.values()) yield kept;
  }

  clear(): void {
    this.#open.clear();
  }
}

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
