/**
 * Known history: one small history whose faults are known, and a near miss, the same history with
 * one event changed, which is valid. The first line of a file says what must be found and what the
 * change is; every reader passes over that line, so `assay check` can read the file as it is.
 *
 * Histories of TimeKiller's format can't hold such a line: their files hold the history as a field.
 */
import type { RunHeader } from '../history/format.ts';

/** What a verdict must say. Left out: nothing is asked. */
export interface Expected {
  /** Of transactions: every anomaly, with its count. */
  readonly anomalies?: Readonly<Record<string, number>>;
  /** The weakest violated and the strongest holding levels. */
  readonly violated?: readonly string[];
  readonly holds?: readonly string[];
  /** Kinds of edges in the cycles shown. */
  readonly edges?: readonly string[];
  /** Of objects: every kind of fault. */
  readonly kinds?: readonly string[];
  /** Of linearizability: the index of the event that ends the shortest bad prefix. */
  readonly prefixEnd?: number;
}

export interface KnownHistory {
  /** Folder and file, as `list-append/G0`. */
  readonly name: string;
  /** The workload it is of; `isNamed`: it can't be recognised, so it is named to the checker. */
  readonly workload: string;
  readonly isNamed: boolean;
  /** The checkers of the scenarios that must find it too. */
  readonly checkers: readonly string[];
  readonly expected: Expected;
  readonly bad: string;
  readonly near: string;
}

interface Head extends Partial<RunHeader> {
  readonly isNamed?: boolean;
  readonly expected: Expected;
  readonly near: { readonly line: number; readonly event: unknown };
}

/** `name` with the extension of its file. Throws for a file that is none of its kind. */
export function parseKnownHistory(name: string, text: string): KnownHistory {
  if (name.endsWith('.json')) return parseTimeKiller(name.replace(/\.json$/, ''), text);
  const lines = text.trimEnd().split('\n');
  const { value: head } = JSON.parse(lines[0]!) as { readonly value: Head };
  const changed = lines[head.near.line - 1];
  if (changed === undefined) throw new Error(`${name}: there is no line ${head.near.line}`);
  const near = lines.with(head.near.line - 1, JSON.stringify(head.near.event));
  return {
    name: name.replace(/\.jsonl$/, ''),
    workload: name.split('/')[0]!,
    isNamed: head.isNamed ?? false,
    checkers: head.checkers ?? [],
    expected: head.expected,
    bad: text,
    near: `${near.join('\n')}\n`,
  };
}

interface TimeKillerFile {
  readonly known: {
    readonly expected: Expected;
    readonly near: { readonly transaction: number; readonly becomes: unknown };
  };
  readonly history: readonly unknown[];
}

function parseTimeKiller(name: string, text: string): KnownHistory {
  const { known, history } = JSON.parse(text) as TimeKillerFile;
  const near = history.with(known.near.transaction, known.near.becomes);
  return {
    name,
    workload: 'rw-register',
    isNamed: false,
    checkers: [],
    expected: known.expected,
    bad: JSON.stringify(history),
    near: JSON.stringify(near),
  };
}
