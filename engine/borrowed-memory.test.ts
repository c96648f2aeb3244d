import { describe, expect, it } from 'vitest';
import { engineWorld } from '../harness/targets/reference-engine-world.ts';
import { type Database, type OpenOptions, open, utf8, WriteBatch } from './index.ts';

const SMALL = { directory: 'store', segmentBytes: 4096, blockBytes: 512, fanIn: 3 } as const;
const b = utf8.encode;
const text = (bytes: Uint8Array | undefined) => bytes && utf8.decode(bytes);

async function storeOf(records: string, options: Partial<OpenOptions> = {}) {
  const world = engineWorld();
  const database = await open(world.env, { ...SMALL, ...options });
  for (const name of records) await database.put(b(name), b('old'));
  return { world, database };
}

/** One buffer that every argument is written into, as a caller with a scratch buffer does. */
function scratch() {
  const memory = new Uint8Array(64);
  const say = (word: string, at = 0) => {
    memory.set(b(word), at);
    return memory.subarray(at, at + word.length);
  };
  return { say, scribble: () => memory.fill(0x58) };
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );
const contentOf = (database: Database) =>
  [...database.range()].map(({ key, value }) => `${text(key)}=${text(value)}`).join(' ');

describe('memory of the caller', () => {
  it('is used up by the time that put, delete and write return', async () => {
    const { database } = await storeOf('ab');
    const { say, scribble } = scratch();
    const put = database.put(say('k'), say('value', 8));
    scribble();
    const gone = database.delete(say('a'));
    scribble();
    await Promise.all([put, gone]);
    expect(contentOf(database)).toBe('b=old k=value');
  });

  it('is copied where a write has to wait for room: the batch may be used again', async () => {
    const { database } = await storeOf('', { maxUnflushedBytes: 8192 });
    const batch = new WriteBatch();
    const waiting: Promise<unknown>[] = [];
    for (let i = 0; i < 40; i++) {
      batch.clear();
      batch.put(b(`k${i}`), b(`${i}`.padEnd(900, '.')));
      waiting.push(database.write(batch));
    }
    batch.clear();
    batch.put(b('never'), b('written'));
    await Promise.all(waiting);
    expect(database.stats().stalls).toBeGreaterThan(0);
    const found = [...database.range()].map(({ key, value }) => [text(key), text(value)?.trim()]);
    const expected = Array.from({ length: 40 }, (_, i) => [`k${i}`, `${i}`.padEnd(900, '.')]);
    expect(found).toEqual(expected.sort());
  });

  it('is copied into a transaction, and so are the bounds of its ranges', async () => {
    const { database } = await storeOf('abc', { isolation: 'serializable' });
    const { say, scribble } = scratch();
    const transaction = database.begin();
    transaction.put(say('p'), say('pending', 8));
    scribble();
    expect(text(transaction.get(say('p')))).toBe('pending');
    const range = transaction.range({ from: say('a'), to: say('c', 8) });
    scribble();
    expect(Array.from(range, ({ key }) => text(key))).toEqual(['a', 'b']);
    await database.put(b('a1'), b('phantom'));
    expect(await codeOf(transaction.commit())).toBe('conflict');
  });

  it('holds no bound of an open range', async () => {
    const { database } = await storeOf('abcd');
    await database.checkpoint();
    const { say } = scratch();
    const to = say('c');
    const seen: unknown[] = [];
    for (const { key } of database.range({ to })) {
      seen.push(text(key));
      say('z');
    }
    expect(seen).toEqual(['a', 'b']);
  });
});

describe('what a caller is given', () => {
  it('is a copy, of pending writes too, and shares its buffer with none of them', async () => {
    const { database } = await storeOf('a');
    const transaction = database.begin();
    transaction.put(b('p'), b('pending'));
    const given = [...transaction.range(), { key: transaction.get(b('p'))!, value: b('') }];
    given.push({ key: database.get(b('a'))!, value: database.getMany([b('a')])[0]! });
    for (const { key, value } of given) {
      for (const bytes of [key, value]) new Uint8Array(bytes.buffer).fill(0x58);
    }
    expect(text(transaction.get(b('p')))).toBe('pending');
    expect(text(transaction.get(b('a')))).toBe('old');
    await transaction.commit();
    expect(contentOf(database)).toBe('a=old p=pending');
  });

  it('may be transferred away with its buffer, and the store goes on', async () => {
    const { database } = await storeOf('ab');
    const transaction = database.begin();
    transaction.put(b('p'), b('pending'));
    structuredClone(0, { transfer: [database.get(b('a'))!.buffer as ArrayBuffer] });
    expect(text(database.get(b('a')))).toBe('old');
    for (const { key } of database.range()) {
      structuredClone(0, { transfer: [key.buffer as ArrayBuffer] });
    }
    await transaction.commit();
    expect(contentOf(database)).toBe('a=old b=old p=pending');
  });
});

