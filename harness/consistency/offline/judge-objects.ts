/** Judges operations on objects: by a model, key by key where they are independent, or by a checker. */
import type { LinearizabilityFailure } from '../../contract/check-result.ts';
import { type Checker, judge } from '../../contract/checker.ts';
import type { Operation } from '../../contract/history.ts';
import { keyOf, textOf, type ValueKey } from '../../contract/value.ts';
import { mergeVerdicts, type Verdict } from '../../contract/verdict.ts';
import { checkObjects } from '../linearizability/linearizable.ts';
import { MODELS, type Model } from '../linearizability/model.ts';
import { otherValueWritten, unknownFunction } from './known-functions.ts';
import { ownOperations } from './own-operations.ts';

export interface ObjectsVerdict extends Verdict {
  readonly failure?: LinearizabilityFailure;
}

/** `independent`: as asked for or known; otherwise it is read off the operations. */
export function judgeObjects(
  workload: string,
  operations: readonly Operation[],
  {
    checkers,
    independent,
    initial,
  }: {
    readonly checkers: readonly Checker[];
    readonly independent: boolean | undefined;
    /** What a register holds before it is written; nil when not given. */
    readonly initial?: unknown;
  },
): ObjectsVerdict {
  const named = MODELS.get(workload);
  const model =
    initial === undefined || named === undefined ? named : beginningWith(initial, named);
  const isIndependent = independent ?? looksIndependent(workload, operations);
  const other = otherValueWritten(workload, operations);
  const odd = other ?? unknownFunction(workload, operations);
  if (model !== undefined && checkers.length === 0) {
    const judging = other === undefined ? model : doubting(model);
    const verdict = judgeModel(judging, operations, isIndependent && workload !== 'map');
    return odd === undefined
      ? verdict
      : { ...verdict, ...mergeVerdicts([verdict, unknownBecause(odd)]) };
  }
  const verdict = isIndependent
    ? judgeByKey(operations, checkers)
    : judgeWhole(workload, operations, checkers);
  return odd === undefined ? verdict : mergeVerdicts([verdict, unknownBecause(odd)]);
}

function judgeByKey(operations: readonly Operation[], checkers: readonly Checker[]): Verdict {
  const { keys, odd } = byKey(operations);
  const verdicts = [...keys.values()].flatMap(({ name, operations: own }) =>
    checkers.map((checker) => withName(`key ${name}`, judge(checker, own))),
  );
  return mergeVerdicts([...verdicts, ...odd]);
}

function judgeWhole(
  workload: string,
  all: readonly Operation[],
  checkers: readonly Checker[],
): Verdict {
  const { operations, complaints } = ownOperations(workload, all);
  const verdicts = checkers.map((one) => judge(one, operations));
  return mergeVerdicts([...verdicts, ...complaints.map(unknownBecause)]);
}

const unknownBecause = (reason: string): Verdict => ({
  validity: 'unknown',
  reasons: [reason],
  counts: {},
});

/** A write acknowledged with another value may have written either, so it may have done anything. */
function doubting(model: Model<never>): Model<never> {
  return {
    ...model,
    complaint: (operation) =>
      operation.known && isOtherValue(operation)
        ? `which value ${operation.f} ${textOf(operation.input)} wrote is not known`
        : model.complaint?.(operation),
  };
}

const isOtherValue = ({ f, input, output }: Pick<Operation, 'f' | 'input' | 'output'>) =>
  (f === 'write' || f === 'enqueue') &&
  (input ?? null) !== null &&
  (output ?? null) !== null &&
  keyOf(input) !== keyOf(output);

/** A register that begins with a value. The shortcut for registers that begin with nil is left out. */
function beginningWith(initial: unknown, model: Model<never>): Model<never> {
  if (model.name !== 'register') return model;
  const { accessOf: _, ...rest } = model;
  return { ...rest, initial: initial as never };
}

function withName(name: string, verdict: Verdict): Verdict {
  return { ...verdict, reasons: verdict.reasons.map((reason) => `${name}: ${reason}`) };
}

function judgeModel(
  model: Model<never>,
  operations: readonly Operation[],
  independent: boolean,
): ObjectsVerdict {
  if (!independent) {
    return checkObjects(model, new Map(operations.length > 0 ? [[model.name, operations]] : []));
  }
  const { keys, odd } = byKey(operations);
  const named = [...keys.values()].map(
    ({ name, operations: own }) => [`key ${name}`, own] as const,
  );
  const verdict = checkObjects(model, new Map(named));
  if (odd.length === 0) return verdict;
  return { ...verdict, ...mergeVerdicts([verdict, ...odd]) };
}

interface KeyOperations {
  readonly name: string;
  readonly operations: Operation[];
}

/**
 * Values as pairs of a key and its own value, as Jepsen's independent writes them; `odd` has a
 * verdict for each operation whose value is no pair, as its key is not known.
 */
function byKey(operations: readonly Operation[]) {
  const keys = new Map<ValueKey, KeyOperations>();
  const odd: Verdict[] = [];
  for (const operation of operations) {
    const input = pairOf(operation.input);
    if (input === undefined) {
      if (operation.type === 'fail') continue;
      const value = textOf(operation.input);
      const reason = `operation ${operation.invokedIndex}: the value ${value} is no [key value]`;
      odd.push(unknownBecause(reason));
      continue;
    }
    const output = pairOf(operation.output);
    const own = { ...operation, input: input[1], output: output === undefined ? null : output[1] };
    const key = keyOf(input[0]);
    const others = keys.get(key);
    if (others === undefined) keys.set(key, { name: textOf(input[0]), operations: [own] });
    else others.operations.push(own);
  }
  return { keys, odd };
}

/** Registers whose values are all pairs, as tuples of independent keys are without their tag. */
function looksIndependent(workload: string, operations: readonly Operation[]): boolean {
  if (workload === 'key-value') return true;
  if (workload !== 'register' || operations.length === 0) return false;
  return operations.every(({ f, input }) => {
    const pair = pairOf(input);
    return pair !== undefined && (f !== 'cas' || Array.isArray(pair[1]));
  });
}

function pairOf(value: unknown): readonly [unknown, unknown] | undefined {
  return Array.isArray(value) && value.length === 2 ? [value[0], value[1]] : undefined;
}
