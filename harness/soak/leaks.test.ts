import { describe, expect, it } from 'vitest';
import type { SoakSample } from '../contract/soak-record.ts';
import { Prng } from '../random/prng.ts';
import { findLeaks } from './leaks.ts';

const MIB = 2 ** 20;

function samples(count: number, of: (i: number) => Partial<SoakSample>, life = 0): SoakSample[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{ life, ms: (life * count + i) * 10_000, operationsPerSecond: 1000 },
    ...{ p50: 1, p99: 2, p999: 3, max: 4, rssBytes: 300 * MIB, handles: 40 },
    ...{ diskBytes: 500 * MIB, logBytes: 200 * MIB },
    ...of(i),
  }));
}

const leaksOf = (all: readonly SoakSample[]) => findLeaks(all).leaks.map(({ name }) => name);

describe('leaks', () => {
  it('are not seen where nothing grows', () => {
    const random = new Prng(7);
    const noisy = samples(120, (i) => ({
      rssBytes: (300 + (i % 12) * 10 + random.below(40)) * MIB, // a collector's saw tooth
      handles: 40 + random.below(8),
      diskBytes: (500 + ((i * 37) % 100)) * MIB,
    }));
    expect(findLeaks(noisy)).toEqual({ leaks: [], untold: [] });
  });

  it('are not seen while caches fill, and stay full', () => {
    expect(leaksOf(samples(120, (i) => ({ rssBytes: Math.min(900, 100 + 30 * i) * MIB })))).toEqual(
      [],
    );
  });

  it.each<[string, Partial<Record<keyof SoakSample, number>>]>([
    ['resident memory', { rssBytes: 3 * MIB }],
    ['open handles', { handles: 1 }],
    ['disk use', { diskBytes: 5 * MIB }],
  ])('of %s are seen', (name, step) => {
    const random = new Prng(3);
    const [field, by] = Object.entries(step)[0]!;
    const base = { rssBytes: 300 * MIB, handles: 40, diskBytes: 500 * MIB }[field]!;
    const grown = samples(120, (i) => ({ [field]: base + by * i + by * random.below(5) }));
    expect(leaksOf(grown)).toEqual([name]);
    expect(findLeaks(grown).leaks[0]!.text).toMatch(new RegExp(`^${name} grows by [\\d,]+ to`));
  });

  it('are seen where growth slows down, as a heap in use does', () => {
    const slowing = samples(60, (i) => ({ rssBytes: (100 + 400 * (i / 60) ** 0.7) * MIB }));
    expect(leaksOf(slowing)).toEqual(['resident memory']);
  });

  it('of memory are those of one process; of disk those of all lives', () => {
    const lives = Array.from({ length: 12 }, (_, life) =>
      samples(
        30,
        (i) => ({ rssBytes: (300 + i) * MIB, diskBytes: (500 + 60 * life + ((i * 7) % 50)) * MIB }),
        life,
      ),
    ).flat();
    expect(leaksOf(lives)).toEqual(['disk use']);
  });

  it('can not be told from a few samples, nor where the system does not say', () => {
    expect(findLeaks(samples(10, () => ({}))).untold).toEqual([
      'resident memory',
      'open handles',
      'disk use',
    ]);
    const silent = samples(120, () => ({})).map(({ rssBytes: _, handles: __, ...rest }) => rest);
    expect(findLeaks(silent).untold).toEqual(['resident memory', 'open handles']);
  });
});
