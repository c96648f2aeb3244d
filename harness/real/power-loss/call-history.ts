/**
 * CallHistory: runs one random sequence of file-system calls in two directories. The answers of each
 * call must be equal, and from time to time all bytes, sizes and links. In the manner of fsx (Apple,
 * 1991), extended to names: links, renames and unlinks of open files are among the calls.
 */
import * as fs from 'node:fs';
import { join } from 'node:path';
import type { Prng } from '../../random/prng.ts';

const NAMES = ['a', 'b', 'c', 'd/x', 'd/y'];
const CALLS = [
  ...['open', 'open', 'close', 'write', 'write', 'write', 'append', 'read', 'read', 'truncate'],
  ...['ftruncate', 'rename', 'unlink', 'link', 'copy', 'sync', 'list', 'stat'],
] as const;
const BYTES_MAX = 70_000;
const LONG_BYTES_MAX = 140_000;
const PAGE_BYTES = 4096;
const COMPARED_EVERY = 7;
const FILES_MAX = 12;

const { O_APPEND, O_CREAT, O_DSYNC, O_EXCL, O_RDWR, O_SYNC, O_TRUNC } = fs.constants;
const FLAGS = [0, O_CREAT, O_CREAT, O_CREAT | O_EXCL, O_CREAT | O_TRUNC, O_TRUNC];
const WAYS = [0, 0, 0, O_APPEND, O_SYNC, O_DSYNC];

type Pair = readonly [number, number];

/** Describes the first difference, or returns undefined. Both directories must be empty. */
export function firstDifference(
  random: Prng,
  directories: readonly [string, string],
  steps: number,
): string | undefined {
  for (const directory of directories) fs.mkdirSync(join(directory, 'd'));
  const files: Pair[] = [];
  const recent: string[] = [];
  try {
    for (let step = 0; step < steps; step++) {
      const call = drawCall(random, files);
      recent.push(call.words);
      const answers = [0, 1].map((i) => answerOf(() => call.make(i as 0 | 1, directories[i]!)));
      call.done?.(answers);
      const seen = answers.map((answer) =>
        call.isOpen && typeof answer === 'number' ? 0 : answer,
      );
      const [a, b] = seen.map((one) => JSON.stringify(one));
      if (a !== b) return `step ${step}: ${a}, not ${b}, after ${recent.slice(-8).join('; ')}`;
      if (step % COMPARED_EVERY !== 0) continue;
      const other = NAMES.find((name) => {
        const [one, two] = directories.map((directory) => contentOf(join(directory, name)));
        return one !== two;
      });
      if (other !== undefined)
        return `step ${step}: ${other} differs after ${recent.slice(-8).join('; ')}`;
    }
    return undefined;
  } finally {
    for (const pair of files) for (const file of pair) fs.closeSync(file);
  }
}

interface Call {
  readonly words: string;
  /** It answers a descriptor, which may differ. */
  readonly isOpen?: boolean;
  make(side: 0 | 1, directory: string): unknown;
  done?(answers: readonly unknown[]): void;
}

function drawCall(random: Prng, files: Pair[]): Call {
  const name = random.pick(NAMES);
  const other = random.pick(NAMES);
  const offset = random.pick([
    0,
    random.below(BYTES_MAX),
    PAGE_BYTES * random.below(BYTES_MAX / PAGE_BYTES),
  ]);
  const long = random.chance(0.1) ? random.between(1, LONG_BYTES_MAX) : 512;
  const length = random.pick([1, random.between(1, 9000), PAGE_BYTES, long]);
  const fill = random.between(1, 255);
  const flags = random.pick(FLAGS) | random.pick(WAYS) | O_RDWR;
  const number = random.below(Math.max(1, files.length));
  const kind = random.pick(CALLS);
  const words = `${kind} ${name} ${other} ${number} ${offset} ${length}`;
  const file = (side: 0 | 1) => files[number]?.[side] ?? -1;
  const bytes = () => Buffer.alloc(length, fill);
  const on = (make: (side: 0 | 1) => unknown): Call => ({
    words,
    make: (side) => (files.length === 0 ? 'none' : make(side)),
  });
  switch (kind) {
    case 'open':
      return {
        words: `${words} ${flags}`,
        isOpen: true,
        make: (_, d) =>
          files.length === FILES_MAX ? 'enough' : fs.openSync(join(d, name), flags, 0o644),
        done([a, b]) {
          if (typeof a === 'number' && typeof b === 'number') files.push([a, b]);
        },
      };
    case 'close':
      return {
        ...on((side) => fs.closeSync(file(side))),
        done: () => void files.splice(number, 1),
      };
    case 'write':
      return on((side) => fs.writeSync(file(side), bytes(), 0, length, offset));
    case 'append':
      return { words, make: (_, d) => fs.appendFileSync(join(d, name), bytes(), { flag: 'r+' }) };
    case 'read':
      return on((side) => {
        const target = Buffer.alloc(length);
        return [fs.readSync(file(side), target, 0, length, offset), hashOf(target)];
      });
    case 'truncate':
      return { words, make: (_, d) => fs.truncateSync(join(d, name), offset) };
    case 'ftruncate':
      return on((side) => fs.ftruncateSync(file(side), offset));
    case 'rename':
      return { words, make: (_, d) => fs.renameSync(join(d, name), join(d, other)) };
    case 'unlink':
      return { words, make: (_, d) => fs.unlinkSync(join(d, name)) };
    case 'link':
      return { words, make: (_, d) => fs.linkSync(join(d, name), join(d, other)) };
    case 'copy':
      // Within the kernel: copy_file_range, or a copy of the pages where there is none.
      return { words, make: (_, d) => fs.copyFileSync(join(d, name), join(d, other)) };
    case 'sync':
      return on((side) => (fill % 2 === 0 ? fs.fsyncSync : fs.fdatasyncSync)(file(side)));
    case 'list':
      return {
        words,
        make: (_, d) => [fs.readdirSync(d).sort(), fs.readdirSync(join(d, 'd')).sort()],
      };
    case 'stat':
      return {
        words,
        make(_, d) {
          const { size, mode, nlink } = fs.statSync(join(d, name));
          return [size, mode, nlink];
        },
      };
  }
}

function answerOf(act: () => unknown): unknown {
  try {
    return act() ?? 'done';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

function contentOf(path: string): string {
  return String(answerOf(() => hashOf(fs.readFileSync(path))));
}

function hashOf(bytes: Uint8Array): string {
  let hash = bytes.length;
  for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) | 0;
  return `${bytes.length} bytes, ${hash >>> 0}`;
}
