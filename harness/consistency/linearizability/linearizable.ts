/**
 * Linearizability (Herlihy and Wing 1990), checked object by object: a history is linearizable if and only if the
 * history of each object is (locality).
 *
 * On failure it returns the shortest prefix that is not linearizable, the longest linearization found, and the
 * operations that cannot come next.
 */
import type { LinearizabilityFailure } from '../../contract/check-result.ts';
import type { Operation } from '../../contract/history.ts';
import { textOf } from '../../contract/value.ts';
import { mergeVerdicts, type Verdict } from '../../contract/verdict.ts';
import { lenient } from './lenient.ts';
import { type Model, registerModel } from './model.ts';
import { OperationRows, type RegisterTable } from './register-table.ts';
import { DEFAULT_LIMITS, type SearchLimits, searchOrder } from './search.ts';
import { UniqueRows } from './unique-rows.ts';
import { checkUniqueWrites } from './unique-writes.ts';
import type { Violation } from './zones.ts';

/** What the longest order of a prefix may cost, when it is only for a picture. */
const PICTURE_LIMITS: SearchLimits = { stepsMax: 100_000, cacheMax: 100_000 };

/** Nobody looks at a picture of more. */
const PICTURE_OPERATIONS_MAX = 100_000;

export interface ObjectOperation {
  /** Which object it is on. */
  readonly object: string;
  readonly operation: Operation;
}

export interface LinearizabilityVerdict extends Verdict {
  /** Of the first object that failed. */
  readonly failure?: LinearizabilityFailure;
}

export function checkLinearizable<State>(
  model: Model<State>,
  operations: readonly ObjectOperation[],
  limits: SearchLimits = DEFAULT_LIMITS,
): LinearizabilityVerdict {
  const objects = new Map<string, Operation[]>();
  for (const { object, operation } of operations) {
    const own = objects.get(object);
    if (own === undefined) objects.set(object, [operation]);
    else own.push(operation);
  }
  return checkObjects(model, objects, limits);
}

/** Likewise, with the operations of each object. */
export function checkObjects<State>(
  model: Model<State>,
  objects: ReadonlyMap<string, readonly Operation[]>,
  limits: SearchLimits = DEFAULT_LIMITS,
): LinearizabilityVerdict {
  if (objects.size === 0) {
    return { validity: 'unknown', reasons: ['there was nothing to check'], counts: {} };
  }
  const verdicts = [...objects].map(([object, own]) => checkObject(model, object, own, limits));
  const failure = verdicts.find((one) => one.failure !== undefined)?.failure;
  return { ...mergeVerdicts(verdicts), ...(failure && { failure }) };
}

function checkObject<State>(
  model: Model<State>,
  object: string,
  operations: readonly Operation[],
  limits: SearchLimits,
): LinearizabilityVerdict {
  const unclear = firstUnclear(model, operations);
  if (unclear !== undefined) {
    return checkUnclear(model, { object, operations, limits, unclear });
  }
  const quick = checkUniqueWrites(model, operations);
  if (quick !== undefined) return uniqueVerdict(model, object, operations, quick.violation);
  const { validity, longest, stuck, furthest, steps } = searchOrder(model, operations, limits);
  const counts = { objects: 1, operations: operations.length, steps };
  if (validity === 'valid') return { validity, reasons: [], counts };
  if (validity === 'unknown') {
    const reason = `${object}: no answer within the budget; an order of ${longest.length} of ${operations.length} operations was found`;
    return { validity, reasons: [reason], counts };
  }
  const isBad = (end: number) =>
    searchOrder(model, prefixOf(operations, end), limits).validity === 'invalid';
  // A search that looks ahead may turn back before the prefix is bad.
  const looksAhead = model.mayBecome !== undefined;
  const prefixEnd = looksAhead ? shortestBadPrefix(operations, isBad, furthest) : furthest;
  const last = longest.at(-1);
  const after =
    last === undefined
      ? 'At the begin'
      : `After ${longest.length} operations, the last ${describe(last)}`;
  const prefix = `The shortest prefix that is not ends with event ${prefixEnd}.`;
  const reason = `${object} is not linearizable. ${prefix} ${after}, none of these can come next: ${stuck.map(describe).join('; ')}`;
  const failure = { object, prefixEnd, order: longest, stuck };
  return { validity, reasons: [reason], counts, firstBadIndex: prefixEnd, failure };
}

interface Unclear {
  readonly object: string;
  readonly operations: readonly Operation[];
  readonly limits: SearchLimits;
  readonly unclear: { readonly operation: Operation; readonly complaint: string };
}

/** The first operation that the model does not understand, and that may have happened. */
function firstUnclear<State>(model: Model<State>, operations: readonly Operation[]) {
  for (const operation of operations) {
    const { f, input, output, type } = operation;
    if (type === 'fail') continue;
    const complaint = model.complaint?.({ f, input, output, known: type === 'ok' });
    if (complaint !== undefined) return { operation, complaint };
  }
  return undefined;
}

