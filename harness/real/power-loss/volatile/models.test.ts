import { describe, expect, it } from 'vitest';
import { stateAfterCut } from './crash-state.ts';
import type { Inode } from './inode.ts';
import { MODELS, modelNamed } from './models.ts';
import { VolatileFs } from './volatile-fs.ts';

const file = { kind: 'file', mode: 0o644, owner: { uid: 0, gid: 0 } } as const;

interface Files {
  readonly fs: VolatileFs;
  readonly log: Inode;
  readonly next: Inode;
}

/** What is surely there after `act`, in a file system with `t` (old), `next` (new) and `log`, all synced. */
function kept(model: string, act: (files: Files) => void, path = '/t'): string {
  const fs = new VolatileFs({ model: modelNamed(model)! });
  const make = (name: string, text: string) => {
    const inode = fs.make(fs.root, name, file);
    fs.write(inode, Buffer.from(text), 0);
    return inode;
  };
  make('t', 'old');
  const files = { fs, log: make('log', '0'.repeat(8192)), next: make('next', 'new') };
  fs.syncAll();
  act(files);
  try {
    const { content } = stateAfterCut(fs, { mode: 'none', seed: 1 }).find(path).now;
    return content.readAll().toString('latin1');
  } catch (error) {
    return (error as Error).message;
  }
}

const rename = ({ fs }: Files) => fs.rename([fs.root, 'next'], [fs.root, 't']);
const overwrite = ({ fs, log }: Files) => fs.write(log, Buffer.alloc(4096, '1'), 0);
const table = (row: (model: string) => string) => MODELS.map(({ name }) => `${name} ${row(name)}`);

