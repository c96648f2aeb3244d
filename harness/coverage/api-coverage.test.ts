import { describe, expect, it } from 'vitest';
import {
  type ApiSurface,
  apiEntries,
  argumentAt,
  given,
  optionsAt,
  otherThan,
  words,
} from '../contract/api.ts';
import type { RunRecord } from '../contract/run-record.ts';
import engine from '../targets/reference-engine-sim.ts';
import { ApiCounts } from './api-counts.ts';
import { apiCoverage, staleReasons } from './api-coverage.ts';

interface PutOptions {
  readonly mode?: 'fast' | 'safe';
  readonly again?: boolean;
}

/** A new class each time: watching has no end. */
function fake() {
  class Cup {
    readonly size: number;
    constructor(size: number) {
      this.size = size;
    }
    put(value: number, options?: PutOptions): number {
      if (value < 0) throw new Error(`refused: ${options?.mode}`);
      return value;
    }
    async drink(): Promise<void> {
      if (this.size === 0) throw new Error('empty');
    }
    *drops(_count?: number): Generator<number> {
      yield 1;
    }
  }
  const surface: ApiSurface = {
    classes: [
      {
        name: 'Cup',
        prototype: Cup.prototype,
        kinds: {
          names: ['small', 'large'],
          kindOf: (c) => ((c as Cup).size < 5 ? 'small' : 'large'),
        },
        madeWith: {
          by: 'make',
          choices: optionsAt<{ size?: number }>(0, { size: otherThan(1) }),
          argumentsOf: (cup) => [cup],
        },
        options: {
          put: optionsAt<PutOptions>(
            1,
            { mode: words({ fast: true, safe: true }), again: otherThan(false) },
            [['mode', 'again']],
          ),
          drops: argumentAt(0, 'count', given),
        },
      },
    ],
  };
  return { Cup, surface };
}

function record(calls: Record<string, number>, more: Partial<RunRecord> = {}): RunRecord {
  return {
    format: 1,
    cell: { id: 's/t', scenario: 's', target: 't', settings: {}, seed: 1 },
    validity: 'valid',
    expect: 'holds',
    verdict: { validity: 'valid', reasons: [], counts: {} },
    startedAt: '',
    durationMs: 1,
    figures: {},
    calls,
    artefacts: [],
    replay: '',
    notVerified: [],
    ...more,
  };
}

describe('counting the calls of an interface', () => {
  it('lists what the prototype has, a method that was added later, too', () => {
    const { Cup, surface } = fake();
    const before = apiEntries(surface);
    expect(before).toContain('Cup [small].put(mode=safe)');
    expect(before).toContain('Cup [large].put(mode, again)');
    expect(before).toContain('make(size)');
    Object.assign(Cup.prototype, { rinse: () => undefined });
    const added = apiEntries(surface).filter((name) => !before.includes(name));
    expect(added).toEqual(['Cup [small].rinse', 'Cup [large].rinse']);
  });

  it('counts calls that answered, each by what it chose', async () => {
    const { Cup, surface } = fake();
    const counts = new ApiCounts();
    counts.watch(surface);
    const [small, large, empty] = [new Cup(1), new Cup(9), new Cup(0)];
    expect(small.put(3, { mode: 'safe', again: true })).toBe(3);
    expect(small.put(4, { again: false })).toBe(4);
    expect(() => small.put(-1, { mode: 'fast' })).toThrow('refused: fast');
    expect([...large.drops(2)]).toEqual([1]);
    await large.drink();
    await expect(empty.drink()).rejects.toThrow('empty');
    expect(counts.read()).toEqual({
      'Cup [small].put': 2,
      'Cup [small].put(mode=safe)': 1,
      'Cup [small].put(again)': 1,
      'Cup [small].put(mode, again)': 1,
      'Cup [large].drops': 1,
      'Cup [large].drops(count)': 1,
      'Cup [large].drink': 1,
      'make(size)': 2,
    });
  });

  it('does not know values that the table does not have', () => {
    const { Cup, surface } = fake();
    new ApiCounts().watch(surface);
    const mode = 'slow' as 'safe';
    expect(() => new Cup(1).put(1, { mode })).toThrow('mode=slow, which its table does not have');
  });
});

describe('the calls that a run judged', () => {
  const { surface } = fake();
  const names = apiEntries(surface);
  const all = Object.fromEntries(names.map((name) => [name, 2]));
  const { 'Cup [large].drink': _, ...others } = all;

  it('leave a method without any unjudged, and the run invalid', () => {
    expect(apiCoverage([surface], [record(all)], {}).unjudged).toEqual([]);
    expect(apiCoverage([surface], [record(others)], {}).unjudged).toEqual(['Cup [large].drink']);
    expect(apiCoverage([surface], [], {}).unjudged).toEqual(names);
  });

  it('are not those of cells that proved nothing, or had a planted bug', () => {
    const drink = { 'Cup [large].drink': 1 };
    const cell = { ...record({}).cell, mutant: 'm' };
    const invalid = { validity: 'unknown', reasons: [], counts: {} } as const;
    for (const more of [{ cell }, { verdict: invalid }, { expect: 'may-find' as const }]) {
      const { unjudged } = apiCoverage([surface], [record(others), record(drink, more)], {});
      expect(unjudged).toEqual(['Cup [large].drink']);
    }
  });

  it('may be none where a reason is given, for what there is', () => {
    const reasons = { 'Cup [large].drink': 'nobody can tell' };
    const { rows, unjudged } = apiCoverage([surface], [record(others)], reasons);
    expect(unjudged).toEqual([]);
    expect(rows.find(({ calls }) => calls === 0)?.reason).toBe('nobody can tell');
    expect(staleReasons([surface], { ...reasons, 'Cup.eat': 'gone' })).toEqual(['Cup.eat']);
  });
});

describe('the interface of the engine', () => {
  it('has no name twice', async () => {
    const names = apiEntries(await engine.api!());
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(100);
  });
});
