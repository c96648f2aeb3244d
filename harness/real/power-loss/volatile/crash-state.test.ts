import { describe, expect, it } from 'vitest';
import { stateAfterCut } from './crash-state.ts';
import type { CutRequest } from './cut-plan.ts';
import { modelNamed } from './models.ts';
import { VolatileFs } from './volatile-fs.ts';

const owner = { uid: 1, gid: 1 };
const file = { kind: 'file', mode: 0o644, owner } as const;
const PAGE = 4096;

/** A file of `pages` pages of zeros that were synced, then written anew `rounds` times, each page alone. */
function rewritten(pages: number, rounds: number, model = 'ext4'): VolatileFs {
  const fs = new VolatileFs({ model: modelNamed(model)! });
  const f = fs.make(fs.root, 'f', file);
  fs.write(f, Buffer.alloc(pages * PAGE, '0'), 0);
  fs.syncAll();
  for (let round = 1; round <= rounds; round++) {
    for (let page = 0; page < pages; page++)
      fs.write(f, Buffer.alloc(PAGE, String(round)), page * PAGE);
  }
  return fs;
}

function pagesAfter(fs: VolatileFs, request: CutRequest): string[] {
  const bytes = stateAfterCut(fs, request).find('/f').now.content.readAll().toString('latin1');
  const pages: string[] = [];
  for (let at = 0; at < bytes.length; at += PAGE)
    pages.push([...new Set(bytes.slice(at, at + PAGE))].sort().join(''));
  return pages;
}

const seeds = (count: number) => Array.from({ length: count }, (_, seed) => seed);

describe('states after a power cut', () => {
  it('have every prefix of the entries that were pending', () => {
    const lengths = new Map<number, number>();
    for (const seed of seeds(500)) {
      const fs = new VolatileFs();
      for (let i = 0; i < 16; i++) fs.make(fs.root, `f${i}`, file);
      const names = [...stateAfterCut(fs, { mode: 'some', seed }).root.now.children.keys()];
      expect(names).toEqual(Array.from({ length: names.length }, (_, i) => `f${i}`));
      lengths.set(names.length, (lengths.get(names.length) ?? 0) + 1);
    }
    expect(lengths.size).toBe(17);
  });

  it('are in one of ten cuts and more made of whole pages, some kept and some lost', () => {
    const fs = rewritten(16, 1);
    const whole = seeds(300).filter((seed) => {
      const pages = pagesAfter(fs, { mode: 'some', seed });
      return pages.every((page) => page.length === 1) && new Set(pages).size === 2;
    });
    expect(whole.length).toBeGreaterThanOrEqual(30);
  });

  it('have each version that a sector went through, not the first and last alone', () => {
    const fs = rewritten(1, 3);
    const seen = new Set(
      seeds(100).flatMap((seed) => pagesAfter(fs, { mode: 'some', seed, granularity: 'page' })),
    );
    expect([...seen].sort()).toEqual(['0', '1', '2', '3']);
  });

  it('have no torn page where the file system copies on write', () => {
    const fs = rewritten(4, 2, 'btrfs');
    for (const seed of seeds(200))
      for (const page of pagesAfter(fs, { mode: 'some', seed })) expect(page).toHaveLength(1);
  });

  it('tear and reorder writes by request', () => {
    const fs = rewritten(3, 1);
    expect(fs.pending.changes.map(({ kind }) => kind)).toEqual(['data', 'data', 'data']);
    expect(pagesAfter(fs, { mode: 'keep', keep: [3], seed: 1 })).toEqual(['0', '0', '1']);
    expect(pagesAfter(fs, { mode: 'keep', keep: [1, 3], seed: 1 })).toEqual(['1', '0', '1']);
    const torn = seeds(20).map((seed) =>
      pagesAfter(fs, { mode: 'keep', keep: [1, 2], torn: true, seed }),
    );
    expect(torn.every(([first, , third]) => first === '1' && third === '0')).toBe(true);
    expect(torn.some(([, second]) => second === '01')).toBe(true);
  });

  it('are the same for the same seed, and many can be made of one cut', () => {
    const fs = rewritten(8, 2);
    for (const seed of seeds(20)) {
      const first = pagesAfter(fs, { mode: 'some', seed });
      expect(pagesAfter(fs, { mode: 'some', seed })).toEqual(first);
    }
    expect(pagesAfter(fs, { mode: 'all', seed: 0 })).toEqual(Array(8).fill('2'));
  });

  it('have a size that grew only with its data on ext4, and also without it on POSIX', () => {
    const zeros = (model: string) =>
      seeds(100).filter((seed) => {
        const fs = new VolatileFs({ model: modelNamed(model)! });
        const f = fs.make(fs.root, 'f', file);
        fs.syncAll();
        for (let i = 0; i < 5; i++) fs.write(f, Buffer.alloc(PAGE, 'x'), i * PAGE);
        return pagesAfter(fs, { mode: 'some', seed }).some((page) => page !== 'x');
      }).length;
    expect(zeros('ext4')).toBe(0);
    expect(zeros('posix')).toBeGreaterThan(10);
  });
});
