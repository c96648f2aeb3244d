/** `assay history`: stats, convert, generate and shrink recorded histories. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { detectObjects } from '../consistency/offline/detect-objects.ts';
import { Gather } from '../consistency/offline/gather.ts';
import type { HistoryEvent } from '../contract/history.ts';
import { textOf } from '../contract/value.ts';
import { ANOMALY_SCRIPTS, playScript } from '../generator/anomaly-scripts.ts';
import { generateHistory, PEER_SETTINGS } from '../generator/generate-history.ts';
import { shrinkHistory } from '../generator/shrink.ts';
import { STORE_LEVELS, type StoreLevel } from '../generator/simulated-store.ts';
import { originText } from '../history/origin.ts';
import { plainEvents } from '../history/plain-events.ts';
import {
  detectFormat,
  FORMATS,
  HistorySource,
  historyPath,
  readHistory,
} from '../history/read-history.ts';
import { runHeaderForm, runHeaderLine } from '../history/run-header.ts';
import { WRITTEN_FORMATS, type WrittenFormat, writeEvent } from '../history/write-history.ts';
import { lookUp, UsageError } from '../matrix/registry.ts';
import { ByteProgress } from './byte-progress.ts';
import { modelNamed } from './check.ts';

const named = <T extends string>(names: Iterable<T>) =>
  new Map<string, T>([...names].map((name) => [name, name]));
const WRITE_BYTES = 1 << 20;

/** Writes events to a file, or to the standard output. */
class EventWriter {
  readonly #file: number;
  readonly #format: WrittenFormat;
  #text = '';

  constructor(path: string | undefined, format: WrittenFormat) {
    this.#file = path === undefined ? 1 : openSync(path, 'w');
    this.#format = format;
  }

