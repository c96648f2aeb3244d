/**
 * Total queue (Jepsen's): what goes in comes out once, in any order. `enqueue` value, `dequeue` →
 * value (or a failure when empty), `drain` → all that is left.
 *
 * - lost: acknowledged in, and never out, in a history that was drained; a dequeue whose outcome
 *   is unknown may have taken one each
 * - made up: out, and never in
 * - duplicated: out more often than in
 */
import { defineChecker, verdictOf } from '../../contract/checker.ts';

export const totalQueue = defineChecker({
  name: 'total-queue',
  doc: 'what is enqueued is dequeued once: nothing lost, made up or duplicated',
  check(operations) {
    const maybeIn = new Map<string, number>();
    const surelyIn = new Map<string, number>();
    const out = new Map<string, { times: number; index: number }>();
    let drained = false;
    const add = (map: Map<string, number>, value: string) =>
      map.set(value, (map.get(value) ?? 0) + 1);
    const take = (value: unknown, index: number) => {
      const name = JSON.stringify(value);
      out.set(name, { times: (out.get(name)?.times ?? 0) + 1, index });
    };
    for (const { f, type, input, output, completedIndex } of operations) {
      const value = JSON.stringify(input);
      if (f === 'enqueue' && type !== 'fail') add(maybeIn, value);
      if (type !== 'ok') continue;
      if (f === 'enqueue') add(surelyIn, value);
      else if (f === 'dequeue') take(output, completedIndex);
      else if (f === 'drain') {
        drained = true;
        for (const one of output as unknown[]) take(one, completedIndex);
      }
    }
    const faults: { reason: string; index: number }[] = [];
    for (const [value, { times, index }] of out) {
      const possible = maybeIn.get(value) ?? 0;
      if (possible === 0) faults.push({ reason: `${value} came out and never went in`, index });
      else if (times > possible) {
        faults.push({ reason: `${value} came out ${times} times, went in ${possible}`, index });
      }
    }
    const missing = [...(drained ? surelyIn : [])]
      .filter(([value, times]) => (out.get(value)?.times ?? 0) < times)
      .map(([value]) => value);
    const unsure = operations.filter(({ f, type }) => f === 'dequeue' && type === 'info').length;
    if (missing.length > unsure) {
      const excuse = unsure === 0 ? '' : `, or another: ${unsure} dequeues may have taken one each`;
      for (const value of missing) faults.push({ reason: `${value} is lost${excuse}`, index: 0 });
    }
    const counts = { enqueued: surelyIn.size, dequeued: out.size, unsure };
    const verdict = verdictOf('total-queue', faults, counts, out.size);
    if (drained || verdict.validity !== 'valid') return verdict;
    const reasons = ['total-queue: the queue was not drained, so a loss would not show'];
    return { ...verdict, validity: 'unknown', reasons };
  },
});
