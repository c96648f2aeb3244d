/**
 * Oracle: the levels by their definitions, every order of commits tried. For tests, on histories of
 * a few transactions. Biswas and Enea's axioms (OOPSLA 2019) for the levels of a commit order;
 * Cerone and Gotsman (PODC 2016) for parallel snapshot isolation.
 */
import { INITIAL, type View, writes } from './view.ts';

type Relation = (a: number, b: number) => boolean;

export type OracleLevel =
  | 'read-committed'
  | 'read-atomic'
  | 'causal'
  | 'parallel'
  | 'prefix'
  | 'snapshot'
  | 'serializable'
  | SessionGuarantee;

/** With session order as `before`; only monotonic reads do not ask that commits agree with it. */
export type SessionGuarantee =
  | 'read-your-writes'
  | 'monotonic-reads'
  | 'monotonic-writes'
  | 'writes-follow-reads'
  | 'pram';

const PRAM: readonly OracleLevel[] = ['read-your-writes', 'monotonic-reads', 'monotonic-writes'];

/** Whether some order of commits satisfies the level; `before` is session or real-time order. */
export function holdsByDefinition(view: View, level: OracleLevel, before: Relation): boolean {
  const all = Array.from({ length: view.transactions }, (_, t) => t).filter(
    (t) => view.committed[t] === 1,
  );
  for (const order of permutations(all)) {
    const at = new Map(order.map((t, i) => [t, i]));
    const co: Relation = (a, b) => at.get(a)! < at.get(b)!;
    if (satisfies(view, level, before, co, all)) return true;
  }
  return false;
}

function satisfies(
  view: View,
  level: OracleLevel,
  before: Relation,
  co: Relation,
  all: readonly number[],
): boolean {
  const reads = all.flatMap((t) => readsOf(view, t));
  const wr: Relation = (a, b) => reads.some(({ t, from }) => t === b && from === a);
  const direct: Relation = (a, b) => before(a, b) || wr(a, b);
  const asked = level === 'monotonic-reads' ? wr : direct;
  for (const a of all) for (const b of all) if (a !== b && asked(a, b) && !co(a, b)) return false;
  if (level === 'parallel') return isParallel(view, direct, co, all, reads);
  const causes = closure(all, direct);
  const common = (a: number, b: number) =>
    a !== b && all.length > 0 && writesOf(view, a).some((key) => writes(view, b, key));
  /** What a session guarantee makes a read of `key` by `t` at `position` see. */
  const guaranteed = (name: OracleLevel, t2: number, t: number, position: number, key: number) => {
    const sources = reads.filter((one) => one.t === t).map(({ from }) => from);
    const lastRead = (s: number) =>
      reads
        .filter(
          (one) => one.key === key && one.from !== INITIAL && (one.t === s || before(one.t, s)),
        )
        .sort(inSession)
        .at(-1);
    const inSession = (a: Read, b: Read) =>
      a.t === b.t ? a.position - b.position : before(a.t, b.t) ? -1 : 1;
    switch (name) {
      case 'read-your-writes':
        return before(t2, t);
      case 'monotonic-reads':
        return reads.some(
          (one) =>
            one.key === key &&
            one.from === t2 &&
            (before(one.t, t) || (one.t === t && one.position < position)),
        );
      case 'monotonic-writes':
        return sources.some((s) => s === t2 || (s !== INITIAL && before(t2, s)));
      default:
        return sources.some((s) => s !== INITIAL && lastRead(s)?.from === t2);
    }
  };
  const visible = (t2: number, t: number, position: number, key: number): boolean => {
    switch (level) {
      case 'read-your-writes':
      case 'monotonic-reads':
      case 'monotonic-writes':
      case 'writes-follow-reads':
        return guaranteed(level, t2, t, position, key);
      case 'pram':
        return PRAM.some((name) => guaranteed(name, t2, t, position, key));
      case 'read-committed':
        return reads.some((one) => one.t === t && one.position < position && one.from === t2);
      case 'read-atomic':
        return direct(t2, t);
      case 'causal':
        return causes(t2, t);
      case 'serializable':
        return co(t2, t);
      default:
        return all.some((t4) => {
          if (t2 !== t4 && !co(t2, t4)) return false;
          if (direct(t4, t)) return true;
          return level === 'snapshot' && co(t4, t) && common(t4, t);
        });
    }
  };
  return reads.every(({ t, key, from, position }) =>
    all.every((t2) => {
      if (t2 === from || (t2 === t && level !== 'monotonic-reads') || !writes(view, t2, key))
        return true;
      return !visible(t2, t, position, key) || (from !== INITIAL && co(t2, from));
    }),
  );
}

/** Versions in the order of commits; what a dependency path reaches must not be missed. */
function isParallel(
  view: View,
  direct: Relation,
  co: Relation,
  all: readonly number[],
  reads: readonly Read[],
): boolean {
  const ww: Relation = (a, b) => co(a, b) && writesOf(view, a).some((key) => writes(view, b, key));
  const reaches = closure(all, (a, b) => direct(a, b) || ww(a, b));
  return reads.every(({ t, key, from }) =>
    all.every((later) => {
      if (later === t || later === from || !writes(view, later, key)) return true;
      return (from !== INITIAL && co(later, from)) || !reaches(later, t);
    }),
  );
}

interface Read {
  readonly t: number;
  readonly key: number;
  readonly from: number;
  readonly position: number;
}

function readsOf({ readStart, readKey, readFrom }: View, t: number): Read[] {
  const found: Read[] = [];
  for (let at = readStart[t]!; at < readStart[t + 1]!; at++) {
    found.push({ t, key: readKey[at]!, from: readFrom[at]!, position: at });
  }
  return found;
}

function writesOf({ writeStart, writeKey }: View, t: number): number[] {
  return [...writeKey.subarray(writeStart[t]!, writeStart[t + 1]!)];
}

function closure(all: readonly number[], relation: Relation): Relation {
  const pairs = new Set<string>();
  for (const a of all) for (const b of all) if (a !== b && relation(a, b)) pairs.add(`${a} ${b}`);
  for (const through of all) {
    for (const a of all) {
      for (const b of all) {
        if (pairs.has(`${a} ${through}`) && pairs.has(`${through} ${b}`)) pairs.add(`${a} ${b}`);
      }
    }
  }
  return (a, b) => pairs.has(`${a} ${b}`);
}

function* permutations(all: readonly number[]): Generator<readonly number[]> {
  if (all.length === 0) yield [];
  for (const [i, first] of all.entries()) {
    for (const rest of permutations([...all.slice(0, i), ...all.slice(i + 1)]))
      yield [first, ...rest];
  }
}
