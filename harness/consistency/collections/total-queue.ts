/**
 * Total queue (Jepsen's): every element that is enqueued is dequeued once, in any order. `enqueue` value,
 * `dequeue` → value (or a failure when empty), `drain` → all remaining elements.
 *
 * - lost: acknowledged before the last drain was invoked, and never dequeued; each indeterminate dequeue
 *   accounts for one element
 * - made up: dequeued without an enqueue, or before it
 * - duplicated: dequeued more often than enqueued
 *
 * A drain that is indeterminate, or returns no list, may have taken anything: then no element counts as
 * lost, and the verdict is not `valid`.
 */
import { defineChecker, Findings } from '../../contract/checker.ts';
import type { Operation } from '../../contract/history.ts';
import { elementsOf, keyOf, textOf, type ValueKey } from '../../contract/value.ts';
import { returned } from './values.ts';

interface Element {
  readonly value: unknown;
  /** Number of enqueues that may have taken effect, and the first invocation. */
  tried: number;
  triedSince: number;
  /** Completion of each acknowledged enqueue. */
  readonly acknowledged: number[];
  out: number;
  /** First dequeue. */
  outSince: number;
}

const KINDS = ['lost', 'made-up', 'duplicated', 'too-early'] as const;
type QueueFindings = Findings<(typeof KINDS)[number]>;

export const totalQueue = defineChecker({
  name: 'total-queue',
  kinds: KINDS,
  doc: 'what is enqueued is dequeued once: nothing lost, made up or duplicated',
  check(operations) {
    const findings: QueueFindings = new Findings('total-queue');
    const queue = new Queue();
    for (const operation of operations) queue.note(operation, findings);
    queue.findMadeUp(findings);
    queue.findLost(findings);
    return findings.verdict(queue.counts, queue.dequeued);
  },
});

class Queue {
  readonly #elements = new Map<ValueKey, Element>();
  /** Indeterminate dequeues: each may have taken any one element. */
  #unsure = 0;
  #hasBadDrain = false;
  #lastDrain = -1;
  dequeued = 0;

  get counts() {
    let enqueued = 0;
    for (const { acknowledged } of this.#elements.values()) if (acknowledged.length > 0) enqueued++;
    return { enqueued, dequeued: this.dequeued, unsure: this.#unsure };
  }

  note(operation: Operation, findings: QueueFindings): void {
    const { f, type, input, output, invokedIndex, completedIndex } = operation;
    if (f === 'enqueue' && type !== 'fail') {
      const element = this.#of(input);
      element.tried++;
      element.triedSince = Math.min(element.triedSince, invokedIndex);
      if (type === 'ok') element.acknowledged.push(completedIndex);
    } else if (f === 'dequeue' && type === 'info') this.#unsure++;
    else if (f === 'dequeue' && type === 'ok') {
      if (output === null || output === undefined) {
        findings.unclear(operation, returned(operation, 'element'));
      } else this.#take(output, completedIndex);
    } else if (f === 'drain' && type !== 'fail') this.#drain(operation, findings);
    else if (f !== 'enqueue' && f !== 'dequeue' && f !== 'drain' && type !== 'fail') {
      this.#hasBadDrain = true;
      findings.unclear(operation, `a queue has no ${f}`);
    }
  }

  #drain(operation: Operation, findings: QueueFindings): void {
    const { type, output, invokedIndex, completedIndex } = operation;
    const list = elementsOf(output);
    for (const one of list ?? []) this.#take(one, completedIndex);
    if (type === 'ok' && list !== undefined) {
      this.#lastDrain = Math.max(this.#lastDrain, invokedIndex);
      return;
    }
    this.#hasBadDrain = true;
    const shown =
      list === undefined || list.length === 0 ? '' : ` after it showed ${textOf(output)}`;
    findings.unclear(
      operation,
      type === 'ok' ? returned(operation, 'list') : `the drain crashed${shown}`,
    );
  }

  findMadeUp(findings: QueueFindings): void {
    for (const { value, tried, triedSince, out, outSince } of this.#elements.values()) {
      if (out === 0) continue;
      const name = textOf(value);
      if (tried === 0) findings.fault(`${name} came out and never went in`, outSince, 'made-up');
      else if (out > tried) {
        const reason = `${name} came out ${out} times, went in ${tried}`;
        findings.fault(reason, outSince, 'duplicated');
      } else if (outSince < triedSince) {
        findings.fault(`${name} came out before it went in`, outSince, 'too-early');
      }
    }
  }

  findLost(findings: QueueFindings): void {
    const missing: unknown[] = [];
    let late = 0;
    for (const { value, acknowledged, out } of this.#elements.values()) {
      if (acknowledged.length <= out) continue;
      const before = acknowledged.filter((index) => index < this.#lastDrain).length;
      if (before > out) missing.push(value);
      else late++;
    }
    if (this.#hasBadDrain) return;
    if (this.#lastDrain < 0 || late > 0) {
      findings.open('the queue was not drained after all enqueues, so a loss would not show');
    }
    if (missing.length <= this.#unsure) return;
    const excuse =
      this.#unsure === 0 ? '' : `, or another: ${this.#unsure} dequeues may have taken one each`;
    for (const value of missing) findings.fault(`${textOf(value)} is lost${excuse}`, 0, 'lost');
  }

  #of(value: unknown): Element {
    const key = keyOf(value);
    let element = this.#elements.get(key);
    if (element === undefined) {
      const never = Number.POSITIVE_INFINITY;
      element = { value, tried: 0, triedSince: never, acknowledged: [], out: 0, outSince: never };
      this.#elements.set(key, element);
    }
    return element;
  }

  #take(value: unknown, index: number): void {
    const element = this.#of(value);
    element.out++;
    element.outSince = Math.min(element.outSince, index);
    this.dequeued++;
  }
}
