import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stateAfterCut } from './crash-state.ts';
import { modelNamed } from './models.ts';
import { RENAME_EXCHANGE, RENAME_NOREPLACE, VolatileFs } from './volatile-fs.ts';

const owner = { uid: 1, gid: 1 };
const file = { kind: 'file', mode: 0o644, owner } as const;
const directory = { kind: 'directory', mode: 0o755, owner } as const;

function textOf(fs: VolatileFs, path: string): string {
  return fs.find(path).now.content.readAll().toString('latin1');
}

describe('a file system in memory', () => {
  it('refuses what a file system refuses', () => {
    const fs = new VolatileFs();
    const d = fs.make(fs.root, 'd', directory);
    const f = fs.make(d, 'f', file);
    expect(() => fs.rmdir(fs.root, 'd')).toThrow('ENOTEMPTY');
    expect(() => fs.make(d, 'f', file)).toThrow('EEXIST');
    expect(() => fs.unlink(fs.root, 'd')).toThrow('EISDIR');
    expect(() => fs.lookup(f, 'g')).toThrow('ENOTDIR');
    expect(() => fs.link(d, fs.root, 'hard')).toThrow('EPERM');
    expect(() => fs.make(d, 'n'.repeat(256), file)).toThrow('ENAMETOOLONG');
    expect(() => fs.rename([d, 'f'], [d, 'g'], RENAME_EXCHANGE)).toThrow('ENOENT');
    fs.make(d, 'g', file);
    expect(() => fs.rename([d, 'f'], [d, 'g'], RENAME_NOREPLACE)).toThrow('EEXIST');
  });

  it('gives all names of an inode the same bytes, and counts them', () => {
    const fs = new VolatileFs();
    const f = fs.make(fs.root, 'f', file);
    fs.link(f, fs.root, 'hard');
    fs.write(fs.find('/hard'), Buffer.from('x'), 0);
    expect([textOf(fs, '/f'), f.links]).toEqual(['x', 2]);
    fs.unlink(fs.root, 'f');
    expect([textOf(fs, '/hard'), f.links]).toEqual(['x', 1]);
  });

  it('exchanges two names in one step', () => {
    const fs = new VolatileFs();
    fs.write(fs.make(fs.root, 'a', file), Buffer.from('A'), 0);
    fs.write(fs.make(fs.root, 'b', file), Buffer.from('B'), 0);
    fs.rename([fs.root, 'a'], [fs.root, 'b'], RENAME_EXCHANGE);
    expect([textOf(fs, '/a'), textOf(fs, '/b')]).toEqual(['B', 'A']);
  });

  it('finds the disk full, and room again after a removal', () => {
    const fs = new VolatileFs({ capacityPages: 2 });
    const f = fs.make(fs.root, 'f', file);
    fs.write(f, Buffer.alloc(8192), 0);
    expect(() => fs.write(f, Buffer.alloc(1), 8192)).toThrow('ENOSPC');
    fs.unlink(fs.root, 'f');
    fs.write(fs.make(fs.root, 'g', file), Buffer.alloc(8192), 0);
  });
});

const step = fc.record({
  kind: fc.constantFrom('write', 'truncate', 'punch', 'allocate', 'sync', 'rename'),
  offset: fc.nat(20_000),
  length: fc.integer({ min: 1, max: 9000 }),
});

describe.each(['ext4', 'ext4-strict', 'xfs', 'btrfs', 'posix'])('what %s keeps', (name) => {
  const model = modelNamed(name)!;

  it('is all of it when everything is kept, and at least what was synced when nothing is', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const fs = new VolatileFs({ model });
        const f = fs.make(fs.root, 'f', file);
        fs.sync(fs.root);
        let synced = '';
        for (const [i, { kind, offset, length }] of steps.entries()) {
          if (kind === 'write') fs.write(f, Buffer.alloc(length, 65 + i), offset);
          else if (kind === 'truncate') fs.truncate(f, offset);
          else if (kind === 'punch') fs.punch(f, offset, length);
          else if (kind === 'allocate') fs.allocate(f, offset, length, i % 2 === 0);
          else if (kind === 'rename') fs.rename([fs.root, 'f'], [fs.root, 'f']);
          else {
            fs.sync(f, i % 2 === 0);
            synced = textOf(fs, '/f');
          }
        }
        const all = stateAfterCut(fs, { mode: 'all', seed: 1 });
        expect(textOf(all, '/f')).toBe(textOf(fs, '/f'));
        const none = stateAfterCut(fs, { mode: 'none', seed: 1 });
        expect(textOf(none, '/f')).toBe(synced);
      }),
      { numRuns: 100 },
    );
  });

  it('is old or new after a replace by rename whose data was synced', () => {
    for (let seed = 0; seed < 200; seed++) {
      const fs = new VolatileFs({ model });
      fs.write(fs.make(fs.root, 'f', file), Buffer.from('old'), 0);
      fs.syncAll();
      const next = fs.make(fs.root, 'next', file);
      fs.write(next, Buffer.from('new'), 0);
      fs.sync(next);
      fs.rename([fs.root, 'next'], [fs.root, 'f']);
      const after = stateAfterCut(fs, { mode: 'some', seed });
      expect(['old', 'new']).toContain(textOf(after, '/f'));
      expect(after.find('/f').links).toBe(1);
    }
  });

  it('has a truncate whole or not at all', () => {
    const sizes = new Set<number>();
    for (let seed = 0; seed < 100; seed++) {
      const fs = new VolatileFs({ model });
      const f = fs.make(fs.root, 'f', file);
      fs.write(f, Buffer.alloc(16384, 1), 0);
      fs.syncAll();
      fs.truncate(f, 0);
      const { content } = stateAfterCut(fs, { mode: 'some', seed }).find('/f').now;
      sizes.add(content.size);
      expect(content.readAll().every((byte) => byte === 1)).toBe(true);
    }
    expect(sizes).toEqual(new Set([0, 16384]));
  });
});
