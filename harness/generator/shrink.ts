/**
 * Shrink: reduces a failing history to a few operations that still fail in the same way. First to the
 * transactions named in the explanation, then by halves (Zeller's ddmin), then by dropping single
 * operations.
 */
import {
  type CheckedHistory,
  type CheckHistoryOptions,
  checkHistory,
} from '../consistency/offline/check-history.ts';
import type { HistoryEvent } from '../contract/history.ts';
import { type Origin, originText } from '../history/origin.ts';
import { FORMATS } from '../history/read-history.ts';
import { HistorySource } from '../history/source.ts';
import { writeEvent } from '../history/write-history.ts';

/** An invocation with its completion, if it has one. */
type Unit = readonly HistoryEvent[];

export interface ShrinkOptions {
  readonly check: CheckHistoryOptions;
  /**
   * The property to preserve. Default: the violated level that `check` names, else the first anomaly,
   * else an invalid verdict.
   */
  readonly anomaly?: string | undefined;
  /** Traits of the events' format. Default: those of JSON Lines. */
  readonly origin?: Origin;
  readonly progress?: (units: number) => void;
}

export interface Shrunk {
  readonly events: readonly HistoryEvent[];
  readonly anomaly: string | undefined;
  readonly checked: CheckedHistory;
}

/** Throws an Error if the history does not fail in that way. */
export function shrinkHistory(events: readonly HistoryEvent[], options: ShrinkOptions): Shrunk {
  const { level } = options.check;
  const header = options.origin === undefined ? '' : originText(options.origin, 'jsonl');
  const judge = (units: readonly Unit[]) => {
    const lines = inOrder(units).map((event) => writeEvent(event, 'jsonl'));
    return checkHistory(HistorySource.ofText(`${header}${lines.join('')}`), {
      ...options.check,
      format: FORMATS.get('jsonl')!,
    });
  };
  const all = unitsOf(events);
  const whole = judge(all);
  const known = new Set(whole.report?.anomalies.keys());
  const first = level === undefined ? [...(whole.report?.anomalies.keys() ?? [])][0] : undefined;
  const anomaly = options.anomaly ?? first;
  const fails = (units: readonly Unit[]) => {
    if (units.length === 0) return false;
    const { report, validity } = judge(units);
    const mustViolate = anomaly === undefined || level !== undefined;
    if (mustViolate && validity !== 'invalid') return false;
    if (anomaly !== undefined) return report?.anomalies.has(anomaly) === true;
    // A read whose writer was removed violates every level, too.
    return [...(report?.anomalies.keys() ?? [])].every((name) => known.has(name));
  };
  if (!fails(all)) {
    const what = anomaly === undefined ? 'does not fail' : `has no ${anomaly}`;
    throw new Error(`the history ${what}${level === undefined ? '' : `, or not at ${level}`}`);
  }
  let units = narrow(all, whole, anomaly, fails);
  units = halve(units, fails, options.progress ?? (() => {}));
  units = thin(units, fails);
  return { events: inOrder(units), anomaly, checked: judge(units) };
}

function unitsOf(events: readonly HistoryEvent[]): Unit[] {
  const units: HistoryEvent[][] = [];
  const open = new Map<number, HistoryEvent[]>();
  for (const event of events) {
    if (event.type === 'invoke') {
      const unit = [event];
      units.push(unit);
      open.set(event.process, unit);
    } else {
      const unit = open.get(event.process);
      open.delete(event.process);
      if (unit === undefined) units.push([event]);
      else unit.push(event);
    }
  }
  return units;
}

const inOrder = (units: readonly Unit[]): HistoryEvent[] =>
  units
    .flat()
    .sort((a, b) => a.index - b.index)
    .map((event, index) => ({ ...event, index }));

/** Keeps only operations on the keys of the explained transactions, if they still fail. */
function narrow(
  all: readonly Unit[],
  whole: CheckedHistory,
  anomaly: string | undefined,
  fails: (units: readonly Unit[]) => boolean,
): readonly Unit[] {
  const report = anomaly === undefined ? undefined : whole.report?.anomalies.get(anomaly);
  const names = new Set(report?.examples[0]?.match(/\bT\d+\b/g) ?? []);
  const named = all.filter(([invocation]) => names.has(`T${invocation!.index}`));
  if (fails(named)) return named;
  const keysOf = (unit: Unit) => unit.flatMap(({ value }) => keysIn(value));
  const keys = new Set(named.flatMap(keysOf));
  const near = all.filter((unit) => keysOf(unit).some((key) => keys.has(key)));
  return near.length < all.length && fails(near) ? near : all;
}

function keysIn(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one) => (Array.isArray(one) ? [JSON.stringify(one[1])] : []));
}

/** Zeller's ddmin: drops parts of decreasing size. */
function halve(
  start: readonly Unit[],
  fails: (units: readonly Unit[]) => boolean,
  progress: (units: number) => void,
): readonly Unit[] {
  let units = start;
  for (let parts = 2; units.length > 1; ) {
    const size = Math.ceil(units.length / parts);
    let reduced = false;
    for (let from = 0; from < units.length; from += size) {
      const rest = [...units.slice(0, from), ...units.slice(from + size)];
      if (!fails(rest)) continue;
      units = rest;
      parts = Math.max(2, parts - 1);
      reduced = true;
      progress(units.length);
      break;
    }
    if (reduced) continue;
    if (size === 1) break;
    parts = Math.min(units.length, 2 * parts);
  }
  return units;
}

/** Drops single operations of transactions. */
function thin(start: readonly Unit[], fails: (units: readonly Unit[]) => boolean): readonly Unit[] {
  let units = start;
  for (let i = 0; i < units.length; i++) {
    for (let at = lengthOf(units[i]!) - 1; at >= 0 && lengthOf(units[i]!) > 1; at--) {
      const thinner = units[i]!.map((event) => ({
        ...event,
        value: Array.isArray(event.value) ? event.value.filter((_, k) => k !== at) : event.value,
      }));
      const tried = units.map((unit, k) => (k === i ? thinner : unit));
      if (fails(tried)) units = tried;
    }
  }
  return units;
}

function lengthOf([invocation]: Unit): number {
  const value = invocation!.value;
  return Array.isArray(value) && value.every((one) => Array.isArray(one)) ? value.length : 0;
}
