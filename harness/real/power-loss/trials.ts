/**
 * Tests of the file system that loses power: what it must keep, what it must lose, and when. Each
 * returns the violation, or undefined. They need no mount.
 */
import { DISK_FAULTS } from './disk-faults.ts';
import { PoweredFs } from './powered-fs.ts';
import { stateAfterCut } from './volatile/crash-state.ts';
import type { CutRequest, Granularity } from './volatile/cut-plan.ts';
import type { Inode } from './volatile/inode.ts';
import { modelNamed } from './volatile/models.ts';
import { VolatileFs } from './volatile/volatile-fs.ts';

const FILE = { kind: 'file', mode: 0o644, owner: { uid: 0, gid: 0 } } as const;
const PAGE_BYTES = 4096;
const SEEDS = 200;
const NONE: CutRequest = { mode: 'none', seed: 1 };
const ALL: CutRequest = { mode: 'all', seed: 1 };

type Trial = () => string | undefined;

export const POWER_LOSS_TRIALS: Readonly<Record<string, Trial>> = {
  'a cut that keeps nothing': () => {
    const { fs, file } = withFile('old');
    fs.write(file, Buffer.from('new'), 0);
    fs.make(fs.root, 'made', FILE);
    if (read(fs, NONE) !== 'old') return 'kept data that was not synced';
    return has(fs, 'made', NONE) ? 'kept an entry that was not synced' : undefined;
  },
  'a sync': () => {
    const { fs, file } = withFile('old');
    fs.write(file, Buffer.from('new'), 0);
    fs.sync(file, true);
    return read(fs, NONE) === 'new' ? undefined : 'lost what was synced';
  },
  'an fdatasync of an overwrite': () => {
    const { fs, file } = withFile('old');
    fs.make(fs.root, 'made', FILE);
    fs.write(file, Buffer.from('new'), 0);
    fs.sync(file, true);
    return has(fs, 'made', NONE) ? 'kept entries on ext4, which commits none then' : undefined;
  },
  'a sync that runs while more is written': () => {
    const { fs, file } = withFile('old');
    const upTo = fs.pending.sequence;
    fs.write(file, Buffer.from('new'), 0);
    fs.sync(file, false, upTo);
    return read(fs, NONE) === 'old' ? undefined : 'kept what was written after it came';
  },
  'a sync that fails': () => {
    const { fs, file } = withFile('old');
    fs.write(file, Buffer.from('new'), 0);
    fs.failSync(file);
    fs.sync(file);
    return read(fs, ALL) === 'old' ? undefined : 'kept data that Linux counts as clean and lost';
  },
  'a sync of the whole file system that fails': () => {
    const { fs, file } = withFile('old');
    const power = new PoweredFs(fs, { lost: () => undefined, restored: () => undefined });
    fs.write(file, Buffer.from('new'), 0);
    power.plant(DISK_FAULTS['sync-eio']!, 1);
    for (let i = 0; i < 2; i++) power.sync(undefined, () => undefined);
    if (file.failedSyncs !== 1) return `is told ${file.failedSyncs} times`;
    return read(fs, ALL) === 'old' ? undefined : 'kept data that Linux counts as clean and lost';
  },
  'an armed cut': () => {
    const { fs, file } = withFile('0');
    const power = new PoweredFs(fs, { lost: () => undefined, restored: () => undefined });
    power.arm({ at: 2, of: 'write' });
    const steps = ['1', '2', '3'].map((text) => {
      try {
        power.change('write', (now) => now.write(file, Buffer.from(text), 0));
        return 'done';
      } catch {
        return power.isOn ? 'failed' : 'cut';
      }
    });
    if (steps.join(' ') !== 'done cut cut') return `cut the steps ${steps.join(', ')}`;
    return read(fs, ALL) === '2' ? undefined : 'can not keep the step that was cut';
  },
  'a cut of the recovery': () => {
    const { fs, file } = withFile('old');
    const power = new PoweredFs(fs, { lost: () => undefined, restored: () => undefined });
    fs.write(file, Buffer.from('new'), 0);
    power.cut();
    const recovering = power.restore(NONE);
    power.arm({ at: 1 });
    try {
      power.change('write', (now) => now.write(now.find('/f'), Buffer.from('NEW'), 0));
    } catch {
      // It lost power.
    }
    if (power.isOn) return 'never comes';
    const left = power.restore(ALL);
    const text = left.find('/f').now.content.readAll().toString();
    if (recovering === left || text !== 'NEW') return `leaves the file ${text}`;
    power.cut();
    return power.restore(NONE) === recovering ? 'is the cut before it' : undefined;
  },
  'a sync of the whole file system': () => {
    const { fs, file } = withFile('old');
    const power = new PoweredFs(fs, { lost: () => undefined, restored: () => undefined });
    fs.write(file, Buffer.from('new'), 0);
    fs.make(fs.root, 'made', FILE);
    power.sync(undefined, () => undefined);
    if (read(fs, NONE) !== 'new') return 'lost data';
    return has(fs, 'made', NONE) ? undefined : 'lost an entry';
  },
  'a sync of another directory, where only its own keeps entries': () => {
    const { fs } = withFile('', 'posix');
    const other = fs.make(fs.root, 'other', { ...FILE, kind: 'directory' });
    fs.sync(fs.root);
    fs.make(fs.root, 'made', FILE);
    fs.sync(other);
    if (has(fs, 'made', NONE)) return 'kept an entry of a directory that was not synced';
    fs.sync(fs.root);
    return has(fs, 'made', NONE) ? undefined : 'lost an entry of a directory that was synced';
  },
  'a fault that strikes once': () => {
    const { fs, file } = withFile('0');
    const power = new PoweredFs(fs, { lost: () => undefined, restored: () => undefined });
    power.plant(DISK_FAULTS['sync-eio']!, 2);
    for (let i = 0; i < 5; i++) power.sync({ inode: file, dataOnly: false }, () => undefined);
    return power.struck === 1 ? undefined : `struck ${power.struck} times`;
  },
  'a truncate': () => {
    const { fs, file } = withFile('old');
    fs.truncate(file, 1);
    if (read(fs, NONE) !== 'old') return 'is there when nothing is kept';
    return read(fs, ALL) === 'o' ? undefined : 'is not there when all is kept';
  },
  'a hole': () => {
    const { fs, file } = withFile('x'.repeat(2 * PAGE_BYTES));
    fs.punch(file, 0, PAGE_BYTES);
    if (read(fs, NONE).includes('\0')) return 'is there when nothing is kept';
    fs.sync(file, true);
    if (!read(fs, NONE).startsWith('\0')) return 'is gone although it was synced';
    return read(fs, NONE).endsWith('x') ? undefined : 'is larger than it was punched';
  },
  'a file that was truncated, and renamed over another': () => {
    const { fs, file } = withFile('old', 'ext4-strict');
    fs.write(fs.make(fs.root, 't', FILE), Buffer.from('target'), 0);
    fs.syncAll();
    fs.truncate(file, 0);
    fs.write(file, Buffer.from('N'), 0);
    fs.rename([fs.root, 'f'], [fs.root, 't']);
    fs.sync(fs.root);
    const left = [NONE, ALL].map((cut) => read(fs, cut, 't')).join(' ');
    return left === 'N N' ? undefined : `is left as ${left}`;
  },
  'a name that is used again': () => {
    const { fs } = withFile('old', 'btrfs');
    fs.unlink(fs.root, 'f');
    const again = fs.make(fs.root, 'f', FILE);
    fs.write(again, Buffer.from('new'), 0);
    fs.sync(again);
    const left = [NONE, ALL].map((cut) => read(fs, cut)).join(' ');
    return left === 'new new' ? undefined : `leads to ${left}`;
  },
  'a rename over a file': () =>
    firstOf((seed) => {
      const { fs } = withFile('old');
      const next = fs.make(fs.root, 'next', FILE);
      fs.write(next, Buffer.from('new'), 0);
      fs.rename([fs.root, 'next'], [fs.root, 'f']);
      const text = read(fs, { mode: 'some', seed });
      return text === 'old' || text === 'new' ? undefined : `left the file ${text || 'empty'}`;
    }),
  'a rename of a synced file over another': () =>
    firstOf((seed) => {
      const { fs } = withFile('old');
      fs.write(fs.make(fs.root, 'next', FILE), Buffer.from('new'), 0);
      fs.syncAll();
      fs.rename([fs.root, 'next'], [fs.root, 'f']);
      const cut = { mode: 'some', seed } as const;
      const left = `${read(fs, cut)} ${read(fs, cut, 'next')}`;
      return left === 'old new' || left === 'new missing' ? undefined : `is done in part: ${left}`;
    }),
  'a hard link': () => {
    const { fs, file } = withFile('old');
    fs.link(file, fs.root, 'link');
    fs.write(file, Buffer.from('new'), 0);
    fs.syncAll();
    return read(fs, NONE, 'link') === 'new' ? undefined : 'is another file';
  },
  'entries that were pending': () => {
    const lengths = new Set<number>();
    const problem = firstOf((seed) => {
      const fs = new VolatileFs();
      for (let i = 0; i < 8; i++) fs.make(fs.root, `f${i}`, FILE);
      const after = stateAfterCut(fs, { mode: 'some', seed }).root.now.children;
      lengths.add(after.size);
      return [...after.keys()].every((name, i) => name === `f${i}`) ? undefined : 'are no prefix';
    });
    return problem ?? (lengths.size === 9 ? undefined : `have ${lengths.size} of 9 lengths`);
  },
  'a page that is written three times': () => {
    const seen = (granularity: Granularity) => {
      const texts = new Set<string>();
      for (let seed = 0; seed < SEEDS; seed++) texts.add(pages('ext4', seed, granularity)[0]!);
      return texts;
    };
    const versions = seen('page');
    for (const text of ['0', '1', '2', '3'])
      if (!versions.has(text)) return `never comes back as version ${text}`;
    return [...seen('sector')].some((text) => text.length > 1)
      ? undefined
      : 'is never torn on ext4';
  },
  'a page on a file system that copies on write': () =>
    firstOf((seed) =>
      pages('btrfs', seed).every((text) => text.length === 1) ? undefined : 'is torn',
    ),
  'a file that grew on ext4': () =>
    firstOf((seed) => {
      const { fs, file } = withFile('');
      for (let i = 0; i < 4; i++) fs.write(file, Buffer.alloc(PAGE_BYTES, 'x'), i * PAGE_BYTES);
      return read(fs, { mode: 'some', seed }).includes('\0')
        ? 'has a size without data'
        : undefined;
    }),
  'the audit': () => {
    const { fs, file } = withFile('');
    fs.audit.begin();
    fs.write(file, Buffer.from('token'), 0);
    const isDurable = () => fs.audit.isDurable(Buffer.from('token'), fs.root);
    if (isDurable()) return 'finds a token before it is synced';
    fs.sync(file);
    if (!isDurable()) return 'does not find a token that was synced';
    fs.unlink(fs.root, 'f');
    fs.syncAll();
    return isDurable() ? 'finds a token in a file that no name leads to' : undefined;
  },
};

