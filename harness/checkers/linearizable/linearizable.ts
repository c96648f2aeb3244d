/**
 * Linearizability (Herlihy and Wing 1990) of histories, one object after the other: a history is
 * linearizable when that of each object is.
 */
import type { Operation } from '../../contract/history.ts';
import { mergeVerdicts, type Verdict } from '../../contract/verdict.ts';
import type { Model } from './model.ts';
import { DEFAULT_LIMITS, type SearchLimits, searchOrder } from './search.ts';

export interface ObjectOperation {
  /** Which object it is on. */
  readonly object: string;
  readonly operation: Operation;
}

export function checkLinearizable<State>(
  model: Model<State>,
  operations: readonly ObjectOperation[],
  limits: SearchLimits = DEFAULT_LIMITS,
): Verdict {
  const objects = new Map<string, Operation[]>();
  for (const { object, operation } of operations) {
    const own = objects.get(object);
    if (own === undefined) objects.set(object, [operation]);
    else own.push(operation);
  }
  if (objects.size === 0) {
    return { validity: 'unknown', reasons: ['there was nothing to check'], counts: {} };
  }
  const verdicts = [...objects].map(([object, own]) => checkObject(model, object, own, limits));
  return mergeVerdicts(verdicts);
}

function checkObject<State>(
  model: Model<State>,
  object: string,
  operations: readonly Operation[],
  limits: SearchLimits,
): Verdict {
  const { validity, longest, stuck, steps } = searchOrder(model, operations, limits);
  const counts = { objects: 1, operations: operations.length, steps };
  if (validity === 'valid') return { validity, reasons: [], counts };
  if (validity === 'unknown') {
    const reason = `${object}: no answer within the budget; an order of ${longest.length} of ${operations.length} operations was found`;
    return { validity, reasons: [reason], counts };
  }
  const last = longest.at(-1);
  const after =
    last === undefined
      ? 'At the begin'
      : `After ${longest.length} operations, the last ${describe(last)}`;
  const reason = `${object} is not linearizable. ${after}, none of these can come next: ${stuck.map(describe).join('; ')}`;
  const firstBadIndex = Math.min(...stuck.map((one) => one.invokedIndex));
  return { validity, reasons: [reason], counts, firstBadIndex };
}

function describe({ f, input, output, type, process, invokedIndex }: Operation): string {
  const result = type === 'ok' ? ` → ${JSON.stringify(output)}` : ' → ?';
  return `${f} ${JSON.stringify(input ?? null)}${result} (operation ${invokedIndex}, process ${process})`;
}
