import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { architectureSvg, PICTURE } from './architecture-svg.ts';
import { layerComplaints } from './layers.ts';
import { linkComplaints } from './links.ts';
import { effectComplaints, headerComplaints, importComplaints, sizeComplaints } from './rules.ts';
import {
  documents,
  findCycle,
  ROOT,
  type SourceFile,
  sourceTree,
  withoutCommentsAndStrings,
} from './source-tree.ts';
import { complaintsIn, wordingComplaints } from './wording.ts';

const files = sourceTree();

function file(path: string, text: string, imports: SourceFile['imports'] = []): SourceFile {
  const lines = text.split('\n').length;
  return { path, text, code: withoutCommentsAndStrings(text), lines, imports, isTest: false };
}

describe('the house rules hold', () => {
  it('for imports', () => {
    expect(files.flatMap(importComplaints)).toEqual([]);
  });

  it('for cycles', () => {
    expect(findCycle(files)).toBeUndefined();
  });

  it('for layers, and the picture shows them', () => {
    expect(layerComplaints(files)).toEqual([]);
    expect(readFileSync(join(ROOT, PICTURE), 'utf8')).toBe(architectureSvg());
  });

  it('for ambient effects', () => {
    expect(files.flatMap(effectComplaints)).toEqual([]);
  });

  it('for sizes', () => {
    expect(sizeComplaints(files)).toEqual([]);
  });

  it('for header comments', () => {
    expect(files.flatMap(headerComplaints)).toEqual([]);
  });

  it('for words', () => {
    expect(files.flatMap(wordingComplaints)).toEqual([]);
    expect(documents().flatMap(complaintsIn)).toEqual([]);
  });

  it('for links of documents', () => {
    expect(documents().flatMap(linkComplaints)).toEqual([]);
  });
});

describe('the house rules can fail', () => {
  const complaintsFor = (path: string, target: string, typeOnly = false) =>
    importComplaints(file(path, '', [{ target, typeOnly }])).length;

  it('refuses imports against the grain', () => {
    expect(complaintsFor('engine/database.ts', 'harness/random/prng.ts')).toBe(1);
    expect(complaintsFor('engine/wal/log.ts', 'node:fs')).toBe(1);
    expect(complaintsFor('engine/env/node/disk.ts', 'node:fs')).toBe(0);
    expect(complaintsFor('harness/plans/x.ts', 'engine/index.ts')).toBe(1);
    expect(complaintsFor('harness/simulation/sim/x.ts', 'engine/env/disk.ts')).toBe(1);
    expect(complaintsFor('harness/simulation/sim/x.ts', 'engine/env/disk.ts', true)).toBe(0);
    expect(complaintsFor('harness/checkers/a.ts', 'harness/workloads/b.ts')).toBe(1);
    expect(complaintsFor('harness/checkers/a.ts', 'harness/checkers/big/b.ts')).toBe(0);
    expect(complaintsFor('harness/checkers/big/b.ts', 'harness/checkers/a.ts')).toBe(1);
    expect(complaintsFor('scenarios/a.ts', 'harness/plans/cell.ts')).toBe(1);
    expect(complaintsFor('reports/a.ts', 'engine/index.ts')).toBe(1);
  });

  it('finds a cycle', () => {
    const a = file('a.ts', '', [{ target: 'b.ts', typeOnly: true }]);
    const b = file('b.ts', '', [{ target: 'a.ts', typeOnly: false }]);
    expect(findCycle([a, b])).toEqual(['a.ts', 'b.ts', 'a.ts']);
  });

  it('finds imports that go up, and files without a layer', () => {
    const complaintsOf = (path: string, target: string) =>
      layerComplaints([file(path, '', [{ target, typeOnly: false }])]).filter(
        (words) => !words.endsWith('no longer so'),
      );
    expect(complaintsOf('harness/simulation/sim/a.ts', 'harness/plans/b.ts')).toHaveLength(1);
    expect(complaintsOf('harness/cells/outcome.ts', 'harness/plans/b.ts')).toHaveLength(1);
    expect(complaintsOf('harness/plans/a.ts', 'harness/simulation/sim/b.ts')).toEqual([]);
    expect(complaintsOf('engine/wal/a.ts', 'engine/database.ts')).toHaveLength(1);
    expect(complaintsOf('harness/new-folder/a.ts', 'node:fs')).toHaveLength(1);
    expect(layerComplaints([]).length).toBeGreaterThan(0);
  });

  it('finds links and paths that lead nowhere', () => {
    const text =
      '[a](../README.md) [b](gone.md) `engine/gone.ts` `engine/database.ts` `engine/<x>.ts`';
    expect(linkComplaints({ path: 'docs/a.md', text })).toEqual([
      'docs/a.md leads to docs/gone.md, which does not exist',
      'docs/a.md leads to engine/gone.ts, which does not exist',
    ]);
  });

  it('finds ambient effects, but not in comments and strings', () => {
    expect(effectComplaints(file('engine/a.ts', 'const x = Date.now();'))).toHaveLength(1);
    expect(effectComplaints(file('engine/a.ts', 'history.process.at(1);'))).toEqual([]);
    expect(effectComplaints(file('engine/a.ts', 'process.exit(1);'))).toHaveLength(1);
    expect(effectComplaints(file('engine/a.ts', '// Date.now\nconst x = "setTimeout";'))).toEqual(
      [],
    );
  });

  it('finds long files and files without a header', () => {
    expect(sizeComplaints([file('a.ts', '\n'.repeat(500))]).length).toBeGreaterThan(0);
    expect(headerComplaints(file('harness/a.ts', 'const x = 1;'))).toHaveLength(1);
  });

  it('finds words in comments, strings and documents, across line ends, and not in code', () => {
    const words = (text: string) => wordingComplaints(file('engine/a.ts', text));
    expect(words("const a = 1;\n// Whoever waits.\nf('nobody knows');")).toEqual([
      expect.stringContaining('engine/a.ts:2 says "Whoever"'),
      expect.stringContaining('engine/a.ts:3 says "nobody knows"'),
    ]);
    expect(words('/**\n * Both are told\n * the same.\n */')).toHaveLength(1);
    expect(words('const whoever = 1;')).toEqual([]);
    expect(complaintsIn({ path: 'a.md', text: 'Kept by\nand by.' })).toHaveLength(1);
  });
});