describe('what a sync makes durable', () => {
  it('is nothing of a rename when another file is overwritten and its data synced', () => {
    const rows = table((model) =>
      kept(model, (files) => {
        rename(files);
        overwrite(files);
        files.fs.sync(files.log, true);
      }),
    );
    expect(rows).toEqual(['ext4 old', 'ext4-strict old', 'xfs old', 'btrfs old', 'posix old']);
  });

  it('is a rename, where there is one journal, when another file is overwritten and synced', () => {
    const rows = table((model) =>
      kept(model, (files) => {
        rename(files);
        overwrite(files);
        files.fs.sync(files.log);
      }),
    );
    expect(rows).toEqual(['ext4 new', 'ext4-strict old', 'xfs new', 'btrfs old', 'posix old']);
  });

  it('is a rename when its directory is synced, on all of them', () => {
    const rows = table((model) =>
      kept(model, (files) => {
        rename(files);
        files.fs.sync(files.fs.root);
      }),
    );
    expect(rows.every((row) => row.endsWith(' new'))).toBe(true);
  });

  it('is a later name of a file that was synced, on btrfs, once any file is synced', () => {
    const names = (act: (files: Files) => void) => {
      const fs = new VolatileFs({ model: modelNamed('btrfs')! });
      const [log, next] = [fs.make(fs.root, 'log', file), fs.make(fs.root, 'next', file)];
      fs.syncAll();
      fs.write(next, Buffer.from('x'), 0);
      fs.sync(next);
      act({ fs, log, next });
      fs.write(log, Buffer.from('x'), 0);
      fs.sync(log);
      const { children } = stateAfterCut(fs, { mode: 'none', seed: 1 }).root.now;
      return [...children.keys()].sort().join(' ');
    };
    expect(names(({ fs }) => fs.rename([fs.root, 'next'], [fs.root, 'q']))).toBe('log q');
    expect(names(({ fs, next }) => fs.link(next, fs.root, 'q'))).toBe('log next q');
    expect(names(({ fs }) => fs.unlink(fs.root, 'next'))).toBe('log next');
    const makeAndUnlink = ({ fs }: Files) => {
      fs.sync(fs.make(fs.root, 'made', file));
      fs.unlink(fs.root, 'made');
    };
    expect(names(makeAndUnlink)).toBe('log next');
    const commitAndRename = ({ fs }: Files) => {
      fs.syncAll();
      fs.rename([fs.root, 'next'], [fs.root, 'q']);
    };
    expect(names(commitAndRename)).toBe('log next');
  });

  it('is a new name of the file with an fdatasync of its overwrite on xfs, and not on ext4', () => {
    const names = (model: string) =>
      kept(
        model,
        (files) => {
          files.fs.rename([files.fs.root, 'log'], [files.fs.root, 'moved']);
          overwrite(files);
          files.fs.sync(files.log, true);
        },
        '/moved',
      ).slice(0, 6);
    expect([names('ext4'), names('xfs')]).toEqual(['ENOENT', '111111']);
  });

  it('is a mode with the file, and with an fdatasync of its data on xfs and btrfs alone', () => {
    const modeAfter = (model: string, dataOnly: boolean) => {
      const fs = new VolatileFs({ model: modelNamed(model)! });
      const inode = fs.make(fs.root, 't', file);
      fs.write(inode, Buffer.from('old'), 0);
      fs.syncAll();
      fs.setAttributes(inode, { mode: 0o600 });
      fs.write(inode, Buffer.from('new'), 0);
      fs.sync(inode, dataOnly);
      const { now } = stateAfterCut(fs, { mode: 'none', seed: 1 }).find('/t');
      return `${now.content.readAll()} ${now.attributes.mode.toString(8)}`;
    };
    for (const { name } of MODELS) {
      const afterData = name === 'xfs' || name === 'btrfs' ? 'new 600' : 'new 644';
      expect([modeAfter(name, false), modeAfter(name, true)]).toEqual(['new 600', afterData]);
    }
  });

  it('is a file that was truncated and written anew whole, where a rename over another takes it along', () => {
    const rows = table((model) =>
      kept(model, (files) => {
        files.fs.truncate(files.next, 0);
        files.fs.write(files.next, Buffer.from('N'), 0);
        rename(files);
        files.fs.sync(files.fs.root);
      }),
    );
    expect(rows).toEqual(['ext4 N', 'ext4-strict N', 'xfs ', 'btrfs new', 'posix new']);
  });

  it('is unsynced data behind a rename only where the rename takes it along', () => {
    const replace = (path: string) => (files: Files) => {
      const { fs } = files;
      fs.write(fs.make(fs.root, 'm', file), Buffer.from('new'), 0);
      fs.rename([fs.root, 'm'], [fs.root, path]);
      fs.sync(fs.root);
    };
    const over = table((model) => kept(model, replace('t')));
    expect(over).toEqual(['ext4 new', 'ext4-strict new', 'xfs ', 'btrfs ', 'posix ']);
    const toNewName = table((model) => kept(model, replace('q'), '/q'));
    expect(toNewName.map((row) => row.split(' ')[1])).toEqual(['', '', '', '', '']);
  });

  it('is the entry of a new file with its own sync, except where only a directory keeps entries', () => {
    const rows = table((model) =>
      kept(
        model,
        ({ fs }) => {
          const made = fs.make(fs.root, 'made', file);
          fs.write(made, Buffer.from('x'), 0);
          fs.sync(made, true);
        },
        '/made',
      ),
    );
    expect(rows).toEqual(['ext4 x', 'ext4-strict ENOENT', 'xfs x', 'btrfs x', 'posix ENOENT']);
  });

  it('is not data whose sync failed, however often it is tried again', () => {
    for (const { name } of MODELS) {
      const text = kept(
        name,
        (files) => {
          overwrite(files);
          files.fs.failSync(files.log);
          files.fs.sync(files.log);
          expect(files.log.now.content.readAll().toString('latin1', 0, 1)).toBe('1');
        },
        '/log',
      );
      expect(text).toBe('0'.repeat(8192));
    }
  });

  it('is the whole page, with what a failed sync left in it, when the page is written again', () => {
    const text = kept(
      'ext4',
      ({ fs, log }) => {
        fs.write(log, Buffer.from('11'), 0);
        fs.failSync(log);
        fs.write(log, Buffer.from('2'), 100);
        fs.sync(log);
      },
      '/log',
    );
    expect([text.slice(0, 3), text.slice(99, 102)]).toEqual(['110', '020']);
  });

  it('is what was there when the sync came, not what came while it ran', () => {
    const text = kept(
      'ext4',
      ({ fs, log }) => {
        const upTo = fs.pending.sequence;
        fs.write(log, Buffer.from('late'), 0);
        fs.sync(log, false, upTo);
      },
      '/log',
    );
    expect(text.startsWith('0000')).toBe(true);
  });
});
