import { describe, expect, it } from 'vitest';
import engine from '../../../targets/reference-engine-sim.ts';
import type { DirectStore, Recovery } from '../../sim/direct-store.ts';
import { neverSyncing } from '../../sim/faulty-targets.ts';
import type { SimulatedTarget } from '../../sim/simulated-target.ts';
import { Answers } from '../answers.ts';
import { checkRecovery, type Ending } from './recovery-check.ts';
import { Timeline } from './timeline.ts';
import { TimelineRun } from './timeline-run.ts';

const settings = { segmentBytes: 4096, blockBytes: 512, cacheBytes: 65_536, fanIn: 2 };

async function firstProblem(target: SimulatedTarget, more = {}): Promise<string | undefined> {
  for (let seed = 1; seed <= 20; seed++) {
    const problem = await new TimelineRun(target, { ...settings, ...more }, seed).problem(200);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** The engine, but for some of what its stores do. */
function engineBut(wrong: (store: DirectStore) => Partial<DirectStore>): SimulatedTarget {
  return {
    ...engine,
    async openDirect(...parts) {
      const store = await engine.openDirect(...parts);
      return { ...store, ...wrong(store) };
    },
  };
}

const recovering = (wrong: Partial<Recovery>) =>
  engineBut(({ recovery }) => ({ recovery: { ...recovery, ...wrong } }));

describe('a store beside its timeline', () => {
  it('is what it must be, and the same again from the same seed', async () => {
    const [first, again] = [7, 7].map((seed) => new TimelineRun(engine, settings, seed));
    expect(await first!.problem(200)).toBeUndefined();
    expect(await again!.problem(200)).toBeUndefined();
    expect(first!.crashes).toBeGreaterThan(3);
    expect(again!.virtualMs).toBe(first!.virtualMs);
  });

  it.each<[string, RegExp, SimulatedTarget, object]>([
    ['loses what it acknowledged', /are lost, and the first/, neverSyncing(engine), {}],
    [
      'loses more than its interval',
      /acknowledged more than \d+ ms before/,
      neverSyncing(engine),
      { intervalMs: 20 },
    ],
    ['calls every end clean', /cleanShutdown is true/, recovering({ cleanShutdown: true }), {}],
    ['calls no end clean', /cleanShutdown is false/, recovering({ cleanShutdown: false }), {}],
    [
      'says it replayed nothing',
      /replayed 0 commits|0 commits took 0,/,
      recovering({ replayedCommits: 0 }),
      {},
    ],
    ['says it discarded much', /discarded 99 frames/, recovering({ discardedFrames: 99 }), {}],
    [
      'gives a timestamp out twice',
      /timestamp \d+, and \d+ was given out/,
      engineBut((store) => ({
        write: async (changes) => Math.floor((await store.write(changes)) / 3),
      })),
      {},
    ],
    [
      'shows a past that never was',
      /\d+ commits ago: /,
      engineBut((store) => ({ snapshotAt: () => store.snapshot() })),
      {},
    ],
    [
      'has walks that see what comes later',
      /go on with a walk: record/,
      engineBut((store) => ({
        *walk(query) {
          let last: string | undefined;
          for (;;) {
            const next = store.range(query).find(([key]) => isBehind(key, last, query.reverse));
            if (next === undefined) return;
            last = next[0];
            yield next;
          }
        },
      })),
      {},
    ],
  ])('is caught when it %s', async (_, message, target, more) => {
    expect(await firstProblem(target, more)).toMatch(message);
  });
});

function isBehind(key: string, last: string | undefined, reverse = false): boolean {
  return last === undefined || (reverse ? key < last : key > last);
}

describe('what recovery says', () => {
  const recovery: Recovery = {
    createdStore: false,
    cleanShutdown: false,
    replayedCommits: 20,
    replayedBytes: 2000,
    discardedFrames: 0,
    lastTimestamp: 20,
    durationMs: 1,
  };

  function judged(ending: Partial<Ending>, said: Partial<Recovery>, kept = 20): () => void {
    const timeline = new Timeline();
    for (let i = 1; i <= 40; i++) timeline.acknowledged(i, [[`key ${i}`, 'v']], i);
    const content = [...timeline.contentAt(kept).read()];
    const usual = { how: 'hole', atMs: 0, unanswered: [], floor: 0, floorReason: '' } as const;
    const all: Ending = { ...usual, replayed: [40, 40], ...ending };
    const report = { ...recovery, ...said };
    return () => checkRecovery(timeline, all, report, content, 5, new Answers());
  }

  it('must count what it threw away behind a missing piece', () => {
    expect(judged({}, { discardedFrames: 19 })).not.toThrow();
    expect(judged({}, { discardedFrames: 2 })).toThrow('discarded 2 frames');
    expect(judged({ how: 'none-kept' }, { discardedFrames: 3 })).toThrow('discarded 3 frames');
  });

  it('must agree with the recovered records', () => {
    expect(judged({}, { lastTimestamp: 19, discardedFrames: 19 })).toThrow();
    expect(judged({ floor: 21 }, { discardedFrames: 19 })).toThrow('commits 21 to 40 are lost');
    expect(judged({}, { replayedCommits: 21, discardedFrames: 19 }, 20)).not.toThrow();
    expect(judged({}, { replayedCommits: 41, discardedFrames: 19 })).toThrow('replayed 41');
    expect(judged({}, { durationMs: 6, discardedFrames: 19 })).toThrow('took 6 ms');
  });

  it('finds commits that nobody had an answer to whole or not at all', () => {
    const unanswered = [
      [
        ['key 1', 'v'],
        ['key 99', 'w'],
      ],
    ] as const;
    expect(judged({ unanswered }, { discardedFrames: 19 })).toThrow('1 are there');
  });
});
