/**
 * Reads a history in any known format, detected by content or named. One file per format in `formats/`;
 * the first that recognises the beginning is used.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import type { HistoryEvent } from '../contract/history.ts';
import { FormatError, type HistoryFormat, type HistoryTraits } from './format.ts';
import { awdit } from './formats/awdit.ts';
import { clientLogs } from './formats/client-logs.ts';
import { cobra } from './formats/cobra.ts';
import { dbcop } from './formats/dbcop.ts';
import { edn } from './formats/edn.ts';
import { jsonl } from './formats/jsonl.ts';
import { plume } from './formats/plume.ts';
import { porcupineEtcd } from './formats/porcupine-etcd.ts';
import { timeKiller } from './formats/time-killer.ts';
import { viper } from './formats/viper.ts';
import { originIn } from './origin.ts';
import { runHeaderIn } from './run-header.ts';
import type { HistorySource } from './source.ts';

export { FormatError, type HistoryFormat, type HistoryTraits } from './format.ts';
export { HistorySource } from './source.ts';

/** In the order in which they are tried. */
const DETECTED: readonly HistoryFormat[] = [
  cobra,
  dbcop,
  porcupineEtcd,
  plume,
  awdit,
  timeKiller,
  viper,
  jsonl,
  edn,
];

const named = (name: string, doc: string, like: HistoryFormat): HistoryFormat => ({
  ...like,
  name,
  doc,
});

export const FORMATS: ReadonlyMap<string, HistoryFormat> = new Map(
  [
    jsonl,
    edn,
    named('elle-json', 'elle-cli’s JSON: as jsonl', jsonl),
    named('elle-edn', 'elle-cli’s EDN: as edn', edn),
    plume,
    named('polysi', 'PolySI’s text: as plume', plume),
    awdit,
    dbcop,
    cobra,
    timeKiller,
    viper,
    porcupineEtcd,
    named('porcupine-kv', 'Porcupine’s key-value logs: as edn, with a :key', edn),
  ].map((format) => [format.name, format]),
);

/** Throws FormatError if no format recognises the beginning. */
export function detectFormat(source: HistorySource): HistoryFormat {
  if (source.isDirectory()) return viper.detect(clientLogs(source)[0]!.head()) ? viper : cobra;
  const head = source.head();
  const found = DETECTED.find((format) => format.detect(head));
  if (found !== undefined) return found;
  if (head.toString('utf8').trim() === '')
    throw new FormatError('line 1, column 1: there is nothing');
  throw new FormatError('line 1, column 1: no format known; name one with --format');
}

/** Visits the events in order; returns the traits of the history. Throws FormatError. */
export function readHistory(
  source: HistorySource,
  format: HistoryFormat,
  visit: (event: HistoryEvent) => void,
): HistoryTraits {
  const head = source.isDirectory() ? undefined : source.head();
  const run = head && runHeaderIn(head);
  const origin = head && originIn(head);
  return { ...format.traits, ...(run && { run }), ...format.read(source, visit), ...origin };
}

/** The history file of a path: the single history file in a directory, or the path itself. */
export function historyPath(path: string): string | undefined {
  if (path === '-') return path;
  if (!existsSync(path)) return undefined;
  if (!statSync(path).isDirectory()) return path;
  const known = readdirSync(path).find((name) =>
    /^history\.(?:jsonl|edn|bincode|txt|json)(?:\.(?:gz|zst))?$/.test(name),
  );
  return known === undefined ? path : `${path}/${known}`;
}
