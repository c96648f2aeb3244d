/**
 * Leak detection from the samples of a soak: memory, handles and disk use. The first third of each life
 * is ignored, while caches fill. Growth counts as a leak if the 95 % interval of the slope lies above
 * zero and the growth over the samples exceeds both a given share of the mean and an absolute floor;
 * less is noise, or levels off.
 */
import { slopeOfMeans } from '../bench/slope.ts';
import type { SoakSample } from '../contract/soak-record.ts';

const SAMPLES_MIN = 20;
const BATCHES = 8;
const WARM_UP_SHARE = 1 / 3;
const GROWTH_SHARE = 0.25;

interface Quantity {
  readonly name: string;
  readonly floor: number;
  readonly unit: string;
  /** Judged over all lives: a process restarts with each life, a directory does not. */
  readonly isOfStore: boolean;
  of(sample: SoakSample): number | undefined;
}

const MIB = 2 ** 20;
const QUANTITIES: readonly Quantity[] = [
  {
    name: 'resident memory',
    floor: 64 * MIB,
    unit: 'bytes',
    isOfStore: false,
    of: ({ rssBytes }) => rssBytes,
  },
  { name: 'open handles', floor: 16, unit: '', isOfStore: false, of: ({ handles }) => handles },
  {
    name: 'disk use',
    floor: 64 * MIB,
    unit: 'bytes',
    isOfStore: true,
    of: ({ diskBytes }) => diskBytes,
  },
];

export interface Leak {
  readonly name: string;
  readonly perHour: readonly [number, number];
  readonly text: string;
}

export interface LeakReport {
  readonly leaks: readonly Leak[];
  /** Quantities with too few samples to tell. */
  readonly untold: readonly string[];
}

export function findLeaks(samples: readonly SoakSample[]): LeakReport {
  const leaks: Leak[] = [];
  const untold: string[] = [];
  for (const quantity of QUANTITIES) {
    const stretches = quantity.isOfStore ? [samples] : byLife(samples);
    const judged = stretches
      .map((stretch) => pointsOf(stretch, quantity))
      .filter((points) => points.length >= SAMPLES_MIN);
    if (judged.length === 0) untold.push(quantity.name);
    const worst = judged.map((points) => leakIn(points, quantity)).find((leak) => leak);
    if (worst !== undefined) leaks.push(worst);
  }
  return { leaks, untold };
}

type Point = readonly [hours: number, value: number];

function pointsOf(stretch: readonly SoakSample[], quantity: Quantity): Point[] {
  const warm = stretch.slice(Math.floor(stretch.length * WARM_UP_SHARE));
  return warm.flatMap((sample) => {
    const value = quantity.of(sample);
    return value === undefined ? [] : [[sample.ms / 3_600_000, value] as const];
  });
}

function leakIn(points: readonly Point[], { name, floor, unit }: Quantity): Leak | undefined {
  const perHour = slopeOfMeans(points, BATCHES);
  const hours = points.at(-1)![0] - points[0]![0];
  const mean = points.reduce((sum, [, value]) => sum + value, 0) / points.length;
  const grown = perHour[0] * hours;
  if (!(grown > Math.max(floor, GROWTH_SHARE * mean))) return undefined;
  const [low, high] = perHour.map((rate) => Math.round(rate).toLocaleString('en-US'));
  const text = `${name} grows by ${low} to ${high} ${unit} an hour (95 %), from a mean of ${Math.round(mean).toLocaleString('en-US')}`;
  return { name, perHour, text: text.replaceAll('  ', ' ') };
}

function byLife(samples: readonly SoakSample[]): SoakSample[][] {
  const lives = new Map<number, SoakSample[]>();
  for (const sample of samples) {
    lives.set(sample.life, [...(lives.get(sample.life) ?? []), sample]);
  }
  return [...lives.values()];
}
