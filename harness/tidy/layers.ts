/**
 * The layer table: which folders stand on which. A file imports its own layer and those below it.
 * `docs/architecture.svg` is drawn from this table (architecture-svg.ts), so the picture is true as
 * long as the tidy test passes.
 *
 * Invariants:
 * 1. Every source file of `engine/` and `harness/` belongs to one layer: that of the longest path here.
 * 2. Imports that go up are listed in `UPWARD`. The list is exact: a new one fails, and so does an
 *    entry that is no longer needed.
 */
import type { SourceFile } from './source-tree.ts';

export interface Layer {
  readonly name: string;
  readonly doc: string;
  /** Folders and files, as paths from the root. A longer path wins over a shorter one. */
  readonly holds: readonly string[];
}

export interface Tower {
  readonly name: string;
  readonly doc: string;
  /** Bottom first. */
  readonly layers: readonly Layer[];
}

const ENGINE: Tower = {
  name: 'engine/',
  doc: 'the reference store; knows nothing of tests',
  layers: [
    {
      name: 'bytes and effects',
      doc: 'errors, checksums, keys; disk, clock and workers as interfaces',
      holds: [
        'engine/errors.ts',
        'engine/arguments.ts',
        'engine/version.ts',
        'engine/format/',
        'engine/env/',
      ],
    },
    {
      name: 'log and runs',
      doc: 'write-ahead log, memtable over it, sorted runs, block cache',
      holds: [
        'engine/wal/',
        'engine/memtable/',
        'engine/run/',
        'engine/tree.ts',
        'engine/store-memory.ts',
        'engine/memory-budget.ts',
      ],
    },
    {
      name: 'state',
      doc: 'manifest switch, flush and merge, snapshots and conflicts, recovery',
      holds: ['engine/manifest/', 'engine/compaction/', 'engine/mvcc/', 'engine/checkpoint/'],
    },
    {
      name: 'database',
      doc: 'open, commit, read, close; env/node has the real effects',
      holds: ['engine/', 'engine/env/node/'],
    },
    {
      name: 'on top',
      doc: 'verify and repair, the graph store, the gRPC server',
      holds: ['engine/verify/', 'engine/stores/', 'engine/server/', 'engine/index.ts'],
    },
  ],
};

const HARNESS: Tower = {
  name: 'harness/',
  doc: 'drives and judges a store',
  layers: [
    {
      name: 'contract',
      doc: 'types all else speaks: target, fault, checker, history, verdict',
      holds: ['harness/contract/', 'harness/random/'],
    },
    {
      name: 'worlds and records',
      doc: 'simulated disk, network and time; histories and their formats',
      holds: ['harness/simulation/sim/', 'harness/history/', 'harness/cells/outcome.ts'],
    },
    {
      name: 'plug-ins',
      doc: 'workloads, faults, checkers: one file each; and their libraries',
      holds: [
        'harness/workloads/',
        'harness/faults/',
        'harness/checkers/',
        'harness/consistency/',
        'harness/generator/',
        'harness/witness/',
        'harness/known-histories/',
        'harness/conformance/',
        'harness/mutants/',
      ],
    },
    {
      name: 'systems under test',
      doc: 'databases behind one interface; processes, links, sites, power cuts',
      holds: ['harness/targets/', 'harness/real/', 'harness/client/', 'harness/matrix/registry.ts'],
    },
    {
      name: 'test methods',
      doc: 'crash exploration, storms, model-based tests, soak, benchmarks',
      holds: [
        'harness/simulation/',
        'harness/fail-nth/',
        'harness/fuzz/',
        'harness/hostile-keys/',
        'harness/service/',
        'harness/soak/',
        'harness/bench/',
        'harness/coverage/',
      ],
    },
    {
      name: 'running',
      doc: 'matrix to cells, plans, a process per cell; the harness tests itself',
      holds: ['harness/matrix/', 'harness/plans/', 'harness/cells/', 'harness/self-check/'],
    },
    {
      name: 'command line',
      doc: 'the assay command and the npm package',
      holds: ['harness/cli/', 'harness/index.ts'],
    },
  ],
};

export const TOWERS: readonly Tower[] = [HARNESS, ENGINE];

/** Imports that go up, and why each stands. */
const UPWARD: readonly (readonly [from: string, to: string, reason: string])[] = [
  ['engine/tree.ts', 'engine/compaction/merge-cursor.ts', 'reads and merges share one cursor'],
  ['engine/checkpoint/recovery.ts', 'engine/options.ts', 'type of the options'],
  ['engine/compaction/parts.ts', 'engine/options.ts', 'type of the options'],
  ['engine/mvcc/safe-point.ts', 'engine/options.ts', 'type of the options'],
  ['engine/store-memory.ts', 'engine/options.ts', 'type of the options'],
  ['harness/coverage/api-coverage.ts', 'harness/matrix/matrix.ts', 'type of a matrix'],
  [
    'harness/real/growth/growth-process.ts',
    'harness/bench/records.ts',
    'the records of benchmarks',
  ],
  [
    'harness/targets/reference-engine-bench.ts',
    'harness/bench/bench-store.ts',
    'type of a store under benchmark',
  ],
];

interface Place {
  readonly tower: Tower;
  readonly height: number;
}

function placeOf(path: string): Place | undefined {
  let best: Place | undefined;
  let longest = 0;
  for (const tower of TOWERS) {
    for (const [height, { holds }] of tower.layers.entries()) {
      for (const held of holds) {
        const holdsPath = held.endsWith('/') ? path.startsWith(held) : path === held;
        if (holdsPath && held.length > longest) {
          longest = held.length;
          best = { tower, height };
        }
      }
    }
  }
  return best;
}

/** Files without a layer, imports that go up unlisted, and listed ones that no file has. */
export function layerComplaints(files: readonly SourceFile[]): string[] {
  const complaints: string[] = [];
  const unused = new Set(UPWARD.map(([from, to]) => `${from} imports ${to}`));
  for (const file of files) {
    if (file.isTest || file.path.startsWith('harness/tidy/')) continue;
    const from = placeOf(file.path);
    const isLayered = /^(?:engine|harness)\//.test(file.path);
    if (from === undefined && isLayered) complaints.push(`${file.path} belongs to no layer`);
    for (const { target } of file.imports) {
      const to = placeOf(target);
      if (from === undefined || to === undefined) continue;
      if (to.tower !== from.tower || to.height <= from.height) continue;
      const words = `${file.path} imports ${target}`;
      if (!unused.delete(words)) complaints.push(`${words}, which is a layer above it`);
    }
  }
  return [...complaints, ...[...unused].map((words) => `${words} is listed, and no longer so`)];
}
