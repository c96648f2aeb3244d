import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_BYTES, PagedFile } from './paged-file.ts';
import { VolatileFs } from './volatile-fs.ts';

const OWNER = { uid: 1, gid: 1 };
const none = () => false;
const all = () => true;

function contentOf(file: PagedFile): string {
  const bytes = Buffer.alloc(file.size);
  file.read(bytes, 0);
  return bytes.toString('latin1');
}

describe('a file in pages', () => {
  it('reads what was written, however writes and cuts of its size overlap', () => {
    const step = fc.tuple(
      fc.nat(3 * PAGE_BYTES),
      fc.nat(2000),
      fc.constantFrom('write', 'cut', 'sync'),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const file = new PagedFile();
        let model = Buffer.alloc(0);
        let durable = model;
        for (const [i, [offset, length, kind]] of steps.entries()) {
          if (kind === 'write') {
            const bytes = Buffer.alloc(length + 1, 65 + (i % 26));
            file.write(bytes, offset);
            const wider = Buffer.alloc(Math.max(model.length, offset + bytes.length));
            model.copy(wider);
            bytes.copy(wider, offset);
            model = wider;
          } else if (kind === 'cut') {
            file.truncate(offset);
            const next = Buffer.alloc(offset);
            model.copy(next);
            model = next;
          } else {
            file.sync();
            durable = model;
          }
          expect(contentOf(file)).toBe(model.toString('latin1'));
        }
        file.cut(none);
        expect(contentOf(file)).toBe(durable.toString('latin1'));
      }),
    );
  });

  it('keeps everything when a cut keeps everything', () => {
    const file = new PagedFile();
    file.write(Buffer.from('one'), 0);
    file.sync();
    file.write(Buffer.from('two'), 5000);
    const before = contentOf(file);
    file.cut(all);
    expect(contentOf(file)).toBe(before);
  });

  it('has zeros behind its end when it grows again after a cut that took its size', () => {
    const file = new PagedFile();
    file.write(Buffer.from('written and not synced'), 10);
    let asked = 0;
    file.cut(() => ++asked <= PAGE_BYTES / 512); // every sector stays, the size does not
    expect(file.size).toBe(0);
    file.truncate(40);
    expect(contentOf(file)).toBe('\0'.repeat(40));
  });

  it('knows which bytes the medium has', () => {
    const file = new PagedFile();
    file.write(Buffer.from('a token'), PAGE_BYTES - 3);
    expect(file.hasDurably(Buffer.from('a token'))).toBe(false);
    file.sync();
    expect(file.hasDurably(Buffer.from('a token'))).toBe(true);
    file.write(Buffer.from('A TOKEN'), PAGE_BYTES - 3);
    expect(file.hasDurably(Buffer.from('a token'))).toBe(true);
    expect(file.hasDurably(Buffer.from('A TOKEN'))).toBe(false);
  });
});

describe('a file system that loses power', () => {
  it('forgets entries that no sync came after, and keeps those before one', () => {
    const fs = new VolatileFs(OWNER);
    fs.mkdir('/data', 0o755, OWNER);
    const first = fs.create('/data/first', 0o644, OWNER);
    first.file.write(Buffer.from('1'), 0);
    fs.sync(first);
    fs.create('/data/second', 0o644, OWNER);
    fs.rename('/data/first', '/data/renamed');
    expect(() => fs.find('/data/first')).toThrow('ENOENT');
    fs.cut(none);
    expect(contentOf(fs.find('/data/first').file)).toBe('1');
    expect(() => fs.find('/data/second')).toThrow('ENOENT');
  });

  it('keeps a prefix of its journal, and a rename as a whole', () => {
    for (let kept = 0; kept <= 3; kept++) {
      const fs = new VolatileFs(OWNER);
      fs.create('/a', 0o644, OWNER);
      fs.create('/b', 0o644, OWNER);
      fs.rename('/a', '/c');
      let left = kept;
      fs.cut(() => left-- > 0);
      const names = [...fs.root.children.keys()].sort().join('');
      expect(names).toBe(['', 'a', 'ab', 'bc'][kept]);
    }
  });

  it('loses everything when its syncs lie', () => {
    const fs = new VolatileFs(OWNER);
    fs.lies = true;
    const file = fs.create('/a', 0o644, OWNER);
    fs.sync(file);
    fs.cut(none);
    expect(fs.root.children.size).toBe(0);
  });

  it('refuses what a file system refuses', () => {
    const fs = new VolatileFs(OWNER);
    fs.mkdir('/d', 0o755, OWNER);
    fs.create('/d/f', 0o644, OWNER);
    expect(() => fs.rmdir('/d')).toThrow('ENOTEMPTY');
    expect(() => fs.create('/d/f', 0o644, OWNER)).toThrow('EEXIST');
    expect(() => fs.unlink('/d')).toThrow('EISDIR');
    expect(() => fs.find('/d/f/g')).toThrow('ENOTDIR');
    fs.link('/d/f', '/hard');
    expect(fs.find('/hard').links).toBe(2);
  });
});
