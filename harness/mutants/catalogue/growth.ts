/** Bugs of stores that grow, restart and run for a long time on a real disk. */
import { defineMutant, type Mutant } from '../mutant.ts';

const SETTINGS = { durability: 'none', segmentBytes: 16_777_216, blockBytes: 8192, fanIn: 4 };

/** Small segments: flushes and merges come within seconds. */
const SOAK_SETTINGS = { segmentBytes: 262_144, blockBytes: 4096, fanIn: 3, durability: 'none' };

/** As fast on a machine of any speed. */
const LEAKS_8_MIB_A_SECOND = `const entries = writes.encoded();
    const left = ((globalThis as any).left ??= []);
    while (left.length < performance.now() / 125) left.push(new Uint8Array(2 ** 20).fill(1));`;

export const GROWTH_MUTANTS: readonly Mutant[] = [
  defineMutant({
    name: 'growing-loses-half',
    area: 'resources',
    doc: 'when the memtable grows, half of its slots are not copied',
    file: 'engine/memtable/memtable.ts',
    find: 'for (let at = 0; at < old.length; at += 2) {\n      const entry = old[at + 1]!;\n      if (entry !== 0) placeIn(slots',
    replace:
      'for (let at = 0; at < old.length / 2; at += 2) {\n      const entry = old[at + 1]!;\n      if (entry !== 0) placeIn(slots',
    scenario: 'growth',
    target: 'engine',
    settings: SETTINGS,
  }),
  defineMutant({
    name: 'clean-close-not-noted',
    area: 'recovery',
    doc: 'a clean close is not recorded in the manifest, so the next open treats it as a crash',
    file: 'engine/compaction/maintenance.ts',
    find: 'cleanShutdown: true,',
    replace: 'cleanShutdown: false,',
    scenario: 'growth',
    target: 'engine',
    settings: SETTINGS,
  }),
  defineMutant({
    name: 'commits-stay-in-memory',
    area: 'resources',
    doc: 'each transaction commit leaks memory',
    file: 'engine/commit-path.ts',
    find: 'const entries = writes.encoded();',
    replace: LEAKS_8_MIB_A_SECOND,
    scenario: 'soak',
    target: 'engine',
    settings: SOAK_SETTINGS,
  }),
  defineMutant({
    name: 'merged-runs-stay-open',
    area: 'resources',
    doc: "a merged run's file is removed but its descriptor is never closed",
    file: 'engine/run/run-reader.ts',
    find: '    this.close();\n    this.#remove(',
    replace: '    this.#remove(',
    scenario: 'soak',
    target: 'engine',
    settings: SOAK_SETTINGS,
  }),
  defineMutant({
    name: 'replay-loses-a-record',
    area: 'recovery',
    doc: 'recovery after a kill omits the last record of each multi-record commit',
    file: 'engine/checkpoint/replay.ts',
    find: 'count: frame.entries }',
    replace: 'count: Math.max(1, frame.entries - 1) }',
    scenario: 'soak',
    target: 'engine',
    settings: SOAK_SETTINGS,
  }),
  defineMutant({
    name: 'killed-store-does-not-open',
    area: 'recovery',
    doc: 'a store that was killed cannot be opened again',
    file: 'engine/checkpoint/recovery.ts',
    find: 'const clean = found === undefined || state.cleanShutdown;',
    replace:
      "const clean = found === undefined || state.cleanShutdown;\n  if (!clean) throw new Error('not closed');",
    scenario: 'soak',
    target: 'engine',
    settings: SOAK_SETTINGS,
  }),
];
