import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { inTransaction } from '../contract/target.ts';
import { StoreHost } from './hosted-store.ts';
import { makeScratch, removeScratch, sweepScratch } from './scratch.ts';

const ENGINE = new URL('../targets/reference-engine.ts', import.meta.url).href;
const SQLITE = new URL('../targets/sqlite.ts', import.meta.url).href;

const opened: { host: StoreHost; directory: string }[] = [];
function newHost(url: string, directory = makeScratch()) {
  const host = new StoreHost(url);
  opened.push({ host, directory });
  return { host, directory };
}
afterEach(async () => {
  for (const { host, directory } of opened.splice(0)) {
    await host.kill();
    removeScratch(directory);
  }
});

describe('a hosted store', () => {
  it.each([ENGINE, SQLITE])(
    'keeps what was acknowledged when its process is killed: %s',
    async (url) => {
      const { host, directory } = newHost(url);
      const session = await (await host.open(directory, {})).store.connect();
      await inTransaction(session, (transaction) => transaction.put('k', 'v'));
      await host.kill();
      const lost = inTransaction(session, (transaction) => transaction.get('k'));
      await expect(lost).rejects.toMatchObject({ code: 'connection-lost', definite: false });
      const next = newHost(url, directory);
      const again = await (await next.host.open(directory, {})).store.connect();
      expect(await inTransaction(again, (transaction) => transaction.get('k'))).toBe('v');
    },
  );

  it('dies with the acknowledgement that it is told to die with', async () => {
    const { host, directory } = newHost(ENGINE);
    const session = await (await host.open(directory, {})).store.connect();
    let acknowledged = 0;
    const seen: number[] = [];
    const gone = host.dieAtCommit(3, () => seen.push(acknowledged));
    const write = (key: string) =>
      inTransaction(session, (transaction) => transaction.put(key, 'v')).then(() => acknowledged++);
    for (const key of ['a', 'b', 'c']) await write(key);
    await expect(write('d')).rejects.toMatchObject({ code: 'connection-lost', definite: false });
    await gone;
    expect(seen).toEqual([2]); // before anybody heard of the third
    const again = await (await newHost(ENGINE, directory).host.open(directory, {})).store.connect();
    const keys = await inTransaction(again, (transaction) => transaction.range({ prefix: '' }));
    expect(keys.map(([key]) => key)).toEqual(['a', 'b', 'c']);
  });

  it('fails a transaction as a whole when one of its writes failed', async () => {
    const { host, directory } = newHost(SQLITE);
    const { store } = await host.open(directory, {});
    const [one, two] = [await store.connect(), await store.connect()];
    const holder = await one.begin();
    await holder.put('k', 'held');
    await holder.get('k');
    const refused = inTransaction(two, async (transaction) => {
      await transaction.put('k', 'first');
      await transaction.put('l', 'second');
    });
    await expect(refused).rejects.toMatchObject({ code: 'SQLITE_BUSY', definite: true });
    await holder.commit();
    const read = (key: string) => inTransaction(two, (transaction) => transaction.get(key));
    expect([await read('k'), await read('l')]).toEqual(['held', undefined]);
  });

  it('refuses a second opener of the same directory, and is free after a kill', async () => {
    const first = newHost(ENGINE);
    await first.host.open(first.directory, {});
    const second = newHost(ENGINE, first.directory);
    await expect(second.host.open(first.directory, {})).rejects.toThrow('holds the lock');
    await first.host.kill();
    const third = newHost(ENGINE, first.directory);
    await third.host.open(first.directory, {});
  });

  it('says what is wrong with settings', async () => {
    const { host, directory } = newHost(SQLITE);
    await expect(host.open(directory, { synchronous: 'SOMETIMES' })).rejects.toThrow('not one of');
  });
});

describe('scratch', () => {
  it('of a process that is gone is swept, and of a living one is not', () => {
    const dead = spawnSync(process.execPath, ['-e', 'console.log(process.pid)'], {
      encoding: 'utf8',
    });
    const left = join(tmpdir(), `assay-scratch-${dead.stdout.trim()}-test`);
    mkdirSync(left);
    writeFileSync(join(left, 'file'), 'x');
    const mine = makeScratch();
    expect(sweepScratch()).toBeGreaterThanOrEqual(1);
    expect([existsSync(left), existsSync(mine)]).toEqual([false, true]);
    removeScratch(mine);
  });
});
