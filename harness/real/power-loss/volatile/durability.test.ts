/**
 * Random histories of names and bytes with syncs of files and directories: whatever a cut keeps, what was
 * synced is there, and with everything kept the tree is what programs saw.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stateAfterCut } from './crash-state.ts';
import type { Inode } from './inode.ts';
import { MODELS, modelNamed } from './models.ts';
import { RENAME_EXCHANGE, VolatileFs } from './volatile-fs.ts';

const file = { kind: 'file', mode: 0o644, owner: { uid: 0, gid: 0 } } as const;
const directory = { ...file, kind: 'directory' } as const;
const NAMES = ['a', 'b'];
const SEEDS = 4;

const call = fc.record({
  kind: fc.constantFrom(
    ...['make', 'make', 'make', 'write', 'truncate', 'punch', 'link', 'unlink', 'rename'],
    ...['rename', 'exchange', 'sync', 'sync', 'sync-data', 'sync-directory'],
  ),
  from: fc.tuple(fc.nat(1), fc.nat(1)),
  to: fc.tuple(fc.nat(1), fc.nat(1)),
  offset: fc.nat(9000),
});
type Call = typeof call extends fc.Arbitrary<infer T> ? T : never;

class History {
  readonly fs: VolatileFs;
  readonly directories: readonly [Inode, Inode];

  constructor(model: string) {
    this.fs = new VolatileFs({ model: modelNamed(model)! });
    this.directories = [this.fs.root, this.fs.make(this.fs.root, 'd', directory)];
    for (const one of this.directories)
      for (const name of NAMES)
        this.fs.write(this.fs.make(one, name, file), Buffer.alloc(6000, 'old'), 0);
    this.fs.syncAll();
  }

  /** Makes the call where it can be made; answers the path of what was synced with all that leads to it. */
  make({ kind, from, to, offset }: Call, text: string): string | undefined {
    const { fs } = this;
    const place = ([d, n]: readonly [number, number]) =>
      [this.directories[d as 0 | 1], NAMES[n]!] as const;
    const [parent, name] = place(from);
    const inode = parent.now.children.get(name);
    const target = place(to);
    const replaced = target[0].now.children.get(target[1]);
    if (kind === 'make') {
      if (inode === undefined) fs.make(parent, name, file);
    } else if (kind === 'sync-directory') fs.sync(parent);
    else if (inode === undefined) return undefined;
    else if (kind === 'write') fs.write(inode, Buffer.from(text.repeat(600)), offset);
    else if (kind === 'truncate') fs.truncate(inode, offset);
    else if (kind === 'punch') fs.punch(inode, offset, 5000);
    else if (kind === 'link') {
      if (replaced === undefined) fs.link(inode, ...target);
    } else if (kind === 'unlink') fs.unlink(parent, name);
    else if (kind === 'rename') fs.rename([parent, name], target);
    else if (kind === 'exchange') {
      if (replaced !== undefined) fs.rename([parent, name], target, RENAME_EXCHANGE);
    } else {
      fs.sync(inode, kind === 'sync-data');
      if (!fs.model.keepsNewEntries) for (const one of this.directories) fs.sync(one);
      else if (kind === 'sync-data') return undefined;
      return from[0] === 0 ? `/${name}` : `/d/${name}`;
    }
    return undefined;
  }
}

/** All names with their bytes; which names are links of one file. */
function treeOf(directory: Inode, numbers = new Map<Inode, number>()): unknown {
  const names = [...directory.now.children].sort(([a], [b]) => (a < b ? -1 : 1));
  return names.map(([name, inode]) => {
    if (inode.kind === 'directory') return [name, treeOf(inode, numbers)];
    if (!numbers.has(inode)) numbers.set(inode, numbers.size);
    return [name, numbers.get(inode), inode.links, inode.now.content.readAll().toString()];
  });
}

const bytesAt = (fs: VolatileFs, path: string) => fs.find(path).now.content.readAll().toString();

describe.each(MODELS.map(({ name }) => name))('on %s', (model) => {
  it('is what was synced, after every cut', () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 20 }), fc.nat(1000), (calls, seed) => {
        const history = new History(model);
        const { fs } = history;
        for (const [i, one] of calls.entries()) {
          const path = history.make(one, String.fromCharCode(65 + i));
          if (path === undefined) continue;
          const synced = bytesAt(fs, path);
          for (const mode of ['none', 'all'] as const)
            expect(bytesAt(stateAfterCut(fs, { mode, seed }), path)).toBe(synced);
          for (let s = 0; s < SEEDS; s++)
            expect(bytesAt(stateAfterCut(fs, { mode: 'some', seed: seed + s }), path)).toBe(synced);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is all of it when everything is kept', () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 20 }), (calls) => {
        const history = new History(model);
        for (const [i, one] of calls.entries()) history.make(one, String.fromCharCode(65 + i));
        const all = stateAfterCut(history.fs, { mode: 'all', seed: 1 });
        expect(treeOf(all.root)).toEqual(treeOf(history.fs.root));
      }),
      { numRuns: 300 },
    );
  });
});