/** A file system with the file `f`, synced. */
function withFile(text: string, model = 'ext4'): { readonly fs: VolatileFs; readonly file: Inode } {
  const fs = new VolatileFs({ model: modelNamed(model)! });
  const file = fs.make(fs.root, 'f', FILE);
  if (text !== '') fs.write(file, Buffer.from(text), 0);
  fs.syncAll();
  return { fs, file };
}

function read(fs: VolatileFs, cut: CutRequest, name = 'f'): string {
  const inode = stateAfterCut(fs, cut).root.now.children.get(name);
  return inode === undefined ? 'missing' : inode.now.content.readAll().toString('latin1');
}

const has = (fs: VolatileFs, name: string, cut: CutRequest) => read(fs, cut, name) !== 'missing';

function firstOf(trial: (seed: number) => string | undefined): string | undefined {
  for (let seed = 0; seed < SEEDS; seed++) {
    const problem = trial(seed);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** The distinct bytes of each of four pages that are written three times, after a cut. */
function pages(model: string, seed: number, granularity?: Granularity): string[] {
  const { fs, file } = withFile('0'.repeat(4 * PAGE_BYTES), model);
  for (const text of ['1', '2', '3']) fs.write(file, Buffer.alloc(4 * PAGE_BYTES, text), 0);
  const pieces = granularity === undefined ? {} : { granularity };
  const bytes = read(fs, { mode: 'some', seed, ...pieces });
  return Array.from({ length: 4 }, (_, i) =>
    [...new Set(bytes.slice(i * PAGE_BYTES, (i + 1) * PAGE_BYTES))].join(''),
  );
}