  readonly write = (event: HistoryEvent): void => {
    this.#text += writeEvent(event, this.#format);
    if (this.#text.length > WRITE_BYTES) this.#flush();
  };

  text(text: string): void {
    this.#text += text;
  }

  close(): void {
    this.#flush();
    if (this.#file !== 1) closeSync(this.#file);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    this.#text = '';
  }
}

export interface ReadOptions {
  readonly format?: string;
}

function openHistory(file: string, { format }: ReadOptions, progress?: ByteProgress) {
  const path = historyPath(file);
  if (path === undefined) throw new UsageError(`There is no file ${file}.`);
  const source = HistorySource.ofFile(path, progress?.update);
  return {
    source,
    format: format === undefined ? detectFormat(source) : lookUp(FORMATS, 'format', format),
  };
}

export function historyStats(
  file: string,
  options: ReadOptions & { readonly json: boolean },
): number {
  const progress = new ByteProgress(file);
  const { source, format } = openHistory(file, options, progress);
  const counts: Record<string, number> = {};
  const add = (name: string, by = 1) => {
    counts[name] = (counts[name] ?? 0) + by;
  };
  const processes = new Set<number>();
  const keys = new Set<string>();
  const gather = new Gather(format.traits, undefined);
  let malformed: string | undefined;
  readHistory(source, format, (event) => {
    try {
      if (malformed === undefined) gather.take(event);
    } catch (error) {
      malformed = (error as Error).message;
    }
    processes.add(event.process);
    add(event.type);
    add(`f ${event.f}`);
    if (event.type === 'invoke' || !Array.isArray(event.value)) return;
    for (const one of event.value) {
      if (!Array.isArray(one) || typeof one[0] !== 'string') continue;
      add(`operation ${one[0]}`);
      keys.add(textOf(one[1]));
    }
  });
  progress.end();
  if (malformed === undefined) gather.end();
  const kind = gather.kind === 'objects' ? detectObjects(gather.operations) : gather.kind;
  const stats = {
    file,
    format: format.name,
    workload: kind ?? 'not known',
    ...(malformed !== undefined && { malformed }),
    processes: processes.size,
    ...(keys.size > 0 && { keys: keys.size }),
    ...counts,
  };
  if (options.json) console.log(JSON.stringify(stats, null, 2));
  else
    for (const [name, value] of Object.entries(stats))
      console.log(`${name.padEnd(20)} ${value.toLocaleString('en-US')}`);
  return 0;
}

export interface WriteOptions extends ReadOptions {
  readonly to: string;
  readonly out?: string;
}

export function historyConvert(file: string, options: WriteOptions): number {
  const to = lookUp(named(WRITTEN_FORMATS), 'format', options.to);
  const progress = new ByteProgress(file);
  const { source, format } = openHistory(file, options, progress);
  const writer = new EventWriter(options.out, to);
  const { traits, visit } = plainEvents(source, format);
  const { run } = traits;
  if (run !== undefined) writer.text(to === 'edn' ? runHeaderForm(run) : runHeaderLine(run));
  else writer.text(originText(traits, to));
  visit(writer.write);
  progress.end();
  writer.close();
  return 0;
}

export interface GenerateCliOptions {
  readonly workload: string;
  readonly level: string;
  readonly anomaly?: string;
  readonly transactions: string;
  readonly clients: string;
  readonly keys: string;
  readonly operations: string;
  readonly seed: string;
  readonly to: string;
  readonly out?: string;
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new UsageError(`--${name}: ${text} is no whole number.`);
  return value;
}

export function historyGenerate(options: GenerateCliOptions): number {
  const workloads = named(['list-append', 'rw-register'] as const);
  const workload = lookUp(workloads, 'workload', options.workload, workloads.keys());
  const level: StoreLevel = lookUp(named(STORE_LEVELS), 'level', options.level);
  const scripts = ANOMALY_SCRIPTS.filter((one) => one.workload === workload);
  const byName = new Map(scripts.map((one) => [one.name, one]));
  const script =
    options.anomaly === undefined ? undefined : lookUp(byName, 'anomaly', options.anomaly);
  const writer = new EventWriter(options.out, lookUp(named(WRITTEN_FORMATS), 'format', options.to));
  const transactions = whole('transactions', options.transactions);
  const seed = whole('seed', options.seed);
  let index = 0;
  let processes = 0;
  const settings = {
    ...PEER_SETTINGS,
    workload,
    level,
    transactions,
    seed,
    clients: Math.max(1, whole('clients', options.clients)),
    activeKeys: Math.max(1, whole('keys', options.keys)),
    operationsMax: Math.max(1, whole('operations', options.operations)),
  };
  generateHistory(settings, (event) => {
    index = event.index + 1;
    processes = Math.max(processes, event.process + 1);
    writer.write(event);
  });
  if (script !== undefined) {
    for (const event of playScript(script, index, processes, (key) => `${key}-anomaly`))
      writer.write(event);
  }
  writer.close();
  console.error(`seed ${seed}`);
  return 0;
}

export interface ShrinkCliOptions extends WriteOptions {
  readonly anomaly?: string;
  readonly model?: string;
  readonly workload?: string;
}

export function historyShrink(file: string, options: ShrinkCliOptions): number {
  const { source, format } = openHistory(file, options);
  const events: HistoryEvent[] = [];
  const { traits, visit } = plainEvents(source, format);
  visit((event) => events.push(event));
  const level = options.model === undefined ? undefined : modelNamed(options.model);
  const to = lookUp(named(WRITTEN_FORMATS), 'format', options.to);
  try {
    const shrunk = shrinkHistory(events, {
      anomaly: options.anomaly,
      check: { workload: options.workload ?? traits.workload, level },
      origin: traits,
      progress: (units) => process.stderr.isTTY && process.stderr.write(`\r${units} left `),
    });
    const writer = new EventWriter(options.out, to);
    writer.text(originText(traits, to));
    for (const event of shrunk.events) writer.write(event);
    writer.close();
    const left = shrunk.events.filter(({ type }) => type === 'invoke').length;
    console.error(
      `${left} operations show ${shrunk.anomaly ?? (level && `a violation of ${level}`) ?? 'the failure'}`,
    );
    return 0;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