describe('a range over a transaction', () => {
  for (const first of ['', 'z']) {
    it(`sees the moment at which it began, ${first === '' ? 'without' : 'with'} own writes before`, async () => {
      const { database } = await storeOf('abcd');
      const transaction = database.begin();
      if (first !== '') transaction.put(b(first), b('own'));
      const range = transaction.range();
      transaction.put(b('b'), b('early')); // before the first record is asked for
      const seen: unknown[] = [];
      for (const { key, value } of range) {
        seen.push(`${text(key)}=${text(value)}`);
        if (seen.length > 1) continue;
        transaction.put(b('c'), b('new'));
        transaction.delete(b('d'));
        transaction.put(b('e'), b('new'));
        transaction.put(b('b'), b('late'));
      }
      expect(seen.join(' ')).toBe(`a=old b=early c=old d=old${first === '' ? '' : ' z=own'}`);
      const after = Array.from(transaction.range({ reverse: true }), ({ key }) => text(key));
      expect(after.join('')).toBe(`${first}ecba`);
    });
  }

  it('keeps what it saw when superseded writes are cleared away', async () => {
    const { database } = await storeOf('', { segmentBytes: 1 << 20 });
    const transaction = database.begin();
    transaction.put(b('k'), b('first'));
    transaction.put(b('l'), b('first'));
    const range = transaction.range();
    expect(text(range.next().value?.value)).toBe('first');
    for (let i = 0; i < 200; i++) transaction.put(b('l'), new Uint8Array(1000).fill(i));
    expect(text(range.next().value?.value)).toBe('first');
    expect(transaction.get(b('l'))?.[0]).toBe(199);
  });
});

describe('a serializable transaction', () => {
  const ways = {
    'an open range': (t: { range(o?: object): Iterator<unknown> }) => {
      const range = t.range();
      range.next();
      range.next();
    },
    'an open range backwards': (t: { range(o?: object): Iterator<unknown> }) => {
      const range = t.range({ reverse: true });
      range.next();
      range.next();
    },
    'a range with a limit, not asked for its end': (t: {
      range(o?: object): Iterator<unknown>;
    }) => {
      const range = t.range({ limit: 2 });
      range.next();
      range.next();
    },
  };
  for (const [what, read] of Object.entries(ways)) {
    it(`has read what ${what} has shown`, async () => {
      const { database } = await storeOf('xy', { isolation: 'serializable' });
      const [one, two] = [database.begin(), database.begin()];
      read(one);
      read(two);
      one.put(b('x'), b('1'));
      two.put(b('y'), b('1'));
      expect(await codeOf(one.commit())).toBe('ok');
      expect(await codeOf(two.commit())).toBe('conflict');
    });
  }

  it('has not read what an open range has not shown', async () => {
    const { database } = await storeOf('xyz', { isolation: 'serializable' });
    const transaction = database.begin();
    transaction.put(b('y'), b('own'));
    const range = transaction.range();
    range.next();
    await database.put(b('z'), b('1'));
    expect(await codeOf(transaction.commit())).toBe('ok');
  });
});

describe('a range', () => {
  it('that was never begun, or has ended, holds no run', async () => {
    const { world, database } = await storeOf('abc');
    const snapshot = database.snapshot();
    for (let round = 0; round < 4; round++) {
      await database.put(b('a'), b(`${round}`));
      await database.compact();
      database.range();
      database.range().return();
      snapshot.range();
      for (const _ of database.range({ limit: 0 })) expect.unreachable();
      const exact = database.range({ limit: 3 });
      for (let i = 0; i < 3; i++) exact.next();
      const held = database.begin();
      held.put(b('z'), b('1'));
      held.range().next();
      held.rollback();
    }
    await database.compact();
    expect(world.disk.list('store').filter((name) => name.endsWith('.sst'))).toHaveLength(1);
    snapshot.close();
    await database.close();
    expect(world.disk.openFiles).toBe(0);
  });

  it('ends with its snapshot, its transaction or its store, and opens nothing again', async () => {
    const { world, database } = await storeOf('abc');
    await database.compact();
    const snapshot = database.snapshot();
    const transaction = database.begin();
    const ranges = [snapshot.range(), transaction.range(), database.range()] as const;
    const asked = [snapshot.range(), transaction.range(), database.range()] as const;
    for (const range of ranges) range.next();
    snapshot.close();
    expect(() => ranges[0].next()).toThrow('the snapshot is closed');
    transaction.rollback();
    expect(() => ranges[1].next()).toThrow('the transaction is finished');
    await database.close();
    expect(() => ranges[2].next()).toThrow('the store is closed');
    for (const range of asked) expect(() => range.next()).toThrow();
    expect(world.disk.openFiles).toBe(0);
  });
});

describe('a transaction that is too large', () => {
  it('is refused at the write that does not fit, and can go on without it', async () => {
    const { database } = await storeOf('a');
    const transaction = database.begin();
    let taken = 0;
    const fill = () => {
      for (; ; taken++) transaction.put(b(`k${taken}`), new Uint8Array(100));
    };
    expect(fill).toThrow(
      expect.objectContaining({ code: 'transaction-too-large', definite: true }),
    );
    expect(taken).toBeGreaterThan(20);
    expect(() => transaction.put(b('k0'), new Uint8Array(1 << 20))).toThrow('segment');
    for (let i = 0; i < 1000; i++) transaction.put(b('k0'), new Uint8Array(100).fill(i));
    expect(await codeOf(transaction.commit())).toBe('ok');
    expect([...database.range()]).toHaveLength(taken + 1);
    expect(database.get(b('k0'))).toEqual(new Uint8Array(100).fill(999));
  });

  it('is lent by getView until it returns, whatever is read meanwhile', async () => {
    const { database } = await storeOf('');
    for (const name of 'abcdefgh') await database.put(b(name), b(name.repeat(3)));
    await database.compact();
    const seen = database.getView(b('a'), (value) => {
      for (const name of 'bcdefgh') database.get(b(name));
      const inner = database.getView(b('b'), (other) => [text(value), text(other)]);
      return [text(value), ...(inner ?? [])];
    });
    expect(seen).toEqual(['aaa', 'aaa', 'bbb']);
  });
});
