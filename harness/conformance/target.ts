/**
 * What every target's store must do, as named checks: the one test that a new target needs.
 *
 *     import { targetChecks } from 'assay';
 *     for (const check of targetChecks(mine)) test(check.name, () => check.run(emptyDirectory()));
 */
import {
  type EmbeddedTarget,
  inTransaction,
  type Session,
  type Settings,
} from '../contract/target.ts';

export interface TargetCheck {
  readonly name: string;
  /** Checks a promise of the database behind the target, not only the adapter. */
  readonly isGuarantee: boolean;
  /** Throws when the target does not behave so. `directory` exists and is empty. */
  run(directory: string): Promise<void>;
}

type Body = (session: Session, other: Session) => Promise<void>;

function same(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`${what}: ${a}, not ${b}`);
}

const put = (session: Session, entries: Readonly<Record<string, string>>) =>
  inTransaction(session, async (transaction) => {
    for (const [key, value] of Object.entries(entries)) await transaction.put(key, value);
  });

const get = (session: Session, key: string) =>
  inTransaction(session, (transaction) => transaction.get(key));

const NO_LOST_UPDATE = 'never loses an update';
const OTHER_SESSIONS = 'shows a commit to every later transaction of every session';

const BEHAVIOURS: readonly (readonly [name: string, body: Body])[] = [
  [
    'reads what was committed, and nothing for a key that is not there',
    async (session) => {
      await put(session, { a: '1', b: '' });
      same([await get(session, 'a'), await get(session, 'b')], ['1', ''], 'the values');
      same(await get(session, 'c'), undefined, 'the absent value');
    },
  ],
  [
    'reads its own writes before they are committed',
    async (session) => {
      await put(session, { a: 'old', b: 'old' });
      await inTransaction(session, async (transaction) => {
        await transaction.put('a', 'new');
        await transaction.delete('b');
        same(await transaction.get('a'), 'new', 'the overwritten value');
        same(await transaction.get('b'), undefined, 'the deleted value');
        same(await transaction.range({ prefix: '' }), [['a', 'new']], 'the range');
      });
    },
  ],
  [
    'forgets what was rolled back',
    async (session) => {
      await put(session, { a: '1' });
      const transaction = await session.begin();
      await transaction.put('a', '2');
      await transaction.rollback();
      await transaction.rollback();
      same(await get(session, 'a'), '1', 'the value');
    },
  ],
  [
    'ranges by prefix, in the order of bytes, with a limit, in reverse',
    async (session) => {
      await put(session, { b: '1', ba: '2', bé: '3', bz: '4', c: '5', a: '6' });
      await inTransaction(session, async (transaction) => {
        const keys = async (query: Parameters<typeof transaction.range>[0]) =>
          (await transaction.range(query)).map(([key]) => key);
        same(await keys({ prefix: 'b' }), ['b', 'ba', 'bz', 'bé'], 'the range');
        same(await keys({ prefix: 'b', limit: 2 }), ['b', 'ba'], 'the limited range');
        same(await keys({ prefix: 'b', reverse: true, limit: 1 }), ['bé'], 'the reverse range');
        same(await keys({ prefix: 'x' }), [], 'the empty range');
      });
    },
  ],
  [
    OTHER_SESSIONS,
    async (session, other) => {
      await put(session, { a: '1' });
      same(await get(other, 'a'), '1', 'the value');
    },
  ],
  [
    `${NO_LOST_UPDATE}: of two that read and write the same key, one fails as definite`,
    async (session, other) => {
      await put(session, { n: '0' });
      const both = [await session.begin(), await other.begin()];
      for (const transaction of both) same(await transaction.get('n'), '0', 'the value read');
      let won = 0;
      for (const transaction of both) {
        try {
          await transaction.put('n', String(won + 1));
          await transaction.commit();
          won++;
        } catch (error) {
          same((error as { definite?: boolean }).definite, true, 'the definite bit');
          await transaction.rollback();
        }
      }
      same(won, 1, 'how many of the two won');
      same(await get(session, 'n'), '1', 'the count');
    },
  ],
];

/** What two sessions of a cluster must do, on a node that accepts writes and holds no keys that they see. */
export const SESSION_CHECKS: readonly (Pick<TargetCheck, 'name' | 'isGuarantee'> & {
  readonly body: Body;
})[] = BEHAVIOURS.map(([name, body]) => ({
  name,
  body,
  isGuarantee: name.startsWith(NO_LOST_UPDATE) || name === OTHER_SESSIONS,
}));

/** The checks for a target under the given settings. */
export function targetChecks(target: EmbeddedTarget, settings: Settings = {}): TargetCheck[] {
  const checks = BEHAVIOURS.map(([name, body]) => ({
    name,
    isGuarantee: name.startsWith(NO_LOST_UPDATE),
    async run(directory: string) {
      const store = await target.open(directory, settings);
      try {
        await body(await store.connect(), await store.connect());
      } finally {
        await store.close();
      }
    },
  }));
  return target.capabilities.durable ? [...checks, survivesReopen(target, settings)] : checks;
}

function survivesReopen(target: EmbeddedTarget, settings: Settings): TargetCheck {
  return {
    name: 'keeps everything through a close, and finds nothing wrong with its files',
    isGuarantee: true,
    async run(directory) {
      const store = await target.open(directory, settings);
      await put(await store.connect(), { a: '1' });
      await store.close();
      same(await target.verify?.(directory), target.verify && [], 'the problems');
      const again = await target.open(directory, settings);
      same(await get(await again.connect(), 'a'), '1', 'the value');
      await again.close();
    },
  };
}