/** What is wrong although an operation that is not understood may have done anything. */
function checkUnclear<State>(
  model: Model<State>,
  { object, operations, limits, unclear }: Unclear,
) {
  const { operation, complaint } = unclear;
  const before = prefixOf(operations, operation.invokedIndex);
  const found = before.some(({ type }) => type === 'ok')
    ? checkObject(model, object, before, limits)
    : undefined;
  if (found?.validity === 'invalid') return found;
  const whole = checkObject(lenient(model), object, operations, limits);
  if (whole.validity === 'invalid') return whole;
  const reason = `operation ${operation.invokedIndex}: ${complaint}`;
  return { validity: 'unknown' as const, reasons: [reason], counts: whole.counts };
}

function uniqueVerdict<State>(
  model: Model<State>,
  object: string,
  operations: readonly Operation[],
  violation: Violation | undefined,
): LinearizabilityVerdict {
  if (violation === undefined) return uniqueValid(operations.length);
  const isBad = (end: number) =>
    checkUniqueWrites(model, prefixOf(operations, end))?.violation !== undefined;
  const isPlain = model.name === 'register' && operations.every(isReadOrWrite);
  const rows = isPlain ? UniqueRows.of(new OperationRows(operations)) : undefined;
  const prefixEnd = rows?.shortestBadPrefix() ?? shortestBadPrefix(operations, isBad);
  const prefix = prefixOf(operations, prefixEnd);
  return uniqueInvalid(model, {
    object,
    prefixEnd,
    violation: checkUniqueWrites(model, prefix)?.violation ?? violation,
    picture: prefix,
    operations: operations.length,
  });
}

const isReadOrWrite = ({ f }: Operation) => f === 'read' || f === 'write';

const uniqueValid = (operations: number): LinearizabilityVerdict => ({
  validity: 'valid',
  reasons: [],
  counts: { objects: 1, operations, steps: operations },
});

interface UniqueFault {
  readonly object: string;
  readonly prefixEnd: number;
  /** In the shortest prefix that is bad. */
  readonly violation: Violation;
  /** The operations of that prefix; none where they are too many for a picture. */
  readonly picture: readonly Operation[];
  readonly operations: number;
}

function uniqueInvalid<State>(model: Model<State>, fault: UniqueFault): LinearizabilityVerdict {
  const { object, prefixEnd, violation, picture, operations } = fault;
  const counts = { objects: 1, operations, steps: operations };
  const stuck = violation.operations;
  const reason = `${object} is not linearizable. The shortest prefix that is not ends with event ${prefixEnd}. These can't all be right, because ${violation.why}: ${stuck.map(describe).join('; ')}`;
  const found = searchOrder(model, picture, PICTURE_LIMITS);
  const failure = {
    object,
    prefixEnd,
    order: found.longest,
    stuck: found.validity === 'invalid' ? found.stuck : stuck,
  };
  return { validity: 'invalid', reasons: [reason], counts, firstBadIndex: prefixEnd, failure };
}

/** Reads and writes of one register in columns; `undefined` when a value is written twice. */
export function checkRegisterTable(
  object: string,
  table: RegisterTable,
): LinearizabilityVerdict | undefined {
  const rows = UniqueRows.of(table);
  if (rows === undefined) return undefined;
  if (rows.violation() === undefined) return uniqueValid(table.size);
  const prefixEnd = rows.shortestBadPrefix();
  const { rows: wrong, why } = rows.violation(prefixEnd)!;
  const violation = { operations: wrong.map((row) => table.operation(row)), why };
  const all = table.size > PICTURE_OPERATIONS_MAX ? [] : [...Array(table.size).keys()];
  const picture = prefixOf(
    all.map((row) => table.operation(row)),
    prefixEnd,
  );
  const operations = table.size;
  return uniqueInvalid(registerModel, { object, prefixEnd, violation, picture, operations });
}

/** A longer prefix of a bad one is bad, so halving finds the shortest. Requires: the whole is bad. */
function shortestBadPrefix(
  operations: readonly Operation[],
  isBad: (end: number) => boolean,
  from = 0,
): number {
  const ends = operations
    .filter(({ type, completedIndex }) => type === 'ok' && completedIndex >= from)
    .map(({ completedIndex }) => completedIndex)
    .sort((a, b) => a - b);
  // Near the start of the range it is likely, and a bad prefix costs more to judge than a good one.
  let low = 0;
  let high = ends.length - 1;
  for (let step = 1; low + step < high; step *= 2) {
    if (isBad(ends[low + step - 1]!)) {
      high = low + step - 1;
      break;
    }
    low += step;
  }
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBad(ends[middle]!)) high = middle;
    else low = middle + 1;
  }
  return ends[low] ?? 0;
}

/** What was invoked up to an event; what completes after it has an unknown outcome. */
function prefixOf(operations: readonly Operation[], end: number): Operation[] {
  return operations
    .filter(({ invokedIndex }) => invokedIndex < end)
    .map((one): Operation => {
      if (one.type === 'fail' || one.completedIndex <= end) return one;
      return { ...one, type: 'info', output: null, completedIndex: Number.POSITIVE_INFINITY };
    });
}

function describe({ f, input, output, type, process, invokedIndex }: Operation): string {
  const result = type === 'ok' ? ` → ${textOf(output)}` : ' → ?';
  return `${f} ${textOf(input)}${result} (operation ${invokedIndex}, process ${process})`;
}
