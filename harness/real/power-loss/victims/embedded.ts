/** Embedded databases as victims: SQLite, LMDB, LevelDB, RocksDB, and the reference engine beside them. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Place, RunningVictim, Victim } from '../victim.ts';
import type { EmbeddedAnswer, EmbeddedRequest, EmbeddedSpec } from './embedded-protocol.ts';

const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
const PROCESS = fileURLToPath(new URL(`./embedded-process${EXTENSION}`, import.meta.url));
const ENGINE = new URL(`../../../targets/reference-engine${EXTENSION}`, import.meta.url).href;

type Asked = EmbeddedRequest extends infer R ? (R extends unknown ? Omit<R, 'id'> : never) : never;

export async function startEmbedded(spec: EmbeddedSpec): Promise<RunningVictim> {
  const child = fork(PROCESS, [JSON.stringify(spec)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-500);
  });
  const waiting = new Map<number, (answer: EmbeddedAnswer) => void>();
  let ids = 0;
  let ended: string | undefined;
  const gone = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = `its process ended with ${signal ?? code} ${words.trim()}`.trim();
      for (const [id, settle] of waiting) settle({ id, error: ended });
      resolve();
    });
  });
  child.on('message', (answer: EmbeddedAnswer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  const answerTo = async (id: number): Promise<EmbeddedAnswer> => {
    if (ended !== undefined) throw new Error(ended);
    const answer = await new Promise<EmbeddedAnswer>((resolve) => waiting.set(id, resolve));
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  };
  const ask = (asked: Asked): Promise<EmbeddedAnswer> => {
    const answered = answerTo(++ids);
    child.send({ ...asked, id: ids } satisfies EmbeddedRequest, () => undefined);
    return answered;
  };
  const kill = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  try {
    await answerTo(0);
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    pid: child.pid ?? -1,
    async write(number, token) {
      await ask({ kind: 'write', number, token });
    },
    read: async () => new Set((await ask({ kind: 'read' })).numbers),
    kill,
  };
}

function victim(
  kind: EmbeddedSpec['kind'],
  system: string,
  configuration: string,
  expect: Victim['expect'],
  settings: EmbeddedSpec['settings'],
): Victim {
  const syncsByWriting = kind === 'lmdb';
  return {
    system,
    configuration,
    expect,
    needs: [],
    syncsByWriting,
    start: ({ directory }: Place) => startEmbedded({ kind, directory, settings }),
  };
}

const sqlite = (
  journalMode: string,
  synchronous: string,
  expect: Victim['expect'],
  more: EmbeddedSpec['settings'] = {},
) =>
  victim('sqlite', 'sqlite', `${journalMode}, synchronous ${synchronous}`, expect, {
    journalMode,
    synchronous,
    ...more,
  });

/** With small segments: default ones would be most of what the file system writes. */
const engine = (durability: string, expect: Victim['expect']): Victim => {
  const settings = { durability, segmentBytes: 2 ** 20 };
  return {
    system: 'engine',
    configuration: `durability ${durability}`,
    expect,
    needs: [],
    syncsByWriting: true,
    start: ({ directory }: Place) =>
      startEmbedded({
        kind: 'target',
        directory: `${directory}/store`,
        settings,
        module: ENGINE,
      }),
  };
};

const rarely = (one: Victim): Victim => ({ ...one, rare: true });

/**
 * A new store's first manifest is not synced before CURRENT names it (DBImpl::NewDB of 1.20), so until
 * the first sync of the log the medium may have CURRENT and an empty manifest: "no meta-nextfile entry".
 */
const leveldb = (
  name: string,
  expect: Victim['expect'],
  settings: EmbeddedSpec['settings'],
): Victim => ({
  ...victim('level', 'leveldb', name, expect, settings),
  mayNotOpenNew: true,
});

export const EMBEDDED_VICTIMS: readonly Victim[] = [
  engine('sync', 'keeps'),
  engine('none', 'loses'),
  sqlite('WAL', 'OFF', 'loses'),
  sqlite('WAL', 'NORMAL', 'loses'),
  sqlite('WAL', 'FULL', 'keeps'),
  sqlite('WAL', 'EXTRA', 'keeps'),
  sqlite('DELETE', 'OFF', 'loses'),
  // The last commit: what ends it is the removal of the journal, which only EXTRA makes durable.
  sqlite('DELETE', 'NORMAL', 'loses'),
  sqlite('DELETE', 'FULL', 'loses'),
  sqlite('DELETE', 'EXTRA', 'keeps'),
  sqlite('TRUNCATE', 'NORMAL', 'loses'),
  sqlite('TRUNCATE', 'FULL', 'keeps'),
  sqlite('PERSIST', 'FULL', 'keeps'),
  // "If the application crashes in the middle of a transaction … the database file will very likely go
  // corrupt" (sqlite.org, PRAGMA journal_mode, of MEMORY and OFF).
  rarely(sqlite('MEMORY', 'FULL', 'loses', { indexed: true })),
  rarely(sqlite('OFF', 'FULL', 'loses', { indexed: true })),
  victim('lmdb', 'lmdb', 'default', 'keeps', {}),
  victim('lmdb', 'lmdb', 'noSync', 'loses', { noSync: true }),
  // Not documented: acknowledgements come before their sync, and a cut may leave it corrupt. See
  // reports/track-record.md.
  rarely(victim('lmdb', 'lmdb', 'useWritemap', 'loses', { useWritemap: true })),
  // "may undo the last committed transaction" (lmdb.h, MDB_NOMETASYNC).
  rarely(victim('lmdb', 'lmdb', 'noMetaSync', 'loses', { noMetaSync: true })),
  // "prevents accurate notification of when flushes finish" (README of lmdb-js).
  victim('lmdb', 'lmdb', 'useWritemap, mapAsync', 'loses', { useWritemap: true, mapAsync: true }),
  leveldb('sync: true', 'keeps', { sync: true }),
  leveldb('sync: true, reopened', 'keeps', { sync: true, reopens: true }),
  leveldb('sync: false (default)', 'loses', { sync: false }),
  victim('rocksdb', 'rocksdb', 'sync: true', 'keeps', { sync: true }),
  victim('rocksdb', 'rocksdb', 'sync: false (default)', 'loses', { sync: false }),
];
